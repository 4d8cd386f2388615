"""Dose-response surfaces of which a part was simulated: what the other wells would show, how uncertain that
is, and which wells would tell most.

Single agents are monotone cubics (PCHIP) through their wells on the log scale of dose. What two drugs do
beyond the product of their single agents (the Bliss excess) is a Gaussian process that is exact where there is
a well and zero where a dose is zero: a Matern-5/2 kernel along each drug, whose two lengths are the
likeliest of a few, so that a drug that does nothing costs few wells. Rasmussen and Williams 2006, Gaussian
Processes for Machine Learning, chapters 2, 4 and 5 (ISBN 026218253X).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import scipy

from screen.arrays import Bools, Floats, Indices

LENGTHS = (0.12, 0.2, 0.33, 0.55, 0.9, 1.5)
"""Correlation lengths tried, as shares of a drug's dose range on the log scale."""
GAP = 0.1
"""How far below the lowest dose, as a share of the range, no dose is placed."""
JITTER = 1e-6
CHUNK = 64


@dataclass(frozen=True)
class Completed:
    """`viability` `(matrix, dose_1, dose_2)` as simulated or as expected; `error` of the latter, one standard
    deviation, 0 where simulated; `mean_error` `(matrix,)` that of the mean excess over cells with both doses,
    in percent points."""

    viability: Floats
    error: Floats
    mean_error: Floats


def complete(viability: Floats, conc_1: Floats, conc_2: Floats) -> Completed:
    """Fill the wells of matrices `(matrix, dose_1, dose_2)` that are NaN; doses `(matrix, dose)` ascend from
    0, NaN where padded. Single agents need 2 wells above 0 each, the interior 1; else NaN stays."""
    filled, error = np.array(viability, float), np.zeros(viability.shape)
    mean_error = np.full(len(viability), np.nan)
    for rows, posterior, product_ in _posteriors(viability, conc_1, conc_2):
        expected = product_ - posterior.mean
        missing = np.isnan(viability[rows])
        filled[rows] = np.where(missing, expected, viability[rows])
        error[rows] = np.where(missing, posterior.error(), 0.0)
        mean_error[rows] = 100 * posterior.mean_error()
    return Completed(filled, error, mean_error)


def completed(viability: Floats, conc_1: Floats, conc_2: Floats) -> Completed:
    """`complete` for any leading dims: `viability` `(..., dose_1, dose_2)`, doses `(..., dose)` that
    broadcast; the answer is flat, `(matrix, ...)`."""
    lead = viability.shape[:-2]
    doses = [
        np.broadcast_to(grid, (*lead, grid.shape[-1])).reshape(-1, grid.shape[-1])
        for grid in (conc_1, conc_2)
    ]
    return complete(viability.reshape(-1, *viability.shape[-2:]), doses[0], doses[1])


def next_wells(viability: Floats, conc_1: Floats, conc_2: Floats, many: int) -> Bools:
    """The `many` wells of each matrix at which the excess is most uncertain, one after the other, each as if
    those before were known; a mask `(matrix, dose_1, dose_2)`. Arguments as for `complete`."""
    chosen = np.zeros(viability.shape, dtype=bool)
    for rows, posterior, _ in _posteriors(viability, conc_1, conc_2):
        open_ = np.isnan(viability[rows]) & ~np.isnan(posterior.mean)
        open_[:, 0], open_[:, :, 0] = False, False
        for _ in range(many):
            variance = np.where(open_, posterior.variance(), -np.inf)
            flat = variance.reshape(len(variance), -1)
            best = flat.argmax(axis=1)
            lane = np.arange(len(best))
            there = np.isfinite(flat[lane, best])
            where = np.unravel_index(best, variance.shape[1:])
            chosen[rows[there], where[0][there], where[1][there]] = True
            open_[lane, where[0], where[1]] = False
            posterior = posterior.with_well(where[0], where[1])
    return chosen


