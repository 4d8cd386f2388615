"""What a reader calls the markers of a panel: `miR193a` is miR-193a, `BIM (factor)` how much BIM the line makes.

Tables, the cube and the terminal keep the cube's own names.
"""

from screen.analysis.markers.associations import JOINED
from screen.pathway.names import AMOUNTS, ENTITIES, OBSERVABLES

FACTOR = " (factor)"
OF_DOSES = (" (dose_centre)", " (gr50)")
"""Columns of the panel that say how a drug is dosed: no property of the untreated line."""
WORDS = {
    "pAKT_T308": "pAKT (T308)",
    "pAKT_S473": "pAKT (S473)",
    "pFOXO3A": "pFOXO3a",
    "nFOXO3A": "nuclear FOXO3a",
    "FOXO3A": "FOXO3a",
    "miR193a": "miR-193a",
    "miR128": "miR-128",
    "miR30a": "miR-30a",
    "growth_rate": "growth rate",
    "PIK3CA_H1047R": "PIK3CA H1047R",
    "PIK3CA_E545K": "PIK3CA E545K",
}
VALUES = {
    "k_birth": "division rate",
    "EGF_medium": "EGF in the medium",
    "insulin_medium": "insulin in the medium",
}
"""Values of a line that are no entities."""


def marker_words(name: str, between: str = JOINED) -> str:
    """The marker's name for a reader; of several that were merged all, with `between` them."""
    return between.join(one_marker(part) for part in name.split(JOINED))


def one_marker(name: str) -> str:
    """One marker's name; a name that the pathway does not know (of a model or a formula of the user's) as it is."""
    entity = name.removesuffix(FACTOR)
    if name.endswith(FACTOR) and entity in VALUES:
        return VALUES[entity]
    if name.endswith(FACTOR) and entity in ENTITIES:
        said = WORDS.get(entity, entity)
        return f"{said} (mutant)" if entity in AMOUNTS and entity != "p95HER2" else f"{said} expression"
    if name in OBSERVABLES:
        return WORDS.get(name, name.replace("_mRNA", " mRNA"))
    return name


def readout_label(name: str, label: str) -> str:
    """A readout's label as the cube has it, `pAKT_S473: amount`, with the reader's name of the readout."""
    return label.replace(f"{name}:", f"{marker_words(name)}:", 1) if label.startswith(f"{name}:") else label
