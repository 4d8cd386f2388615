"""A single agent's curve through as many doses as it takes to be known between them."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from screen.arrays import Array
from screen.synergy.designs.self_combination import interpolated

Respond = Callable[[Array], tuple[Array, Array]]
"""Doses (dose,) ascending from 0 nM -> viability (line, dose, time), status codes (line, dose)."""
FINE_RATIO = 1.5
"""Neighbouring doses of the single-agent curve differ by at most this factor."""
HIDES, CLOSE, MOST_HALVINGS = 4e-3, 5e-4, 16
"""Neighbours that differ by more than the first (of viability) get a dose between them, again and again while
the curve there is further than the second from what it was interpolated to.
"""


def finer(grid: Array) -> Array:
    """The doses of `grid` (dose,), ascending from 0, with as many between them as a smooth curve needs."""
    parts = [grid[:2]]
    for low, high in pairwise(grid[1:]):
        steps = max(1, math.ceil(math.log(high / low) / math.log(FINE_RATIO) - 1e-9))
        parts.append(np.append(low * (high / low) ** (np.arange(1, steps) / steps), high))
    return np.concatenate(parts)


def refined(respond: Respond, knots: Array, curve: Array) -> tuple[Array, Array]:
    """More knots (knot,) where the curve (line, knot, time) between two of them is not what it was taken for,
    as next to a switch: each interval halved until it is.
    """
    unsure = np.ones(len(knots) - 1, bool)
    for _ in range(MOST_HALVINGS):
        unsure &= (np.abs(np.diff(curve, axis=1)) > HIDES).any(axis=(0, 2))
        low, high = knots[:-1][unsure], knots[1:][unsure]
        if not len(low):
            break
        middle = np.where(low > 0, np.sqrt(low * high), high / 2)
        found = respond(np.append(0.0, middle))[0][:, 1:]
        times = range(curve.shape[2])
        taken = np.stack([interpolated(knots, curve[..., t], middle) for t in times], axis=-1)
        wrong = np.zeros(len(unsure), bool)
        wrong[unsure] = (np.abs(found - taken) > CLOSE).any(axis=(0, 2))
        after = np.flatnonzero(unsure) + 1
        unsure = np.insert(wrong, after, wrong[after - 1])
        knots, curve = np.insert(knots, after, middle), np.insert(curve, after, found, axis=1)
    return knots, curve
