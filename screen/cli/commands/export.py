"""`herscreen export`: a finished cube as long tables."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import say
from screen.cli.options import Cube
from screen.files import checked
from screen.report import export_tables
from screen.report.cube_view.reading import read_schedules
from screen.report.tables.plates import write_plates


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
    if plates:
        checked(output, (".csv",), [cube])
    written = [write_plates(read_schedules(cube), output)] if plates else export_tables(cube, output)
    for path in written:
        say(path)
