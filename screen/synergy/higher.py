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
from screen.synergy.curves import MIN_DOSES, FittedCurves, fit_curves
from screen.synergy.matrices import Words, no_words, say
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
    viability: Floats, concentrations: Sequence[Floats], models: Sequence[str] = ("hsa", "bliss", "loewe")
) -> dict[str, HigherScore]:
    """Score tensors of `len(concentrations)` drugs, three or more.

    `viability` `(..., dose_1, ..., dose_k)` as a fraction, NaN where missing; each of `concentrations`
    `(..., dose)` or `(dose,)`, ascending from 0. InputError for unknown models and shapes that do not fit.
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
    problem = _Tensors(flat, doses)
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
    def __init__(self, viability: Floats, doses: list[Floats]) -> None:
        self.viability = viability
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

    def curves(self) -> list[FittedCurves]:
        fits = []
        for k in range(self.drugs):
            alone = self.only([k]).reshape(len(self.viability), -1)
            curve = fit_curves(self.doses[k], alone)
            fits.append(FittedCurves(curve.fit, curve.doses))
        return fits


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


def _hill(problem: _Tensors, curves: list[FittedCurves], members: tuple[int, ...]) -> Floats:
    doses = [problem._spread(problem.doses[k], k) for k in members]
    return surface(doses, [curves[k].fit for k in members])


def _loewe(problem: _Tensors, curves: list[FittedCurves], members: tuple[int, ...]) -> Floats:
    """Response at which the doses over the doses needed alone sum to 1, by bisection; a drug that cannot
    reach it counts for nothing, as in the pair's model."""
    shape = [len(problem.viability)] + [1] * problem.drugs
    for k in members:
        shape[k + 1] = problem.doses[k].shape[1]
    lane = np.broadcast_to(np.arange(shape[0]).reshape(-1, *[1] * problem.drugs), shape)
    with np.errstate(divide="ignore"):
        logs = [np.broadcast_to(problem._spread(np.log(problem.doses[k]), k), shape) for k in members]
    tops = [np.broadcast_to(curves[k].start.reshape(shape[0], *[1] * problem.drugs), shape) for k in members]
    ends = [np.broadcast_to(curves[k].end.reshape(shape[0], *[1] * problem.drugs), shape) for k in members]
    high, low = np.maximum.reduce(tops), np.minimum.reduce([*ends, *tops])
    for _ in range(50):
        middle = 0.5 * (high + low)
        total = np.zeros(shape)
        for x, k, top, end in zip(logs, members, tops, ends):
            with np.errstate(invalid="ignore", over="ignore"):
                term = np.exp(x - curves[k].log_dose(middle, lane))
            term = np.where((x == -np.inf) | (end >= top), 0.0, term)
            total = total + np.nan_to_num(term, nan=0.0, posinf=np.inf)
        high, low = np.where(total > 1, middle, high), np.where(total > 1, low, middle)
    unknown = np.isnan(np.add.reduce(tops)) | np.isnan(np.add.reduce(ends))
    return np.where(unknown, np.nan, 0.5 * (high + low))


def _mean(excess: Floats) -> Floats:
    inner = excess[(slice(None), *[slice(1, None)] * (excess.ndim - 1))].reshape(len(excess), -1)
    present = ~np.isnan(inner)
    count = present.sum(axis=1)
    return np.where(count > 0, np.where(present, inner, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
