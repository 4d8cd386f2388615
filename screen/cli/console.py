"""Where the commands print tables and progress: tables for people, tabs for pipes, JSON for programs that ask, a bar
on a terminal. Rich is loaded where a terminal shows it, for a run in a job array has none.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from screen.cli.json_tables import asked_document
from screen.errors import printable

if TYPE_CHECKING:
    from screen.runner.execution.options import Progress


def say(text: object, err: bool = False) -> None:
    """Print a text, names in it as data, to standard output (with `--json` as one of its notes) or to `err`."""
    document = None if err else asked_document()
    if document is not None:
        document.notes.append(printable(str(text)))
        return
    typer.echo(printable(str(text)), err=err)


def is_terminal(stream: object) -> bool:
    """Whether a stream is a terminal; a closed one, which Python has as None, is none."""
    return stream is not None and bool(getattr(stream, "isatty", lambda: False)())


def table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()
) -> None:
    """Print a table: drawn on a terminal, tab-separated with a header line elsewhere, with `--json` as JSON. The
    columns `numbers` are flush right, or numbers in JSON.
    """
    rows = [[printable(cell) for cell in row] for row in rows]
    if (document := asked_document()) is not None:
        document.add(title, columns, rows, numbers)
        return
    if is_terminal(sys.stdout):
        from screen.cli.terminal import draw_table

        draw_table(title, columns, rows, numbers)
        return
    for row in (columns, *rows):
        typer.echo("\t".join(" ".join(cell.split()) for cell in row))


@contextmanager
def progress_bar() -> Iterator["Progress | None"]:
    """A progress bar on stderr, or nothing where stderr is no terminal."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from screen.cli.terminal import drawn_progress

    with drawn_progress() as report:
        yield report