@dataclass(frozen=True)
class _Posterior:
    """The excess given some wells: `mean` `(matrix, dose_1, dose_2)`, unit kernels `(matrix, dose, dose)`
    along each drug, `scale` `(matrix,)` the variance, and `roots` `(matrix, well, cell)`, whose squares sum
    to what the wells explain."""

    mean: Floats
    kernel_1: Floats
    kernel_2: Floats
    scale: Floats
    roots: Floats

    def variance(self) -> Floats:
        """Variance of every cell, in units of `scale`."""
        one, two = (np.einsum("mii->mi", kernel) for kernel in (self.kernel_1, self.kernel_2))
        prior = one[:, :, None] * two[:, None, :]
        variance: Floats = np.maximum(prior - (self.roots**2).sum(axis=1).reshape(prior.shape), 0.0)
        return variance

    def error(self) -> Floats:
        return np.sqrt(self.scale[:, None, None] * self.variance())

    def mean_error(self) -> Floats:
        """Standard deviation of the mean over the cells with both doses."""
        known = ~np.isnan(self.mean[:, 1:, 1:])
        count = np.maximum(known.sum(axis=(1, 2)), 1)
        one, two = self.kernel_1[:, 1:, 1:], self.kernel_2[:, 1:, 1:]
        prior = (known * (one @ known.astype(float) @ two)).sum(axis=(1, 2))
        roots = self.roots.reshape(*self.roots.shape[:2], *self.mean.shape[1:])[:, :, 1:, 1:]
        explained = ((roots * known[:, None]).sum(axis=(2, 3)) ** 2).sum(axis=1)
        variance: Floats = self.scale * np.maximum(prior - explained, 0.0)
        deviation: Floats = np.sqrt(variance) / count
        return deviation

    def with_well(self, one: Indices, two: Indices) -> "_Posterior":
        """The same with one more well in each matrix, whatever it shows."""
        lane = np.arange(len(one))
        cells = self.kernel_1[lane, one][:, :, None] * self.kernel_2[lane, two][:, None, :]
        column = cells.reshape(len(one), -1)
        place = one * self.mean.shape[2] + two
        own = self.roots[lane, :, place]
        column = column - np.einsum("mw,mwc->mc", own, self.roots)
        variance = np.maximum(column[lane, place], JITTER)
        roots = np.concatenate([self.roots, (column / np.sqrt(variance)[:, None])[:, None]], axis=1)
        return _Posterior(self.mean, self.kernel_1, self.kernel_2, self.scale, roots)


def _posteriors(
    viability: Floats, conc_1: Floats, conc_2: Floats
) -> "Iterator[tuple[Indices, _Posterior, Floats]]":
    """Rows of matrices with equally many wells, their posterior, and the product of the single agents."""
    alone_1 = _along(viability[:, :, 0], conc_1)
    alone_2 = _along(viability[:, 0, :], conc_2)
    together = alone_1[:, :, None] * alone_2[:, None, :]
    seen = ~np.isnan(viability) & ~np.isnan(together)
    seen[:, 0], seen[:, :, 0] = False, False
    count = seen.sum(axis=(1, 2))
    for wells in np.unique(count[count > 0]):
        members = np.flatnonzero(count == wells)
        for rows in (members[first : first + CHUNK] for first in range(0, len(members), CHUNK)):
            place = np.argwhere(seen[rows]).reshape(len(rows), wells, 3)[:, :, 1:]
            excess = (together - viability)[rows[:, None], place[:, :, 0], place[:, :, 1]]
            posterior = _posterior(_positions(conc_1[rows]), _positions(conc_2[rows]), place, excess)
            mean = np.where(np.isnan(together[rows]), np.nan, posterior.mean)
            mean[:, 0], mean[:, :, 0] = 0.0 * mean[:, 0], 0.0 * mean[:, :, 0]
            yield rows, replace(posterior, mean=mean), together[rows]


