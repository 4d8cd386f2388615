"""`herscreen export`: a finished cube as long tables."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import progress_bar, say
from screen.cli.options import Cube
from screen.cli.overwrite import Force, refuse_other
from screen.files import checked, occupied
from screen.report.cube_view.from_cube import read_schedules
from screen.report.findings.findings import silent
from screen.report.tables import array_files
from screen.report.tables.combine import archive
from screen.report.tables.long_tables import ENDINGS, write_tables
from screen.report.tables.plates import write_plates

PLATES = ("block_id", "cell_line", "time_h", "response", "origin")
RESPONSES = ("cell_line", "combination", "time_h", "status")
SHEETS = ("read me", "responses", "scores", "columns")
BESIDE = ("scores", "panel", "triples", "triples_scores")


def export(
    cube: Cube,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help="FILE.csv, FILE.parquet or FILE.xlsx; FILE.omex (COMBINE archive); FILE.h5ad (AnnData), "
            "FILE.h5mu (MuData) or FOLDER.zarr, extra arrays.",
            show_default=False,
        ),
    ],
    plates: Annotated[
        bool, typer.Option("--plates", help="Only the viability, as SynergyFinder's long CSV.")
    ] = False,
    force: Force = False,
) -> None:
    """Write the responses, the scores and the panel as long tables, over those of before, not over other files; or all
    as arrays; or some wells as SED-ML, with the model, for another simulator.
    """
    checked(output, (".csv",) if plates else (*ENDINGS, archive.ENDING, *array_files.ENDINGS), [cube])
    writers = dict.fromkeys(array_files.ENDINGS, array_files.write_arrays) | {
        archive.ENDING: archive.write_archive
    }
    write = writers.get(output.suffix.lower())
    if write is not None and not plates:
        if output.exists() and not force:
            raise occupied(output)
        with progress_bar() as progress:
            (progress or silent)(output.suffix[1:], 0, 1)
            written = write(cube, output)
        say(f"wrote {written}")
        return
    if plates:
        refuse_other(output, PLATES, force)
    elif output.suffix.lower() == ".xlsx":
        refuse_other(output, SHEETS, force)
    else:
        refuse_other(output, RESPONSES, force)
        for name in BESIDE:
            refuse_other(output.with_name(f"{output.stem}_{name}{output.suffix}"), ("cell_line",), force)
    with progress_bar() as progress:
        paths = (
            [write_plates(read_schedules(cube), output)] if plates else write_tables(cube, output, progress)
        )
    for path in paths:
        say(f"wrote {path}")
