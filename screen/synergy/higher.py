"""Three and more drugs: HSA, Bliss, Loewe and the Hill surface on dose tensors, and how much of the excess
is beyond what the pairs explain.

`beyond_pairs`: for HSA the excess over the best of all smaller combinations; for Bliss the emergent
interaction of Beppler 2016 (doi:10.1098/rsif.2016.0800), the excess left when every pair's excess, times
the viability under the other drugs alone, is taken off (three drugs); for Loewe and the Hill surface the
excess minus the sum of the pairs' excesses at the same doses (three drugs). Sign: positive = synergy,
percent points of inhibition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from screen.errors import InputError, nearest
from screen.synergy import loewe
from screen.synergy.curves import MIN_DOSES, Curves, SingleAgent, fit_curves
from screen.synergy.matrices import Words, no_words, say
from screen.synergy.roots import find_roots
from screen.synergy.schindler import surface

Floats = NDArray[np.float64]
HIGHER = ("hsa", "bliss", "loewe", "schindler")


@dataclass(frozen=True)
class HigherScore:
    """`excess` and `beyond_pairs` `(..., dose_1, ..., dose_k)`, 0 where a drug is absent; `mean` and
    `mean_beyond` `(...)` over the cells with all drugs; `reason` `(...)`."""

    excess: Floats
    beyond_pairs: Floats
    mean: Floats
    mean_beyond: Floats
    reason: Words


def score_tensors(
    viability: Floats,
    concentrations: Sequence[Floats],
    models: Sequence[str] = ("hsa", "bliss", "loewe"),
    single_agent: SingleAgent = "fit",
) -> dict[str, HigherScore]:
    """Score tensors of `len(concentrations)` drugs, three or more.

    `viability` `(..., dose_1, ..., dose_k)` as a fraction, NaN where missing; each of `concentrations`
    `(..., dose)` or `(dose,)`, ascending from 0, NaN where padded; `single_agent` as in `score_matrices`.
    InputError for unknown models and shapes that do not fit.
    """
    drugs = len(concentrations)
    values = np.asarray(viability, dtype=float)
    if drugs < 3 or values.ndim < drugs:
        raise InputError(f"three drugs or more: found {drugs} dose axes and viability {values.shape}")
    for name in models:
        if name not in HIGHER:
            raise InputError(
                f"models: unknown model {name!r}{nearest(name, HIGHER)}; known: {', '.join(HIGHER)}"
            )
    lead, sizes = values.shape[: values.ndim - drugs], values.shape[values.ndim - drugs :]
    flat = values.reshape(-1, *sizes)
    doses = []
    for k, conc in enumerate(concentrations):
        array = np.asarray(conc, dtype=float)
        if array.shape[-1:] != (sizes[k],) or not (array[..., 0] == 0).all():
            raise InputError(f"drug {k + 1}: expected (..., {sizes[k]}) doses from 0, found {array.shape}")
        doses.append(np.broadcast_to(array, (*lead, sizes[k])).reshape(-1, sizes[k]))
    problem = _Tensors(flat, doses, single_agent)
    found = {}
    for name in models:
        excess, beyond, reason = _score(problem, name)
        shape = (*lead, *sizes)
        found[name] = HigherScore(
            excess.reshape(shape),
            beyond.reshape(shape),
            _mean(excess).reshape(lead),
            _mean(beyond).reshape(lead),
            reason.reshape(lead),
        )
    return found


class _Tensors:
    def __init__(self, viability: Floats, doses: list[Floats], single_agent: SingleAgent) -> None:
        self.viability = viability
        self.single_agent = single_agent
        self.doses = doses
        self.drugs = len(doses)
        self.absent = [self._spread(dose == 0, k) for k, dose in enumerate(doses)]

    def _spread(self, values: NDArray[np.bool_] | Floats, k: int) -> Floats:
        """Values `(matrix, dose_k)` laid along their own axis."""
        shape = [len(values)] + [1] * self.drugs
        shape[k + 1] = values.shape[1]
        return np.asarray(values, dtype=float).reshape(shape)

    def only(self, members: Sequence[int]) -> Floats:
        """Viability with the drugs `members` alone at each cell's doses, laid out to broadcast."""
        index = tuple(slice(None) if k in members else slice(0, 1) for k in range(self.drugs))
        return self.viability[(slice(None), *index)]

    def curves(self) -> list[Curves]:
        alone = [self.only([k]).reshape(len(self.viability), -1) for k in range(self.drugs)]
        return [fit_curves(doses, one, self.single_agent) for doses, one in zip(self.doses, alone)]


