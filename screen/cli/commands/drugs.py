"""`herscreen drugs`: what can be dosed."""

from typing import Annotated

import typer

from screen.cli.console import say, table
from screen.pathway import Drug, load_pathway
from screen.pathway.tables.absent_drugs import absent_drugs


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
            *in_mass(drug),
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
        "range, ug/mL",
        "peak, ug/mL",
        "ChEMBL",
    ]
    table("Drugs", columns, rows, columns[5:9])
    if not names:
        absent = ", ".join(dict.fromkeys(drug.name for drug in absent_drugs().values()))
        say(f"not in the model (`herscreen drugs NAME` says why): {absent}", err=True)


def in_mass(drug: Drug) -> list[str]:
    """Range and peak of an antibody as a laboratory doses it, ug/mL; nothing for a small molecule."""
    if not drug.antibody or drug.molar_mass_kDa is None:
        return ["", ""]
    low, high, peak = (
        "" if dose is None else f"{dose * drug.molar_mass_kDa / 1000:.3g}"
        for dose in (*drug.range_nM, drug.peak_nM)
    )
    return [f"{low} to {high}", peak]
