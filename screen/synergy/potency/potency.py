"""How strong the drugs are, rather than how they interact: IC50, EC50, Emax and slope of the single agents,
relative inhibition (RI) and the combination sensitivity score (CSS, Malyutina 2019,
doi:10.1371/journal.pcbi.1006752).

RI is the mean inhibition, in percent points, under a fitted curve between the lowest and the highest dose
above 0 on the log scale. CSS is the same for one drug while the other is at its EC50 (at its highest
dose where the EC50 lies beyond), averaged over both drugs. As in SynergyFinder, curves for RI leave the
dose of 0 out.
"""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Floats
from screen.parallel_map import parallel_map
from screen.synergy.batch import FLAT, Batch, ScoringOptions
from screen.synergy.curves.fit_sigmoids import fit_sigmoids
from screen.synergy.curves.sigmoid import Sigmoids, sigmoid
from screen.synergy.curves.single_agent import MIN_DOSES, Curves, SingleAgent, end_bounds, fit_curves
from screen.synergy.dose_matrices import Matrices, prepare
from screen.synergy.score import CHUNK

BEYOND = np.log(10.0)
ALONE = ("ic50", "ec50", "emax", "hill", "r2", "ri")
HALF = 0.5


def potency_columns(batch: Batch) -> dict[str, Floats]:
    """Summary columns `(matrix,)` each: `ic50_1` absolute at viability 0.5 (`inf` where the curve does
    not come there within ten times the highest dose), `ec50_1` the midpoint (`inf` of a drug that does nothing),
    `emax_1` viability at
    endless dose, `hill_1`, `r2_1` of the fit, `ri_1` in percent points, the same for drug 2, and `css`,
    `css1_ic502`, `css2_ic501` in percent points. NaN for a drug that has no wells without the other."""
    matrices = batch.matrices
    found: dict[str, Floats] = {}
    for drug, curves, conc, alone in (
        (1, batch.curves_1, matrices.conc_1, matrices.alone_1),
        (2, batch.curves_2, matrices.conc_2, matrices.alone_2),
    ):
        fit = curves.fit
        found[f"ic50_{drug}"] = half_dose(curves, conc)
        found[f"ec50_{drug}"] = np.exp(fit.midpoint)
        found[f"emax_{drug}"] = fit.end
        found[f"hill_{drug}"] = fit.hill
        found[f"r2_{drug}"] = _explained(alone, fit.rss)
        found[f"ri_{drug}"] = relative_inhibition(conc, alone, batch.options.lower_bound)
        flat = batch.flat[drug - 1] & ~np.isnan(fit.end)
        found[f"ec50_{drug}"] = np.where(flat, np.inf, found[f"ec50_{drug}"])
        zero = (matrices.conc_2, matrices.conc_1)[drug - 1][:, 0] == 0
        for name in ALONE if not zero.all() else ():
            found[f"{name}_{drug}"] = np.where(zero, found[f"{name}_{drug}"], np.nan)
    middle = [np.exp(curves.fit.midpoint) for curves in (batch.curves_1, batch.curves_2)]
    first = _background(
        matrices.viability, matrices.conc_1, matrices.conc_2, middle[1], batch.options.lower_bound
    )
    swapped = np.swapaxes(matrices.viability, 1, 2)
    second = _background(swapped, matrices.conc_2, matrices.conc_1, middle[0], batch.options.lower_bound)
    found["css1_ic502"], found["css2_ic501"], found["css"] = first, second, 0.5 * (first + second)
    return found


def potencies(
    viability: Floats, conc_1: Floats, conc_2: Floats, single_agent: SingleAgent = "fit", jobs: int = 1,
    lower_bound: float = 0.0,
) -> dict[str, Floats]:  # fmt: skip
    """Those columns for matrices `(matrix, dose_1, dose_2)`, in bounded memory; `lower_bound` as in
    `ScoringOptions`."""
    matrices, _ = prepare(viability, conc_1, conc_2)
    tasks = [
        (matrices.take(slice(first, first + CHUNK)), ScoringOptions(single_agent, lower_bound=lower_bound))
        for first in range(0, matrices.count, CHUNK)
    ]
    parts = parallel_map(_columns, tasks, jobs)
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def tensor_potencies(viability: Floats, concs: Sequence[Floats]) -> dict[str, Floats]:
    """The same of three and more drugs, from tensors `(matrix, dose_1, ..., dose_k)` with doses `(matrix, dose)`:
    `ic50_k`, `ec50_k`, `emax_k`, `hill_k`, `r2_k`, `ri_k` `(matrix,)` of each drug alone, and `css`: RI of one drug
    while all others are at their EC50, averaged over the drugs."""
    found: dict[str, Floats] = {}
    middles, scores = [], []
    for k, conc in enumerate(concs):
        alone = np.moveaxis(viability, k + 1, 1).reshape(*conc.shape, -1)[:, :, 0]
        curves = fit_curves(conc, alone)
        fit = curves.fit
        flat = _spread(alone) < FLAT
        one = (half_dose(curves, conc), np.where(flat, np.inf, np.exp(fit.midpoint)), fit.end, fit.hill,
               _explained(alone, fit.rss), relative_inhibition(conc, alone))  # fmt: skip
        found |= {f"{name}_{k + 1}": values for name, values in zip(ALONE, one)}
        middles.append(np.exp(fit.midpoint))
    for k, conc in enumerate(concs):
        left = np.moveaxis(viability, k + 1, 1)
        others = [j for j in range(len(concs)) if j != k]
        for j in reversed(others):
            left = _at_level(left, concs[j], middles[j], 0.0)
        scores.append(relative_inhibition(conc, left))
    return found | {"css": np.mean(scores, axis=0)}


