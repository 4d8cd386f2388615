"""`herscreen figures`: a finished cube, or measured plates, as publication figures."""

import re
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from screen.cli import plates as of_plates
from screen.cli.console import progress_bar, say
from screen.cli.overwrite import Force, refuse_others
from screen.errors import InputError
from screen.report.cube_view.from_cube import read_screen
from screen.report.figures.write import Size, write_figures, write_pictures
from screen.report.findings.findings import Findings, silent


def figures(
    cube: of_plates.Source,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A folder; made if it is not there.", show_default=False)
    ],
    formats: Annotated[
        str, typer.Option("--format", help="svg, pdf, png or several with commas; pdf and png need Chromium.")
    ] = "svg",
    pairs: Annotated[
        int,
        typer.Option("--pairs", help="How many pairs of the answer, or blocks of plates, to draw.", min=0),
    ] = 6,
    explain: Annotated[
        int, typer.Option("--explain", help="Cubes: how many pairs to explain, each with its network.", min=0)
    ] = 0,
    width: Annotated[
        str | None,
        typer.Option(
            "--width", help="How wide each figure is: 85mm (one column), 180mm (two); its own unless given."
        ),
    ] = None,
    dpi: Annotated[float, typer.Option("--dpi", min=30, max=2400, help="Of PNG files.")] = 288,
    font: Annotated[str | None, typer.Option("--font", help="A typeface: Arial, Times New Roman.")] = None,
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
    """Write publication figures. Of a cube: overview, waterfalls, re-sensitisation doses, markers; and of each pair its
    surfaces, contour plot, single agents, fixed partner doses and isobologram. Of measured plates: synergy against
    efficacy; and of each block its response, excess by model, relief, single agents, dose curves and isobologram.
    """
    size = Size(None if width is None else millimetres(width), dpi, font if font is None else typeface(font))
    check = partial(refuse_others, force=force)
    chosen = tuple(name.strip().lower() for name in formats.split(",") if name.strip())
    asked = of_plates.PlateArguments(
        models, bootstrap, response, scale, vehicle, plate_map, baseline, seed, line
    )
    if of_plates.is_cube(cube):
        asked.refuse_for_cube(simulate, fit)
        with progress_bar() as progress:
            findings = Findings(read_screen(cube), cube, explain, progress or silent)
            if why_not := findings.explained[1]:
                raise InputError(f"--explain: {why_not}")
            written = write_figures(findings, output, chosen, pairs, size, progress, check)
    else:
        if explain:
            raise InputError("--explain: for cubes, found plates")
        from screen.cli.plate_views import drawings, view_asked  # and pandas

        view = view_asked(asked, cube, simulate, fit)
        named = drawings(view, pairs)
        with progress_bar() as progress:
            written = write_pictures(lambda: named, output, chosen, size, progress, check)
        if len(view.blocks) > pairs:
            say(
                f"{pairs} of {len(view.blocks)} blocks drawn, those farthest from none; --pairs draws more",
                err=True,
            )
    for path in written:
        say(f"wrote {path}")


def typeface(text: str) -> str:
    """The name of a typeface, which goes into SVG: letters, digits, spaces and - only."""
    if not re.fullmatch(r"[\w -]{1,80}", text):
        raise InputError(f"--font: found {text!r}, expected the name of a typeface like Arial")
    return text


def millimetres(text: str) -> float:
    """`85mm`, `8.5 cm` or `3.35in` in mm."""
    found = re.fullmatch(r"\s*([\d.]+)\s*(mm|cm|in)\s*", text)
    value = float(found[1]) * {"mm": 1.0, "cm": 10.0, "in": 25.4}[found[2]] if found else 0.0
    if not 10 <= value <= 2000:
        raise InputError(f"--width: found {text!r}, expected a width like 85mm")
    return value
