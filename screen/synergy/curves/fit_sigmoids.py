"""Least-squares sigmoids, thousands at once: `y = bottom + (top - bottom) * s(x)` with
`s = 1 / (1 + exp(-hill * (x - midpoint)))` in log dose, the four-parameter log-logistic curve. A curve of 7 doses
takes 1.5 us (14 in NumPy alone); `scipy.optimize.least_squares`, which fits one at a time, takes 1.8 ms to the same sum
of squares.

The two linear parameters are eliminated (variable projection, Golub and Pereyra 1973,
doi:10.1137/0710036, with Kaufman's Jacobian, doi:10.1007/BF01932995), so that only `midpoint` and
`log(hill)` are searched: first on a dense grid, which finds the basin of the global minimum whatever the
data, then by Levenberg-Marquardt from the best points of the grid (`kernels.sigmoid_kernel`). Nothing is random,
and a curve's result depends on its own points alone. Log doses are rounded to 1e-10, so that the unit of dose, whose
last digits differ, cannot tip the choice between equally good fits.
"""

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.codegen.target import host
from screen.synergy.curves.kernels.scalar_ir import aligned_zeros
from screen.synergy.curves.kernels.sigmoid_kernel import IN_ROOM, refine
from screen.synergy.curves.sigmoid import ROUNDED, SigmoidProblem, Sigmoids, at_least_two, sigmoid
from screen.synergy.curves.sigmoid_grid import grid_starts

ZERO_DOSE = -1000.0
MARGIN = np.log(100.0)
CHUNK = 4096
TINY = 1e-300


def fit_sigmoids(
    x: Floats,
    y: Floats,
    end_range: tuple[Floats, Floats],
    start: Floats | None = None,
) -> Sigmoids:
    """Fit one sigmoid to every row.

    `x` `(curve, point)` are natural logarithms of dose, `-inf` at dose 0; `y` `(curve, point)` the
    responses, NaN where a point is missing; `end_range` the lowest and highest value allowed at infinite
    dose, `(curve,)` each; `start` `(curve,)` fixes the value at zero dose, None fits it.
    """
    count = x.shape[0]
    if count == 0:
        return Sigmoids(*(np.empty(0) for _ in range(5)))
    if count == 1:
        pair = at_least_two(np.zeros(1, dtype=np.intp))
        both = fit_sigmoids(
            x[pair], y[pair], (end_range[0][pair], end_range[1][pair]), None if start is None else start[pair]
        )
        return Sigmoids(both.start[:1], both.end[:1], both.midpoint[:1], both.hill[:1], both.rss[:1])
    parts = [
        _fit_chunk(
            x[rows],
            y[rows],
            (end_range[0][rows], end_range[1][rows]),
            None if start is None else start[rows],
        )
        for rows in (slice(i, i + CHUNK) for i in range(0, max(count, 1), CHUNK))
    ]
    return Sigmoids(*(np.concatenate(column) for column in zip(*parts)))


def _fit_chunk(
    x: Floats, y: Floats, end_range: tuple[Floats, Floats], start: Floats | None
) -> tuple[Floats, ...]:
    """Inside, points come first and curves last, `(point, curve)`: sums over few points run along memory."""
    x, y = np.ascontiguousarray(x.T), np.ascontiguousarray(y.T)
    weight = (np.isfinite(x) | np.isneginf(x)) & np.isfinite(y)
    dosed = weight & np.isfinite(x)
    low = np.min(np.where(dosed, x, np.inf), axis=0)
    high = np.max(np.where(dosed, x, -np.inf), axis=0)
    empty = ~dosed.any(axis=0)
    low, high = np.where(empty, 0.0, low), np.where(empty, 0.0, high)
    centre = 0.5 * (low + high)
    half = np.round(0.5 * (high - low), ROUNDED) + MARGIN
    points = np.where(dosed, np.round(x - centre, ROUNDED), ZERO_DOSE)
    problem = SigmoidProblem(
        points, np.where(weight, y, 0.0), weight.astype(float), start, *end_range, half, bool(weight.all())
    )
    first, second = grid_starts(problem)
    midpoint, log_hill, rss = _refine(problem, first.midpoint, first.log_hill)
    near = (rss < 1e-3 * first.scale) & (rss > 1e-12 * first.scale)
    again = at_least_two(np.flatnonzero(near | (second.rss < 2.0 * first.rss + 1e-6 * first.scale)))
    if again.size:
        other = _refine(problem.take(again), second.midpoint[again], second.log_hill[again])
        better = other[2] < rss[again] * (1 - 1e-9)
        for target, found in zip((midpoint, log_hill, rss), other):
            target[again[better]] = found[better]
    hill = np.exp(log_hill)
    at_start, at_end, rss = _linear(problem, sigmoid(points, midpoint, hill))[:3]
    bad = weight.sum(axis=0) < (1 if start is not None else 2)
    results = (at_start, at_end, midpoint + centre, hill, rss)
    return tuple(np.where(bad, np.nan, result) for result in results)


