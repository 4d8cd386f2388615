"""`herscreen compare`: what differs between cubes."""

import math
from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import say, table
from screen.cli.overwrite import Force, refuse_other
from screen.errors import InputError
from screen.files import checked, table_text, write_text
from screen.report.findings.panels.compare import MARKED, Comparison
from screen.report.findings.panels.compare import compare as compared


def compare(
    cubes: Annotated[list[Path], typer.Argument(help="Two cubes or more; each with the first.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Every common pair as a table (.csv); of two cubes.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=0, help="How many pairs to print.")] = 15,
    force: Force = False,
) -> None:
    """Compare cubes: panels, doses, models and parameter sets, and how the answer and the main score of each common
    pair changed.
    """
    if len(cubes) < 2 or (output is not None and len(cubes) > 2):
        raise InputError(f"found {len(cubes)} cubes, expected two{' or more' if output is None else ''}")
    if output is not None:
        checked(output, (".csv",), cubes)
        refuse_other(output, ("gap_closed_1", "gap_closed_2", "score_1"), force)
    for other in cubes[1:]:
        found = compared(cubes[0], other)
        shown(found, cubes[0], other, top)
        if output is not None:
            say(f"wrote {write_text(output, as_csv(found))}", err=True)


def shown(found: Comparison, first: Path, second: Path, top: int) -> None:
    """Print a comparison."""
    if found.stated:
        table("What is different", ["", first.name, second.name], found.stated)
    for path, words in zip((first, second), found.headlines):
        say(f"{path.name}: {words}", err=True)
    known = sum(math.isfinite(pair.change) for pair in found.pairs)
    moved = f"{found.changed} of {known} answers moved by more than {100 * MARKED:.0f} % of the gap"
    columns = ["cell line", "combination", "closed before", "closed after", "score before", "score after"]
    rows = [
        [pair.line, pair.combination, *map(share, pair.closed), *map(points, pair.score)]
        for pair in found.pairs[:top]
    ]
    table(f"{len(found.pairs)} common pairs: {moved}", columns, rows, columns[2:])


def as_csv(found: Comparison) -> str:
    """Every common pair; fractions of the gap, percent points of the main score."""
    rows = [["cell_line", "combination", "gap_closed_1", "gap_closed_2", "score_1", "score_2"]]
    for pair in found.pairs:
        numbers = [f"{value:.6g}" if math.isfinite(value) else "" for value in (*pair.closed, *pair.score)]
        rows.append([pair.line, pair.combination, *numbers])
    return table_text(rows)


def share(value: float) -> str:
    return f"{100 * value:.0f}%" if math.isfinite(value) else "-"


def points(value: float) -> str:
    return f"{value:+.1f}" if math.isfinite(value) else "-"
