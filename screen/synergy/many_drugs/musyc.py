"""MuSyC for three and more drugs, with potency and efficacy (cooperativity fixed at 1): one state for each set of drugs
that has hit a cell, 2^N for N drugs. Wooten 2021, doi:10.1038/s41467-021-24789-z.

A drug hits a cell that the set s has hit at the rate `(alpha * d / C)^h`; every hit is undone at rate 1. `alpha` of
(s, drug) > 1: the drugs s make the next one more potent; those of one drug on another are the pairs' own, those of
several drugs on one lie beyond the pairs. `beta` of a set: how much further it reaches than its best subset, as a
share of what that subset does. A set is a number whose bit k says that drug k + 1 is in it. 23 parameters for three
drugs, 52 for four: a grid of at least 5 doses a drug that saturates is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.synergy.curves.sigmoid import Sigmoids
from screen.synergy.curves.single_agent import fit_curves
from screen.synergy.curves.surface_fit import Cells, fit_surfaces
from screen.synergy.many_drugs.musyc_states import MusycStates

LIMIT = 60.0
NO_DOSE = -1e3
ALPHA_BOUND = 7.0  # of the natural logarithm
STEPS = 60


@dataclass(frozen=True)
class TensorFit:
    """`alpha` `(matrix, move)` and its `log_error` in the order of `design.moves`; `ends` `(matrix, state)`
    viability of the states; `beta` of the sets of two drugs and more; `hill`, `half` `(matrix, drug)`; `r2`,
    `converged` `(matrix,)`. Surfaces `(matrix, dose_1, ..., dose_k)`: `fitted`; `null`, where no drug changes
    another and a set reaches what its best drug does; `lower`, with nothing that only more drugs than
    `order` do together (see `without_higher`)."""

    design: MusycStates
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
    lower: Floats


def evaluate(design: MusycStates, parameters: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Viability `(matrix, well)` and derivatives `(matrix, parameter, well)` at log doses `(matrix, well,
    drug)`.

    The shares of the states come from state reduction (Grassmann, Taksar and Heyman 1985,
    doi:10.1287/opre.33.5.1107), which subtracts nothing. The same reduction solves Poisson's equation for the
    bias of each state: a move's rate changes the viability by its flow times the difference of two biases.
    """
    n, drugs = design.states, design.drugs
    ends, shape = parameters[:, :n], parameters[:, n:]
    exponent, open_, hill, rate = _rates(design, shape, x)
    share = _reduce(rate)
    y = np.einsum("snw,ns->nw", share, ends)
    bias = _bias(rate, ends.T[:, :, None] - y)
    columns = np.zeros((len(y), design.parameters, y.shape[1]))
    columns[:, :n] = share.swapaxes(0, 1)
    place = n + 2 * drugs
    for s in range(n):
        for k in range(drugs):
            if s >> k & 1:
                continue
            gain = share[s] * np.exp(exponent[s, k]) * (bias[s | 1 << k] - bias[s]) * open_[s, k]
            columns[:, n + k] += gain * exponent[s, k]
            gain = gain * hill[:, k, None]
            columns[:, n + drugs + k] -= gain
            if s:
                columns[:, place] = gain
                place += 1
    return y, columns


def occupancy(design: MusycStates, shape: Floats, x: Floats) -> Floats:
    """Share of cells in each state, `(matrix, well, state)`, for the parameters after the ends."""
    return np.moveaxis(_reduce(_rates(design, shape, x)[3]), 0, -1)


def _rates(design: MusycStates, shape: Floats, x: Floats) -> tuple[Floats, NDArray[np.bool_], Floats, Floats]:
    """Logarithm of each hit's rate and whether it is inside its limits `(state, drug, matrix, well)`, hill
    `(matrix, drug)`, and the rates `(state, state, matrix, well)`."""
    n, drugs = design.states, design.drugs
    hill, middle = np.exp(shape[:, :drugs]), shape[:, drugs : 2 * drugs]
    alpha = dict(zip(design.moves, shape[:, 2 * drugs :].T))
    exponent = np.zeros((n, drugs, *x.shape[:2]))
    rate = np.zeros((n, n, *x.shape[:2]))
    for k in range(drugs):
        base = np.maximum(x[:, :, k] - middle[:, k, None], NO_DOSE)
        for s in range(n):
            if s >> k & 1:
                continue
            gain = alpha[s, k][:, None] if s else 0.0
            exponent[s, k] = hill[:, k, None] * (base + gain)
            rate[s, s | 1 << k] = np.exp(np.clip(exponent[s, k], -LIMIT, LIMIT))
            rate[s | 1 << k, s] = 1.0
    inside = np.abs(exponent) < LIMIT
    return np.clip(exponent, -LIMIT, LIMIT), inside, hill, rate