def _spread(alone: Floats) -> Floats:
    known = ~np.isnan(alone)
    high, low = np.where(known, alone, -np.inf).max(axis=1), np.where(known, alone, np.inf).min(axis=1)
    return np.asarray(high - low)


def _columns(matrices: Matrices, options: ScoringOptions) -> dict[str, Floats]:
    return potency_columns(Batch(matrices, options))


def half_dose(curves: Curves, conc: Floats) -> Floats:
    """Dose `(curve,)` at which viability is 0.5, `inf` where it is not reached within ten times the
    highest."""
    lane = np.arange(len(conc))
    x = curves.log_dose(np.full(len(conc), HALF), lane)
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.log(np.nanmax(np.where(np.isnan(conc), 0.0, conc), axis=1))
        reached = np.where(curves.end < HALF, np.where(x > top + BEYOND, np.inf, np.exp(x)), np.inf)
    return np.where(np.isnan(curves.end), np.nan, reached)


def relative_inhibition(conc: Floats, response: Floats, lower_bound: float = 0.0) -> Floats:
    """RI `(curve,)` in percent points of inhibition, for responses `(curve, dose)`; NaN below 3 doses
    above 0."""
    dosed = (conc > 0) & ~np.isnan(response)
    y = np.where(dosed, response, np.nan)
    enough = dosed.sum(axis=1) >= MIN_DOSES
    y = np.where(enough[:, None], y, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log(conc)
    fit = fit_sigmoids(x, y, end_bounds(y, lower_bound))
    low = np.where(dosed, x, np.inf).min(axis=1)
    high = np.where(dosed, x, -np.inf).max(axis=1)
    low, high = np.where(enough, low, 0.0), np.where(enough, high, 1.0)
    share = (_softplus(fit, high) - _softplus(fit, low)) / (fit.hill * (high - low))
    return np.where(enough, 100 * (1 - fit.start - (fit.end - fit.start) * share), np.nan)


def _softplus(fit: Sigmoids, x: Floats) -> Floats:
    """Integral of the sigmoid up to x, times its slope."""
    u = fit.hill * (x - fit.midpoint)
    area: Floats = np.maximum(u, 0.0) + np.log1p(np.exp(-np.abs(u)))
    return area


def _background(viability: Floats, conc: Floats, other: Floats, level: Floats, lower_bound: float) -> Floats:
    """RI of the first drug of `viability` `(matrix, dose, other dose)` with the other at `level`
    `(matrix,)`."""
    return relative_inhibition(conc, _at_level(viability, other, level, lower_bound), lower_bound)


def _at_level(values: Floats, other: Floats, level: Floats, lower_bound: float) -> Floats:
    """`values` `(matrix, ..., other dose)` at the `level` `(matrix,)` of the drug of their last axis, by fitted curves,
    at its highest dose where the level lies beyond."""
    lead, n = values.shape[:-1], values.shape[-1]
    flat = values.reshape(-1, n)
    each = len(flat) // max(len(values), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.repeat(np.log(other), each, axis=0)
        top = np.where(np.isnan(other), 0.0, other).max(axis=1)
        at = np.repeat(np.log(np.minimum(level, top)), each)
    enough = (np.isfinite(flat) & np.isfinite(x)).sum(axis=1) >= MIN_DOSES
    y = np.where(enough[:, None], flat, np.nan)
    fit = fit_sigmoids(x, y, end_bounds(y, lower_bound))
    value = fit.start + (fit.end - fit.start) * sigmoid(at, fit.midpoint, fit.hill)
    return np.where(enough, value, np.nan).reshape(lead)


def _explained(response: Floats, rss: Floats) -> Floats:
    present = ~np.isnan(response)
    count = np.maximum(present.sum(axis=1), 1)
    mean = np.where(present, response, 0.0).sum(axis=1) / count
    total = np.where(present, (response - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return np.where(total > 1e-9, 1 - rss / np.maximum(total, 1e-300), np.nan)
