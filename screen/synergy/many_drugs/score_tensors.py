"""Three and more drugs: HSA, Bliss, Loewe, the Hill surface and MuSyC on dose tensors, and how much of the
excess is beyond what combinations of fewer drugs explain.

`beyond`: for HSA the excess over the best combination of fewer drugs; for Bliss, Loewe and the Hill surface
the excess less the terms of all smaller combinations (see `lower_orders`: of three drugs, what the pairs
leave); for MuSyC the distance to the surface without what only the larger combinations do. Sign: positive =
synergy, percent points of inhibition.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError, nearest
from screen.synergy.curves.curve_choice import plate_curves
from screen.synergy.curves.single_agent import MIN_DOSES, Curves, SingleAgent, fit_curves
from screen.synergy.dose_matrices import Words, no_words, say
from screen.synergy.many_drugs.loewe import additive_of_many
from screen.synergy.many_drugs.lower_orders import Group, inclusion_weights, product_of_groups
from screen.synergy.many_drugs.musyc import Design, fit_tensors
from screen.synergy.models import loewe
from screen.synergy.models.hill_surface import surface

HIGHER = ("hsa", "bliss", "loewe", "schindler", "musyc")
"""The reference models that have a form for three and more drugs."""
ROOM = 64 * 64 * 512
"""Rates of MuSyC that are held at once: 64 tensors of three drugs and 8 x 8 x 8 wells."""


@dataclass(frozen=True)
class HigherScore:
    """`excess` and `beyond` `(..., dose_1, ..., dose_k)`, 0 where a drug is absent; `mean` and `mean_beyond`
    `(...)` over the cells with all drugs, `best` `(...)` the best window of 3 doses of each; `reason`
    `(...)`; `parameters` of MuSyC `(...)` each."""

    excess: Floats
    beyond: Floats
    mean: Floats
    mean_beyond: Floats
    best: Floats
    reason: Words
    parameters: dict[str, Floats] = field(default_factory=dict)


def score_tensors(
    viability: Floats,
    concentrations: Sequence[Floats],
    models: Sequence[str] = ("hsa", "bliss", "loewe"),
    single_agent: SingleAgent = "fit",
    order: int | None = None,
) -> dict[str, HigherScore]:
    """Score tensors of `len(concentrations)` drugs, three or more.

    `viability` `(..., dose_1, ..., dose_k)` as a fraction, NaN where missing; each of `concentrations`
    `(..., dose)` or `(dose,)`, ascending from 0, NaN where padded; `single_agent` as in `score_matrices`;
    `order`: `beyond` what combinations of up to so many drugs explain, all smaller ones unless given.
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
    if order is not None and not 2 <= order < drugs:
        raise InputError(f"order: expected 2 to {drugs - 1} for {drugs} drugs, found {order}")
    lead, sizes = values.shape[: values.ndim - drugs], values.shape[values.ndim - drugs :]
    flat = values.reshape(-1, *sizes)
    doses = []
    for k, conc in enumerate(concentrations):
        array = np.asarray(conc, dtype=float)
        if array.shape[-1:] != (sizes[k],) or not (array[..., 0] == 0).all():
            raise InputError(f"drug {k + 1}: expected (..., {sizes[k]}) doses from 0, found {array.shape}")
        doses.append(np.broadcast_to(array, (*lead, sizes[k])).reshape(-1, sizes[k]))
    tensors = _Tensors(flat, doses, single_agent, order or drugs - 1)
    found = {}
    for name in models:
        excess, beyond, reason, own = _MODELS[name](tensors)
        excess, beyond = tensors.clear(excess), tensors.clear(beyond)
        found[name] = HigherScore(
            excess.reshape(values.shape),
            beyond.reshape(values.shape),
            _mean(excess).reshape(lead),
            _mean(beyond).reshape(lead),
            best_window(excess).reshape(lead),
            reason.reshape(lead),
            {key: part.reshape(lead) for key, part in own.items()},
        )
    return found


@dataclass(frozen=True)
class _Tensors:
    """`viability` `(matrix, dose_1, ..., dose_k)` and `doses` `(matrix, dose)` each."""

    viability: Floats
    doses: list[Floats]
    single_agent: SingleAgent
    order: int

    @property
    def drugs(self) -> int:
        return len(self.doses)

    def spread(self, k: int) -> Floats:
        """Doses of drug k laid along their own axis."""
        axes = [-1 if j == k else 1 for j in range(self.drugs)]
        return self.doses[k].reshape(len(self.viability), *axes)

    def only(self, members: Sequence[int]) -> Floats:
        """Viability with the drugs `members` alone at each cell's doses, laid out to broadcast."""
        index = tuple(slice(None) if k in members else slice(0, 1) for k in range(self.drugs))
        return self.viability[(slice(None), *index)]

    def subsets(self, size: int) -> list[Group]:
        return list(combinations(range(self.drugs), size))

    def clear(self, values: Floats) -> Floats:
        """NaN where no well is, 0 where a drug is absent."""
        inner = np.ones(self.viability.shape, dtype=bool)
        for k in range(self.drugs):
            inner &= self.spread(k) != 0
        return np.where(np.isnan(self.viability), np.nan, np.where(inner, values, 0.0))


Found = tuple[Floats, Floats, Words, dict[str, Floats]]


