"""Where the commands print tables and progress: tables for people, tabs for pipes, a bar on a terminal. Rich is
imported where a terminal shows it, for a run in a job array has none.
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
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            print("\t".join(" ".join(cell.split()) for cell in row))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        drawn.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(cell) for cell in row))
    Console(highlight=False).print(drawn)


@contextmanager
def progress_bar() -> Iterator["Progress | None"]:
    """A progress bar with rate and time left on stderr, or nothing where stderr is no terminal. It is drawn at
    each report, by no thread of its own: next to one no worker could be forked.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    bar = Progress(
        *columns,
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True, highlight=False),
        transient=True,
        auto_refresh=False,
    )
    tasks: dict[str, TaskID] = {}

    def report(phase: str, done: int, total: int) -> None:
        if not tasks:
            bar.start()
        if phase not in tasks:
            tasks[phase] = bar.add_task(phase, total=total, completed=done, rate="")
        speed = bar.tasks[tasks[phase]].speed
        bar.update(tasks[phase], completed=done, rate=f"{speed:.0f}/s" if speed else "")
        bar.refresh()

    try:
        yield report
    finally:
        if tasks:
            bar.stop()
