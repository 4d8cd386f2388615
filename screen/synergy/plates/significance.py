"""Is there any interaction at all? Tests that respect that the cells of one matrix depend on each other,
because they share single-agent wells and curves. The idea is that of BIGL's meanR and maxR (Van der Borght
2017, doi:10.1038/s41598-017-18068-5); here the dependence is simulated rather than linearised.

Matrices without interaction are resampled, the surface that the model expects plus the plate's noise, and
scored by the whole procedure, fits included. `mean` is the p-value of the mean excess (two-sided, Student
tail with the spread of the resampled means), `maximum` that of the most deviant cell, `surface` that of all
cells weighed by their simulated covariance; the last two by rank among the draws, the observed matrix counted
as one of them, so that they are level however few the draws, and not below 1 / (rounds + 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from screen.arrays import Bools, Floats
from screen.errors import InputError
from screen.synergy.batch import Batch, ScoringOptions
from screen.synergy.curves.single_agent import CurveFit
from screen.synergy.models.registry import TESTED
from screen.synergy.plates.bootstrap import null_draws
from screen.synergy.score import score_matrices


@dataclass(frozen=True)
class Tests:
    """p-values `(matrix,)` each, NaN where the score does not exist."""

    mean: Floats
    maximum: Floats
    surface: Floats


def significance(
    batch: Batch,
    surface: Floats,
    sigma: Floats,
    names: Sequence[str],
    models: Sequence[str] = tuple(TESTED),
    rounds: int = 200,
    seed: int = 0,
    fit: CurveFit | None = None,
) -> dict[str, Tests]:
    """Tests for every matrix of a batch; `surface` `(matrix, dose_1, dose_2)` has smoothed edges, `sigma`
    `(matrix,)` is the noise of a well, `names` key the random numbers; `models` of the registry's `TESTED`."""
    matrices = batch.matrices
    found = {}
    for model in models:
        null = _without_interaction(batch, surface, model)
        resampled = null_draws(null, sigma, names, rounds, seed)
        resampled = np.where(np.isnan(matrices.viability), np.nan, resampled)
        doses = matrices.conc_1, matrices.conc_2
        observed = score_matrices(matrices.viability, *doses, [model], options=ScoringOptions(fit=fit))[model]
        scored = score_matrices(resampled, *doses, [model], options=ScoringOptions(fit=fit))[model]
        inner = scored.excess[..., 1:, 1:].reshape(rounds, matrices.count, -1)
        cells = observed.excess[..., 1:, 1:].reshape(matrices.count, -1)
        left = np.maximum((~np.isnan(matrices.viability)).sum(axis=(1, 2)) * 0.5, 3.0)
        tests = [_test(cells[k], inner[:, k], float(left[k])) for k in range(matrices.count)]
        found[model] = Tests(*(np.array(column) for column in zip(*tests)))
    return found


def _without_interaction(batch: Batch, surface: Floats, model: str) -> Floats:
    """The smooth `surface` with what the model expects in place of its cells with both drugs."""
    null = surface.copy()
    null[:, 1:, 1:] = TESTED[model](batch, surface)[:, 1:, 1:]
    return null


def mean_and_maximum(observed: Floats, resampled: Floats, freedom: float) -> tuple[float, float]:
    """p-values of the mean and of the most deviant cell, from cells `(cell,)` and those of draws without interaction
    `(round, cell)`; NaN where no cell is known in all."""
    kept = _known(observed, resampled)
    if not kept.any():
        return float("nan"), float("nan")
    cells, null = observed[kept], resampled[:, kept]
    means = null.mean(axis=1)
    spread = max(float(means.std(ddof=1)), 1e-9)
    mean = float(2 * scipy.stats.t.sf(abs(cells.mean() - means.mean()) / spread, freedom))
    deviation = _deviation(cells, null)
    largest = np.abs(deviation / _size(deviation)).max(axis=1)
    return mean, float(np.mean(largest >= largest[0]))


def _test(observed: Floats, resampled: Floats, freedom: float) -> tuple[float, float, float]:
    """Mean, maximum and surface p-values from cells `(cell,)` and resampled cells `(round, cell)`."""
    kept = _known(observed, resampled)
    if not kept.any():
        return np.nan, np.nan, np.nan
    deviation = _deviation(observed[kept], resampled[:, kept])
    covariance = deviation.T @ deviation / (len(deviation) - 1)
    shrink = min(1.0, deviation.shape[1] / len(deviation))
    mixed = (1 - shrink) * covariance + shrink * np.diag(_size(deviation) ** 2)
    inverse = np.linalg.pinv(mixed, hermitian=True)
    weighed = np.einsum("rc,cd,rd->r", deviation, inverse, deviation)
    return *mean_and_maximum(observed, resampled, freedom), float(np.mean(weighed >= weighed[0]))


def _known(observed: Floats, resampled: Floats) -> Bools:
    known: Bools = ~(np.isnan(observed) | np.isnan(resampled).any(axis=0))
    return known


def _deviation(cells: Floats, null: Floats) -> Floats:
    """The observed cells and those of the draws about the mean of all, `(1 + round, cell)`."""
    pool = np.vstack([cells, null])
    return np.asarray(pool - pool.mean(axis=0))


def _size(deviation: Floats) -> Floats:
    return np.asarray(np.maximum(deviation.std(axis=0, ddof=1), 1e-9))


def adjust(p: Floats, method: str = "bh") -> Floats:
    """q-values of the p-values of a screen, in their shape; NaN stays NaN and counts for nothing.

    `bh`: Benjamini and Hochberg 1995 (doi:10.1111/j.2517-6161.1995.tb02031.x), for tests that are
    independent or positively dependent; `by`: Benjamini and Yekutieli 2001 (doi:10.1214/aos/1013699998),
    any dependence; `holm`: family-wise.
    """
    if method not in ("bh", "by", "holm"):
        raise InputError(f"method: expected 'bh', 'by' or 'holm', found {method!r}")
    flat = np.asarray(p, dtype=float).reshape(-1)
    known = np.flatnonzero(~np.isnan(flat))
    result = np.full(flat.shape, np.nan)
    if known.size:
        order = known[np.argsort(flat[known], kind="stable")]
        count = len(order)
        rank = np.arange(1, count + 1)
        if method == "holm":
            raised = np.maximum.accumulate(flat[order] * (count - rank + 1))
        else:
            factor = float(np.sum(1 / rank)) if method == "by" else 1.0
            raised = np.minimum.accumulate((flat[order] * count * factor / rank)[::-1])[::-1]
        result[order] = np.minimum(raised, 1.0)
    return result.reshape(np.shape(p))
