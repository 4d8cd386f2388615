"""`herscreen crate`: a run packed for others."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import progress_bar, say
from screen.cli.options import Cube
from screen.report.tables.ro_crate import write_crate


def crate(
    cube: Cube,
    output: Annotated[Path, typer.Option("-o", "--output", help="A new folder.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Write over what is in the folder.")] = False,
) -> None:
    """Pack the run as an RO-Crate: cube, page, tables, configuration, model, citations and what they are."""
    with progress_bar() as progress:
        written = write_crate(cube, output, force, progress)
    say(f"wrote {written}")
