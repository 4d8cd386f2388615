"""`herscreen cite`: what to cite for a run."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import say
from screen.cli.options import Cube
from screen.files import checked, write_text
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.references import bibliography


def cite(
    cube: Cube,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.bib (default: standard output).")
    ] = None,
) -> None:
    """BibTeX of only the models, drugs and data that this run used."""
    if output is not None:
        checked(output, (".bib",), (cube,))
    text = bibliography(read_screen(cube))
    say(f"wrote {write_text(output, text)}" if output else text.rstrip())
