"""`herscreen schema`: the configuration's JSON Schema, for editors."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command `schema`."""
    app.command()(schema)


def schema() -> None:
    """Print the JSON Schema of the configuration."""
    import json

    from screen.config.screen import ScreenConfig

    print(json.dumps(ScreenConfig.model_json_schema(), indent=1))
