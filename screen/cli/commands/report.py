"""`herscreen report` and `herscreen export`: the page and the tables of a finished cube."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.commands.markers import markers
from screen.errors import InputError

EXPLAINED = 6
Cube = Annotated[
    Path, typer.Argument(help="A finished cube, as `herscreen run` writes it.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add this file's commands to the main app."""
    app.command()(report)
    app.command()(export)
    app.command()(figures)
    app.command()(markers)
    app.command()(cite)
    app.command()(crate)


def report(
    cube: Cube,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The page, .html or .pdf (default: beside the cube, same name)."),
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
    """Write one self-contained page that answers which partner brings the anchor drug back, and where."""
    from screen.report.page.stamp import is_current

    page = output or cube.with_suffix(".html")
    if picture is None and is_current(page, cube, limit, explain):
        typer.echo(f"{page} is up to date")
        return

    from screen.files import checked, write_text
    from screen.report import overview_svg, write_report

    written = [write_report(cube, None, page, limit, explain)]
    if picture is not None:
        written.append(write_text(checked(picture, (".svg",)), overview_svg(cube)))
    for path in written:
        typer.echo(str(path))


def export(
    cube: Cube,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="FILE.csv, FILE.parquet or FILE.xlsx.", show_default=False)
    ],
    plates: Annotated[
        bool, typer.Option("--plates", help="Only the viability, as SynergyFinder's long CSV.")
    ] = False,
) -> None:
    """Write the responses, the scores and the panel as long tables."""
    from screen.report import export_tables

    if plates:
        from screen.report.cube_view.reading import read_schedules
        from screen.report.tables.plates import write_plates

        typer.echo(str(write_plates(read_schedules(cube), output)))
        return
    for path in export_tables(cube, output):
        typer.echo(str(path))


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
    from screen.report.cube_view.reading import read_screen
    from screen.report.figures.write import write_figures
    from screen.report.findings.resensitisation import rescue_of
    from screen.report.findings.why import Why, whys_of

    chosen = tuple(name.strip().lower() for name in formats.split(",") if name.strip())
    screen = read_screen(cube)
    whys: tuple[Why, ...] = ()
    if explain:
        whys, why_not = whys_of(cube, screen, rescue_of(screen), explain)
        if why_not:
            raise InputError(f"--explain: {why_not}")
    for path in write_figures(screen, output, chosen, pairs, whys):
        typer.echo(str(path))


def cite(
    cube: Cube,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.bib (default: standard output).")
    ] = None,
) -> None:
    """BibTeX of only the models, drugs and data that this run used."""
    from screen.files import checked, write_text
    from screen.report.cube_view.reading import read_screen
    from screen.report.findings.references import bibliography

    text = bibliography(read_screen(cube))
    typer.echo(str(write_text(checked(output, (".bib",)), text)) if output else text.rstrip())


def crate(
    cube: Cube,
    output: Annotated[Path, typer.Option("-o", "--output", help="A new folder.", show_default=False)],
) -> None:
    """Pack the run as an RO-Crate: cube, page, tables, configuration, model, citations and what they are."""
    from screen.report.tables.ro_crate import write_crate

    typer.echo(str(write_crate(cube, output)))
