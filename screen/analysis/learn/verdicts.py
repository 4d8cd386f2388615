"""Whether the model explains a plate after all plates were learnt together."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from screen.analysis.fit_line.fit_line import WORST_LEAST, WORST_RATIO
from screen.analysis.learn.noise import PlateNoise
from screen.analysis.learn.readings.plates import LearnPlate
from screen.arrays import Floats

FAR_OFF = 0.3
"""Wells that weigh less are counted as outliers: 3.5 standard deviations and more."""


NARROWEST, FARTHEST, HALVINGS = 1e-9, 6.0, 40
"""Errors at least (viability), how many of them beyond all members an end may be, and steps of the bisection."""


@dataclass(frozen=True)
class PlateVerdict:
    """Root mean square misses in viability of a plate's rows by the members' mean, before and after; what is `allowed`
    (twice what the wells' noise makes of means, or 3 percent points); the share of rows `covered` by 90 % intervals;
    wells far off; medians of gain and offset.
    """

    plate: str
    rows: int
    before: float
    after: float
    allowed: float
    covered: float
    outliers: int
    gain: float
    offset: float

    @property
    def explained(self) -> bool:
        """Whether the misses are what noise makes."""
        return self.after <= self.allowed

    @property
    def words(self) -> str:
        """The verdict in words."""
        if self.explained:
            return "explained"
        return "better, not explained" if self.after < self.before else "not explained"


def plate_verdict(
    plate: LearnPlate,
    number: int,
    noise: PlateNoise,
    before: Floats,
    after: Floats,
    reading: tuple[float, float],
) -> PlateVerdict:
    """The verdict of plate `number` from predictions (K, R) `before` and `after`; `reading` is its gain and offset."""
    weight = noise.weights[number]
    counts = weight.sum(axis=1)
    measured = (weight * np.nan_to_num(plate.wells)).sum(axis=1) / counts
    of_means = noise.sigma / np.sqrt(counts)
    low, high = predictive(after, np.sqrt(of_means**2 + noise.delta**2))
    known = np.isfinite(plate.wells)
    return PlateVerdict(
        plate=plate.name,
        rows=len(plate.rows),
        before=_miss(before, measured),
        after=_miss(after, measured),
        allowed=max(WORST_RATIO * float(np.sqrt(np.mean(of_means**2))), WORST_LEAST),
        covered=float(np.mean((low <= measured) & (measured <= high))),
        outliers=int((known & (weight < FAR_OFF)).sum()),
        gain=reading[0],
        offset=reading[1],
    )


def predictive(predicted: Floats, error: Floats, level: float = 0.9) -> tuple[Floats, Floats]:
    """The ends (R,) of predictive intervals: of members' predictions (K, R), NaN where one failed, each with a normal
    error (R,). Bisection finds where the mean of the members' distributions reaches the tails.
    """
    width = np.maximum(error, NARROWEST)
    least, most = (
        np.nanmin(predicted, axis=0) - FARTHEST * width,
        np.nanmax(predicted, axis=0) + FARTHEST * width,
    )
    ends = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        low, high = least, most
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            below = np.nanmean(ndtr((middle - predicted) / width), axis=0) < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        ends.append(np.asarray((low + high) / 2))
    return ends[0], ends[1]


def _miss(predicted: Floats, measured: Floats) -> float:
    return float(np.sqrt(np.mean((np.nanmean(predicted, axis=0) - measured) ** 2)))
