"""`herscreen crate`: a run packed for others."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import at_work, say
from screen.cli.options import Cube
from screen.report.tables.ro_crate import write_crate


def crate(
    cube: Cube,
    output: Annotated[Path, typer.Option("-o", "--output", help="A new folder.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Write over what is in the folder.")] = False,
) -> None:
    """Pack the run as an RO-Crate: cube, page, tables, configuration, model, citations and what they are."""
    with at_work(f"packing {cube}"):
        written = write_crate(cube, output, force)
    say(f"wrote {written}")
