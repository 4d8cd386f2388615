"""`herscreen markers`: which untreated quantities predict what the drugs of a screen do."""

from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.markers.sobol import sobol as sobol_indices
from screen.cli.console import progress_bar, say, table
from screen.cli.overwrite import Force, refuse_other
from screen.files import checked, table_text, write_text
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings, silent
from screen.report.findings.markers import sentences, tree_words
from screen.report.tables.long_tables import write_associations

RANKED, SOBOL = ("marker", "target", "rho", "q"), ("entity", "outcome", "first", "total")
"""Columns by which the tables of this command are known."""


def markers(
    cube: Annotated[Path, typer.Argument(help="A finished cube.", show_default=False)],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="All pairs as FILE.csv.")] = None,
    top: Annotated[int, typer.Option("--top", help="How many of the strongest to print.", min=0)] = 15,
    sobol: Annotated[
        bool, typer.Option("--sobol", help="Sobol indices of what lines differ in instead; needs SALib.")
    ] = False,
    samples: Annotated[
        int, typer.Option("--samples", help="With --sobol: base points, a power of 2.", min=2)
    ] = 256,
    seed: Annotated[int, typer.Option("--seed", help="With --sobol: draws the points.", min=0)] = 0,
    force: Force = False,
) -> None:
    """Rank correlation of every marker with the anchor's effect and with synergy, over the panel's lines."""
    if output is not None:
        checked(output, (".csv",), (cube,))
        refuse_other(output, SOBOL if sobol else RANKED, force)
    if sobol:
        _sobol(cube, output, top, samples, seed)
        return
    with progress_bar() as bar:
        tell = bar or silent
        tell("markers", 0, 3)
        findings = Findings(read_screen(cube))
        tell("markers", 1, 3)
        found = findings.associations
        tell("markers", 2, 3)
        accuracy, tree = tree_words(findings.view, findings.recovery)
    for sentence in (*sentences(findings.view, findings.recovery, found), *filter(None, [accuracy]), *tree):
        say(sentence)
    if found and top:
        columns = ["marker", "target", "lines", "rho", "low", "high", "q"]
        rows = [
            [item.marker, item.target, str(item.lines), f"{item.rho:+.2f}", f"{item.low:+.2f}",
             f"{item.high:+.2f}", f"{item.q:.2g}"]
            for item in found[:top]
        ]  # fmt: skip
        table("Rank correlation over the panel's lines", columns, rows, columns[2:])
    if output is not None:
        say(f"wrote {write_associations(found, output)}")


def _sobol(cube: Path, output: Path | None, top: int, samples: int, seed: int) -> None:
    """Global sensitivity: print the largest indices of every outcome, write all of them."""
    with progress_bar() as bar:
        found = sobol_indices(
            cube, samples, seed, (lambda done, of: bar("simulate", done, of)) if bar else None
        )
    say(f"{found.lines} lines sampled from the population, {found.failed} of them failed")
    columns = ("entity", "outcome", "first", "first_interval", "total", "total_interval")
    lines = []
    shown: dict[str, int] = {}
    for item in found.indices:
        shown[item.outcome] = shown.get(item.outcome, 0) + 1
        if shown[item.outcome] <= top:
            numbers = (item.first, item.first_interval, item.total, item.total_interval)
            lines.append([item.entity, item.outcome, *(f"{number:+.3f}" for number in numbers)])
    if top:
        table("Sobol indices of what lines differ in", columns, lines, columns[2:])
    if output is not None:
        rows = [[getattr(item, column) for column in columns] for item in found.indices]
        say(f"wrote {write_text(output, table_text([columns, *rows]))}")
