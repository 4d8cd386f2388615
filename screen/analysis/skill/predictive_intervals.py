"""Predictive intervals: what the ensemble spreads, and beside it what a measurement and the model's own errors do.

The number that a laboratory will find is what an interval must hold, so of a laboratory, line or drug that the model
was not calibrated on it is wider (`screen.analysis.skill.interval_noise`).
"""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from screen.analysis.skill.interval_noise import LEAST, MOST
from screen.analysis.skill.measured_table import Cell
from screen.arrays import Bools, Floats

LEVEL = 0.90
QUANTILES = norm.ppf((np.arange(32) + 0.5) / 32)
WIDEST = 8.0
"""The widest noise that is looked for, and halvings of it."""
HALVINGS = 12
SPAN = (-3.0, 5.0)
"""Ends of intervals of concentrations are scored within these, log10 nM: what `predictions` simulates."""


def predictive_interval(
    cells: Sequence[Cell], draws: Floats, noise: Floats, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """The ends (N,) of the central interval of predictions `draws` (K, N) with normal `noise` (N,), cut at what each
    metric can be; NaN where the noise is.
    """
    spread = draws[:, None, :] + noise * QUANTILES[:, None]
    pooled = spread.reshape(-1, draws.shape[1])
    tail = (1 - level) / 2
    least = np.array([LEAST.get(cell.metric, -np.inf) for cell in cells])
    most = np.array([MOST.get(cell.metric, np.inf) for cell in cells])
    low, high = (np.clip(_quantile(pooled, share), least, most) for share in (tail, 1 - tail))
    return low, high


def _quantile(values: Floats, share: float) -> Floats:
    """Quantile over the first axis without interpolation, so that infinite values stay what they are."""
    ordered = np.sort(np.where(np.isnan(values), np.inf, values), axis=0)
    found = ordered[int(np.clip(round(share * (len(values) - 1)), 0, len(values) - 1))]
    return np.where(np.isnan(values).all(axis=0), np.nan, found)


def holds(cells: Sequence[Cell], low: Floats, high: Floats) -> Bools:
    """Whether each interval (N,) holds the measured number; of a censored one, whether it reaches its side."""
    value, side = _measured(cells)
    above, below = high >= value, low <= value
    return np.where(side > 0, above, np.where(side < 0, below, above & below))


def noise_needed(cells: Sequence[Cell], draws: Floats) -> Floats:
    """The least noise (N,) with which each interval of `draws` (K, N) holds its number, at most `WIDEST`."""
    low, high = np.zeros(len(cells)), np.full(len(cells), WIDEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        inside = holds(cells, *predictive_interval(cells, draws, middle))
        low, high = np.where(inside, low, middle), np.where(inside, middle, high)
    return np.asarray(high)


def widths(cells: Sequence[Cell], low: Floats, high: Floats) -> Floats:
    """How wide intervals (N,) are; of concentrations within `SPAN`."""
    bottom, top = _within_span(cells, low, high)
    return np.asarray(top - bottom)


def interval_scores(cells: Sequence[Cell], low: Floats, high: Floats, level: float = LEVEL) -> Floats:
    """Width and 2 / (1 - level) times the distance of the number outside (N,), lower is better (Gneiting and Raftery
    2007, 10.1198/016214506000001437); a censored number is missed on its known side only.
    """
    bottom, top = _within_span(cells, low, high)
    value, side = _measured(cells)
    short = np.where(side < 0, 0.0, np.maximum(value - top, 0))
    over = np.where(side > 0, 0.0, np.maximum(bottom - value, 0))
    return np.asarray(top - bottom + 2 / (1 - level) * (short + over))


def _within_span(cells: Sequence[Cell], low: Floats, high: Floats) -> tuple[Floats, Floats]:
    known = np.array([cell.is_concentration for cell in cells])
    bottom, top = (np.where(known, np.clip(end, *SPAN), end) for end in (low, high))
    return bottom, top


def _measured(cells: Sequence[Cell]) -> tuple[Floats, Floats]:
    return np.array([cell.value for cell in cells]), np.array([cell.side for cell in cells], dtype=float)