def _refine(problem: SigmoidProblem, midpoint: Floats, log_hill: Floats) -> tuple[Floats, Floats, Floats]:
    """Levenberg-Marquardt on (midpoint, log hill) with both kept in their box: midpoint, log hill and the sum of
    squares, (curve,) each.
    """
    points, count = problem.x.shape
    width = host().width
    groups = -(-count // width)
    fixed = problem.start is not None
    start = problem.start if problem.start is not None else problem.end_low  # which is not looked at
    of_a_curve = (start, problem.end_low, problem.end_high, problem.half, midpoint, log_hill, midpoint)
    curves = aligned_zeros(groups, 3 * points + len(of_a_curve), width)
    lanes = np.minimum(np.arange(groups * width), count - 1)  # one without a curve follows the last one
    for first, values in ((0, problem.x), (points, problem.y), (2 * points, problem.weight)):
        curves[:, first : first + points] = values[:, lanes].reshape(points, groups, width).swapaxes(0, 1)
    for row, value in enumerate(of_a_curve, 3 * points):
        curves[:, row] = value[lanes].reshape(groups, width)
    room = aligned_zeros(points * IN_ROOM, width)
    refine(fixed, width)(groups, points, curves.ctypes.data, room.ctypes.data)
    a, b, rss = (curves[:, row].reshape(-1)[:count] for row in (-3, -2, -1))
    return a, b, rss


def _between(values: Floats, low: Floats | float, high: Floats | float) -> Floats:
    """What `np.clip` gives, which takes twice as long over a thousand numbers."""
    inside: Floats = np.minimum(np.maximum(values, low), high)
    return inside


def _linear(problem: SigmoidProblem, s: Floats) -> tuple[Floats, Floats, Floats, Floats, NDArray[np.bool_]]:
    """The best start and end for shapes s `(point, curve)`, within the bounds of the end: start, end,
    residual sum of squares, residual `(point, curve)`, and whether the end is at its bound."""
    ws = problem.weighted(s)
    s1, s2, sy = ws.sum(axis=0), (ws * s).sum(axis=0), (ws * problem.y).sum(axis=0)
    if problem.start is not None:
        begin = problem.start
        free = begin + (sy - begin * s1) / np.maximum(s2, TINY)
        end = _between(free, problem.end_low, problem.end_high)
        bound = end != free
    else:
        total, y1 = np.maximum(problem.weight.sum(axis=0), 1.0), problem.weighted(problem.y).sum(axis=0)
        spread = s2 - s1 * s1 / total
        slope = np.where(spread > 1e-13 * s2 + TINY, (sy - s1 * y1 / total) / np.maximum(spread, TINY), 0.0)
        begin = (y1 - slope * s1) / total
        free = begin + slope
        end = _between(free, problem.end_low, problem.end_high)
        bound = end != free
        if bound.any():
            rest = total - 2 * s1 + s2
            at_bound = (y1 - sy - end * (s1 - s2)) / np.maximum(rest, TINY)
            begin = np.where(bound & (rest > 1e-13), at_bound, begin)
    residual = problem.weighted(problem.y - begin - (end - begin) * s)
    return begin, end, (residual * residual).sum(axis=0), residual, bound
