"""Names of the pathway: entities, ligands and observables, and how any spelling finds its canonical one."""

from collections.abc import Collection

from screen.errors import InputError, nearest, plain


class UnknownName(InputError):
    """A name that the pathway does not hold; the message lists what it holds or the nearest match."""


ENTITIES = (
    "EGFR",
    "HER2",
    "p95HER2",
    "HER3",
    "IGF1R",
    "INSR",
    "NRG1",
    "IGF1",
    "IGF2",
    "IRS1",
    "IRS2",
    "PIK3CA",
    "PIK3CA_H1047R",
    "PIK3CA_E545K",
    "PTEN",
    "PDK1",
    "AKT",
    "TSC",
    "mTOR",
    "S6K",
    "RAS",
    "RAF",
    "MEK",
    "ERK",
    "SRC",
    "STAT5",
    "HDAC1",
    "PPP3CB",
    "FOXO3A",
    "miR193a",
    "miR128",
    "miR30a",
    "MET",
    "FGFR",
    "ESR1",
    "AR",
    "EIF4E",
    "EIF4EBP1",
    "DUSP6",
    "CCND1",
    "CDK4",
    "CCNE1",
    "RB1",
    "BIM",
    "BCL2L1",
)
AMOUNTS = frozenset({"p95HER2", "PIK3CA_H1047R", "PIK3CA_E545K"})
"""Entities whose number is an amount in addition to the wild type (0 none), not a factor."""

LIGANDS = ("NRG1", "EGF", "IGF1", "IGF2")

SIGNALS = (
    "pHER2",
    "pHER3",
    "HER3",
    "pIGF1R",
    "IGF1R",
    "pIRS1",
    "IRS1",
    "IRS1_mRNA",
    "IGF2",
    "IGF2_mRNA",
    "PIP3",
    "pAKT_T308",
    "pAKT_S473",
    "pS6K",
    "pERK",
    "pSRC",
    "pSTAT5",
    "pFOXO3A",
    "nFOXO3A",
    "miR193a",
    "miR128",
    "miR30a",
    "PPP3CB",
    "PPP3CB_mRNA",
)
"""Observables that are symbols of the model."""

RESPONSES = ("viability", "gr_value", "growth_rate")
"""Observables that compare cell numbers."""

OBSERVABLES = SIGNALS + RESPONSES
FRACTIONS = frozenset({"pFOXO3A"})


def factor_id(entity: str) -> str:
    """The model parameter that holds an entity's factor or amount."""
    return f"f_{entity}"


def find(name: str, known: Collection[str], what: str, where: str = "") -> str:
    """The canonical spelling of `name` among `known`; case, spaces, `-` and `_` do not count.

    Raises UnknownName that names the kind, the nearest match and all that is known.
    """
    if name in known:
        return name
    spelled = {plain(candidate): candidate for candidate in known}
    try:
        return spelled[plain(name)]
    except KeyError:
        hint = nearest(name, spelled.values())
        listed = ", ".join(dict.fromkeys(spelled.values()))
        at = f"{where}: " if where else ""
        raise UnknownName(f"{at}unknown {what} '{name}'{hint} (known: {listed})") from None
