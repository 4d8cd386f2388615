"""Biology as data: the model text, drugs, cell lines and the evidence table; how a drug acts on the model;
the virtual assay that doses a line at its untreated state. Knows nothing of synergy or of files on disk.
"""

from screen.pathway import growth
from screen.pathway.assay import Assay, Untreated, Wells
from screen.pathway.dosing.exposure import Dosing, Exposure
from screen.pathway.names import UnknownName
from screen.pathway.pathway import Pathway, load_pathway
from screen.pathway.tables.cell_lines import CellLine, Clone
from screen.pathway.tables.drugs import Drug, known_drug
from screen.pathway.tables.ensemble import Draw, load_draws

__all__ = [
    "Assay",
    "CellLine",
    "Clone",
    "Dosing",
    "Draw",
    "Drug",
    "Exposure",
    "Pathway",
    "UnknownName",
    "Untreated",
    "Wells",
    "growth",
    "known_drug",
    "load_draws",
    "load_pathway",
]
