"""Where the fit of a sigmoid starts: the best points of a dense grid over midpoint and slope, which finds the basin
of the global minimum whatever the data.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.synergy.curves.sigmoid import SigmoidProblem, at_least_two, sigmoid

GRID_HILLS = np.array([0.15, 0.3, 0.55, 1.0, 1.5, 2.2, 3.2, 5.0, 9.0])
GRID_STEP = 0.4


@dataclass(frozen=True)
class GridStart:
    """A point of the grid for every curve; `scale` is the sum of squares that a flat curve leaves."""

    midpoint: Floats
    log_hill: Floats
    rss: Floats
    scale: Floats


def grid_starts(problem: SigmoidProblem) -> tuple[GridStart, GridStart]:
    """The best point of a grid over (midpoint, log hill), and the best one elsewhere. Curves that share doses
    and missing points share the grid's shapes, and one matrix product scores them all."""
    first, group = _groups(problem)
    count = len(group)
    best = np.empty((2, 4, count))
    lanes = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[lanes], np.arange(len(first) + 1))
    for g, member in enumerate(first):
        half, weight = problem.half[member], problem.weight[:, member]
        midpoints = np.linspace(-half, half, int(np.ceil(2 * half / GRID_STEP)) + 1)
        shape = sigmoid(problem.x[:, member, None, None], midpoints, GRID_HILLS[:, None])
        flat = shape.reshape(len(weight), -1)
        for chunk in range(edges[g], edges[g + 1], 128):
            rows = at_least_two(lanes[chunk : min(chunk + 128, edges[g + 1])])
            best[:, :, rows] = _search_grid(problem.take(rows), weight, flat, midpoints)
    return GridStart(*best[0]), GridStart(*best[1])


def _groups(problem: SigmoidProblem) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """A representative of each group of curves with the same doses and missing points, and every curve's
    group."""
    keys = np.concatenate([problem.x, problem.weight, problem.half[None]]).T
    if (keys == keys[0]).all():
        return np.zeros(1, dtype=np.intp), np.zeros(len(keys), dtype=np.intp)
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return first, group.reshape(-1)


def _search_grid(problem: SigmoidProblem, weight: Floats, shapes: Floats, midpoints: Floats) -> Floats:
    """Two starts of four numbers for each curve of one group; `shapes` `(point, grid point)`."""
    total = np.maximum(weight.sum(), 1.0)
    weighted = weight[:, None] * shapes
    s1, s2 = weighted.sum(axis=0), (weighted * shapes).sum(axis=0)
    if problem.start is None:
        level = (problem.weight * problem.y).sum(axis=0) / total
        spread, reach = s2 - s1 * s1 / total, 1 - s1 / total
    else:
        level, spread, reach = problem.start, s2, np.ones(len(s1))
    change = problem.weight * (problem.y - level)
    spread = np.maximum(spread, 1e-12)
    inverse = (1 / np.maximum(reach, 1e-9)).astype(np.float32)
    overlap = _products(change.astype(np.float32), weighted.astype(np.float32))
    depth = overlap * (1 / spread).astype(np.float32)
    np.maximum(depth, (problem.end_low - level).astype(np.float32)[:, None] * inverse, out=depth)
    np.minimum(depth, (problem.end_high - level).astype(np.float32)[:, None] * inverse, out=depth)
    gain = depth * (2 * overlap - depth * spread.astype(np.float32))
    by_hill = gain.reshape(len(gain), len(GRID_HILLS), len(midpoints))
    hill = np.zeros((len(gain), len(midpoints)), dtype=np.intp)
    profile = by_hill[:, 0].copy()
    for k in range(1, len(GRID_HILLS)):
        better = by_hill[:, k] > profile
        profile[better] = by_hill[:, k][better]
        hill[better] = k
    lane, scale = np.arange(len(gain)), (change * change).sum(axis=0)
    at = np.argmax(profile, axis=1)
    near = np.abs(np.arange(len(midpoints)) - at[:, None]) <= 3
    elsewhere = np.argmax(np.where(near, -np.inf, profile), axis=1)
    log_hills = np.log(GRID_HILLS)
    return np.array(
        [
            [midpoints[k], log_hills[hill[lane, k]], np.maximum(scale - profile[lane, k], 0.0), scale]
            for k in (at, elsewhere)
        ]
    )


def _products(change: NDArray[np.float32], shapes: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(curve, grid point)` sums over points, added in their order: a matrix product would be faster,
    but its last digits depend on how many curves are fitted together."""
    total: NDArray[np.float32] = change[0][:, None] * shapes[0]
    term = np.empty_like(total)
    for one, shape in zip(change[1:], shapes[1:]):
        np.multiply(one[:, None], shape, out=term)
        total += term
    return total
