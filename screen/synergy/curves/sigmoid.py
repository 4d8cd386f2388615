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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats

ZERO_DOSE = -1000.0
HILL_RANGE = (0.1, 20.0)
MARGIN = np.log(100.0)
GRID_HILLS = np.array([0.15, 0.3, 0.55, 1.0, 1.5, 2.2, 3.2, 5.0, 9.0])
GRID_STEP = 0.4
CHUNK = 4096
ROUNDED = 10
TINY = 1e-300


@dataclass(frozen=True)
class Sigmoids:
    """Fitted curves: `start` is the value at zero dose, `end` at infinite dose, `midpoint` a natural
    logarithm of dose; all `(curve,)`. `rss` is the residual sum of squares."""

    start: Floats
    end: Floats
    midpoint: Floats
    hill: Floats
    rss: Floats


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
        pair = _at_least_two(np.zeros(1, dtype=np.intp))
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


def sigmoid(x: Floats, midpoint: Floats, hill: Floats) -> Floats:
    """`1 / (1 + exp(-hill * (x - midpoint)))` without overflow; 0 at `x = -inf`."""
    with np.errstate(over="ignore"):
        value: Floats = 1.0 / (1.0 + np.exp(np.minimum(-hill * (x - midpoint), 700.0)))
    return value


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
    problem = _Problem(points, np.where(weight, y, 0.0), weight.astype(float), start, *end_range, half)
    first, second = _grid_starts(problem)
    midpoint, log_hill, rss = _refine(problem, first.midpoint, first.log_hill)
    near = (rss < 1e-3 * first.scale) & (rss > 1e-12 * first.scale)
    again = _at_least_two(np.flatnonzero(near | (second.rss < 2.0 * first.rss + 1e-6 * first.scale)))
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


def _at_least_two(curves: NDArray[np.intp]) -> NDArray[np.intp]:
    """A lone curve twice: sums over the points of one column run in another order than those of several,
    and a curve's result must not depend on its neighbours to the last digit."""
    return np.repeat(curves, 2) if curves.size == 1 else curves


@dataclass(frozen=True)
class _Problem:
    x: Floats
    y: Floats
    weight: Floats
    start: Floats | None
    end_low: Floats
    end_high: Floats
    half: Floats

    def take(self, curves: NDArray[np.intp]) -> "_Problem":
        start = None if self.start is None else self.start[curves]
        x, y, weight = (np.take(part, curves, axis=1) for part in (self.x, self.y, self.weight))
        return _Problem(x, y, weight, start, self.end_low[curves], self.end_high[curves], self.half[curves])


@dataclass(frozen=True)
class _Start:
    """A point of the grid for every curve; `scale` is the sum of squares that a flat curve leaves."""

    midpoint: Floats
    log_hill: Floats
    rss: Floats
    scale: Floats


def _grid_starts(problem: _Problem) -> tuple[_Start, _Start]:
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
            rows = _at_least_two(lanes[chunk : min(chunk + 128, edges[g + 1])])
            best[:, :, rows] = _search_grid(problem.take(rows), weight, flat, midpoints)
    return _Start(*best[0]), _Start(*best[1])


def _groups(problem: _Problem) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """A representative of each group of curves with the same doses and missing points, and every curve's
    group."""
    keys = np.concatenate([problem.x, problem.weight, problem.half[None]]).T
    if (keys == keys[0]).all():
        return np.zeros(1, dtype=np.intp), np.zeros(len(keys), dtype=np.intp)
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return first, group.reshape(-1)


def _search_grid(problem: _Problem, weight: Floats, shapes: Floats, midpoints: Floats) -> Floats:
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
    total = change[0][:, None] * shapes[0]
    term = np.empty_like(total)
    for one, shape in zip(change[1:], shapes[1:]):
        np.multiply(one[:, None], shape, out=term)
        total += term
    return total


