"""What Rich draws on a terminal: tables and a progress bar. Loaded by `console.py` where there is a terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.cells import cell_len
from rich.console import Console, JustifyMethod
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

LONG_WORD = 24
"""Letters up to which a word is not broken in a table."""


def draw_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]
) -> None:
    """Draw a table; the columns `numbers` are flush right. Where the terminal is too narrow for its words between
    lines, there are no lines; where it is too narrow without them, each row is a list of its cells.
    """
    console = Console(highlight=False)
    whole = [column in numbers for column in columns]
    bordered, bare = console.width - 3 * len(columns) - 1, console.width - len(columns)
    for room, unbroken in ((bordered, whole), (bare, whole), (bare, [False] * len(columns))):
        widths = column_widths(columns, rows, room, unbroken)
        if widths is not None:
            break
    else:
        _draw_lists(console, title, columns, rows)
        return
    table = Table(title=escape(title), title_justify="left", header_style="bold")
    if room == bare:
        table.box, table.padding, table.pad_edge = None, (0, 1, 0, 0), False
    for column, width in zip(columns, widths):
        justify: JustifyMethod = "right" if column in numbers else "left"
        table.add_column(escape(column), justify=justify, overflow="fold", width=width)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def column_widths(
    columns: Sequence[str], rows: Sequence[Sequence[str]], room: int, unbroken: Sequence[bool]
) -> list[int] | None:
    """How wide each column is in a terminal with `room` for all, that no word (of up to `LONG_WORD` letters) and no
    cell of a column that is `unbroken` goes over two lines; None where they need more.
    """
    least, wants = [], []
    for head, cells, as_one in zip(columns, list(zip(*rows)) or [()] * len(columns), unbroken):
        longest = max(map(_longest_line if as_one else _longest_word, cells), default=0)
        least.append(min(LONG_WORD, max(longest, _longest_word(head))))
        wants.append(max(map(_longest_line, (head, *cells))) - least[-1])
    spare = room - sum(least)
    if spare < 0:
        return None
    share = min(1.0, spare / max(1, sum(wants)))
    return [low + int(want * share) if want > 0 else low for low, want in zip(least, wants)]


def _longest_word(cell: str) -> int:
    return max(map(cell_len, cell.split()), default=0)


def _longest_line(cell: str) -> int:
    return max(map(cell_len, cell.splitlines()), default=0)


def _draw_lists(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Each row as its first cell and, below it, the name and the words of every other cell that holds any."""
    console.print(escape(title), style="italic")
    wide = max(map(cell_len, columns)) + 2
    for row in rows:
        console.print(escape(row[0]) or "-", style="bold")
        body = Table.grid(padding=(0, 2, 0, 2))
        body.add_column(width=wide)
        body.add_column(overflow="fold")
        for column, cell in zip(columns[1:], row[1:]):
            if cell:
                body.add_row(escape(column), escape(cell))
        console.print(body)


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
