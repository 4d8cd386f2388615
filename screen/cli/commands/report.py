"""`herscreen report`: the page of a finished cube, or of measured plates."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli import plates as of_plates
from screen.cli.console import progress_bar, say
from screen.cli.options import NoHost
from screen.cli.overwrite import Force, refuse_others
from screen.errors import InputError
from screen.files import checked, write_text
from screen.report.page.stamp import is_current
from screen.report.write_report import overview_svg, write_report

EXPLAINED = 6


def report(
    cube: of_plates.Source,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="The page, .html or .pdf (default: next to the input, same name)."
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
        int | None,
        typer.Option(
            "--explain", help=f"Cubes: how many pairs to explain by counterfactuals ({EXPLAINED}).", min=0
        ),
    ] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Cubes: only the answer and what to measure next, on one sheet.")
    ] = False,
    no_host: NoHost = False,
    force: Force = False,
    models: of_plates.Models = None,
    bootstrap: of_plates.Bootstrap = None,
    response: of_plates.Response = None,
    scale: of_plates.Scale = None,
    vehicle: of_plates.Vehicle = None,
    plate_map: of_plates.PlateMap = None,
    line: of_plates.Line = None,
    baseline: of_plates.Baseline = "none",
    seed: of_plates.Seed = 0,
    simulate: of_plates.Simulate = True,
    fit: of_plates.Fit = None,
) -> None:
    """Write one self-contained page: of a cube, which partner re-sensitises which line to the anchor drug; of measured
    plates, their responses, fits, synergy by each model with intervals, and how they were read.
    """
    of_cube = of_plates.is_cube(cube)
    page = output or cube.with_suffix(".html")
    checked(page, (".html", ".htm", ".pdf"), (cube, picture))
    if picture is not None:
        checked(picture, (".svg",), (cube, page))
    refuse_others(filter(None, [page, picture]), force)
    asked = of_plates.PlateArguments(
        models, bootstrap, response, scale, vehicle, plate_map, baseline, seed, line
    )
    if of_cube:
        asked.refuse_for_cube(simulate, fit)
        _of_cube(
            cube, page, picture, (limit, EXPLAINED if explain is None else explain, summary, not no_host)
        )
        return
    if summary:
        raise InputError("--summary: for cubes, found plates")
    if explain:
        raise InputError("--explain: for cubes, found plates")
    from screen.cli.plate_views import view_asked, write_pages  # and pandas

    for path in write_pages(view_asked(asked, cube, simulate, fit), page, cube, limit, picture):
        say(f"wrote {path}")


def _of_cube(cube: Path, page: Path, picture: Path | None, asked: tuple[float, int, bool, bool]) -> None:
    if picture is None and is_current(page, cube, *asked):
        say(f"{page} is up to date")
        return
    with progress_bar() as progress:
        written = [write_report(cube, None, page, *asked, progress=progress)]
        if picture is not None:
            written.append(write_text(picture, overview_svg(cube)))
    for path in written:
        say(f"wrote {path}")