def _refine(
    problem: _Problem, midpoint: Floats, log_hill: Floats, steps: int = 60
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
        new_a = np.minimum(np.maximum(a + np.clip(da, -3.0, 3.0), -work.half), work.half)
        new_b = np.clip(b + np.clip(db, -1.5, 1.5), *bounds)
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
            keep = _at_least_two(np.flatnonzero(~stop))
            lanes, work, a, b, damping = lanes[keep], work.take(keep), a[keep], b[keep], damping[keep]
            state, settled = tuple(value[keep] for value in state), settled[keep]
    return result


def _linear(problem: _Problem, s: Floats) -> tuple[Floats, Floats, Floats, Floats, NDArray[np.bool_]]:
    """The best start and end for shapes s `(point, curve)`, within the bounds of the end: start, end,
    residual sum of squares, residual `(point, curve)`, and whether the end is at its bound."""
    ws = problem.weight * s
    s1, s2, sy = ws.sum(axis=0), (ws * s).sum(axis=0), (ws * problem.y).sum(axis=0)
    if problem.start is not None:
        begin = problem.start
        free = begin + (sy - begin * s1) / np.maximum(s2, TINY)
        end = np.minimum(np.maximum(free, problem.end_low), problem.end_high)
        bound = end != free
    else:
        total, y1 = np.maximum(problem.weight.sum(axis=0), 1.0), (problem.weight * problem.y).sum(axis=0)
        spread = s2 - s1 * s1 / total
        slope = np.where(spread > 1e-13 * s2 + TINY, (sy - s1 * y1 / total) / np.maximum(spread, TINY), 0.0)
        begin = (y1 - slope * s1) / total
        free = begin + slope
        end = np.minimum(np.maximum(free, problem.end_low), problem.end_high)
        bound = end != free
        if bound.any():
            rest = total - 2 * s1 + s2
            at_bound = (y1 - sy - end * (s1 - s2)) / np.maximum(rest, TINY)
            begin = np.where(bound & (rest > 1e-13), at_bound, begin)
    residual = problem.weight * (problem.y - begin - (end - begin) * s)
    return begin, end, (residual * residual).sum(axis=0), residual, bound


def _evaluate(problem: _Problem, midpoint: Floats, log_hill: Floats) -> tuple[Floats, ...]:
    """Residual sum of squares, its downhill gradient and the Gauss-Newton matrix in the two parameters."""
    hill = np.exp(log_hill)
    distance = problem.x - midpoint
    s = 1.0 / (1.0 + np.exp(np.minimum(-hill * distance, 700.0)))
    begin, end, rss, residual, bound = _linear(problem, s)
    change = problem.weight * ((end - begin) * hill) * s * (1.0 - s)
    ja, jb = _project(problem, s, bound, -change, change * distance)
    return (
        rss,
        (ja * residual).sum(axis=0),
        (jb * residual).sum(axis=0),
        (ja * ja).sum(axis=0),
        (ja * jb).sum(axis=0),
        (jb * jb).sum(axis=0),
    )


def _project(problem: _Problem, s: Floats, bound: NDArray[np.bool_], *vectors: Floats) -> list[Floats]:
    """The parts of `vectors` `(point, curve)` that the linear parameters left free cannot reproduce."""
    weight = problem.weight
    ws = weight * s
    if problem.start is not None:
        norm = np.where(bound, 0.0, 1.0 / np.maximum((ws * ws).sum(axis=0), TINY))
        return [vector - (vector * ws).sum(axis=0) * norm * ws for vector in vectors]
    total = np.maximum(weight.sum(axis=0), 1.0)
    tilted = weight * (s - ws.sum(axis=0) / total)
    basis = np.where(bound, weight * (1.0 - s), tilted) if bound.any() else tilted
    norm = 1.0 / np.maximum((basis * basis).sum(axis=0), 1e-30)
    free = np.where(bound, 0.0, 1.0)
    parts = []
    for vector in vectors:
        target = vector - weight * (vector.sum(axis=0) / total * free)
        parts.append(target - (target * basis).sum(axis=0) * norm * basis)
    return parts
