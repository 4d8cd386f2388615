"""MuSyC for three drugs, with potency and efficacy (cooperativity held at 1): eight states, one for each
set of drugs that has hit a cell. Wooten 2021, doi:10.1038/s41467-021-24789-z.

A drug hits a cell that the set s has hit at the rate `(alpha * d / C)^h`; every hit is undone at rate 1.
`alpha` of (s, drug) > 1: the drugs s make the next one more potent; those of one drug on another are the
pairs' own, those of two drugs on the third lie beyond the pairs. `beta` of a set: how much further it
reaches than its best subset, as a share of what that subset does. 23 parameters: a grid of at least 5 x 5 x
5 that saturates is needed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.synergy.curves import fit_curves
from screen.synergy.surfaces import Cells, fit_surfaces

Floats = NDArray[np.float64]
SETS = ("", "1", "2", "12", "3", "13", "23", "123")
STEPS = tuple((s, k) for s in range(1, 8) for k in range(3) if not s >> k & 1)
ALPHAS = tuple(f"alpha_{SETS[s]}_{k + 1}" for s, k in STEPS)
LIMIT = 60.0


@dataclass(frozen=True)
class ThreeDrugs:
    """`alpha` `(matrix, 9)` in the order of `ALPHAS` and its `log_error`; `ends` `(matrix, 8)` viability
    of the states in the order of `SETS`; `beta` of the four sets of two and three drugs; `hill`, `half`
    `(matrix, 3)`; `r2`, `converged` `(matrix,)`. Surfaces `(matrix, dose_1, dose_2, dose_3)`: `fitted`;
    `null`, where no drug changes another and a set reaches what its best drug does; `pairs`, where two drugs
    change the third by the product of what each does to it, and all three reach what the best pair does."""

    alpha: Floats
    log_error: Floats
    ends: Floats
    beta: dict[str, Floats]
    hill: Floats
    half: Floats
    r2: Floats
    converged: NDArray[np.bool_]
    fitted: Floats
    null: Floats
    pairs: Floats


def occupancy(parameters: Floats, x: Floats) -> Floats:
    """Share of cells in each state, `(matrix, well, 8)`, for logs of slope, midpoint and alpha `(matrix,
    15)` and log doses `(matrix, well, 3)`; by state reduction (Grassmann, Taksar and Heyman 1985), which
    subtracts nothing."""
    hill, middle, alpha = np.exp(parameters[:, :3]), parameters[:, 3:6], parameters[:, 6:]
    rate = np.zeros((*x.shape[:2], 8, 8))
    for k in range(3):
        base = np.maximum(x[:, :, k] - middle[:, k, None], -1e3)
        for s in range(8):
            if s >> k & 1:
                continue
            gain = 0.0 if s == 0 else alpha[:, STEPS.index((s, k)), None]
            rate[:, :, s, s | 1 << k] = np.exp(np.clip(hill[:, k, None] * (base + gain), -LIMIT, LIMIT))
            rate[:, :, s | 1 << k, s] = 1.0
    for k in range(7, 0, -1):
        rate[:, :, :k, k] /= rate[:, :, k, :k].sum(axis=2)[:, :, None]
        rate[:, :, :k, :k] += rate[:, :, :k, k, None] * rate[:, :, k, None, :k]
    share = np.ones((*x.shape[:2], 8))
    for k in range(1, 8):
        share[:, :, k] = (share[:, :, :k] * rate[:, :, :k, k]).sum(axis=2)
    return share / share.sum(axis=2, keepdims=True)


def evaluate(parameters: Floats, x: Floats, _: Floats) -> tuple[Floats, Floats]:
    """Viability `(matrix, well)` and derivatives `(matrix, parameter, well)`: eight ends, then as
    `occupancy`."""
    ends, shape = parameters[:, :8], parameters[:, 8:]
    share = occupancy(shape, x)
    y = np.einsum("nws,ns->nw", share, ends)
    columns = [share[:, :, s] for s in range(8)]
    for k in range(shape.shape[1]):
        moved = shape.copy()
        moved[:, k] += 1e-6
        columns.append((np.einsum("nws,ns->nw", occupancy(moved, x), ends) - y) / 1e-6)
    return y, np.stack(columns, axis=1)


def fit_three(viability: Floats, concentrations: list[Floats]) -> ThreeDrugs:
    """Fit tensors `(matrix, dose_1, dose_2, dose_3)` with doses `(matrix, dose)` each, ascending from 0."""
    count = len(viability)
    logs, centres, spans, singles = [], [], [], []
    for k, conc in enumerate(concentrations):
        with np.errstate(divide="ignore"):
            x = np.log(conc)
        low, high = x[:, 1], np.nanmax(x, axis=1)
        centres.append(0.5 * (low + high))
        spans.append(0.5 * (high - low))
        logs.append(x - centres[k][:, None])
        alone = viability[(slice(None), *(slice(None) if j == k else 0 for j in range(3)))]
        singles.append(fit_curves(conc, alone).fit)
    wide = [log.reshape(count, *(-1 if j == k else 1 for j in range(3))) for k, log in enumerate(logs)]
    x = np.stack(np.broadcast_arrays(*wide), axis=-1).reshape(count, -1, 3)
    flat = viability.reshape(count, -1)
    present = np.isfinite(flat) & ~np.isnan(x).any(axis=2)
    y = np.where(present, flat, 0.0)
    nothing = np.zeros(count)
    cells = Cells(
        np.where(np.isnan(x), 0.0, x), np.zeros((count, 0)), y, present.astype(float), *[nothing] * 4
    )
    low_y = np.minimum(np.where(present, flat, np.inf).min(axis=1), 0.0)
    high_y = 1.5 * np.where(present, flat, -np.inf).max(axis=1)
    start = np.zeros((count, 23))
    start[:, 0] = np.mean([single.start for single in singles], axis=0)
    for s in range(1, 8):
        members = [k for k in range(3) if s >> k & 1]
        corner = viability[(slice(None), *(-1 if k in members else 0 for k in range(3)))]
        reach = np.min([singles[k].end for k in members], axis=0)
        start[:, s] = reach if len(members) == 1 else np.fmin(corner, reach)
    low, high = np.full((count, 23), -7.0), np.full((count, 23), 7.0)
    low[:, :8], high[:, :8] = low_y[:, None], high_y[:, None]
    low[:, 8:11], high[:, 8:11] = np.log(0.1), np.log(20.0)
    for k in range(3):
        start[:, 8 + k], start[:, 11 + k] = np.log(singles[k].hill), singles[k].midpoint - centres[k]
        low[:, 11 + k], high[:, 11 + k] = -spans[k] - 4.6, spans[k] + 4.6
    start = np.where(np.isnan(start), 0.0, start)
    found = fit_surfaces(evaluate, cells, [np.clip(start, low, high)], low, high, steps=60)
    p = found.parameters
    size = np.maximum(present.sum(axis=1), 1)
    total = (present * (y - (y.sum(axis=1) / size)[:, None]) ** 2).sum(axis=1)
    r2 = np.where(total > 1e-9, 1 - found.rss / np.maximum(total, 1e-300), np.nan)
    half = np.exp(p[:, 11:14] + np.column_stack(centres))
    ends = p[:, :8]
    return ThreeDrugs(
        np.exp(p[:, 14:]),
        found.error[:, 14:],
        ends,
        _betas(ends),
        np.exp(p[:, 8:11]),
        half,
        r2,
        found.converged,
        *(_surface(q, cells.x1, viability.shape) for q in (p, _null(p), _pairs_only(p))),
    )


def _surface(parameters: Floats, x: Floats, shape: tuple[int, ...]) -> Floats:
    return np.einsum("nws,ns->nw", occupancy(parameters[:, 8:], x), parameters[:, :8]).reshape(shape)


def _null(parameters: Floats) -> Floats:
    """The same single drugs, none of which changes another."""
    null = parameters.copy()
    null[:, 14:] = 0.0
    for s in (3, 5, 6, 7):
        null[:, s] = np.min([parameters[:, 1 << k] for k in range(3) if s >> k & 1], axis=0)
    return null


def _pairs_only(parameters: Floats) -> Floats:
    """The same pairs, with nothing that only three drugs do."""
    pairs = parameters.copy()
    pairs[:, 7] = np.min([parameters[:, s] for s in (3, 5, 6)], axis=0)
    for s, k in STEPS:
        if s in (3, 5, 6):
            each = [STEPS.index((1 << j, k)) for j in range(3) if s >> j & 1]
            pairs[:, 14 + STEPS.index((s, k))] = sum(parameters[:, 14 + one] for one in each)
    return pairs


def _betas(ends: Floats) -> dict[str, Floats]:
    betas = {}
    for s in (3, 5, 6, 7):
        best = np.min([ends[:, s & ~(1 << k)] for k in range(3) if s >> k & 1], axis=0)
        depth = ends[:, 0] - best
        with np.errstate(divide="ignore", invalid="ignore"):
            betas[f"beta_{SETS[s]}"] = np.where(np.abs(depth) > 1e-3, (best - ends[:, s]) / depth, np.nan)
    return betas
