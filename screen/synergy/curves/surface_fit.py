"""Least-squares surfaces, many matrices at once: the Levenberg-Marquardt core (Marquardt 1963,
doi:10.1137/0111030) that the parametric models MuSyC, BRAID and effective dose share. MuSyC of 8 x 8 wells takes
1.0 ms; `scipy.optimize.least_squares`, one matrix at a time from the same starts, takes 18 ms to the same residual.

A model gives predictions and their derivatives for a batch; parameters stay in a box; a matrix that has
settled leaves the batch. Starts come from the model and from the single-agent fits, never from chance.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats, Indices
from screen.synergy.curves.sigmoid import ROUNDED

Evaluate = Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]
FAR = 150.0


@dataclass(frozen=True)
class Cells:
    """The wells of a batch as rows: `x1`, `x2` `(matrix, well)` natural logarithms of dose relative to each
    drug's middle dose (`-inf` at dose 0), `y` viability, `weight` 1 where there is a value and 0 elsewhere;
    `centre_1`, `centre_2` `(matrix,)` the logarithms taken off, `span_1`, `span_2` the half ranges."""

    x1: Floats
    x2: Floats
    y: Floats
    weight: Floats
    centre_1: Floats
    centre_2: Floats
    span_1: Floats
    span_2: Floats

    def take(self, rows: Indices) -> "Cells":
        parts = (
            self.x1,
            self.x2,
            self.y,
            self.weight,
            self.centre_1,
            self.centre_2,
            self.span_1,
            self.span_2,
        )
        return Cells(*(part[rows] for part in parts))


@dataclass(frozen=True)
class Surfaces:
    """`parameters` `(matrix, parameter)`, their `error` (standard errors of the linearised fit), `rss`
    `(matrix,)`, `converged` `(matrix,)` and the `fitted` viability `(matrix, well)`."""

    parameters: Floats
    error: Floats
    rss: Floats
    converged: NDArray[np.bool_]
    fitted: Floats


def cells_of(viability: Floats, conc_1: Floats, conc_2: Floats) -> Cells:
    """Wells of matrices `(matrix, dose_1, dose_2)` with doses `(matrix, dose)`, ascending from 0."""
    count, m, n = viability.shape
    centred = []
    for conc in (conc_1, conc_2):
        with np.errstate(divide="ignore", invalid="ignore"):
            x = np.log(conc)
        dosed = np.isfinite(x)
        some = dosed.any(axis=1)
        low = np.where(some, np.where(dosed, x, np.inf).min(axis=1, initial=np.inf), 0.0)
        high = np.where(some, np.where(dosed, x, -np.inf).max(axis=1, initial=-np.inf), 0.0)
        centre = 0.5 * (low + high)
        centred.append(
            (np.round(x - centre[:, None], ROUNDED), centre, np.round(0.5 * (high - low), ROUNDED))
        )
    (x1, centre_1, span_1), (x2, centre_2, span_2) = centred
    wide_1 = np.broadcast_to(x1[:, :, None], viability.shape).reshape(count, m * n)
    wide_2 = np.broadcast_to(x2[:, None, :], viability.shape).reshape(count, m * n)
    flat = viability.reshape(count, m * n)
    present = np.isfinite(flat) & ~np.isnan(wide_1) & ~np.isnan(wide_2)
    y = np.where(present, flat, 0.0)
    wide_1, wide_2 = np.where(np.isnan(wide_1), 0.0, wide_1), np.where(np.isnan(wide_2), 0.0, wide_2)
    return Cells(wide_1, wide_2, y, present.astype(float), centre_1, centre_2, span_1, span_2)


def fit_surfaces(
    evaluate: Evaluate, cells: Cells, starts: list[Floats], low: Floats, high: Floats, steps: int = 250
) -> Surfaces:
    """The best fit from several starts.

    `evaluate(parameters, x1, x2)` gives predictions `(matrix, well)` and derivatives `(matrix, parameter,
    well)`; each of `starts`, `low` and `high` is `(matrix, parameter)`.
    """
    best, rss, converged = _descend(evaluate, cells, starts[0], low, high, steps)
    for start in starts[1:]:
        other, other_rss, other_converged = _descend(evaluate, cells, start, low, high, steps)
        better = other_rss < rss * (1 - 1e-9)
        best, rss = np.where(better[:, None], other, best), np.where(better, other_rss, rss)
        converged = np.where(better, other_converged, converged)
    fitted, jacobian = evaluate(best, cells.x1, cells.x2)
    free = (best > low + 1e-9) & (best < high - 1e-9)
    return Surfaces(best, _standard_errors(jacobian, cells.weight, rss, free), rss, converged, fitted)


def best_starts(evaluate: Evaluate, cells: Cells, candidates: list[Floats], keep: int) -> list[Floats]:
    """The `keep` candidates of least residual for each matrix, best first."""
    residuals = np.stack(
        [(cells.weight * (cells.y - evaluate(c, cells.x1, cells.x2)[0]) ** 2).sum(axis=1) for c in candidates]
    )
    order = np.argsort(residuals, axis=0, kind="stable")
    stack, lane = np.stack(candidates), np.arange(len(cells.y))
    return [stack[order[k], lane] for k in range(min(keep, len(candidates)))]


def forward_differences(predict: Callable[[Floats, Floats, Floats], Floats], step: float = 1e-6) -> Evaluate:
    """Predictions with derivatives by forward differences, for models whose formulas have none worth
    writing."""

    def evaluate(parameters: Floats, x1: Floats, x2: Floats) -> tuple[Floats, Floats]:
        base = predict(parameters, x1, x2)
        columns = []
        for k in range(parameters.shape[1]):
            moved = parameters.copy()
            moved[:, k] += step
            columns.append((predict(moved, x1, x2) - base) / step)
        return base, np.stack(columns, axis=1)

    return evaluate


def _descend(
    evaluate: Evaluate, cells: Cells, start: Floats, low: Floats, high: Floats, steps: int
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    count, size = start.shape
    result, best = np.clip(start, low, high), np.full(count, np.inf)
    converged = np.zeros(count, dtype=bool)
    lanes, work = np.arange(count), cells
    p, lo, hi = result.copy(), low, high
    damping = np.full(count, 1e-2)
    prediction, jacobian = evaluate(p, work.x1, work.x2)
    residual = work.weight * (work.y - prediction)
    rss = (residual**2).sum(axis=1)
    best[:] = rss
    diagonal, full = np.arange(size), bool(cells.weight.all())
    settled = np.zeros(count, dtype=bool)
    for step in range(steps):
        weighted = jacobian if full else jacobian * work.weight[:, None, :]
        gradient = (weighted @ residual[:, :, None])[:, :, 0]
        hessian = weighted @ np.swapaxes(weighted, 1, 2)
        stuck = ((p >= hi) & (gradient > 0)) | ((p <= lo) & (gradient < 0))
        scale = hessian[:, diagonal, diagonal]
        hessian[:, diagonal, diagonal] += damping[:, None] * np.maximum(scale, 1e-8) + 1e-13
        if stuck.any():
            hessian[stuck] = 0.0
            np.swapaxes(hessian, 1, 2)[stuck] = 0.0
            hessian[:, diagonal, diagonal] += stuck
        move = np.linalg.solve(hessian, np.where(stuck, 0.0, gradient)[:, :, None])[:, :, 0]
        trial = np.minimum(np.maximum(p + np.clip(move, -2.0, 2.0), lo), hi)
        prediction, new_jacobian = evaluate(trial, work.x1, work.x2)
        new_residual = work.weight * (work.y - prediction)
        new_rss = np.einsum("nw,nw->n", new_residual, new_residual)
        better = (new_rss <= rss) & ~settled
        moved = np.abs(trial - p).max(axis=1)
        small = better & (rss - new_rss <= 1e-6 * rss) & (damping < 1e3)
        settled |= small | (moved < 1e-10) | (new_rss < 1e-22) | (damping > 1e10)
        worse = np.flatnonzero(~better)
        for new, old in ((trial, p), (new_rss, rss), (new_residual, residual), (new_jacobian, jacobian)):
            new[worse] = old[worse]
        p, rss, residual, jacobian = trial, new_rss, new_residual, new_jacobian
        damping = np.where(better, np.maximum(damping * 0.15, 1e-12), damping * 5.0)
        last = step == steps - 1 or bool(settled.all())
        if last or settled.sum() > 0.2 * len(settled):
            stop = np.ones(len(p), dtype=bool) if last else settled
            result[lanes[stop]], best[lanes[stop]], converged[lanes[stop]] = p[stop], rss[stop], settled[stop]
            if last:
                break
            keep = np.flatnonzero(~stop)
            lanes, work, p, lo, hi = lanes[keep], work.take(keep), p[keep], lo[keep], hi[keep]
            damping, rss, residual, jacobian = damping[keep], rss[keep], residual[keep], jacobian[keep]
            settled = settled[keep]
    return result, best, converged


def _standard_errors(jacobian: Floats, weight: Floats, rss: Floats, free: NDArray[np.bool_]) -> Floats:
    """Standard errors `(matrix, parameter)` of the linearised fit; infinite where the wells do not
    determine a parameter, NaN where it is at its bound or no well is left over."""
    weighted = jacobian * (weight[:, None, :] * free[:, :, None])
    hessian = weighted @ np.swapaxes(weighted, 1, 2)
    size = np.sqrt(np.maximum(np.einsum("nii->ni", hessian), 1e-300))
    scaled = hessian / (size[:, :, None] * size[:, None, :])
    scaled[:, np.arange(size.shape[1]), np.arange(size.shape[1])] = 1.0
    values, vectors = np.linalg.eigh(scaled)
    inverse = (vectors**2 / np.maximum(values, 1e-12)[:, None, :]).sum(axis=2)
    left = weight.sum(axis=1) - free.sum(axis=1)
    variance = np.where(left > 0, rss / np.maximum(left, 1), np.nan)
    return np.where(free, np.sqrt(variance[:, None] * inverse) / size, np.nan)
