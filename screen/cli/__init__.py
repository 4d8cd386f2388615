"""The herscreen command: Typer commands, one file per group. Thin: parse, call the API, print. No science."""
