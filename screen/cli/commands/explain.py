"""`herscreen explain`: which edges of the network carry a combination's synergy."""

import math
from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.explain import explain as analysis
from screen.cli.console import say, table
from screen.cli.overwrite import Force, refuse_other
from screen.files import checked
from screen.report.findings.why import clamp_words
from screen.report.tables.explanation import write_explanation
from screen.synergy.models.registry import MODELS

KNOWN_BY = ("cell_line", "combination", "model", "time_h")


def explain(
    cube: Annotated[Path, typer.Argument(help="A finished cube.", show_default=False)],
    line: Annotated[str, typer.Option("--line", help="The cell line.", show_default=False)],
    combination: Annotated[
        str, typer.Option("--combination", help="drug+drug, or the partner's name.", show_default=False)
    ],
    model: Annotated[
        str, typer.Option("--model", help="Reference model, one of `herscreen score`.")
    ] = "bliss",
    at: Annotated[
        str,
        typer.Option(
            "--at",
            help="Fix each edge at its untreated value, or at that under one drug alone: that drug.",
        ),
    ] = "untreated",
    top: Annotated[int, typer.Option("--top", min=0, help="How many rows to print.")] = 20,
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help="All rows as FILE.csv or FILE.json, the network as FILE.svg."),
    ] = None,
    force: Force = False,
) -> None:
    """Clamp one edge or node at a time at its untreated or single-agent value, simulate the grid again, and
    tell how much of the synergy each mediates. The shares need not add up to 100 %: edges in a row mediate
    the same part.
    """
    for number, path in enumerate(output or ()):
        checked(path, (".csv", ".json", ".svg"), (cube, *(output or ())[:number]))
        refuse_other(path, KNOWN_BY, force)
    found = analysis.explain(cube, line, combination, model, at)
    rows = [
        [
            row.words,
            row.kind,
            f"{row.excess:+.2f}",
            f"{row.carried:+.2f}",
            "" if math.isnan(row.share) else f"{row.share:.0%}",
            f"{row.inhibition:+.2f}",
        ]
        for row in found.rows[:top]
    ]
    columns = [clamp_words(found), "kind", "excess left", "carried", "share", "inhibition lost"]
    table(f"{found.combination} in {found.cell_line}, {found.time_h:g} h", columns, rows, columns[2:])
    say(
        f"{found.combination} in {found.cell_line} at {found.time_h:g} h: mean {MODELS[found.model].label} excess "
        f"{found.excess:+.2f} percent points of inhibition (positive = synergy), mean inhibition "
        f"{found.inhibition:.1f}"
    )
    if abs(found.excess) < analysis.SMALL_EXCESS:
        say("There is little excess to share, so no shares are given.")
    for path in output or ():
        say(f"wrote {write_explanation(found, path)}")
