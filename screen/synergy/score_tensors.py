"""Three and more drugs: HSA, Bliss, Loewe, the Hill surface and MuSyC on dose tensors, and how much of the
excess is beyond what combinations of fewer drugs explain.

`beyond`: for HSA the excess over the best combination of fewer drugs; for Bliss, Loewe and the Hill surface
the excess less the terms of all smaller combinations (see `lower_orders`: of three drugs, what the pairs
leave); for MuSyC the distance to the surface without what only the larger combinations do. Sign: positive =
synergy, percent points of inhibition.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError, nearest
from screen.synergy.curves.single_agent import SingleAgent
from screen.synergy.dose_matrices import Reasons
from screen.synergy.many_drugs.tensors import Tensors
from screen.synergy.models.registry import MANY_DRUGS


@dataclass(frozen=True)
class TensorScore:
    """`excess` and `beyond` `(..., dose_1, ..., dose_k)`, 0 where a drug is absent; `mean` and `mean_beyond`
    `(...)` over the cells with all drugs, `best` `(...)` the best window of 3 doses of each; `reason`
    `(...)`; `parameters` of MuSyC `(...)` each."""

    excess: Floats
    beyond: Floats
    mean: Floats
    mean_beyond: Floats
    best: Floats
    reason: Reasons
    parameters: dict[str, Floats] = field(default_factory=dict)


def score_tensors(
    viability: Floats,
    concentrations: Sequence[Floats],
    models: Sequence[str] = ("hsa", "bliss", "loewe"),
    single_agent: SingleAgent = "fit",
    order: int | None = None,
) -> dict[str, TensorScore]:
    """Score tensors of `len(concentrations)` drugs, three or more.

    >>> import numpy as np
    >>> from screen.synergy import score_tensors
    >>> doses = np.array([0, 10, 30, 100.0])
    >>> alone = 1 / (1 + doses / 30)
    >>> independent = alone[:, None, None] * alone[:, None] * alone
    >>> abs(score_tensors(independent, [doses] * 3, ["bliss"])["bliss"].mean_beyond) < 1e-9
    np.True_

    `viability` `(..., dose_1, ..., dose_k)` as a fraction, NaN where missing; each of `concentrations`
    `(..., dose)` or `(dose,)`, ascending from 0, NaN where padded; `single_agent` as in `score_matrices`;
    `order`: `beyond` what combinations of up to so many drugs explain, all smaller ones unless given.
    Bliss 1939, Loewe 1926 and others in their forms for many drugs, as `docs/synergy.md` has them.
    InputError for unknown models and shapes that do not fit.
    """
    drugs = len(concentrations)
    values = np.asarray(viability, dtype=float)
    if drugs < 3 or values.ndim < drugs:
        raise InputError(f"three drugs or more: found {drugs} dose axes and viability {values.shape}")
    for name in models:
        if name not in MANY_DRUGS:
            raise InputError(
                f"models: unknown model {name!r}{nearest(name, MANY_DRUGS)}; known: {', '.join(MANY_DRUGS)}"
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
    tensors = Tensors(flat, doses, single_agent, order or drugs - 1)
    found = {}
    for name in models:
        outcome = MANY_DRUGS[name].score(tensors)
        excess, beyond = tensors.clear(outcome.excess), tensors.clear(outcome.beyond)
        found[name] = TensorScore(
            excess.reshape(values.shape),
            beyond.reshape(values.shape),
            _mean(excess).reshape(lead),
            _mean(beyond).reshape(lead),
            best_window(excess).reshape(lead),
            outcome.reason.reshape(lead),
            {key: part.reshape(lead) for key, part in outcome.parameters.items()},
        )
    return found


def best_window(excess: Floats) -> Floats:
    """Largest mean of the windows `(matrix,)` of 3 neighbouring doses of each drug in `excess` `(matrix,
    dose_1, ..., dose_k)`, all cells of them present and no dose 0; NaN where there is no such window."""
    means = windows_of(excess)
    if not means.shape[1]:
        return np.full(len(means), np.nan)
    best = np.where(np.isnan(means), -np.inf, means).max(axis=1)
    return np.where(np.isinf(best), np.nan, best)


def windows_of(excess: Floats) -> Floats:
    """The mean of every such window, `(matrix, window)`."""
    axes = tuple(range(1, excess.ndim))
    inner = excess[(slice(None), *[slice(1, None)] * len(axes))]
    if min(inner.shape[1:]) < 3:
        return np.full((len(inner), 0), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(inner, (3,) * len(axes), axis=axes)
    return np.asarray(windows.mean(axis=tuple(range(-len(axes), 0))).reshape(len(inner), -1))


def _mean(excess: Floats) -> Floats:
    inner = excess[(slice(None), *[slice(1, None)] * (excess.ndim - 1))].reshape(len(excess), -1)
    present = ~np.isnan(inner)
    count = present.sum(axis=1)
    return np.where(count > 0, np.where(present, inner, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