def _reduce(rate: Floats) -> Floats:
    """Shares `(state, matrix, well)`. On return `rate[k, :k]` holds the moves of state k after the states
    above it are taken out, `rate[:k, k]` the moves into k over all that leave it."""
    n = len(rate)
    for k in range(n - 1, 0, -1):
        rate[:k, k] /= rate[k, :k].sum(axis=0)
        rate[:k, :k] += rate[:k, None, k] * rate[None, k, :k]
    share = np.ones((n, *rate.shape[2:]))
    for k in range(1, n):
        share[k] = (share[:k] * rate[:k, k]).sum(axis=0)
    share /= share.sum(axis=0)
    return share


def _bias(rate: Floats, gain: Floats) -> Floats:
    """The biases `(state, matrix, well)`, 0 for the untouched state, for what each state gains beyond the
    mean; `rate` as `_reduce` left it."""
    n = len(rate)
    gain = gain.copy()
    for k in range(n - 1, 0, -1):
        gain[:k] += rate[:k, k] * gain[k]
    bias = np.zeros_like(gain)
    for k in range(1, n):
        moves = rate[k, :k]
        bias[k] = (gain[k] + (moves[1:] * bias[1:k]).sum(axis=0)) / moves.sum(axis=0)
    return bias


def fit_tensors(viability: Floats, concentrations: Sequence[Floats], order: int | None = None) -> TensorFit:
    """Fit tensors `(matrix, dose_1, ..., dose_k)` with doses `(matrix, dose)` each, ascending from 0; `order`
    as in `without_higher`, one less than the drugs unless given."""
    design = MusycStates(len(concentrations))
    cells, singles, centres, spans = _prepare(viability, concentrations)
    start, low, high = _box(design, viability, cells, singles, centres, spans)
    found = fit_surfaces(
        lambda p, x, _: evaluate(design, p, x), cells, [np.clip(start, low, high)], low, high, steps=STEPS
    )
    p, n, drugs = found.parameters, design.states, design.drugs
    size = np.maximum(cells.weight.sum(axis=1), 1)
    total = (cells.weight * (cells.y - (cells.y.sum(axis=1) / size)[:, None]) ** 2).sum(axis=1)
    others = null(design, p), without_higher(design, p, order or drugs - 1)
    surfaces = [
        np.einsum("nws,ns->nw", occupancy(design, q[:, n:], cells.x1), q[:, :n]).reshape(viability.shape)
        for q in (p, *others)
    ]
    return TensorFit(
        design,
        np.exp(p[:, n + 2 * drugs :]),
        found.error[:, n + 2 * drugs :],
        p[:, :n],
        _betas(design, p[:, :n]),
        np.exp(p[:, n : n + drugs]),
        np.exp(p[:, n + drugs : n + 2 * drugs] + centres),
        np.where(total > 1e-9, 1 - found.rss / np.maximum(total, 1e-300), np.nan),
        found.converged,
        *surfaces,
    )


def null(design: MusycStates, parameters: Floats) -> Floats:
    """The same single drugs, none of which changes another."""
    plain = parameters.copy()
    plain[:, design.states + 2 * design.drugs :] = 0.0
    for s in design.combinations:
        plain[:, s] = np.min([parameters[:, 1 << k] for k in design.members(s)], axis=0)
    return plain


