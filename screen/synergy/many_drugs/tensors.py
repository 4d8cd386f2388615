"""Dose tensors of three and more drugs, as the reference models are given them, and what the models that rest on
single-agent curves share.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from screen.arrays import Floats
from screen.synergy.curves.curve_choice import plate_curves
from screen.synergy.curves.single_agent import MIN_DOSES, Curves, SingleAgent, fit_curves
from screen.synergy.dose_matrices import Reasons, add_reason, no_reasons
from screen.synergy.many_drugs.lower_orders import Group, inclusion_weights


@dataclass(frozen=True)
class Tensors:
    """`viability` `(matrix, dose_1, ..., dose_k)` as a fraction, `doses` `(matrix, dose)` each, ascending from 0;
    `single_agent` as in `score_matrices`; `order`: what combinations of up to so many drugs explain is not
    `beyond` them."""

    viability: Floats
    doses: list[Floats]
    single_agent: SingleAgent
    order: int

    @property
    def drugs(self) -> int:
        return len(self.doses)

    def along(self, k: int) -> Floats:
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
            inner &= self.along(k) != 0
        return np.where(np.isnan(self.viability), np.nan, np.where(inner, values, 0.0))


@dataclass(frozen=True)
class TensorOutcome:
    """What a model makes of tensors: `excess` and `beyond`, what of it smaller combinations do not explain,
    `(matrix, dose_1, ..., dose_k)` in percent points of inhibition; `reason` `(matrix,)`; `parameters`
    `(matrix,)` each."""

    excess: Floats
    beyond: Floats
    reason: Reasons
    parameters: dict[str, Floats] = field(default_factory=dict)


def excess_over_curves(
    tensors: Tensors, expected: Callable[[list[Curves], Group], Floats], measured: bool = False
) -> TensorOutcome:
    """Excess over what single-agent curves lead to expect of any set of drugs; `measured` takes the curves
    that Loewe takes on plates."""
    reason, curves = no_reasons(len(tensors.viability)), []
    for k, doses in enumerate(tensors.doses):
        alone = tensors.only([k]).reshape(len(tensors.viability), -1)
        least = fit_curves(doses, alone, tensors.single_agent)
        curves.append(plate_curves(doses, alone, least) if measured else least)
        few = curves[k].doses < MIN_DOSES
        add_reason(reason, few, f"drug {k + 1} has fewer than {MIN_DOSES} doses above 0: no curve")

    def excess(members: Group) -> Floats:
        return 100 * (expected(curves, members) - tensors.only(members))

    whole = beyond = excess(tuple(range(tensors.drugs)))
    for members, weight in inclusion_weights(tensors.drugs, tensors.order).items():
        if weight:
            beyond = beyond - weight * excess(members)
    return TensorOutcome(whole, beyond, reason)