def _hsa(tensors: _Tensors) -> Found:
    def over_best(size: int) -> Floats:
        best = np.minimum.reduce(np.broadcast_arrays(*map(tensors.only, tensors.subsets(size))))
        return 100 * (best - tensors.viability)

    return over_best(1), over_best(tensors.order), no_words(len(tensors.viability)), {}


def _bliss(tensors: _Tensors) -> Found:
    sizes = range(1, tensors.order + 1)
    response = {group: tensors.only(group) for size in sizes for group in tensors.subsets(size)}
    excess, beyond = (
        100 * (product_of_groups(response, tensors.drugs, order) - tensors.viability)
        for order in (1, tensors.order)
    )
    return excess, beyond, no_words(len(tensors.viability)), {}


def _loewe(tensors: _Tensors) -> Found:
    def expected(curves: list[Curves], members: Group) -> Floats:
        chosen = [curves[k] for k in members]
        if len(members) > 2:
            return additive_of_many([tensors.spread(k) for k in members], chosen)
        doses = [tensors.doses[k] for k in members]
        pair = loewe.additive(doses[0], doses[1], chosen[0], chosen[1]).expected
        return pair.reshape(tensors.only(members).shape)

    return _of_curves(tensors, expected, measured=tensors.single_agent == "fit")


def _hill(tensors: _Tensors) -> Found:
    def expected(curves: list[Curves], members: Group) -> Floats:
        return surface([tensors.spread(k) for k in members], [curves[k].fit for k in members])

    return _of_curves(tensors, expected)


def _of_curves(
    tensors: _Tensors, expected: Callable[[list[Curves], Group], Floats], measured: bool = False
) -> Found:
    """Excess over what single-agent curves lead to expect of any set of drugs; `measured` takes the curves
    that Loewe takes on plates."""
    reason, curves = no_words(len(tensors.viability)), []
    for k, doses in enumerate(tensors.doses):
        alone = tensors.only([k]).reshape(len(tensors.viability), -1)
        least = fit_curves(doses, alone, tensors.single_agent)
        curves.append(plate_curves(doses, alone, least) if measured else least)
        few = curves[k].doses < MIN_DOSES
        say(reason, few, f"drug {k + 1} has fewer than {MIN_DOSES} doses above 0: no curve")

    def excess(members: Group) -> Floats:
        return 100 * (expected(curves, members) - tensors.only(members))

    whole = beyond = excess(tuple(range(tensors.drugs)))
    for members, weight in inclusion_weights(tensors.drugs, tensors.order).items():
        if weight:
            beyond = beyond - weight * excess(members)
    return whole, beyond, reason, {}


def _musyc(tensors: _Tensors) -> Found:
    """A fit needs more wells than it has parameters."""
    design, flat = Design(tensors.drugs), tensors.viability
    count, reason = design.parameters, no_words(len(flat))
    enough = np.isfinite(flat).reshape(len(flat), -1).sum(axis=1) > count
    say(reason, ~enough, f"fewer than {count + 1} wells for {count} parameters")
    for k, doses in enumerate(tensors.doses):
        dosed = (doses > 0).any(axis=1)
        say(reason, enough & ~dosed, f"drug {k + 1} has no dose above 0")
        enough &= dosed
    excess, beyond = np.full((2, *flat.shape), np.nan)
    betas = [f"beta_{design.names[s]}" for s in design.combinations]
    own = {f"musyc_{name}": np.full(len(flat), np.nan) for name in ("r2", *design.alphas, *betas)}
    unsettled = np.zeros(len(flat), dtype=bool)
    rows = np.flatnonzero(enough)
    chunk = max(1, ROOM // (design.states**2 * int(np.prod(flat.shape[1:]))))
    for part in (rows[first : first + chunk] for first in range(0, len(rows), chunk)):
        fit = fit_tensors(flat[part], [doses[part] for doses in tensors.doses], tensors.order)
        excess[part], beyond[part] = 100 * (fit.null - fit.fitted), 100 * (fit.lower - fit.fitted)
        numbers = {"r2": fit.r2, **dict(zip(design.alphas, fit.alpha.T)), **fit.beta}
        for name, values in numbers.items():
            own[f"musyc_{name}"][part] = values
        unsettled[part] = ~fit.converged
    say(reason, unsettled, "the fit had not settled when it was stopped")
    return excess, beyond, reason, own


def best_window(excess: Floats) -> Floats:
    """Largest mean of the windows `(matrix,)` of 3 neighbouring doses of each drug in `excess` `(matrix,
    dose_1, ..., dose_k)`, all cells of them present and no dose 0; NaN where there is no such window."""
    axes = tuple(range(1, excess.ndim))
    inner = excess[(slice(None), *[slice(1, None)] * len(axes))]
    if min(inner.shape[1:]) < 3:
        return np.full(len(inner), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(inner, (3,) * len(axes), axis=axes)
    means = windows.mean(axis=tuple(range(-len(axes), 0))).reshape(len(inner), -1)
    best = np.where(np.isnan(means), -np.inf, means).max(axis=1)
    return np.where(np.isinf(best), np.nan, best)


def _mean(excess: Floats) -> Floats:
    inner = excess[(slice(None), *[slice(1, None)] * (excess.ndim - 1))].reshape(len(excess), -1)
    present = ~np.isnan(inner)
    count = present.sum(axis=1)
    return np.where(count > 0, np.where(present, inner, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


_MODELS = {"hsa": _hsa, "bliss": _bliss, "loewe": _loewe, "schindler": _hill, "musyc": _musyc}
