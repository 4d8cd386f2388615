"""Heads that are put together from common words, in any order: `Dose of drug 1`, `Drug A conc`, `drugB_name`, `library
conc`, `mean viability`.
"""

import re

DRUG = {
    "drug",
    "compound",
    "agent",
    "inhibitor",
    "molecule",
    "treatment",
    "cpd",
    "substance",
    "library",
    "anchor",
}
NAME = {"name", "id", "nsc"}
DOSE = {"dose", "doses", "dosage", "conc", "concs", "concentration", "concentrations", "level"}
UNIT = {"unit", "units"}
PASSED = {"of", "the", "in", "for", "final", "nominal", "no"}
NUMBER = {"1": 1, "a": 1, "row": 1, "library": 1, "2": 2, "b": 2, "col": 2, "column": 2, "anchor": 2, "3": 3, "c": 3,
          "4": 4, "d": 4}  # fmt: skip
OF_VALUES = {"mean", "average", "avg", "median", "normalised", "normalized", "norm", "corrected", "relative", "rel",
             "measured", "observed", "final", "total", "raw", "ctg", "assay", "cell", "of", "the"}  # fmt: skip
ID = {"id", "ids", "name", "no", "nr", "num", "number", "index", "code", "label", "of", "the"}
CONTEXTS = {
    "plate": ({"plate", "barcode", "microplate", "mtp"}, ID | {"assay", "screen"}),
    "replicate": ({"replicate", "rep", "repeat"}, ID | {"technical", "biological", "tech", "bio"}),
    "time": ({"time", "timepoint", "elapsed", "duration", "hours", "hour", "hr", "hrs", "days"},
             {"assay", "point", "treatment", "incubation", "exposure", "drug", "post", "after", "dosing", "in", "of",
              "h", "the", "since"}),
    "cellline": ({"line", "lines", "cellline"}, ID | {"cell", "cells", "cancer", "tumor", "tumour", "human", "model"}),
}  # fmt: skip
"""Of heads that part wells: words one of which must be there, and others that may."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")


def words_of(text: str) -> list[str]:
    """The words of a head, in small letters, numbers on their own."""
    return re.findall(r"[a-z]+|\d+", _CAMEL.sub(" ", text).lower())


def drug_head(text: str) -> str:
    """Ours for a head that names the drug, the dose or the unit of one drug and nothing else, `""` for others."""
    words = [word for word in words_of(text) if word not in PASSED]
    numbers = {NUMBER[word] for word in words if word in NUMBER}
    rest = {word for word in words if word not in NUMBER or word in DRUG}
    if len(numbers) != 1 or not rest or not rest <= DRUG | NAME | DOSE | UNIT:
        return ""
    what = "unit" if rest & UNIT else "conc" if rest & DOSE else "drug" if rest & (DRUG | {"nsc"}) else ""
    return f"{what}{numbers.pop()}" if what else ""


def context_head(text: str) -> str:
    """`plate`, `time`, `cellline`, `replicate`, or `run` (a plate of its own of one block) for a head that says so in
    its own words (`Assay Plate ID`, `Replicate plate`), `""` for others."""
    words = {word for word in words_of(text) if not word.isdigit()}
    plate, replicate = CONTEXTS["plate"], CONTEXTS["replicate"]
    if words & plate[0] and words & replicate[0] and words <= set().union(*plate, *replicate):
        return "run"
    return next(
        (name for name, (core, more) in CONTEXTS.items() if words & core and words <= core | more), ""
    )


def bare_value(text: str) -> str:
    """The head of values without the words that only say how they were worked up, folded."""
    return "".join(word for word in words_of(text) if word not in OF_VALUES)
