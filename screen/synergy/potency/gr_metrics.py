"""Growth-rate inhibition metrics, which do not depend on how fast the cells divide. Hafner 2016,
doi:10.1038/nmeth.3853.

GR runs from 1 (no effect) over 0 (no growth) to -1 (all dead). `gr50` is the dose at GR 0.5, `gr_max` the
value at the highest dose, `gr_inf` the fitted value at endless dose, `gr_aoc` the mean of `1 - GR` over the
log of the doses tested, by trapezoids.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from screen.arrays import Floats
from screen.synergy.curves.fit_sigmoids import fit_sigmoids
from screen.synergy.curves.single_agent import MIN_DOSES, FittedCurves, end_bounds
from screen.synergy.potency.potency import half_dose


@dataclass(frozen=True)
class GrowthMetrics:
    """`(curve,)` each; `gr50` is `inf` where GR 0.5 is not reached within ten times the highest dose."""

    gr50: Floats
    gr_max: Floats
    gr_inf: Floats
    gr_aoc: Floats
    gec50: Floats
    hill: Floats


NAMES = {
    "gr50": "gr50",
    "gr_max": "gr_max",
    "gr_aoc": "gr_aoc",
    "gr_inf": "gr_inf",
    "gec50": "gec50",
    "h_gr": "hill",
}


def growth_columns(gr_value: Floats, concs: Sequence[Floats]) -> dict[str, Floats]:
    """`gr50_1`, `gr_max_1`, `gr_aoc_1`, `gr_inf_1`, `gec50_1`, `h_gr_1` `(matrix,)` each and so on, of drugs alone,
    from GR values `(matrix, dose_1, ..., dose_k)` and doses `(matrix, dose)` of each."""
    found: dict[str, Floats] = {}
    for k, conc in enumerate(concs):
        alone = np.moveaxis(gr_value, k + 1, 1).reshape(*conc.shape, -1)[:, :, 0]
        metrics = growth_metrics(conc, alone)
        found |= {f"{name}_{k + 1}": getattr(metrics, key) for name, key in NAMES.items()}
    return found


def growth_metrics(conc: Floats, gr_value: Floats) -> GrowthMetrics:
    """Metrics of GR values `(curve, dose)` at doses `(curve, dose)`, NaN where missing; the fit starts
    at 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log(conc)
    dosed = (conc > 0) & ~np.isnan(gr_value)
    doses = dosed.sum(axis=1)
    y = np.where(dosed & (doses >= MIN_DOSES)[:, None], gr_value, np.nan)
    fit = fit_sigmoids(x, y, end_bounds(y, -1.0), np.ones(len(y)))
    order = np.argsort(np.where(dosed, x, np.inf), axis=1, kind="stable")
    sorted_x, sorted_y = np.take_along_axis(x, order, 1), np.take_along_axis(gr_value, order, 1)
    keep = np.take_along_axis(dosed, order, 1)
    width = np.where(keep[:, 1:], np.diff(np.where(keep, sorted_x, 0.0), axis=1), 0.0)
    lost = np.where(keep, 1 - np.where(keep, sorted_y, 0.0), 0.0)
    span = width.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        area = (0.5 * width * (lost[:, 1:] + lost[:, :-1])).sum(axis=1) / span
    last = np.maximum(doses - 1, 0)
    top = np.where(doses > 0, sorted_y[np.arange(len(y)), last], np.nan)
    gr50 = half_dose(FittedCurves(fit, doses), conc)
    return GrowthMetrics(gr50, top, fit.end, np.where(span > 0, area, np.nan), np.exp(fit.midpoint), fit.hill)
