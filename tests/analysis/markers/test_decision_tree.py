"""The shallow tree finds planted rules, is honest about noise, and keeps relatives on one side of a fold."""

import numpy as np
import pytest

from screen.analysis.markers.decision_tree import Leaf, Split, cross_validated, grow, predict, words


def test_a_planted_threshold_is_found() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=(40, 6))
    yes = values[:, 3] > 0.2
    tree = grow(values, yes, depth=1)
    assert isinstance(tree, Split)
    assert tree.marker == 3
    assert tree.threshold == pytest.approx(0.2, abs=0.3)
    assert (predict(tree, values) == yes).all()


def test_two_levels_find_a_rule_of_two_markers() -> None:
    random = np.random.default_rng(2)
    values = random.uniform(size=(200, 4))
    yes = (values[:, 0] > 0.4) & (values[:, 2] > 0.5)
    assert (predict(grow(values, yes), values) == yes).mean() > 0.97
    assert cross_validated(values, yes, range(200)) > 0.93


def test_noise_is_called_noise() -> None:
    random = np.random.default_rng(3)
    scores = [
        cross_validated(random.normal(size=(30, 20)), np.arange(30) < 8, range(30), seed=seed)
        for seed in range(20)
    ]
    assert abs(np.mean(scores) - 0.5) < 0.09


def test_groups_weigh_the_same_however_few() -> None:
    values = np.concatenate([np.zeros(20), np.ones(3)])[:, None]
    yes = np.concatenate([np.zeros(18, bool), np.ones(2, bool), np.ones(3, bool)])
    tree = grow(values, yes)
    assert isinstance(tree, Split)
    assert predict(tree, np.array([[1.0]]))[0]
    assert not predict(tree, np.array([[0.0]]))[0]


def test_relatives_are_held_out_together() -> None:
    random = np.random.default_rng(4)
    family = np.repeat(np.arange(20), 5)
    values = random.normal(size=(20, 30))[family] + 1e-6 * random.normal(size=(100, 30))
    yes = (random.uniform(size=20) < 0.5)[family]
    leaked = cross_validated(values, yes, range(100))
    honest = cross_validated(values, yes, list(family))
    assert leaked > honest + 0.15


def test_one_kind_alone_cannot_be_tested() -> None:
    assert np.isnan(cross_validated(np.zeros((5, 1)), np.zeros(5, bool), range(5)))
    assert isinstance(grow(np.zeros((5, 2)), np.arange(5) < 2), Leaf)


def test_words_say_the_rule() -> None:
    tree = grow(np.array([[1.0], [2.0], [5.0], [6.0]]), np.array([False, False, True, True]))
    assert words(tree, ["PPP3CB"], "sensitive", "resistant") == [
        "PPP3CB at most 3.5:",
        "  resistant (weight 100%, 2 lines)",
        "PPP3CB above 3.5:",
        "  sensitive (weight 100%, 2 lines)",
    ]