def without_higher(design: MusycStates, parameters: Floats, order: int) -> Floats:
    """The same combinations of up to `order` drugs, with nothing that only more drugs do: a larger set
    reaches what its best subset does, and the log alpha of its drugs on the next one is what its subsets lead
    to expect (inclusion and exclusion; for two drugs on a third the sum of what each does)."""
    lower = parameters.copy()
    first = design.states + 2 * design.drugs
    place = {move: first + k for k, move in enumerate(design.moves)}
    for s in design.combinations:
        if s.bit_count() > order:
            lower[:, s] = np.min([lower[:, s & ~(1 << k)] for k in design.members(s)], axis=0)
    for (s, k), column in place.items():
        if s.bit_count() >= order:
            lower[:, column] = sum(
                (-1) ** (s.bit_count() - t.bit_count() + 1) * lower[:, place[t, k]]
                for t in range(1, s)
                if t & s == t
            )
    return lower


def _prepare(
    viability: Floats, concentrations: Sequence[Floats]
) -> tuple[Cells, list[Sigmoids], Floats, Floats]:
    """The wells as rows, with log doses `(matrix, well, drug)` about each drug's middle dose in `x1`; the
    single agents; the middles and half ranges `(matrix, drug)`."""
    count, drugs = len(viability), len(concentrations)
    wide, centres, spans, singles = [], [], [], []
    for k, conc in enumerate(concentrations):
        with np.errstate(divide="ignore"):
            x = np.log(conc)
        low, high = x[:, 1], np.nanmax(x, axis=1)
        centres.append(0.5 * (low + high))
        spans.append(0.5 * (high - low))
        axes = [-1 if j == k else 1 for j in range(drugs)]
        wide.append((x - centres[k][:, None]).reshape(count, *axes))
        alone = viability[(slice(None), *(slice(None) if j == k else 0 for j in range(drugs)))]
        singles.append(fit_curves(conc, alone).fit)
    x = np.stack(np.broadcast_arrays(*wide), axis=-1).reshape(count, -1, drugs)
    flat = viability.reshape(count, -1)
    present = np.isfinite(flat) & ~np.isnan(x).any(axis=2)
    nothing = np.zeros(count)
    cells = Cells(
        np.where(np.isnan(x), 0.0, x),
        np.zeros((count, 0)),
        np.where(present, flat, 0.0),
        present.astype(float),
        *[nothing] * 4,
    )
    return cells, singles, np.column_stack(centres), np.column_stack(spans)


def _box(
    design: MusycStates,
    viability: Floats,
    cells: Cells,
    singles: list[Sigmoids],
    centres: Floats,
    spans: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Start, lowest and highest value `(matrix, parameter)`: single agents as fitted, no change of potency,
    each set at its corner well or what its best drug reaches."""
    count, n, drugs = len(viability), design.states, design.drugs
    present = cells.weight > 0
    start = np.zeros((count, design.parameters))
    start[:, 0] = np.mean([single.start for single in singles], axis=0)
    for s in range(1, n):
        members = design.members(s)
        corner = viability[(slice(None), *(-1 if k in members else 0 for k in range(drugs)))]
        reach = np.min([singles[k].end for k in members], axis=0)
        start[:, s] = reach if len(members) == 1 else np.fmin(corner, reach)
    low, high = np.full(start.shape, -ALPHA_BOUND), np.full(start.shape, ALPHA_BOUND)
    low[:, :n] = np.minimum(np.where(present, cells.y, np.inf).min(axis=1), 0.0)[:, None]
    high[:, :n] = 1.5 * np.where(present, cells.y, -np.inf).max(axis=1)[:, None]
    hills, middles = slice(n, n + drugs), slice(n + drugs, n + 2 * drugs)
    low[:, hills], high[:, hills] = np.log(0.1), np.log(20.0)
    low[:, middles], high[:, middles] = -spans - 4.6, spans + 4.6
    start[:, hills] = np.log(np.column_stack([single.hill for single in singles]))
    start[:, middles] = np.column_stack([single.midpoint for single in singles]) - centres
    return np.where(np.isnan(start), 0.0, start), low, high


def _betas(design: MusycStates, ends: Floats) -> dict[str, Floats]:
    betas = {}
    for s in design.combinations:
        best = np.min([ends[:, s & ~(1 << k)] for k in design.members(s)], axis=0)
        depth = ends[:, 0] - best
        with np.errstate(divide="ignore", invalid="ignore"):
            beta = np.where(np.abs(depth) > 1e-3, (best - ends[:, s]) / depth, np.nan)
        betas[f"beta_{design.names[s]}"] = beta
    return betas
