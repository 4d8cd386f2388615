"""Least-squares sigmoids, thousands at once: `y = bottom + (top - bottom) * s(x)` with
`s = 1 / (1 + exp(-hill * (x - midpoint)))` in log dose, the four-parameter log-logistic curve.

The two linear parameters are eliminated (variable projection, Golub and Pereyra 1973,
doi:10.1137/0710036, with Kaufman's Jacobian, doi:10.1007/BF01932995), so that only `midpoint` and
`log(hill)` are searched: first on a dense grid, which finds the basin of the global minimum whatever the
data, then by Levenberg-Marquardt from the best points of the grid. Nothing is random, and a curve's result
depends on its own points alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ZERO_DOSE = -1000.0
HILL_RANGE = (0.1, 20.0)
MARGIN = np.log(100.0)
GRID_HILLS = np.log([0.15, 0.3, 0.55, 1.0, 1.5, 2.2, 3.2, 5.0, 9.0])
GRID_STEP = 0.4
CHUNK = 4096
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
    weight = (np.isfinite(x) | np.isneginf(x)) & np.isfinite(y)
    dosed = weight & np.isfinite(x)
    low = np.min(np.where(dosed, x, np.inf), axis=1)
    high = np.max(np.where(dosed, x, -np.inf), axis=1)
    empty = ~dosed.any(axis=1)
    low, high = np.where(empty, 0.0, low), np.where(empty, 0.0, high)
    centre = 0.5 * (low + high)
    half = np.round(0.5 * (high - low), 9) + MARGIN
    points = np.where(dosed, x - centre[:, None], ZERO_DOSE)
    problem = _Problem(
        points, np.where(weight, y, 0.0), weight.astype(float), start, end_range[0], end_range[1], half
    )
    first, second = _grid_starts(problem)
    midpoint, log_hill, rss = _refine(problem, *first)
    again = np.flatnonzero(second[2] < 10.0 * rss + 1e-12)
    if again.size:
        other = _refine(problem.take(again), second[0][again], second[1][again])
        better = other[2] < rss[again] * (1 - 1e-9)
        for target, found in zip((midpoint, log_hill, rss), other):
            target[again[better]] = found[better]
    hill = np.exp(log_hill)
    shape = sigmoid(points, midpoint[:, None], hill[:, None])
    at_start, at_end, rss = _linear(problem, shape)[:3]
    bad = weight.sum(axis=1) < (1 if start is not None else 2)
    results = (at_start, at_end, midpoint + centre, hill, rss)
    return tuple(np.where(bad, np.nan, result) for result in results)


@dataclass(frozen=True)
class _Problem:
    x: Floats
    y: Floats
    weight: Floats
    start: Floats | None
    end_low: Floats
    end_high: Floats
    half: Floats

    def take(self, rows: NDArray[np.intp]) -> "_Problem":
        start = None if self.start is None else self.start[rows]
        picked = (self.x[rows], self.y[rows], self.weight[rows], start)
        return _Problem(*picked, self.end_low[rows], self.end_high[rows], self.half[rows])


def _solve_sums(
    problem: _Problem, s1: Floats, s2: Floats, sy: Floats
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Best start and end values from the sums over points of s, s*s and s*y, shaped `(curve, ...)`."""
    extra = (slice(None),) + (None,) * (s1.ndim - 1)
    total, y1 = (
        np.maximum(problem.weight.sum(axis=1), 1.0)[extra],
        (problem.weight * problem.y).sum(axis=1)[extra],
    )
    low, high = problem.end_low[extra], problem.end_high[extra]
    if problem.start is not None:
        fixed = problem.start[extra]
        end = fixed + (sy - fixed * s1) / np.maximum(s2, TINY)
        clipped = np.clip(end, low, high)
        return np.broadcast_to(fixed, clipped.shape), clipped, clipped != end
    spread = s2 - s1 * s1 / total
    slope = np.where(spread > 1e-13 * s2 + TINY, (sy - s1 * y1 / total) / np.maximum(spread, TINY), 0.0)
    begin = (y1 - slope * s1) / total
    end = begin + slope
    clipped = np.clip(end, low, high)
    bound = clipped != end
    rest = total - 2 * s1 + s2
    held = (y1 - sy - clipped * (s1 - s2)) / np.maximum(rest, TINY)
    begin = np.where(bound & (rest > 1e-13), held, begin)
    return begin, clipped, bound


