"""The herscreen command: Typer commands, one file per group. Thin: parse, call the API, print. No science."""

from collections.abc import Sequence

COMMANDS = [
    "run",
    "plan",
    "status",
    "merge",
    "slurm",
    "score",
    "fit_line",
    "verify",
    "optimise",
    "explain",
    "report",
    "export",
    "evidence",
    "model",
    "calibrate",
    "drugs",
    "panel",
    "schema",
]


def main(arguments: Sequence[str] | None = None) -> None:
    """The console command: run it and exit with its status."""
    import gc
    import sys

    from screen.cli.main import invoke

    status = invoke(sys.argv[1:] if arguments is None else list(arguments))
    if arguments is None:
        gc.freeze()  # the process ends: a last walk through all that it holds takes a fifth of a second
    sys.exit(status)
