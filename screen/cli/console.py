"""Where the commands print tables and progress: tables for people, tabs for pipes, a bar on a terminal. Rich is
loaded where a terminal shows it, for a run in a job array has none.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screen.runner.execution.options import Progress


def table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()
) -> None:
    """Print a table: drawn on a terminal, tab-separated with a header line elsewhere."""
    if sys.stdout.isatty():
        from screen.cli.terminal import draw_table

        draw_table(title, columns, rows, numbers)
        return
    for row in (columns, *rows):
        print("\t".join(" ".join(cell.split()) for cell in row))


@contextmanager
def progress_bar() -> Iterator["Progress | None"]:
    """A progress bar on stderr, or nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from screen.cli.terminal import drawn_progress

    with drawn_progress() as report:
        yield report
