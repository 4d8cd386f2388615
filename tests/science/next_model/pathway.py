"""The candidate as a pathway, from the tables beside this file."""

from pathlib import Path

from screen.pathway import Pathway
from screen.pathway.names import ENTITIES
from screen.pathway.omics.entity_map import load_omics_map
from screen.pathway.tables.cell_lines import load_cell_lines
from screen.pathway.tables.drugs import load_drugs
from screen.pathway.tables.parameters import load_parameters

FOLDER = Path(__file__).parent


def next_pathway() -> Pathway:
    """The candidate, not calibrated: parameters at their starts, factors of lines at the panel's mean."""
    parameters = load_parameters(FOLDER / "parameters.tsv")
    mapped = load_omics_map().entities
    entities = (*ENTITIES, *(name for name in mapped if name not in ENTITIES))
    return Pathway(
        network=(FOLDER / "her2_igf1r.ant").read_text(encoding="utf-8"),
        parameters=parameters,
        drugs=load_drugs(FOLDER / "drugs.tsv"),
        cell_lines=load_cell_lines(frozenset(entities) | frozenset(parameters), FOLDER / "cell_lines.tsv"),
        entities=entities,
    )
