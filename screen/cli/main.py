"""The command as a whole: the list of its commands, each read from its file when it is asked for, and every
error made one line.
"""

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Sequence

import typer

from screen._version import __version__
from screen.cli.lazy_group import HELP_NAMES, LazyGroup, plain_help
from screen.cli.threads import one_thread_each
from screen.errors import InputError, RunError, Stopped, printable

if sys.platform != "win32":
    import resource

HELP = "Virtual drug-combination screens on a mechanistic model of Herceptin resistance."
OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
WINDOWS = (
    "found Windows, expected Linux or macOS: locks between processes are POSIX; in WSL 2 it runs as on Linux"
)
LONGEST_LINE = 1000
RARELY = 20_000
"""New objects between two looks for garbage: what a command loads is none, and looking through it takes 0.1 s of it."""
COMMANDS = (  # in the order of `herscreen --help`; each is the file of its name in `commands/`
    "init",
    "example",
    "run",
    "plan",
    "status",
    "merge",
    "jobs",
    "slurm",
    "score",
    "fit-line",
    "learn",
    "next",
    "verify",
    "optimise",
    "explain",
    "report",
    "compare",
    "export",
    "figures",
    "markers",
    "cite",
    "crate",
    "calibrate",
    "drugs",
    "lines",
    "panel",
    "cohort",
    "schema",
    "evidence",
    "model",
    "mcp",
    "selftest",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """The console command: run it and exit with its status."""
    if arguments is None:
        gc.set_threshold(RARELY)
    status = invoke(sys.argv[1:] if arguments is None else list(arguments))
    if arguments is None:
        gc.freeze()  # the process ends: a last walk through all that it holds takes a fifth of a second
    sys.exit(status)


def build() -> LazyGroup:
    """The application: every command of the list, none of them imported yet."""
    app = typer.Typer(
        name="herscreen",
        help=HELP,
        cls=LazyGroup,
        no_args_is_help=True,
        add_completion=True,
        context_settings={"help_option_names": HELP_NAMES},
    )

    @app.callback()
    def top(
        version: bool = typer.Option(
            False, "--version", "-V", help="Print the version and exit.", callback=_version, is_eager=True
        ),
        debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
    ) -> None:
        pass

    group = typer.main.get_command(app)
    assert isinstance(group, LazyGroup)
    group.list_files(COMMANDS)
    plain_help(group)
    return group


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"herscreen {__version__}")
        raise typer.Exit


def invoke(arguments: list[str]) -> int:
    """Run the command line; the exit status."""
    if sys.platform == "win32":
        return _end(FAILED, WINDOWS)
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"] or ["--help"]
    _open_closed_streams()
    shown = logging.StreamHandler()
    shown.setFormatter(_OneLine("herscreen: %(message)s"))
    shown.setLevel(logging.DEBUG if debug else logging.WARNING)  # whatever libraries set their loggers to
    logging.basicConfig(level=logging.WARNING, handlers=[shown])
    logging.getLogger("screen").setLevel(logging.DEBUG if debug else logging.WARNING)
    logging.captureWarnings(True)
    one_thread_each()
    try:
        result = build()(arguments, prog_name="herscreen", standalone_mode=False)
        sys.stdout.flush()
        if result == INTERRUPTED:  # what Typer makes of Ctrl-C
            return _end(INTERRUPTED, "interrupted")
        return result if isinstance(result, int) else OK
    except BrokenPipeError:
        return _pipe_closed()
    except SystemExit as end:  # what Typer and Rich make of a pipe that was closed early
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        return _pipe_closed()
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
    if isinstance(error, Stopped):
        return error.exit_status, str(error)
    if isinstance(error, RunError):
        return FAILED, str(error)
    if isinstance(error, MemoryError) or (_address_limit() and "shared object" in str(error)):
        return FAILED, _out_of_memory(error)
    if isinstance(error, OSError) and error.strerror:
        named = f"{error.filename}: " if error.filename else ""
        return FAILED, f"{named}{error.strerror.lower()}"
    return FAILED, f"{type(error).__name__}: {error} (--debug shows where)"


def _address_limit() -> int:
    """What `ulimit -v` leaves a process, in bytes; 0 without a limit."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return 0 if limit == resource.RLIM_INFINITY else limit


def _out_of_memory(error: BaseException) -> str:
    """Which memory ran out: a limit of the shell also makes libraries fail to load."""
    if limit := _address_limit():
        allowed = f"a process here may have {limit / 1e6:.0f} MB of addresses (`ulimit -v`)"
        return f"out of memory: {allowed}, a run reserves some 3,500"
    return f"out of memory: {error}" if str(error) else "out of memory"


def _end(status: int, line: str) -> int:
    """Print the line of an error, cut in its middle where a value in it is very long; the exit status."""
    line = printable(" ".join(line.split()))
    if len(line) > LONGEST_LINE:
        line = f"{line[: LONGEST_LINE - 200]} ... {line[-200:]}"
    with contextlib.suppress(OSError):
        print(f"herscreen: {line}", file=sys.stderr)
    return status


def _pipe_closed() -> int:
    """Nobody reads on, which is no error; what is still to be flushed goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return OK


def _open_closed_streams() -> None:
    """Streams that were closed before the start lead nowhere, so that no file takes their place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            with contextlib.suppress(OSError):
                os.fstat(number)
                continue
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))


class _OneLine(logging.Formatter):
    """A message of the log as one line, names in it as data."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))
