"""`herscreen schema`: the configuration's JSON Schema, for editors."""

import json

from screen.cli.console import say
from screen.config.screen import ScreenConfig
from screen.synergy.models.registry import MODELS


def schema() -> None:
    """Print the JSON Schema of the configuration."""
    known = ScreenConfig.model_json_schema()
    known["properties"]["synergy"]["description"] += f": {', '.join(MODELS)}"
    say(json.dumps(known, indent=1))
