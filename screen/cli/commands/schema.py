"""`herscreen schema`: the configuration's JSON Schema, for editors."""

import json

from screen.config.screen import ScreenConfig


def schema() -> None:
    """Print the JSON Schema of the configuration."""
    print(json.dumps(ScreenConfig.model_json_schema(), indent=1))
