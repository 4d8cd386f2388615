"""The command as a whole: the commands that are there are joined into one, and every error becomes one
line.
"""

import importlib
import importlib.util
import logging
import os
import sys

import typer

from screen.cli import COMMANDS
from screen.errors import InputError

HELP = "Virtual drug-combination screens on a mechanistic model of Herceptin resistance."
OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def build() -> typer.Typer:
    """The application with every command whose file is there."""
    app = typer.Typer(
        name="herscreen",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def top(
        version: bool = typer.Option(
            False, "--version", help="Print the version and exit.", callback=_version, is_eager=True
        ),
        debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
    ) -> None:
        pass

    for name in COMMANDS:
        if importlib.util.find_spec(f"screen.cli.commands.{name}") is not None:
            join(app, name)
    return app


def join(app: typer.Typer, name: str) -> None:
    """Add the commands of `screen/cli/<name>.py`: what it registers, its group `app`, or its function
    `name`.
    """
    module = importlib.import_module(f"screen.cli.commands.{name}")
    if hasattr(module, "register"):
        module.register(app)
    elif hasattr(module, "app"):
        app.add_typer(module.app, name=name)
    else:
        app.command(name)(getattr(module, name))


def _version(wanted: bool) -> None:
    if wanted:
        from screen._version import __version__

        typer.echo(f"herscreen {__version__}")
        raise typer.Exit


def invoke(arguments: list[str]) -> int:
    """Run the command line; the exit status."""
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"] or ["--help"]
    shown = logging.StreamHandler()
    shown.setLevel(logging.DEBUG if debug else logging.WARNING)  # whatever libraries set their loggers to
    logging.basicConfig(format="herscreen: %(message)s", level=logging.WARNING, handlers=[shown])
    logging.getLogger("screen").setLevel(logging.DEBUG if debug else logging.WARNING)
    logging.captureWarnings(True)
    try:
        result = build()(arguments, prog_name="herscreen", standalone_mode=False)
        sys.stdout.flush()
        if result == INTERRUPTED:  # what Typer makes of Ctrl-C
            return _end(INTERRUPTED, "interrupted")
        return result if isinstance(result, int) else OK
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (KeyboardInterrupt, typer.Abort):
        return _end(INTERRUPTED, "interrupted")
    except Exception as error:
        if debug:
            raise
        return _end(*_reading(error))


def _reading(error: Exception) -> tuple[int, str]:
    """The exit status and the line of an error."""
    if hasattr(error, "format_message"):  # what Typer makes of a command line that it cannot read
        return int(getattr(error, "exit_code", BAD_INPUT)), f"{error.format_message()} (see herscreen --help)"
    if isinstance(error, InputError):
        return BAD_INPUT, str(error)
    if "screen.runner" in sys.modules:
        from screen.runner import RunError, Stopped

        if isinstance(error, Stopped):
            return error.exit_status, str(error)
        if isinstance(error, RunError):
            return FAILED, str(error)
    if isinstance(error, OSError) and error.strerror:
        named = f"{error.filename}: " if error.filename else ""
        return FAILED, f"{named}{error.strerror.lower()}"
    if isinstance(error, MemoryError):
        return FAILED, f"out of memory: {error}"
    return FAILED, f"{type(error).__name__}: {error} (--debug shows where)"


def _end(status: int, line: str) -> int:
    print(f"herscreen: {' '.join(line.split())}", file=sys.stderr)
    return status
