"""What Rich draws on a terminal: tables and a progress bar. Loaded by `console.py` where there is a terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from screen.runner.execution.options import Progress as Report


def draw_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]
) -> None:
    """Draw a table; the columns `numbers` are flush right."""
    table = Table(title=escape(title), title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(escape(column), justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console(highlight=False).print(table)


@contextmanager
def drawn_progress() -> Iterator[Report]:
    """A bar on stderr with rate and time left, drawn at each report, by no thread of its own: next to one no worker
    could be forked.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
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
