"""Figures of skill of one source and metric: of the model, of each null, and their intervals over lines or pairs."""

import math
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from screen.analysis.skill.correlations import (
    FEWEST,
    codes,
    sign_agreement,
    spearman,
    specificity,
    top_quartile_auc,
    within,
)
from screen.analysis.skill.measured_table import Cell
from screen.arrays import Floats

RESAMPLES = 200


Figures = dict[str, float]


def single_figures(cells: Sequence[Cell], measured: Floats, predicted: Floats) -> Figures:
    weight = np.array([cell.weight for cell in cells])
    drugs, lines = [cell.drugs for cell in cells], [cell.line for cell in cells]
    ranked = ranking_values(cells, measured)
    return {
        "rho": spearman(ranked, predicted, weight),
        "rho_within_drug": within(ranked, predicted, weight, drugs),
        "rho_within_line": within(ranked, predicted, weight, lines),
        "specificity": specificity(ranked, predicted, weight, lines, drugs),
        "rmse": rmse(cells, measured, predicted),
    }


def pair_figures(cells: Sequence[Cell], measured: Floats, predicted: Floats) -> Figures:
    weight = np.array([cell.weight for cell in cells])
    pairs, lines = [frozenset(cell.drugs) for cell in cells], [cell.line for cell in cells]
    return {
        "rho": spearman(measured, predicted, weight),
        "rho_within_drug": within(measured, predicted, weight, pairs, fewest=3),
        "rho_within_line": within(measured, predicted, weight, lines),
        "specificity": specificity(measured, predicted, weight, lines, pairs),
        "rmse": math.nan,
        "sign": sign_agreement(measured, predicted),
        "top_quartile_auc": top_quartile_auc(measured, predicted),
        "rho_pair_means": _over_groups(measured, predicted, weight, pairs),
    }


def _over_groups(measured: Floats, predicted: Floats, weight: Floats, groups: Sequence[Hashable]) -> float:
    """Rank correlation of the groups' means."""
    index = codes(groups)
    there = ~(np.isnan(measured) | np.isnan(predicted))
    sums = np.bincount(index[there], weight[there])
    with np.errstate(divide="ignore", invalid="ignore"):
        means = [
            np.bincount(index[there], (weight * values)[there]) / sums for values in (measured, predicted)
        ]
    return spearman(means[0], means[1])


def ranking_values(cells: Sequence[Cell], measured: Floats) -> Floats:
    """What is ranked: censored numbers beyond all others on their side."""
    side = np.array([cell.side for cell in cells])
    return np.where(side > 0, np.maximum(measured, 0) + 100, np.where(side < 0, measured - 100, measured))


def rmse(cells: Sequence[Cell], measured: Floats, predicted: Floats) -> float:
    """Weighted root mean square of the residuals, log10 of concentrations; a censored number is missed only on its
    known side, and a prediction that is not reached counts as two decades off at the most.
    """
    side, weight = np.array([cell.side for cell in cells]), np.array([cell.weight for cell in cells])
    residual = np.clip(predicted - measured, -FAR, FAR)
    residual = np.where(
        side > 0, np.minimum(residual, 0), np.where(side < 0, np.maximum(residual, 0), residual)
    )
    there = ~np.isnan(residual)
    return (
        float(np.sqrt(np.average(residual[there] ** 2, weights=weight[there]))) if there.any() else math.nan
    )


FAR = 2.0


def resampled_ends(
    cells: Sequence[Cell],
    measured: Floats,
    predicted: Floats,
    units: Sequence[object],
    figures: Callable[[Sequence[Cell], Floats, Floats], Figures],
    rng: np.random.Generator,
) -> tuple[Figures, Figures]:
    """95 % intervals of every figure under resampling of `units` (lines, or pairs) with replacement."""
    members: dict[object, list[int]] = {}
    for k, unit in enumerate(units):
        members.setdefault(unit, []).append(k)
    keys = list(members)
    if len(keys) < FEWEST:
        return {}, {}
    found: dict[str, list[float]] = {}
    for _ in range(RESAMPLES):
        chosen = rng.integers(len(keys), size=len(keys))
        rows = [k for number in chosen for k in members[keys[number]]]
        for name, value in figures([cells[k] for k in rows], measured[rows], predicted[rows]).items():
            found.setdefault(name, []).append(value)
    low, high = {}, {}
    for name, values in found.items():
        known = [value for value in values if not math.isnan(value)]
        if len(known) > RESAMPLES // 2:
            low[name], high[name] = (float(np.quantile(known, share)) for share in (0.025, 0.975))
    return low, high
