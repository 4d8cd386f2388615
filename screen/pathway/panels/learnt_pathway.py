"""The pathway with a learnt nominal set in place of the shipped one: parameters, potencies, lines old and new."""

from dataclasses import replace

from screen.pathway.pathway import Pathway
from screen.pathway.tables.cell_lines import CellLine
from screen.pathway.tables.drugs import potency_id
from screen.pathway.tables.ensemble import Draw

SOURCE = "learnt from plates"


def with_nominal(pathway: Pathway, nominal: Draw) -> Pathway:
    """The pathway whose nominal numbers are a draw's. Lines that the pathway lacks join it under their names."""
    shared = {name: value for name, value in nominal.values.items() if name in pathway.parameters}
    drugs = {}
    for name, drug in pathway.drugs.items():
        own = {
            target: nominal.values.get(potency_id(drug, target), value)
            for target, value in drug.potency_nM.items()
        }
        drugs[name] = replace(drug, potency_nM=own)
    lines = {}
    for name, line in pathway.cell_lines.items():
        parent = pathway.cell_lines.get(line.parent or "")
        lines[name] = replace(line, values=nominal.line_values(line, parent))
    for name, values in nominal.lines.items():
        if name not in lines:
            lines[name] = CellLine(name, dict(values), source=SOURCE)
    return replace(pathway.with_values(shared), drugs=drugs, cell_lines=lines)
