"""How far wells may lie from the model: noise of single wells, what the model misses, and wells far off.

A plate's rows differ from the model by independent noise (standard deviation `sigma` of a well) and by a discrepancy
(`delta`) that near doses share: a squared exponential of the distance in decades (Kennedy and O'Hagan 2001,
10.1111/1467-9868.00294), without which a wrong model would be believed sixty-fold on a plate of 64 wells. Both are the
most likely ones under priors around usual plates. Wells far off weigh less, as Student's t with `FREEDOM` degrees of
freedom has it (Lange 1989, 10.1080/01621459.1989.10478852).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy

from screen.analysis.learn.readings.plates import LearnPlate
from screen.arrays import Floats

USUAL = 0.05
"""Viability: noise of a well, and discrepancy, of a usual plate (assumed)."""
USUAL_MARKER = 0.25
"""ln of a ratio: how far a marker's mean usually lies from the model (assumed, as `next` does)."""
SIGMA_WIDTH = 0.5
"""Of the natural logarithm of `sigma` and `marker` (assumed)."""
LENGTH = 1.0
"""Decades over which the discrepancy is shared (assumed)."""
FREEDOM = 4.0
Members = Literal["prior", "met", "mean"]
SIGMAS = np.geomspace(0.005, 0.4, 19)
MARKERS = np.geomspace(0.02, 2.0, 21)
DELTAS = np.geomspace(0.003, 0.4, 17)
ROUNDS = 3


@dataclass(frozen=True, eq=False)
class PlateNoise:
    """`sigma` and `delta` of viability, and the weight (R, replicate) of each well of each plate, 0 where missing;
    `marker`, the standard deviation of a marker's mean (ln of a ratio), replicates and what the model misses together.
    """

    sigma: float
    delta: float
    weights: tuple[Floats, ...]
    marker: float = USUAL_MARKER

    def means(self, plates: Sequence[LearnPlate]) -> Floats:
        """The weighted means of all plates' rows, one after the other."""
        parts = [
            (weight * np.nan_to_num(plate.wells)).sum(axis=1) / weight.sum(axis=1)
            for plate, weight in zip(plates, self.weights, strict=True)
        ]
        return np.concatenate(parts)

    def covariances(self, plates: Sequence[LearnPlate]) -> list[Floats]:
        """The covariance (R, R) of the errors of each plate's weighted means."""
        return [
            np.diag(self.marker**2 * (weight > 0).sum(axis=1) / weight.sum(axis=1))
            if plate.is_markers
            else np.diag(self.sigma**2 / weight.sum(axis=1)) + self.delta**2 * shared(plate)
            for plate, weight in zip(plates, self.weights, strict=True)
        ]


def shared(plate: LearnPlate) -> Floats:
    """The correlation (R, R) of what the model misses; untreated wells, which it cannot miss, have none."""
    apart = ((plate.places[:, None] - plate.places[None]) ** 2).sum(axis=-1)
    dosed = np.array([bool(row.doses) for row in plate.rows], float)
    return np.asarray(np.exp(-apart / (2 * LENGTH**2)) * dosed[:, None] * dosed + 1e-6 * np.eye(len(dosed)))


def shared_gap(plate: LearnPlate, weight: Floats, noise: PlateNoise, center: Floats) -> Floats:
    """What the model misses (R,) on a plate that was read, beside single wells' noise: the part of the residuals from
    the members' mean (R,) that near doses share. Added to predictions it says what the plate itself would say again.
    """
    counts = weight.sum(axis=1)
    residual = (weight * np.nan_to_num(plate.wells)).sum(axis=1) / counts - center
    kernel = noise.delta**2 * shared(plate)
    return np.asarray(kernel @ np.linalg.solve(kernel + np.diag(noise.sigma**2 / counts), residual))


def even(plates: Sequence[LearnPlate]) -> PlateNoise:
    """Usual noise, all wells alike."""
    return PlateNoise(USUAL, USUAL, tuple(np.isfinite(plate.wells).astype(float) for plate in plates))


