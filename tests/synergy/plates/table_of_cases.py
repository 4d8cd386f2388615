"""The table *input, was, is, right*: how plates were read that had gone wrong without a word, and what is right.

`REFERENCE` is a plate whose right scores are known: exact Hill curves (midpoints 12 and 9, slopes 1), Bliss
independence and 5 points of extra kill in every combination well.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

CONC_1, CONC_2 = np.array([0.0, 2, 8, 30, 120]), np.array([0.0, 1, 5, 25, 100])
REFERENCE = {"hsa": 12.516, "bliss": 5.0, "loewe": 8.709, "zip": 4.974, "ic50_1": 12.0, "ic50_2": 9.0}
UM = REFERENCE | {"ic50_1": 12_000.0, "ic50_2": 9_000.0}


@dataclass(frozen=True)
class Case:
    """`was`: what an earlier version made of it; `right`: numbers of each block, or the words of a refusal; `said`:
    words that must stand in the block's `reason`, its columns or the messages."""

    was: str
    right: dict[str, float] | str = field(default_factory=lambda: REFERENCE)
    blocks: int = 1
    said: tuple[str, ...] = ()


def alone(dose, middle: float):
    return 1 / (1 + np.asarray(dose, float) / middle)


def pair(d1, d2, extra: float = 0.05):
    """Viability of wells of both drugs."""
    v = alone(d1, 12) * alone(d2, 9)
    return v - extra * ((np.asarray(d1) > 0) & (np.asarray(d2) > 0))


def plate(**more: object) -> pd.DataFrame:
    """The reference plate as a long table in percent."""
    d1, d2 = (grid.ravel() for grid in np.meshgrid(CONC_1, CONC_2, indexing="ij"))
    table = {"drug1": "alpha", "drug2": "beta", "conc1": d1, "conc2": d2, "response": 100 * pair(d1, d2)}
    return pd.DataFrame(table | more)


SHARED = {
    "01-raw-counts.csv": Case("Bliss 327,818", REFERENCE, said=("raw", "untreated wells", "12340")),
    "03-time-column.csv": Case("two times pooled: Bliss -3.25", {}, blocks=2, said=("24 h", "72 h")),
    "06-vehicle-rows.csv": Case("4 blocks without a score", REFERENCE, said=("DMSO",)),
    "09-small-inhibition-percent.csv": Case(
        "fraction: HSA 42.2", {"hsa": 0.422, "bliss": 0.300}, said=("percent by size alone",)
    ),
    "11-thousands-doses.csv": Case(
        "'1,000' was 1: ic50_1 0.0133", {"ic50_1": 700.0, "bliss": 5.0}, said=("1,000",)
    ),
    "13-rays.csv": Case(
        "HSA 25.17 over 2 of 17 wells",
        {"hsa": 19.46, "bliss": 5.0, "bliss_wells": 17},
        said=("rays", "zip: no well"),
    ),
    "15-diagonal.csv": Case(
        "ZIP and CSS empty without a reason", {"bliss": 5.0, "bliss_wells": 4}, said=("zip: no well", "css: ")
    ),
    "16-dose-units-rounding.csv": Case("9 doses for 6: HSA 11.38", {"hsa": 12.36, "doses_row": 6}),
    "18-web-matrix.csv": Case("refused", UM | {"hsa": 12.517}, blocks=2),
    "19-percent-growth.csv": Case("Bliss 56.9", {"bliss": 12.236}, said=("growth", "GR values")),
    "23-headers-with-units.csv": Case("refused", UM, said=("% sign",)),
    "24-column-E.csv": Case("refused", REFERENCE),
    "27-trailing-commas.csv": Case("a second block of nothing", REFERENCE),
    "31-fit-line-two-times.csv": Case("two times pooled", {}, blocks=2, said=("24 h", "72 h")),
    "36-zip-sharp-slices.csv": Case(
        "ZIP -74.28, reason empty",
        {"zip": -78.06},
        said=("far above least squares, which is taken for 2 rows",),
    ),
}
