"""`herscreen drugs`: what can be dosed."""

from typing import Annotated

import typer

from screen.cli.console import table
from screen.pathway import load_pathway


def drugs(
    names: Annotated[list[str] | None, typer.Argument(help="Only these drugs.", show_default=False)] = None,
) -> None:
    """List the drugs with their targets, standard dose range and clinical peak concentration (Cmax), nM."""
    pathway = load_pathway()
    chosen = [pathway.drug(name) for name in names] if names else list(pathway.drugs.values())
    rows = [
        [
            drug.name,
            ", ".join(drug.aliases),
            drug.drug_class,
            ", ".join(drug.targets),
            drug.action,
            f"{drug.range_nM[0]:g} to {drug.range_nM[1]:g}",
            "" if drug.peak_nM is None else f"{drug.peak_nM:g}",
            drug.chembl_id,
        ]
        for drug in chosen
    ]
    columns = [
        "drug",
        "also called",
        "class",
        "targets",
        "action",
        "standard range, nM",
        "clinical peak, nM",
        "ChEMBL",
    ]
    table("Drugs", columns, rows, columns[5:7])
