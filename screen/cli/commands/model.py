"""`herscreen model`: look at the pathway model, check it, and write it for other simulators."""

from pathlib import Path
from typing import Annotated

import typer

from screen.analysis.model_check import check_model
from screen.cli.console import say, table
from screen.cli.json_tables import asked_document
from screen.cli.overwrite import Force, refuse_other, signed
from screen.errors import InputError
from screen.files import checked, write_text
from screen.pathway import load_pathway
from screen.pathway.model.sbml_export import antimony_text, outline, sbml_text
from screen.report.standalone.pathway_diagram import network_svg

app = typer.Typer(no_args_is_help=True)


@app.callback()
def model() -> None:
    """The pathway model: show, export, check, draw it."""


@app.command()
def show() -> None:
    """What the model holds, and its text with every value in it."""
    pathway = load_pathway()
    say(pathway.source)
    if asked_document() is not None:
        rows = [[name, str(count)] for name, count in outline(pathway).items()]
        table("What the model holds", ["what", "how many"], rows, ["how many"])
        return
    for name, count in outline(pathway).items():
        say(f"{name}: {count}")


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="FILE.xml (SBML) or FILE.ant (Antimony).")],
    cell_line: Annotated[
        str | None, typer.Option("--cell-line", "-l", help="Set the values of this named line.")
    ] = None,
    force: Force = False,
) -> None:
    """Write the whole model: network, values, drugs."""
    writers = {".xml": sbml_text, ".sbml": sbml_text, ".ant": antimony_text}
    if output.suffix not in writers:
        raise InputError(f"{output}: found ending '{output.suffix}', expected .xml, .sbml or .ant")
    checked(output, tuple(writers))
    refuse_other(output, (), force)
    pathway = load_pathway()
    line = pathway.cell_line(cell_line) if cell_line else None
    text = signed(writers[output.suffix](pathway, line), output)
    say(f"wrote {write_text(output, text)}")


@app.command()
def check() -> None:
    """Check symbols, sources and the untreated state of every named line (exit status 1 on errors)."""
    found = check_model(load_pathway())
    if asked_document() is not None:
        rows = [[finding.level, finding.where, finding.text] for finding in found]
        table("Findings", ["level", "where", "what"], rows)
    else:
        for finding in found:
            say(f"{finding.level:8} {finding.where}: {finding.text}")
    errors = sum(finding.level == "error" for finding in found)
    say(f"{errors} errors in {len(found)} findings")
    if errors:
        raise typer.Exit(1)


@app.command()
def diagram(
    output: Annotated[Path, typer.Option("--output", "-o", help="FILE.svg")],
    force: Force = False,
) -> None:
    """Draw the network."""
    refuse_other(checked(output, (".svg",)), (), force)
    say(f"wrote {write_text(output, signed(network_svg(load_pathway()), output))}")
