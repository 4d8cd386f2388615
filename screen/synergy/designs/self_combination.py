"""The self-combination (sham) control: a drug combined with itself must be additive. Berenbaum 1989, PMID 2692037.

The single agent is interpolated through its own values, never fitted, so that what is left over is an error
of the simulation, of the interpolation or of the Loewe model's solution, and no residual of a sigmoid. Where
the curve does not fall or rise throughout, the Loewe model's doses of equal effect are not unique; the
response at the summed dose, which solves its equation for any curve, is then the expectation.
"""

from dataclasses import dataclass

import numpy as np

from screen.arrays import Bools, Floats
from screen.synergy.curves.isotonic import isotonic, monotone_slopes
from screen.synergy.curves.single_agent import fit_curves
from screen.synergy.models.loewe import additive

TURN = 1e-3
"""A curve that turns by more than this (of viability) is not monotone."""


@dataclass(frozen=True)
class SelfCombination:
    """`excess` `(row, dose, dose)` in percent points, positive = synergy, 0 on the edges; `on_curve`
    `(dose, dose)` where both doses are above 0 and their sum is at most the highest dose; `monotone`
    `(row,)`; `mean` and `largest` `(row,)` over the cells on the curve, NaN where none is known.
    """

    excess: Floats
    on_curve: Bools
    monotone: Bools
    mean: Floats
    largest: Floats


def self_combination_excess(
    doses: Floats, viability: Floats, curve_doses: Floats, curve: Floats
) -> SelfCombination:
    """Loewe excess of a drug with itself.

    doses (dose,) ascending from 0 and viability (row, dose, dose) of both portions; curve_doses (knot,)
    ascending from 0, a finer series over the same range, and curve (row, knot) of the drug alone.
    """
    rows = len(viability)
    total = doses[:, None] + doses[None, :]
    both = (doses[:, None] > 0) & (doses[None, :] > 0)
    on_curve = both & (total <= doses[-1] * (1 + 1e-12))
    level, _ = isotonic(curve)
    with np.errstate(invalid="ignore"):
        monotone = np.nanmax(np.abs(level - curve), axis=1, initial=0.0) <= TURN
    expected = interpolated(curve_doses, curve, total)
    chosen = np.flatnonzero(monotone & np.isfinite(curve).all(axis=1))
    if len(chosen):
        own = fit_curves(np.tile(curve_doses, (len(chosen), 1)), curve[chosen], "monotone")
        same = np.tile(doses, (len(chosen), 1))
        expected[chosen] = additive(same, same, own, own).expected
    excess = np.where(both, 100 * (expected - viability), np.where(np.isfinite(viability), 0.0, np.nan))
    cells = excess[:, on_curve]
    known = np.isfinite(cells)
    count = known.sum(axis=1)
    mean, largest = np.full(rows, np.nan), np.full(rows, np.nan)
    some = count > 0
    mean[some] = np.where(known, cells, 0.0).sum(axis=1)[some] / count[some]
    largest[some] = np.where(known, np.abs(cells), 0.0).max(axis=1, initial=0.0)[some]
    return SelfCombination(excess, on_curve, monotone, mean, largest)


def interpolated(doses: Floats, values: Floats, wanted: Floats) -> Floats:
    """Monotone cubics in log dose through `values` (row, knot), at doses of any shape -> (row, *shape); the
    last value beyond the last knot, a straight line below the first dose above 0.
    """
    dose = wanted.ravel()
    if len(doses) < 3:
        straight = np.stack([np.interp(dose, doses, row) for row in values])
        return straight.reshape(len(values), *wanted.shape)
    above, x = values[:, 1:], np.log(doses[1:])
    slope = monotone_slopes(np.tile(x, (len(values), 1)), above)
    at = np.log(np.clip(dose, doses[1], doses[-1]))
    left = np.minimum(np.searchsorted(x, at, side="right") - 1, len(x) - 2)
    width = x[left + 1] - x[left]
    t = (at - x[left]) / width
    y0, rise = above[:, left], above[:, left + 1] - above[:, left]
    bend_0, bend_1 = slope[:, left] * width - rise, slope[:, left + 1] * width - rise
    found = y0 + rise * t + t * (1 - t) * (bend_0 * (1 - t) - bend_1 * t)
    low = values[:, :1] + (above[:, :1] - values[:, :1]) * dose / doses[1]
    between: Floats = np.where(dose < doses[1], low, found).reshape(len(values), *wanted.shape)
    return between