def _posterior(x1: Floats, x2: Floats, place: Indices, excess: Floats) -> _Posterior:
    """The likeliest posterior for positions `(matrix, dose)`, wells `(matrix, well, 2)` and their excess."""
    lane = np.arange(len(x1))[:, None, None]
    one, two = place[:, :, 0], place[:, :, 1]
    kernels = [[_kernel(x, length) for length in LENGTHS] for x in (x1, x2)]
    parts = [
        [kernel[lane, at[:, :, None], at[:, None, :]] for kernel in side]
        for side, at in zip(kernels, (one, two))
    ]
    count = excess.shape[1]
    best = np.full(len(x1), -np.inf)
    chosen = np.zeros((2, len(x1)), np.intp)
    for a, b in product(range(len(LENGTHS)), repeat=2):
        found = _factor(parts[0][a] * parts[1][b])
        z = np.linalg.solve(found, excess[:, :, None])[:, :, 0]
        spread = (z**2).sum(axis=1) / count + 1e-14
        likely = -0.5 * count * np.log(spread) - np.log(np.einsum("mii->mi", found)).sum(axis=1)
        better = likely > best
        best = np.where(better, likely, best)
        chosen[:, better] = np.array([[a], [b]])
    rows = np.arange(len(x1))
    first, second = (np.stack(side)[pick, rows] for side, pick in zip(kernels, chosen))
    root = _factor(
        first[lane, one[:, :, None], one[:, None, :]] * second[lane, two[:, :, None], two[:, None, :]]
    )
    cells = first[lane[:, 0], one][:, :, :, None] * second[lane[:, 0], two][:, :, None, :]
    roots = np.asarray(np.linalg.solve(root, cells.reshape(*cells.shape[:2], -1)), dtype=float)
    z = np.linalg.solve(root, excess[:, :, None])[:, :, 0]
    mean = np.einsum("mw,mwc->mc", z, roots).reshape(len(x1), x1.shape[1], x2.shape[1])
    return _Posterior(mean, first, second, (z**2).sum(axis=1) / count + 1e-14, roots)


def _factor(covariance: Floats) -> Floats:
    """Cholesky factors of `(matrix, well, well)`."""
    size = np.einsum("mii->mi", covariance).max(axis=1)
    return np.linalg.cholesky(covariance + JITTER * size[:, None, None] * np.eye(covariance.shape[1]))


def _positions(conc: Floats) -> Floats:
    """Doses `(matrix, dose)` on a scale on which the lowest above 0 is 0 and the highest 1, no dose below."""
    with np.errstate(divide="ignore"):
        x = np.log(conc)
    low, high = x[:, 1:2], np.nanmax(x, axis=1, keepdims=True)
    scaled = (x - low) / np.maximum(high - low, 1e-12)
    scaled[:, 0] = -GAP
    return np.where(np.isnan(scaled), 1.0, scaled)


def _kernel(x: Floats, length: float) -> Floats:
    """Matern-5/2 between positions `(matrix, dose)`, conditioned on being 0 at the first."""
    r = np.sqrt(5.0) * np.abs(x[:, :, None] - x[:, None, :]) / length
    plain = (1 + r + r**2 / 3) * np.exp(-r)
    conditioned: Floats = plain - plain[:, :, :1] * plain[:, :1, :]
    return conditioned


def _along(alone: Floats, conc: Floats) -> Floats:
    """Single agents `(matrix, dose)` with the wells between filled; the dose of 0 keeps its value."""
    filled = np.array(alone, float)
    with np.errstate(divide="ignore"):
        x = np.log(conc)
    patterns, group = np.unique(~np.isnan(alone), axis=0, return_inverse=True)
    for k, pattern in enumerate(patterns):
        seen = np.flatnonzero(pattern[1:]) + 1
        if pattern.all() or len(seen) < 2:
            continue
        for row in np.flatnonzero(group.reshape(-1) == k):
            inside = np.flatnonzero((x[row] > x[row, seen[0]]) & (x[row] < x[row, seen[-1]]) & ~pattern)
            filled[row, inside] = scipy.interpolate.PchipInterpolator(x[row, seen], alone[row, seen])(
                x[row, inside]
            )
    return filled