def _linear(problem: _Problem, s: Floats) -> tuple[Floats, Floats, Floats, Floats, NDArray[np.bool_]]:
    """Linear parameters for shapes s `(curve, point)`: start, end, rss, residual, end at its bound."""
    ws = problem.weight * s
    begin, end, bound = _solve_sums(
        problem, ws.sum(axis=1), (ws * s).sum(axis=1), (ws * problem.y).sum(axis=1)
    )
    residual = problem.weight * (problem.y - begin[:, None] - (end - begin)[:, None] * s)
    return begin, end, (residual * residual).sum(axis=1), residual, bound


def _groups(problem: _Problem) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Curves that share doses and missing points: a representative of each group, and every curve's group."""
    keys = np.concatenate([problem.x, problem.weight, problem.half[:, None]], axis=1)
    if (keys == keys[0]).all():
        return np.zeros(1, dtype=np.intp), np.zeros(len(keys), dtype=np.intp)
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return first, group.reshape(-1)


Start = tuple[Floats, Floats, Floats]


def _grid_starts(problem: _Problem) -> tuple[Start, Start]:
    """The best point of a grid over (midpoint, log hill), and the best one of another basin."""
    first, group = _groups(problem)
    steps = int(np.ceil(2 * problem.half.max() / GRID_STEP)) + 1
    best: list[Floats] = [np.empty(len(group)) for _ in range(6)]
    lanes = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[lanes], np.arange(len(first) + 1))
    for g in range(len(first)):
        for chunk in range(edges[g], edges[g + 1], 512):
            rows = lanes[chunk : min(chunk + 512, edges[g + 1])]
            for target, value in zip(best, _search_grid(problem.take(rows), steps)):
                target[rows] = value
    return (best[0], best[1], best[2]), (best[3], best[4], best[5])


