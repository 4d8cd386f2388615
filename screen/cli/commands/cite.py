"""`herscreen cite`: what to cite for a run."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import say
from screen.cli.options import Cube
from screen.cli.overwrite import Force, refuse_other, signed
from screen.files import checked, write_text
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.references import bibliography


def cite(
    cube: Cube,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.bib (default: standard output).")
    ] = None,
    force: Force = False,
) -> None:
    """BibTeX of only the models, drugs and data that this run used."""
    if output is not None:
        checked(output, (".bib",), (cube,))
        refuse_other(output, (), force)
    text = bibliography(read_screen(cube))
    say(f"wrote {write_text(output, signed(text, output))}" if output else text.rstrip())
