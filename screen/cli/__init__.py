"""The herscreen command: one file a command in `commands/`. Thin: parse, call the API, print. No science."""

import sys

try:
    from screen.cli.main import main
except KeyboardInterrupt:  # while the libraries load
    sys.stderr.write("herscreen: interrupted\n")
    raise SystemExit(130) from None

__all__ = ["main"]