def _search_grid(problem: _Problem, steps: int) -> tuple[Floats, ...]:
    half = problem.half[0]
    midpoints = np.linspace(-half, half, steps)
    shape = sigmoid(problem.x[0][:, None, None], midpoints[:, None], np.exp(GRID_HILLS))
    flat = (problem.weight[0][:, None, None] * shape).reshape(len(shape), -1)
    bare = shape.reshape(len(shape), -1)
    s1, s2 = flat.sum(axis=0)[None], (flat * bare).sum(axis=0)[None]
    sy = problem.y @ flat
    begin, end, _ = _solve_sums(problem, s1, s2, sy)
    y1, y2 = (problem.weight * problem.y).sum(axis=1), (problem.weight * problem.y**2).sum(axis=1)
    total, slope = problem.weight.sum(axis=1)[:, None], end - begin
    rss = (
        y2[:, None] - 2 * begin * y1[:, None] - 2 * slope * sy
        + begin * begin * total + 2 * begin * slope * s1 + slope * slope * s2
    )  # fmt: skip
    rss = np.maximum(rss, 0.0)
    choice = np.argmin(rss, axis=1)
    lane = np.arange(len(rss))
    column, row = choice % len(GRID_HILLS), choice // len(GRID_HILLS)
    cube = rss.reshape(len(rss), steps, -1)
    near = np.abs(np.arange(steps)[None, :] - row[:, None]) <= 3
    close = (
        near[:, :, None] & (np.abs(np.arange(len(GRID_HILLS))[None, :] - column[:, None]) <= 2)[:, None, :]
    )
    other = np.argmin(np.where(close, np.inf, cube).reshape(len(rss), -1), axis=1)
    found = [midpoints[row], GRID_HILLS[column], rss[lane, choice]]
    found += [midpoints[other // len(GRID_HILLS)], GRID_HILLS[other % len(GRID_HILLS)], rss[lane, other]]
    return tuple(found)


def _refine(problem: _Problem, midpoint: Floats, log_hill: Floats, *_: Floats, steps: int = 100) -> Start:
    """Levenberg-Marquardt on (midpoint, log hill) with both kept in their box."""
    result = (midpoint.copy(), log_hill.copy(), np.full(len(midpoint), np.inf))
    bounds = np.log(HILL_RANGE)
    lanes, work = np.arange(len(midpoint)), problem
    a, b = midpoint.copy(), log_hill.copy()
    damping = np.full(len(a), 1e-3)
    state = _evaluate(work, a, b)
    for _step in range(steps):
        if not lanes.size:
            break
        rss, ga, gb, haa, hab, hbb = state
        ha, hb = haa * (1 + damping) + TINY, hbb * (1 + damping) + TINY
        stuck_a = ((a >= work.half) & (ga > 0)) | ((a <= -work.half) & (ga < 0))
        stuck_b = ((b >= bounds[1]) & (gb > 0)) | ((b <= bounds[0]) & (gb < 0))
        cross = np.where(stuck_a | stuck_b, 0.0, hab)
        determinant = np.maximum(ha * hb - cross * cross, 1e-14 * ha * hb + TINY)
        da = np.where(stuck_a, 0.0, (hb * ga - cross * gb) / determinant)
        db = np.where(stuck_b, 0.0, (ha * gb - cross * ga) / determinant)
        new_a = np.clip(a + np.clip(da, -3.0, 3.0), -work.half, work.half)
        new_b = np.clip(b + np.clip(db, -1.5, 1.5), *bounds)
        trial = _evaluate(work, new_a, new_b)
        better = trial[0] <= rss
        gain = rss - trial[0]
        moved = np.maximum(np.abs(new_a - a), np.abs(new_b - b))
        done = (
            (better & (gain <= 1e-13 * rss) & (moved < 1e-4))
            | (moved < 1e-11)
            | (damping > 1e9)
            | (rss < 1e-28)
        )
        a, b = np.where(better, new_a, a), np.where(better, new_b, b)
        state = tuple(np.where(better, new, old) for new, old in zip(trial, state))
        damping = np.where(better, np.maximum(damping * 0.2, 1e-14), damping * 6.0)
        if done.any() or _step == steps - 1:
            stop = done if _step < steps - 1 else np.ones(len(a), dtype=bool)
            for target, value in zip(result, (a, b, state[0])):
                target[lanes[stop]] = value[stop]
            keep = np.flatnonzero(~stop)
            lanes, work, a, b, damping = lanes[keep], work.take(keep), a[keep], b[keep], damping[keep]
            state = tuple(value[keep] for value in state)
    return result


def _evaluate(problem: _Problem, midpoint: Floats, log_hill: Floats) -> tuple[Floats, ...]:
    """Residual sum of squares, its downhill gradient and the Gauss-Newton matrix in the two parameters."""
    hill = np.exp(log_hill)[:, None]
    distance = problem.x - midpoint[:, None]
    s = 1.0 / (1.0 + np.exp(np.minimum(-hill * distance, 700.0)))
    begin, end, rss, residual, bound = _linear(problem, s)
    change = problem.weight * ((end - begin)[:, None] * hill) * s * (1.0 - s)
    ja, jb = _project(problem, s, -change, bound), _project(problem, s, change * distance, bound)
    return (
        rss,
        (ja * residual).sum(axis=1),
        (jb * residual).sum(axis=1),
        (ja * ja).sum(axis=1),
        (ja * jb).sum(axis=1),
        (jb * jb).sum(axis=1),
    )


def _project(problem: _Problem, s: Floats, vector: Floats, bound: NDArray[np.bool_]) -> Floats:
    """The part of `vector` that the linear parameters left free cannot reproduce."""
    weight = problem.weight
    if problem.start is not None:
        ws = weight * s
        along = (vector * ws).sum(axis=1) / np.maximum((ws * ws).sum(axis=1), TINY)
        return vector - np.where(bound, 0.0, along)[:, None] * ws
    total = np.maximum(weight.sum(axis=1), 1.0)
    tilted = weight * (s - ((weight * s).sum(axis=1) / total)[:, None])
    flat = vector - weight * (vector.sum(axis=1) / total)[:, None]
    rest = weight * (1.0 - s)
    basis = np.where(bound[:, None], rest, tilted)
    target = np.where(bound[:, None], vector, flat)
    along = (target * basis).sum(axis=1) / np.maximum((basis * basis).sum(axis=1), 1e-30)
    projected: Floats = target - along[:, None] * basis
    return projected
