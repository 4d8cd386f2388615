"""`herscreen report`: the page of a finished cube."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import say
from screen.cli.options import Cube
from screen.files import checked, write_text
from screen.report import overview_svg, write_report
from screen.report.page.stamp import is_current

EXPLAINED = 6


def report(
    cube: Cube,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="The page, .html or .pdf (default: next to the cube, same name)."
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Also save the overview as one SVG picture.", show_default=False),
    ] = None,
    limit: Annotated[
        float, typer.Option("--limit-mb", help="Leave data out above this size, and say so.", min=1.0)
    ] = 6.0,
    explain: Annotated[
        int, typer.Option("--explain", help="How many pairs to explain by counterfactuals.", min=0)
    ] = EXPLAINED,
) -> None:
    """Write one self-contained page that answers which partner re-sensitises which line to the anchor drug."""
    page = output or cube.with_suffix(".html")
    checked(page, (".html", ".htm", ".pdf"), (cube, picture))
    if picture is not None:
        checked(picture, (".svg",), (cube, page))
    if picture is None and is_current(page, cube, limit, explain):
        say(f"{page} is up to date")
        return
    written = [write_report(cube, None, page, limit, explain)]
    if picture is not None:
        written.append(write_text(picture, overview_svg(cube)))
    for path in written:
        say(path)
