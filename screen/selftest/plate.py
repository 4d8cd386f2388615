"""The synthetic plate of the self-test: three blocks made by formulas, so that what their scores have to be follows
from the formulas and not from a run of this software.

Drug A and drug B have Hill curves. In `independent` the viabilities multiply, which is Bliss's own assumption; in
`synergy` a fifth of what would survive independent drugs dies as well; in `same` drug A is combined with itself,
for which Loewe's excess is nought by definition. `python -m screen.selftest.plate` prints the table.
"""

import csv
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from screen.arrays import Floats

DOSES = np.array([0.0, 3.0, 10.0, 30.0, 100.0, 300.0])  # nM
HILL = {"A": (30.0, 1.2), "B": (60.0, 0.9)}  # midpoint in nM, slope
KILLED = 0.2  # of what would survive independent drugs, in the block `synergy`
BLOCKS = {"independent": ("A", "B"), "synergy": ("A", "B"), "same": ("A", "A")}
COLUMNS = ("block_id", "drug_row", "drug_col", "conc_r", "conc_c", "conc_r_unit", "conc_c_unit", "viability")


@dataclass(frozen=True)
class Expected:
    """A score that follows from the formulas: mean excess in percent points, and how far off it may be."""

    block: str
    model: str
    mean: float
    allowed: float


def path() -> Path:
    """The plate as a file of the installed package."""
    return Path(str(resources.files("screen.selftest") / "synthetic-plate.csv"))


def hill(drug: str, dose_nM: Floats) -> Floats:
    """Viability of one drug alone, as a fraction, from 1 to 0."""
    midpoint, slope = HILL[drug]
    return np.asarray(1 / (1 + (dose_nM / midpoint) ** slope))


def viability(block: str) -> Floats:
    """The wells of a block (dose_1, dose_2), as a fraction of the vehicle."""
    row, column = BLOCKS[block]
    if block == "same":
        return hill(row, DOSES[:, None] + DOSES)
    wells = hill(row, DOSES)[:, None] * hill(column, DOSES)
    if block == "synergy":
        wells[1:, 1:] *= 1 - KILLED
    return wells


def expected() -> tuple[Expected, ...]:
    """What the scores have to be, in percent points of inhibition over the wells with both drugs."""
    one, two = hill("A", DOSES)[1:, None], hill("B", DOSES)[1:]
    both = one * two
    best = np.minimum(one, two)
    return (
        Expected("independent", "bliss", 0.0, 0.01),
        Expected("independent", "hsa", float(100 * np.mean(best - both)), 0.01),
        Expected("synergy", "bliss", float(100 * np.mean(KILLED * both)), 0.01),
        Expected("synergy", "hsa", float(100 * np.mean(best - (1 - KILLED) * both)), 0.01),
        Expected("same", "loewe", 0.0, 0.1),
        Expected("independent", "zip", 0.0, 0.1),
    )


def rows() -> list[tuple[str, ...]]:
    """The table, a row a well, viability in percent to five decimals."""
    found: list[tuple[str, ...]] = []
    for block, (row, column) in BLOCKS.items():
        for (i, j), value in np.ndenumerate(viability(block)):
            doses = (f"{DOSES[i]:g}", f"{DOSES[j]:g}")
            found.append((block, row, column, *doses, "nM", "nM", f"{100 * value:.5f}"))
    return found


if __name__ == "__main__":
    csv.writer(sys.stdout, lineterminator="\n").writerows([COLUMNS, *rows()])
