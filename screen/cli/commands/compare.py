"""`herscreen compare`: what differs between cubes, and between a cube and measured plates."""

import math
from pathlib import Path
from typing import Annotated

import typer

from screen.cli import plates as of_plates
from screen.cli.console import progress_bar, say, table
from screen.cli.overwrite import Force, refuse_other
from screen.cli.plate_views import scored_against
from screen.errors import InputError
from screen.files import checked, table_text, write_text
from screen.report.comparison.comparison_page import write_comparison
from screen.report.comparison.measured import BLOCK_HEAD, MeasuredComparison, block_row, measured_comparison
from screen.report.findings.findings import silent
from screen.report.findings.panels.compare import Comparison
from screen.report.findings.panels.compare import compare as compared

PAGES = (".html", ".htm", ".pdf")
CHANGED = 5
"""Markers that are printed."""


def compare(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="A B...", help="A cube, and cubes or plates that it is compared with.", show_default=False
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="A page of it (.html, .pdf); or of two cubes every common pair (.csv)."
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=0, help="How many pairs to print.")] = 15,
    force: Force = False,
) -> None:
    """Compare cubes: panels, doses, settings, models and parameter sets, and how the answer of each line, the main
    score of each common pair and the markers changed; or the measured scores of plates with the simulated ones of a
    cube.
    """
    first, *others = inputs
    as_page = output is not None and output.suffix.lower() in PAGES
    if not others or (output is not None and not as_page and len(others) > 1):
        raise InputError(f"found {len(inputs)} inputs, expected two{'' if others else ' or more'}")
    if output is not None:
        checked(output, (".csv", *PAGES), inputs)
        refuse_other(output, ("gap_closed_1", "gap_closed_2", "score_1"), force)
    if not of_plates.is_cube(first):
        raise InputError(f"{first}: found no cube, expected one first, then cubes or plates")
    if output is not None and not as_page and not of_plates.is_cube(others[0]):
        raise InputError(
            f"{output}: found plates, whose comparison is a page, expected the ending .html or .pdf"
        )
    found: list[Comparison | MeasuredComparison] = []
    with progress_bar() as progress:
        for done, other in enumerate(others):
            (progress or silent)("compare", done, len(others))
            found.append(compared(first, other) if of_plates.is_cube(other) else measured(first, other))
    for one in found:
        if isinstance(one, Comparison):
            shown(one, top)
        else:
            say("\n".join(one.sentences), err=True)
            table(
                "Measured and simulated scores",
                BLOCK_HEAD,
                [block_row(block) for block in one.blocks],
                BLOCK_HEAD[4:7],
            )
    if output is None:
        return
    if as_page:
        say(f"wrote {write_comparison(found, output)}", err=True)
    elif isinstance(found[0], Comparison):
        say(f"wrote {write_text(output, as_csv(found[0]))}", err=True)


def measured(cube: Path, plates: Path) -> MeasuredComparison:
    """The scores of plates beside those of a cube."""
    return measured_comparison(scored_against(plates, cube), cube.name, plates.name)


def shown(found: Comparison, top: int) -> None:
    """Print a comparison."""
    if found.stated:
        table("What is different", ["", *found.names], found.stated)
    for name, words in zip(found.names, found.headlines):
        say(f"{name}: {words}", err=True)
    for sentence in found.sentences:
        say(sentence, err=True)
    columns = ["cell line", "combination", "closed before", "closed after", "score before", "score after"]
    rows = [
        [pair.line, pair.combination, *map(share, pair.closed), *map(points, pair.score)]
        for pair in found.pairs[:top]
    ]
    table(f"{len(found.pairs)} common pairs, the most changed first", columns, rows, columns[2:])
    columns = ["marker", "outcome", "rho before", "rho after", "q before", "q after"]
    markers = [
        [item.marker, item.target, *(f"{rho:+.2f}" for rho in item.rho), *(f"{q:.2g}" for q in item.q)]
        for item in found.markers[: min(top, CHANGED)]
    ]
    if markers:
        table("Markers that changed most", columns, markers, columns[2:])


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