def fit_noise(plates: Sequence[LearnPlate], predicted: Sequence[Floats], members: Members) -> PlateNoise:
    """The noise that is most likely with members' predictions (K, R) of each plate. Members that never met the plates
    (`prior`) spread around the truth; those that did (`met`) are each a possible truth; or only their `mean` counts.
    """
    now = even(plates)
    centers = [rows.mean(axis=0) for rows in predicted]
    spreads = [np.atleast_2d(np.cov(rows.T)) for rows in predicted]
    kernels = [shared(plate) for plate in plates]
    for _ in range(ROUNDS):
        weights = tuple(
            _weights(plate, center, np.diag(spread), now)
            for plate, center, spread in zip(plates, centers, spreads, strict=True)
        )
        parts = [
            _Part.of(plate, weight, center, spread, kernel, members)
            for plate, weight, center, spread, kernel in zip(plates, weights, centers, spreads, kernels)
            if not plate.is_markers
        ]
        sigma, delta = now.sigma, now.delta
        sigma = _best(SIGMAS, [_likelihood(parts, one, delta) for one in SIGMAS])
        delta = _best(DELTAS, [_likelihood(parts, sigma, one) for one in DELTAS])
        now = PlateNoise(sigma, delta, weights, _marker_noise(plates, weights, predicted, members))
    return now


def _marker_noise(
    plates: Sequence[LearnPlate], weights: Sequence[Floats], predicted: Sequence[Floats], members: Members
) -> float:
    """The most likely `marker`; what is usual where no marker was read."""
    parts = [
        ((weight * np.nan_to_num(plate.wells)).sum(axis=1) / weight.sum(axis=1) - rows.mean(axis=0),
         rows.var(axis=0, ddof=1))
        for plate, weight, rows in zip(plates, weights, predicted, strict=True)
        if plate.is_markers
    ]  # fmt: skip
    if not parts:
        return USUAL_MARKER
    gap, spread = (np.concatenate(part) for part in zip(*parts, strict=True))
    square = gap**2 + (spread if members == "met" else 0.0)
    added = spread if members == "prior" else 0.0
    likelihoods = [
        float(-0.5 * (np.log(one / USUAL_MARKER) / SIGMA_WIDTH) ** 2
              - 0.5 * (np.log(one**2 + added + 0 * gap) + square / (one**2 + added)).sum())
        for one in MARKERS
    ]  # fmt: skip
    return _best(MARKERS, likelihoods)


@dataclass(frozen=True, eq=False)
class _Part:
    """A plate's residual second moments (R, R) less what is added to the errors' covariance, and its replicates."""

    moments: Floats
    added: Floats
    kernel: Floats
    counts: Floats
    within: float
    freedom: float

    @classmethod
    def of(
        cls,
        plate: LearnPlate,
        weight: Floats,
        center: Floats,
        spread: Floats,
        kernel: Floats,
        members: Members,
    ) -> "_Part":
        counts = weight.sum(axis=1)
        wells = np.nan_to_num(plate.wells)
        means = (weight * wells).sum(axis=1) / counts
        within = float((weight * (wells - means[:, None]) ** 2).sum())
        gap = means - center
        moments, none = np.outer(gap, gap), np.zeros_like(spread)
        added = spread if members == "prior" else none
        moments = moments + (spread if members == "met" else none)
        freedom = float(np.maximum(counts - 1, 0.0).sum())
        return cls(moments, added, kernel, counts, within, freedom)


def _likelihood(parts: Sequence[_Part], sigma: float, delta: float) -> float:
    total = -0.5 * (np.log(sigma / USUAL) / SIGMA_WIDTH) ** 2 - 0.5 * (delta / USUAL) ** 2
    for one in parts:
        covariance = one.added + np.diag(sigma**2 / one.counts) + delta**2 * one.kernel
        root = scipy.linalg.cholesky(covariance, lower=True)
        solved = scipy.linalg.cho_solve((root, True), one.moments)
        total -= np.log(np.diag(root)).sum() + 0.5 * np.trace(solved)
        total -= one.freedom * np.log(sigma) + one.within / (2 * sigma**2)
    return float(total)


def _best(grid: Floats, likelihoods: Sequence[float]) -> float:
    """The top of a parabola through the highest of a grid and its neighbours, in logarithms."""
    k = int(np.clip(np.argmax(likelihoods), 1, len(grid) - 2))
    low, middle, high = (likelihoods[k + step] for step in (-1, 0, 1))
    bend = low - 2 * middle + high
    shift = 0.0 if bend >= 0 else np.clip(0.5 * (low - high) / bend, -1.0, 1.0)
    step = np.log(grid[1] / grid[0])
    return float(np.exp(np.log(grid[k]) + shift * step))


def _weights(plate: LearnPlate, center: Floats, variance: Floats, now: PlateNoise) -> Floats:
    """The weight (R, replicate) of each well: 1 within a standard deviation."""
    of_well = now.marker**2 if plate.is_markers else now.sigma**2 + now.delta**2
    scale = of_well + variance[:, None]
    square = (plate.wells - center[:, None]) ** 2 / scale
    weight = np.minimum(1.0, (FREEDOM + 1) / (FREEDOM + square))
    return np.asarray(np.where(np.isfinite(plate.wells), weight, 0.0))
