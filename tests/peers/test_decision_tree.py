"""The shallow tree against scikit-learn's, where that is installed: the same first split, and leaves as pure.

Of splits that are equally good each has its own choice, so leaves may differ.
"""

import numpy as np
import pytest

from screen.analysis.markers.decision_tree import (
    DEPTH,
    FEWEST_IN_LEAF,
    Leaf,
    Split,
    group_weights,
    grow,
)

sklearn_tree = pytest.importorskip("sklearn.tree", reason="scikit-learn is not installed")


def impurity(called: np.ndarray, yes: np.ndarray) -> float:
    """Weighted Gini impurity of the leaves that the lines end in."""
    weight, found = group_weights(yes), 0.0
    for leaf in np.unique(called):
        inside = weight[called == leaf]
        share = inside[yes[called == leaf]].sum() / inside.sum()
        found += inside.sum() * share * (1 - share)
    return float(found)


def ends(tree: "Leaf | Split", values: np.ndarray, name: int = 1) -> np.ndarray:
    """The leaf of each line, leaves named by the turns that lead there."""
    if isinstance(tree, Leaf):
        return np.full(len(values), name)
    low = values[:, tree.marker] <= tree.threshold
    return np.where(low, ends(tree.low, values, 2 * name), ends(tree.high, values, 2 * name + 1))


@pytest.mark.parametrize("seed", range(40))
def test_the_tree_is_as_good_as_that_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    lines = int(random.integers(100, 400))  # few lines have equally good first splits
    values = random.normal(size=(lines, 8))
    yes = values[:, 0] + 0.5 * values[:, 1] + random.normal(size=lines) > 0.8
    ours = grow(values, yes)
    peer = sklearn_tree.DecisionTreeClassifier(
        max_depth=DEPTH, min_samples_leaf=FEWEST_IN_LEAF, min_samples_split=2 * FEWEST_IN_LEAF, random_state=0
    ).fit(values, yes, sample_weight=group_weights(yes))
    assert isinstance(ours, Split)
    theirs = peer.tree_
    assert ours.marker == theirs.feature[0]
    assert ours.threshold == pytest.approx(theirs.threshold[0], abs=1e-6)
    theirs_impurity = impurity(peer.apply(values), yes)
    assert impurity(ends(ours, values), yes) == pytest.approx(theirs_impurity, abs=1e-9)
