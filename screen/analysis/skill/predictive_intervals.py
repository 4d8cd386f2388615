"""Predictive intervals: what the ensemble spreads, and what a measurement spreads around the truth.

The noise is that of one laboratory's replicates where it is known, widened to what the same cells differ by between
laboratories: the number that another laboratory will find is what an interval must hold.
"""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from screen.analysis.skill.measured_table import Cell
from screen.arrays import Bools, Floats

NOISE = {
    "GR50": 0.60,
    "GI50": 0.60,
    "IC50": 0.60,
    "GRmax": 0.28,
    "GR_AOC": 0.18,
    "AUC": 0.10,
    "Emax": 0.25,
}
"""One standard deviation of a number measured by some laboratory: log10 nM of concentrations, else GR or viability
units. Robust spreads of the same line and drug between two of HMS, MEP-LINCS, GRAY, LJP, GDSC1, GDSC2 and AZ-DREAM over
the square root of two, 9 to 139 cells a pair of laboratories: 0.26 to 0.94 (GR50), 0.37 to 0.94 (IC50), 0.06 to 0.45
(GRmax), 0.07 to 0.25 (GR_AOC), 0.30 (Emax); replicates in one laboratory 0.47, 0.80, 0.30, 0.12, 0.33. GI50 as GR50;
AUC assumed.
"""
LEVEL = 0.90
QUANTILES = norm.ppf((np.arange(16) + 0.5) / 16)


def predictive_interval(cells: Sequence[Cell], draws: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """The ends (N,) of the central interval of predictions `draws` (K, N) with measurement noise; NaN for pairs, whose
    scores are on each table's own scale.
    """
    sd = np.array([NOISE.get(cell.metric, np.nan) for cell in cells])
    spread = draws[:, None, :] + sd * QUANTILES[:, None]
    pooled = spread.reshape(-1, draws.shape[1])
    tail = (1 - level) / 2
    low, high = (_quantile(pooled, share) for share in (tail, 1 - tail))
    return low, high


def _quantile(values: Floats, share: float) -> Floats:
    """Quantile over the first axis without interpolation, so that infinite values stay what they are."""
    ordered = np.sort(np.where(np.isnan(values), np.inf, values), axis=0)
    found = ordered[int(np.clip(round(share * (len(values) - 1)), 0, len(values) - 1))]
    return np.where(np.isnan(values).all(axis=0), np.nan, found)


def holds(cells: Sequence[Cell], low: Floats, high: Floats) -> Bools:
    """Whether each interval (N,) holds the measured number; of a censored one, whether it reaches its side."""
    value, side = np.array([cell.value for cell in cells]), np.array([cell.side for cell in cells])
    above, below = high >= value, low <= value
    return np.where(side > 0, above, np.where(side < 0, below, above & below))
