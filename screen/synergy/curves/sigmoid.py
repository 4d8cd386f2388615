"""The four-parameter log-logistic curve `y = bottom + (top - bottom) * s(x)` with
`s = 1 / (1 + exp(-hill * (x - midpoint)))` in log dose, fitted by `fit_sigmoids`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats

ROUNDED = 10
"""Digits that log doses are rounded to, so that the unit of dose, whose last digits differ, changes no fit."""


@dataclass(frozen=True)
class Sigmoids:
    """Fitted curves: `start` is the value at zero dose, `end` at infinite dose, `midpoint` a natural
    logarithm of dose; all `(curve,)`. `rss` is the residual sum of squares."""

    start: Floats
    end: Floats
    midpoint: Floats
    hill: Floats
    rss: Floats


def sigmoid(x: Floats, midpoint: Floats, hill: Floats) -> Floats:
    """`1 / (1 + exp(-hill * (x - midpoint)))` without overflow; 0 at `x = -inf`."""
    with np.errstate(over="ignore"):
        value: Floats = 1.0 / (1.0 + np.exp(np.minimum(-hill * (x - midpoint), 700.0)))
    return value


@dataclass(frozen=True)
class SigmoidProblem:
    """Wells to fit, `(point, curve)` each: log doses about their middle, responses, 1 where there is one and 0
    elsewhere; the value at zero dose where it is fixed, the lowest and highest end, half the range that a midpoint
    may take, `(curve,)` each; whether no well is missing."""

    x: Floats
    y: Floats
    weight: Floats
    start: Floats | None
    end_low: Floats
    end_high: Floats
    half: Floats
    complete: bool = False

    def weighted(self, values: Floats) -> Floats:
        """Values `(point, curve)`, or `(curve,)` for all points, where there is a well, 0 elsewhere."""
        return values if self.complete else self.weight * values

    def take(self, curves: NDArray[np.intp]) -> "SigmoidProblem":
        start = None if self.start is None else self.start[curves]
        x, y, weight = (np.take(part, curves, axis=1) for part in (self.x, self.y, self.weight))
        return SigmoidProblem(
            x,
            y,
            weight,
            start,
            self.end_low[curves],
            self.end_high[curves],
            self.half[curves],
            self.complete,
        )


def at_least_two(curves: NDArray[np.intp]) -> NDArray[np.intp]:
    """A lone curve twice: sums over the points of one column run in another order than those of several,
    and a curve's result must not depend on its neighbours to the last digit."""
    return np.repeat(curves, 2) if curves.size == 1 else curves
