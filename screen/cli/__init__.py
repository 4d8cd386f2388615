"""The herscreen command: one file a command in `commands/`. Thin: parse, call the API, print. No science."""

from screen.cli.main import main

__all__ = ["main"]
