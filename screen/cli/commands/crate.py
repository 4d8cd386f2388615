"""`herscreen crate`: a run packed for others."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import say
from screen.cli.options import Cube
from screen.report.tables.ro_crate import write_crate


def crate(
    cube: Cube,
    output: Annotated[Path, typer.Option("-o", "--output", help="A new folder.", show_default=False)],
) -> None:
    """Pack the run as an RO-Crate: cube, page, tables, configuration, model, citations and what they are."""
    say(write_crate(cube, output))
