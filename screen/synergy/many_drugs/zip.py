"""Zero interaction potency of three and more drugs, as SynergyFinder 3 has it (Zheng 2022,
doi:10.1016/j.gpb.2022.01.004): the fit of a cell is the mean of the curves through it along each drug, each from its
own value without that drug; the expectation is the product of the fitted single agents. For two drugs see the model
`zip`; `beyond` is what the fits of fewer drugs leave, by the joint cumulants of Bliss (`lower_orders`).
"""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Floats
from screen.synergy.curves.single_agent import MIN_DOSES, fit_curves
from screen.synergy.curves.slices import How, alone_fitted, rows_fitted
from screen.synergy.dose_matrices import add_reason, no_reasons
from screen.synergy.many_drugs.lower_orders import Group, product_of_groups
from screen.synergy.many_drugs.tensors import TensorOutcome, Tensors


def score_many(tensors: Tensors) -> TensorOutcome:
    how: How = "chosen" if tensors.single_agent == "fit" else "least-squares"
    reason = no_reasons(len(tensors.viability))
    for k, doses in enumerate(tensors.doses, start=1):
        few = ((doses > 0) & ~np.isnan(tensors.only([k - 1]).reshape(len(doses), -1))).sum(axis=1) < MIN_DOSES
        add_reason(reason, few, f"drug {k} has fewer than {MIN_DOSES} doses above 0: no curve")
    fitted = fitted_groups(tensors, how)
    whole = fitted[tuple(range(tensors.drugs))]
    excess, beyond = (
        100 * (product_of_groups(fitted, tensors.drugs, order) - whole) for order in (1, tensors.order)
    )
    return TensorOutcome(excess, beyond, reason)


def fitted_groups(tensors: Tensors, how: How) -> dict[Group, Floats]:
    """Fitted viability of every set of drugs, laid out as `tensors.only` of it: NaN where one of them has no dose."""
    found: dict[Group, Floats] = {}
    for size in range(1, tensors.drugs + 1):
        for group in tensors.subsets(size):
            values = tensors.only(group)
            doses = [tensors.doses[k] for k in group]
            bare = values.reshape(len(values), *(dose.shape[1] for dose in doses))
            fitted = _alone(doses[0], bare, how) if size == 1 else fitted_surface(bare, doses, how)
            found[group] = fitted.reshape(values.shape)
    return found


def _alone(conc: Floats, alone: Floats, how: How) -> Floats:
    return alone_fitted(conc, alone, fit_curves(conc, alone), how)[0]


def fitted_surface(values: Floats, doses: Sequence[Floats], how: How) -> Floats:
    """The mean of the curves along each axis of `values` `(matrix, dose_1, ..., dose_k)`, NaN where a dose is 0, and
    everywhere where a drug has a single one."""
    if min(values.shape[1:]) < 2:
        return np.full(values.shape, np.nan)
    total = np.zeros([len(values), *(size - 1 for size in values.shape[1:])])
    for k, conc in enumerate(doses):
        last = np.moveaxis(values, k + 1, -1)
        inner = last[(slice(None), *[slice(1, None)] * (len(doses) - 1))]
        rows = inner.reshape(len(values), -1, conc.shape[1])
        fitted = rows_fitted(conc, rows, how, 0.0)[0].reshape(*inner.shape[:-1], conc.shape[1] - 1)
        total += np.moveaxis(fitted, -1, k + 1) / len(doses)
    result = np.full(values.shape, np.nan)
    result[(slice(None), *[slice(1, None)] * len(doses))] = total
    return np.where(np.isnan(values), np.nan, result)