def _score(problem: _Tensors, name: str) -> tuple[Floats, Floats, Words]:
    v, drugs = problem.viability, problem.drugs
    reason = no_words(len(v))
    singles = [problem.only([k]) for k in range(drugs)]
    pairs = list(combinations(range(drugs), 2))
    if name == "hsa":
        expected = np.minimum.reduce(np.broadcast_arrays(*singles))
        smaller = [problem.only(m) for m in combinations(range(drugs), drugs - 1)]
        beyond = 100 * (np.minimum.reduce(np.broadcast_arrays(*smaller)) - v)
    elif name == "bliss":
        expected = np.ones(v.shape)
        for single in singles:
            expected = expected * single
        left = np.zeros(v.shape)
        for i, j in pairs:
            others = np.ones(v.shape)
            for k in set(range(drugs)) - {i, j}:
                others = others * singles[k]
            left = left + others * (singles[i] * singles[j] - problem.only([i, j]))
        beyond = 100 * (expected - v - left)
    else:
        curves = problem.curves()
        for k, curve in enumerate(curves):
            say(
                reason,
                curve.doses < MIN_DOSES,
                f"drug {k + 1} has fewer than {MIN_DOSES} doses above 0: no curve",
            )
        build = _loewe if name == "loewe" else _hill
        expected = build(problem, curves, tuple(range(drugs)))
        beyond = 100 * (expected - v)
        for i, j in pairs:
            beyond = beyond - 100 * (build(problem, curves, (i, j)) - problem.only([i, j]))
    present = np.ones(v.shape, dtype=bool)
    for absent in problem.absent:
        present = present & ~absent.astype(bool)
    excess = np.where(np.isnan(v), np.nan, np.where(present, 100 * (expected - v), 0.0))
    if drugs > 3 and name != "hsa":
        say(reason, np.ones(len(v), dtype=bool), "beyond pairs is defined for three drugs only")
        beyond = np.full(v.shape, np.nan)
    return excess, np.where(np.isnan(v), np.nan, np.where(present, beyond, 0.0)), reason


def _hill(problem: _Tensors, curves: list[Curves], members: tuple[int, ...]) -> Floats:
    doses = [problem._spread(problem.doses[k], k) for k in members]
    return surface(doses, [curves[k].fit for k in members])


def _loewe(problem: _Tensors, curves: list[Curves], members: tuple[int, ...]) -> Floats:
    """Response at which the doses over the doses needed alone sum to 1, where all of `members` are there; a
    drug that cannot reach it counts for nothing, as in the pair's model. NaN elsewhere.
    """
    shape = [len(problem.viability)] + [1] * problem.drugs
    for k in members:
        shape[k + 1] = problem.doses[k].shape[1]
    if len(members) == 2:
        one, two = members
        found = loewe.additive(problem.doses[one], problem.doses[two], curves[one], curves[two])
        return found.expected.reshape(shape)
    with np.errstate(divide="ignore"):
        logs = [np.broadcast_to(problem._spread(np.log(problem.doses[k]), k), shape) for k in members]
    cells = np.flatnonzero(np.isfinite(np.sum(logs, axis=0)).ravel())
    lane = cells // int(np.prod(shape[1:]))
    x = [log.ravel()[cells] for log in logs]
    starts = np.array([curves[k].start for k in members])[:, lane]
    ends = np.array([curves[k].end for k in members])[:, lane]
    able = ends < starts

    def gap(y: Floats, cell: NDArray[np.intp]) -> Floats:
        total = np.zeros(len(y))
        for place, k in enumerate(members):
            with np.errstate(invalid="ignore", over="ignore"):
                term = np.exp(x[place][cell] - curves[k].log_dose(y, lane[cell]))
            total = total + np.where(able[place][cell], term, 0.0)
        return 0.5 - 1 / (1 + total)

    high, low = np.where(able, starts, -np.inf).max(axis=0), np.where(able, ends, np.inf).min(axis=0)
    known = np.isfinite(starts + ends).all(axis=0) & able.any(axis=0)
    alone = [curves[k].response(x[place], lane) for place, k in enumerate(members)]
    solved = np.where(np.isfinite(starts + ends).all(axis=0), np.mean(alone, axis=0), np.nan)
    open_ = np.flatnonzero(known)
    solved[open_] = find_roots(lambda y, cell: gap(y, open_[cell]), low[open_], high[open_])
    expected = np.full(int(np.prod(shape)), np.nan)
    expected[cells] = solved
    return expected.reshape(shape)


def _mean(excess: Floats) -> Floats:
    inner = excess[(slice(None), *[slice(1, None)] * (excess.ndim - 1))].reshape(len(excess), -1)
    present = ~np.isnan(inner)
    count = present.sum(axis=1)
    return np.where(count > 0, np.where(present, inner, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
