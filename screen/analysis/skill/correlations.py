"""Figures of skill that ranks decide: over all cells, within drugs, within lines, and what is left of both.

Ranks are Spearman's with the cells' weights; a censored or infinite number ranks at its end. NaN predictions are left
out. `within` averages the correlation inside each group with at least `FEWEST` members, weight n - 1.
"""

from collections.abc import Hashable, Sequence

import numpy as np
import scipy

from screen.arrays import Floats, Indices

FEWEST = 5
NOT_KNOWN = float("nan")


def spearman(measured: Floats, predicted: Floats, weight: Floats | None = None) -> float:
    """Weighted rank correlation of two rows (N,); NaN below three cells or where one of them is constant."""
    there = ~(np.isnan(measured) | np.isnan(predicted))
    if there.sum() < 3:
        return NOT_KNOWN
    weight = np.ones(len(measured)) if weight is None else weight
    x, y = (scipy.stats.rankdata(each[there]) for each in (measured, predicted))
    return _pearson(x, y, weight[there])


def _pearson(x: Floats, y: Floats, weight: Floats) -> float:
    x, y = x - np.average(x, weights=weight), y - np.average(y, weights=weight)
    spread = np.sqrt(np.sum(weight * x * x) * np.sum(weight * y * y))
    return float(np.sum(weight * x * y) / spread) if spread > 1e-12 else NOT_KNOWN


def within(
    measured: Floats, predicted: Floats, weight: Floats, groups: Sequence[Hashable], fewest: int = FEWEST
) -> float:
    """Mean of the rank correlations inside groups, weight n - 1; NaN where no group is large enough. A prediction that
    is constant inside a group has no correlation there and counts as 0.
    """
    total, sum_of_weights = 0.0, 0.0
    for members in _by_group(groups):
        there = members[~(np.isnan(measured[members]) | np.isnan(predicted[members]))]
        if len(there) < fewest or np.ptp(np.nan_to_num(measured[there], posinf=1e9, neginf=-1e9)) == 0:
            continue
        found = spearman(measured[there], predicted[there], weight[there])
        total += (len(there) - 1) * (0.0 if np.isnan(found) else found)
        sum_of_weights += len(there) - 1
    return total / sum_of_weights if sum_of_weights else NOT_KNOWN


def _by_group(groups: Sequence[Hashable]) -> list[Indices]:
    index = codes(groups)
    return [np.flatnonzero(index == number) for number in range(index.max(initial=-1) + 1)]


def specificity(
    measured: Floats, predicted: Floats, weight: Floats, rows: Sequence[Hashable], columns: Sequence[Hashable]
) -> float:
    """Rank correlation of what is left of ranks once the means of lines (`rows`) and drugs (`columns`) are taken off
    both: whether the model knows which drug suits which line.
    """
    there = ~(np.isnan(measured) | np.isnan(predicted))
    index = np.flatnonzero(there)
    if len(index) < FEWEST:
        return NOT_KNOWN
    row, column = codes([rows[int(k)] for k in index]), codes([columns[int(k)] for k in index])
    left = [
        without_means(np.asarray(scipy.stats.rankdata(values[there]), float), row, column)
        for values in (measured, predicted)
    ]
    if min(np.ptp(part) for part in left) < 1e-9:
        return NOT_KNOWN
    return spearman(left[0], left[1], weight[there])


def codes(groups: Sequence[Hashable]) -> Indices:
    """Numbers (N,) of groups from 0, in the order in which they first stand."""
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(group, len(seen)) for group in groups], dtype=np.intp)


def without_means(values: Floats, row: Indices, column: Indices, rounds: int = 100) -> Floats:
    """`values` (N,) less the effects of rows and columns, by alternating projection (tables have holes)."""
    left = values - values.mean()
    for _ in range(rounds):
        for group in (row, column):
            sums, counts = np.bincount(group, left), np.bincount(group)
            left = left - (sums / counts)[group]
    return np.asarray(left)


def top_quartile_auc(measured: Floats, predicted: Floats) -> float:
    """Chance that a cell of the measured top quarter is predicted above one of the rest."""
    there = ~(np.isnan(measured) | np.isnan(predicted))
    measured, predicted = measured[there], predicted[there]
    if len(measured) < 8:
        return NOT_KNOWN
    top = measured >= np.quantile(measured, 0.75)
    if top.all() or not top.any():
        return NOT_KNOWN
    ranks = scipy.stats.rankdata(predicted)
    many = top.sum()
    return float((ranks[top].sum() - many * (many + 1) / 2) / (many * (~top).sum()))


def sign_agreement(measured: Floats, predicted: Floats) -> float:
    """Share of cells whose sign is predicted; measured zeros count for neither."""
    there = ~(np.isnan(measured) | np.isnan(predicted)) & (measured != 0)
    return float(np.mean((measured[there] > 0) == (predicted[there] > 0))) if there.any() else NOT_KNOWN
