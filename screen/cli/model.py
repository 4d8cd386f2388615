"""`herscreen model`: look at the pathway model and write it for other simulators."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The pathway model: show it, export it.", no_args_is_help=True)


@app.command()
def show() -> None:
    """What the model holds, and its text with every value in it."""
    from rich.console import Console

    from screen.pathway import load_pathway
    from screen.pathway.exchange import outline

    pathway = load_pathway()
    console = Console()
    console.print(pathway.source, highlight=False, markup=False, soft_wrap=True)
    for name, count in outline(pathway).items():
        console.print(f"{name}: {count}", highlight=False)


@app.command()
def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="FILE.xml (SBML L3V2) or FILE.ant (Antimony).")
    ],
    cell_line: Annotated[
        str | None, typer.Option("--cell-line", "-l", help="Set the values of this named line.")
    ] = None,
) -> None:
    """Write the whole model: network, values, drugs."""
    from screen.errors import InputError
    from screen.pathway import load_pathway
    from screen.pathway.exchange import antimony_text, sbml_text

    if not output.parent.is_dir():
        raise InputError(f"{output}: the folder {output.parent} does not exist")
    pathway = load_pathway()
    line = pathway.cell_line(cell_line) if cell_line else None
    writers = {".xml": sbml_text, ".sbml": sbml_text, ".ant": antimony_text}
    if output.suffix not in writers:
        raise InputError(f"{output}: found ending '{output.suffix}', expected .xml, .sbml or .ant")
    output.write_text(writers[output.suffix](pathway, line), encoding="utf-8")
