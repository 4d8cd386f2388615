"""Ensemble smoother with multiple data assimilation (Emerick and Reynolds 2013, 10.1016/j.cageo.2012.03.011).

Members of a standard normal prior meet the same observations several times, each time with their errors inflated;
the inverses of the inflations add up to 1. Where the forward model is linear and the members are many, what is left
is the posterior. No gradient is needed, and every step is one call of the forward model for all members.

A member that failed tells nothing and is replaced by one that did not. A parameter is updated by the rows alone that it
is known to move (localisation), and of these by those alone with which its members correlate beyond chance (after Luo
2018, 10.2118/185936-PA): few members among many rows would otherwise move, and narrow, what no row knows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve

from screen.arrays import Bools, Floats, Indices

Forward = Callable[[Floats], Floats]
"""Scores (K, D) to predicted rows (K, M), NaN where there is none."""
WHOLE = 0.98
"""A member with fewer finite rows than this share of them is replaced."""
FAR = 4.0
"""Scores are kept within this many standard deviations of the prior."""


@dataclass(frozen=True, eq=False)
class Reach:
    """Parameters (a,) and the rows (b,) that may move them.

    `chance`: of these rows, those count for a parameter with which it correlates by at least so many times what K
    members of two things that have nothing to do with each other do (1 / sqrt(K)); 0 lets all count.
    """

    parameters: Indices
    rows: Indices
    chance: float = 0.0


Localisation = Sequence[Reach]
"""A parameter in no reach stays as it is."""


@dataclass(frozen=True)
class ErrorFactor:
    """The covariance of the observations' errors (M, M) by blocks: the rows (b,) of each and its lower Cholesky
    factor (b, b). Rows of no block have variance 1.
    """

    blocks: tuple[tuple[Indices, Floats], ...] = ()

    @classmethod
    def of(cls, blocks: Sequence[tuple[Indices, Floats]]) -> "ErrorFactor":
        """From the rows and the covariance of each block."""
        factors = [np.asarray(np.linalg.cholesky(covariance), np.float64) for _, covariance in blocks]
        return cls(tuple(zip((rows for rows, _ in blocks), factors, strict=True)))

    def whiten(self, rows: Floats) -> Floats:
        """Differences (K, M) in units in which their errors are independent with variance 1."""
        found = rows.astype(float, copy=True)
        for members, factor in self.blocks:
            found[:, members] = np.linalg.solve(factor, rows[:, members].T).T
        return found

    def weigh(self, rows: Floats) -> Floats:
        """The inverse covariance times differences (K, M)."""
        found = rows.astype(float, copy=True)
        for members, factor in self.blocks:
            found[:, members] = cho_solve((factor, True), rows[:, members].T).T
        return found


@dataclass(frozen=True)
class Observed:
    """Observations (M,), their errors, and which parameters they may move."""

    values: Floats
    errors: ErrorFactor
    localisation: Localisation

    def misfit(self, predicted: Floats) -> Floats:
        """Squared whitened difference per row (K,) of predicted rows (K, M)."""
        whitened = self.errors.whiten(self.values - predicted)
        return np.asarray((whitened**2).mean(axis=1))


def inflations(steps: int, ratio: float = 2.0) -> Floats:
    """Factors (steps,) on the error variances, falling by `ratio` from step to step; their inverses add up to 1."""
    falling = ratio ** np.arange(steps - 1, -1, -1, dtype=float)
    return np.asarray(falling * np.sum(1 / falling))


def failed(predicted: Floats) -> Bools:
    """Which members (K,) lack more rows than one may."""
    return np.asarray(np.isfinite(predicted).mean(axis=1) < WHOLE)


def completed(predicted: Floats) -> Floats:
    """Predicted rows (K, M) with the median of the members that did not fail in place of what is missing."""
    there = np.where(np.isfinite(predicted) & ~failed(predicted)[:, None], predicted, np.nan)
    known = ~np.isnan(there).all(axis=0)
    middle = np.zeros(predicted.shape[1])
    middle[known] = np.nanmedian(there[:, known], axis=0)
    return np.where(np.isfinite(predicted), predicted, middle)


def assimilate(
    scores: Floats, predicted: Floats, observed: Observed, inflation: float, rng: np.random.Generator
) -> Floats:
    """Members (K, D) after one step, from their predicted rows (K, M).

    Raises `ValueError` where fewer than two members are whole.
    """
    lost = failed(predicted)
    if (~lost).sum() < 2:
        raise ValueError(f"found {(~lost).sum()} members that could be simulated, expected at least 2")
    scores, predicted = scores.copy(), completed(predicted)
    if lost.any():
        instead = rng.choice(np.flatnonzero(~lost), size=int(lost.sum()))
        scores[lost], predicted[lost] = scores[instead], predicted[instead]
    count = len(scores)
    noise = rng.standard_normal(predicted.shape)
    gap = observed.errors.whiten(observed.values - predicted) + np.sqrt(inflation) * noise
    spread = observed.errors.whiten(predicted - predicted.mean(axis=0)) / np.sqrt(count - 1)
    away = (scores - scores.mean(axis=0)) / np.sqrt(count - 1)
    moved = scores.copy()
    for reach in observed.localisation:
        for parameters, rows in beyond_chance(away, spread, reach):
            if len(rows):
                moved[:, parameters] += _gain(spread[:, rows], gap[:, rows], inflation) @ away[:, parameters]
    return np.asarray(np.clip(moved, -FAR, FAR))


def beyond_chance(away: Floats, spread: Floats, reach: Reach) -> list[tuple[Indices, Indices]]:
    """Parameters and the rows of their reach that count, from distances from the mean of parameters (K, D) and of
    whitened rows (K, M): all of them together, or one parameter at a time with the rows beyond chance.
    """
    parameters, rows = reach.parameters, reach.rows
    if reach.chance == 0 or not len(rows):
        return [(parameters, rows)]
    one, other = away[:, parameters], spread[:, rows]
    scale = np.sqrt((one**2).sum(axis=0))[:, None] * np.sqrt((other**2).sum(axis=0))
    beyond = np.abs(one.T @ other) > reach.chance / np.sqrt(len(away)) * scale
    return [(parameters[k : k + 1], rows[row]) for k, row in enumerate(beyond)]


def _gain(spread: Floats, gap: Floats, inflation: float) -> Floats:
    """(K, K): how far each member (first) goes along every member's own distance from the mean, through the smaller
    of the two matrices that say the same.
    """
    count, rows = spread.shape
    if rows < count:
        inner = spread.T @ spread + inflation * np.eye(rows)
        return np.asarray((spread @ np.linalg.solve(inner, gap.T)).T)
    outer = spread @ spread.T + inflation * np.eye(count)
    return np.asarray(np.linalg.solve(outer, spread @ gap.T).T)


def smooth(
    forward: Forward,
    scores: Floats,
    observed: Observed,
    coefficients: Floats,
    rng: np.random.Generator,
) -> Floats:
    """Members (K, D) of the posterior from members (K, D) of the prior, in one step per coefficient."""
    for inflation in coefficients:
        scores = assimilate(scores, forward(scores), observed, float(inflation), rng)
    return scores
