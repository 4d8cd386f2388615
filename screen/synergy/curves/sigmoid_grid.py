"""Where the fit of a sigmoid starts: the best points of a dense grid over midpoint and slope, which finds the basin
of the global minimum whatever the data.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.codegen.target import host
from screen.synergy.curves.kernels.grid_kernel import OF_A_CURVE, search
from screen.synergy.curves.kernels.scalar_ir import aligned_zeros
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
    and missing points share the grid's shapes."""
    first, group = _groups(problem)
    best = np.empty((2, 4, len(group)))
    lanes = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[lanes], np.arange(len(first) + 1))
    for g, member in enumerate(first):
        half, weight = problem.half[member], problem.weight[:, member]
        midpoints = np.linspace(-half, half, int(np.ceil(2 * half / GRID_STEP)) + 1)
        shape = sigmoid(problem.x[:, member, None, None], midpoints[:, None], GRID_HILLS)
        rows = at_least_two(lanes[edges[g] : edges[g + 1]])
        flat = shape.reshape(len(weight), -1)
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
    """Two starts of four numbers for each curve of one group; `shapes` `(point, midpoint and hill)`."""
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
    table = np.vstack([weighted, 1 / spread, spread, 1 / np.maximum(reach, 1e-9)]).T.copy()
    points, count, width = len(change), len(change[0]), host().width
    groups = -(-count // width)
    curves = aligned_zeros(groups, points + len(OF_A_CURVE), width)
    lanes = np.minimum(np.arange(groups * width), count - 1)  # one without a curve follows the last one
    given = np.vstack([change, problem.end_low - level, problem.end_high - level])
    curves[:, : len(given)] = given[:, lanes].reshape(-1, groups, width).swapaxes(0, 1)
    room = aligned_zeros(2 * len(midpoints), width)
    search(len(GRID_HILLS), width)(
        groups, points, len(midpoints), table.ctypes.data, curves.ctypes.data, room.ctypes.data
    )
    found = curves[:, len(given) :].swapaxes(0, 1).reshape(2, 3, -1)[:, :, :count]
    at, hill = found[:, 0].astype(np.intp), found[:, 1].astype(np.intp)
    scale = (change * change).sum(axis=0)
    left = np.maximum(scale - found[:, 2], 0.0)
    return np.stack([midpoints[at], np.log(GRID_HILLS)[hill], left, np.broadcast_to(scale, left.shape)], 1)
