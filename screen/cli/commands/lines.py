"""`herscreen lines`: the named cell lines that can be screened."""

from typing import Annotated

import typer

from screen.cli.console import table
from screen.pathway import load_pathway


def lines(
    names: Annotated[list[str] | None, typer.Argument(help="Only these lines.", show_default=False)] = None,
) -> None:
    """List the named cell lines with their parent, Cellosaurus accession and source."""
    pathway = load_pathway()
    chosen = [pathway.cell_line(name) for name in names] if names else list(pathway.cell_lines.values())
    rows = [
        [
            line.name,
            line.parent or "",
            line.cellosaurus or "",
            "" if line.doubling_h is None else f"{line.doubling_h:g}",
            line.source,
        ]
        for line in chosen
    ]
    columns = ["cell line", "parent", "Cellosaurus", "doubling, h", "source"]
    table("Named cell lines", columns, rows, columns[3:4])
