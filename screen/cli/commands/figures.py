"""`herscreen figures`: a finished cube as publication figures."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import say
from screen.cli.options import Cube
from screen.errors import InputError
from screen.report.cube_view.reading import read_screen
from screen.report.figures.write import write_figures
from screen.report.findings.findings import Findings


def figures(
    cube: Cube,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A folder; made if it is not there.", show_default=False)
    ],
    formats: Annotated[
        str, typer.Option("--format", help="svg, pdf, png or several with commas; pdf and png need Chromium.")
    ] = "svg",
    pairs: Annotated[int, typer.Option("--pairs", help="How many pairs of the answer to draw.", min=0)] = 6,
    explain: Annotated[
        int, typer.Option("--explain", help="How many pairs to explain, each with its network.", min=0)
    ] = 0,
) -> None:
    """Write publication figures: overview, waterfalls, re-sensitisation doses, markers; and of each pair its
    surfaces, contour plot, single agents, fixed partner doses and isobologram.
    """
    chosen = tuple(name.strip().lower() for name in formats.split(",") if name.strip())
    findings = Findings(read_screen(cube), cube, explain)
    if why_not := findings.explained[1]:
        raise InputError(f"--explain: {why_not}")
    for path in write_figures(findings, output, chosen, pairs):
        say(path)
