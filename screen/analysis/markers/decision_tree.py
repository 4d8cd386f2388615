"""A shallow decision tree over markers: the few thresholds that best separate two groups of lines, and how
well they do on lines that the tree has not seen (Breiman et al. 1984, Classification and Regression Trees).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from screen.arrays import Array

DEPTH = 2
FEWEST_IN_LEAF = 2
FOLDS = 10


@dataclass(frozen=True)
class Leaf:
    """The share of `yes` lines among the `lines` that end here."""

    lines: int
    share: float


@dataclass(frozen=True)
class Split:
    """Lines whose `marker` is at most `threshold` go `low`, the others `high`."""

    marker: int
    threshold: float
    low: "Leaf | Split"
    high: "Leaf | Split"


def grow(values: Array, yes: Array, depth: int = DEPTH) -> "Leaf | Split":
    """The tree over `values` (line, marker) that predicts `yes` (line,) bool, groups weighing half."""
    return _grow(values, yes, group_weights(yes), depth)


def group_weights(yes: Array) -> Array:
    """A weight for each line such that both groups weigh one half."""
    count = np.where(yes, max(int(yes.sum()), 1), max(int((~yes).sum()), 1))
    return np.asarray(0.5 / count)


def _grow(values: Array, yes: Array, weight: Array, depth: int) -> "Leaf | Split":
    share = float((weight * yes).sum() / weight.sum()) if len(yes) else 0.5
    if depth == 0 or len(yes) < 2 * FEWEST_IN_LEAF or share in (0.0, 1.0):
        return Leaf(len(yes), share)
    best = best_split(values, yes, weight)
    if best is None:
        return Leaf(len(yes), share)
    marker, threshold = best
    low = values[:, marker] <= threshold
    parts = (_grow(values[side], yes[side], weight[side], depth - 1) for side in (low, ~low))
    return Split(marker, threshold, *parts)


def best_split(values: Array, yes: Array, weight: Array) -> tuple[int, float] | None:
    """The marker and threshold with the lowest weighted Gini impurity; None where nothing lowers it.

    Thresholds lie midway between neighbouring values; of equal splits the first marker wins, and of its
    thresholds the one with the widest gap relative to the marker's range.
    """
    lines = len(yes)
    order = np.argsort(values, axis=0, kind="stable")
    ranked = np.take_along_axis(values, order, axis=0)
    w, wy = weight[order], (weight * yes)[order]
    left, left_yes = np.cumsum(w, axis=0)[:-1], np.cumsum(wy, axis=0)[:-1]
    total, total_yes = weight.sum(), float((weight * yes).sum())
    right, right_yes = total - left, total_yes - left_yes
    with np.errstate(invalid="ignore", divide="ignore"):
        impurity = left_yes * (1 - left_yes / left) + right_yes * (1 - right_yes / right)
    place = np.arange(1, lines)[:, None]
    allowed = (np.diff(ranked, axis=0) > 0) & (place >= FEWEST_IN_LEAF) & (place <= lines - FEWEST_IN_LEAF)
    impurity = np.where(allowed, impurity, np.inf)
    lowest = impurity.min(initial=np.inf)
    if not lowest < total_yes * (1 - total_yes / total) - 1e-9:
        return None
    tied = impurity <= lowest + 1e-9
    marker = int(np.argmax(tied.any(axis=0)))
    gap = np.where(tied[:, marker], np.diff(ranked[:, marker]), -1.0)
    at = int(np.argmax(gap))
    return marker, float((ranked[at, marker] + ranked[at + 1, marker]) / 2)


def predict(tree: "Leaf | Split", values: Array) -> Array:
    """Whether each line of `values` (line, marker) is called yes."""
    if isinstance(tree, Leaf):
        return np.full(len(values), tree.share >= 0.5)
    low = values[:, tree.marker] <= tree.threshold
    return np.where(low, predict(tree.low, values), predict(tree.high, values))


def cross_validated(
    values: Array, yes: Array, groups: Sequence[int], depth: int = DEPTH, seed: int = 0
) -> float:
    """Balanced accuracy on held-out lines: the mean of the shares of yes and of no that are called right.

    Lines of one group (a parent and what was derived from it) are held out together, so that no tree is
    tested on a line whose relative it has seen. NaN where one of the two kinds is in fewer than two groups.
    """
    names = np.unique(groups)
    owner = np.searchsorted(names, np.asarray(groups))
    if min(len(set(owner[yes])), len(set(owner[~yes]))) < 2:
        return float("nan")
    fold = np.random.default_rng([seed, len(names)]).permutation(len(names)) % min(FOLDS, len(names))
    called = np.zeros(len(yes), bool)
    for number in range(int(fold.max()) + 1):
        left_out = fold[owner] == number
        called[left_out] = predict(grow(values[~left_out], yes[~left_out], depth), values[left_out])
    return float(((called & yes).sum() / yes.sum() + (~called & ~yes).sum() / (~yes).sum()) / 2)


def words(tree: "Leaf | Split", names: Sequence[str], yes: str, no: str, depth: int = 0) -> list[str]:
    """The tree as indented lines of text."""
    if isinstance(tree, Leaf):
        kind, share = (yes, tree.share) if tree.share >= 0.5 else (no, 1 - tree.share)
        many = "line" if tree.lines == 1 else "lines"
        return [f"{'  ' * depth}{kind} (weight {share:.0%}, {tree.lines} {many})"]
    found = []
    for sign, branch in (("at most", tree.low), ("above", tree.high)):
        found.append(f"{'  ' * depth}{names[tree.marker]} {sign} {tree.threshold:.3g}:")
        found += words(branch, names, yes, no, depth + 1)
    return found
