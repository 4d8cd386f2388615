"""Least-squares sigmoids, thousands at once: `y = bottom + (top - bottom) * s(x)` with
`s = 1 / (1 + exp(-hill * (x - midpoint)))` in log dose, the four-parameter log-logistic curve. A curve of 7 doses
takes 14 us; `scipy.optimize.least_squares`, which fits one at a time, takes 1.8 ms to the same sum of squares.

The two linear parameters are eliminated (variable projection, Golub and Pereyra 1973,
doi:10.1137/0710036, with Kaufman's Jacobian, doi:10.1007/BF01932995), so that only `midpoint` and
`log(hill)` are searched: first on a dense grid, which finds the basin of the global minimum whatever the
data, then by Levenberg-Marquardt from the best points of the grid. Nothing is random, and a curve's result
depends on its own points alone. Log doses are rounded to 1e-10, so that the unit of dose, whose last digits
differ, cannot tip the choice between equally good fits.
"""

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.synergy.curves.sigmoid import ROUNDED, SigmoidProblem, Sigmoids, at_least_two, sigmoid
from screen.synergy.curves.sigmoid_grid import grid_starts

ZERO_DOSE = -1000.0
HILL_RANGE = (0.1, 20.0)
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


def _refine(
    problem: SigmoidProblem, midpoint: Floats, log_hill: Floats, steps: int = 60
) -> tuple[Floats, Floats, Floats]:
    """Levenberg-Marquardt on (midpoint, log hill) with both kept in their box."""
    result = (midpoint.copy(), log_hill.copy(), np.full(len(midpoint), np.inf))
    bounds = np.log(HILL_RANGE)
    lanes, work = np.arange(len(midpoint)), problem
    a, b = midpoint.copy(), log_hill.copy()
    damping = np.full(len(a), 1e-3)
    state = _evaluate(work, a, b)
    settled = np.zeros(len(a), dtype=bool)
    for step in range(steps):
        rss, ga, gb, haa, hab, hbb = state
        ha, hb = haa * (1 + damping) + TINY, hbb * (1 + damping) + TINY
        stuck_a = ((a >= work.half) & (ga > 0)) | ((a <= -work.half) & (ga < 0))
        stuck_b = ((b >= bounds[1]) & (gb > 0)) | ((b <= bounds[0]) & (gb < 0))
        cross = np.where(stuck_a | stuck_b, 0.0, hab)
        determinant = np.maximum(ha * hb - cross * cross, 1e-14 * ha * hb + TINY)
        da = np.where(stuck_a, 0.0, (hb * ga - cross * gb) / determinant)
        db = np.where(stuck_b, 0.0, (ha * gb - cross * ga) / determinant)
        new_a = _between(a + _between(da, -3.0, 3.0), -work.half, work.half)
        new_b = _between(b + _between(db, -1.5, 1.5), *bounds)
        trial = _evaluate(work, new_a, new_b)
        better = (trial[0] <= rss) & ~settled
        gain = rss - trial[0]
        moved = np.maximum(np.abs(new_a - a), np.abs(new_b - b))
        small = better & (gain <= 1e-8 * rss) & (moved < 1e-3)
        settled |= small | (moved < 1e-11) | (damping > 1e9) | (rss < 1e-28)
        a, b = np.where(better, new_a, a), np.where(better, new_b, b)
        state = tuple(np.where(better, new, old) for new, old in zip(trial, state))
        damping = np.where(better, np.maximum(damping * 0.2, 1e-14), damping * 6.0)
        last = step == steps - 1 or bool(settled.all())
        if last or settled.sum() > 0.2 * len(settled):
            stop = np.ones(len(a), dtype=bool) if last else settled
            for target, value in zip(result, (a, b, state[0])):
                target[lanes[stop]] = value[stop]
            if last:
                break
            keep = at_least_two(np.flatnonzero(~stop))
            lanes, work, a, b, damping = lanes[keep], work.take(keep), a[keep], b[keep], damping[keep]
            state, settled = tuple(value[keep] for value in state), settled[keep]
    return result


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


def _evaluate(problem: SigmoidProblem, midpoint: Floats, log_hill: Floats) -> tuple[Floats, ...]:
    """Residual sum of squares, its downhill gradient and the Gauss-Newton matrix in the two parameters."""
    hill = np.exp(log_hill)
    distance = problem.x - midpoint
    s = 1.0 / (1.0 + np.exp(np.minimum(-hill * distance, 700.0)))
    begin, end, rss, residual, bound = _linear(problem, s)
    change = problem.weighted((end - begin) * hill) * s * (1.0 - s)
    ja, jb = _project(problem, s, bound, -change, change * distance)
    return (
        rss,
        (ja * residual).sum(axis=0),
        (jb * residual).sum(axis=0),
        (ja * ja).sum(axis=0),
        (ja * jb).sum(axis=0),
        (jb * jb).sum(axis=0),
    )


def _project(problem: SigmoidProblem, s: Floats, bound: NDArray[np.bool_], *vectors: Floats) -> list[Floats]:
    """The parts of `vectors` `(point, curve)` that the linear parameters left free cannot reproduce."""
    ws = problem.weighted(s)
    if problem.start is not None:
        norm = np.where(bound, 0.0, 1.0 / np.maximum((ws * ws).sum(axis=0), TINY))
        return [vector - (vector * ws).sum(axis=0) * norm * ws for vector in vectors]
    total = np.maximum(problem.weight.sum(axis=0), 1.0)
    tilted = problem.weighted(s - ws.sum(axis=0) / total)
    basis = np.where(bound, problem.weighted(1.0 - s), tilted) if bound.any() else tilted
    norm = 1.0 / np.maximum((basis * basis).sum(axis=0), 1e-30)
    free = np.where(bound, 0.0, 1.0)
    parts = []
    for vector in vectors:
        target = vector - problem.weighted(vector.sum(axis=0) / total * free)
        parts.append(target - (target * basis).sum(axis=0) * norm * basis)
    return parts
