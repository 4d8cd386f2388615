"""The figures of skill against SciPy, and against cases whose answer is known."""

import numpy as np
from scipy.stats import mannwhitneyu, spearmanr

from screen.analysis.skill.correlations import (
    sign_agreement,
    spearman,
    specificity,
    top_quartile_auc,
    within,
    without_means,
)


def test_equal_weights_give_the_rank_correlation_of_scipy() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 40))
    x[:5] = x[0]  # ties
    assert np.isclose(spearman(x, y), spearmanr(x, y).statistic)


def test_missing_predictions_are_left_out_and_infinite_ones_rank_last() -> None:
    measured = np.array([1.0, 2, 3, 4, 5])
    assert spearman(measured, np.array([1.0, 2, np.nan, 9, np.inf])) == 1.0


def test_a_weight_of_nearly_nothing_takes_a_cell_out() -> None:
    x, y = np.array([1.0, 2, 3, 4, 9]), np.array([1.0, 2, 3, 4, 0])
    assert spearman(x, y, np.array([1, 1, 1, 1, 1e-9])) > 0.999 > spearman(x, y)


def test_within_groups_knows_nothing_of_what_lies_between_them() -> None:
    groups = np.repeat(["a", "b"], 6).tolist()
    between = np.repeat([0.0, 10.0], 6)
    inside = np.tile(np.arange(6.0), 2)
    assert within(between + inside, between - inside, np.ones(12), groups) == -1
    assert spearman(between + inside, between - inside) > 0


def test_a_prediction_that_is_constant_inside_every_group_scores_nothing_there() -> None:
    groups = np.repeat(["a", "b"], 6).tolist()
    assert within(np.tile(np.arange(6.0), 2), np.repeat([1.0, 2.0], 6), np.ones(12), groups) == 0


def test_specificity_is_free_of_means_of_lines_and_of_drugs() -> None:
    rng = np.random.default_rng(2)
    row, column = (index.ravel() for index in np.indices((12, 9)))
    measured = rng.normal(size=(12, 9)).ravel()
    effects = 5 * rng.normal(size=12)[row] + 5 * rng.normal(size=9)[column]
    assert abs(specificity(measured, effects, np.ones(108), row.tolist(), column.tolist())) < 0.25
    known = specificity(measured + effects, measured, np.ones(108), row.tolist(), column.tolist())
    assert known > 0.6


def test_what_is_left_of_rows_and_columns_has_no_mean_in_any() -> None:
    rng = np.random.default_rng(3)
    row, column = rng.integers(5, size=60), rng.integers(4, size=60)
    left = without_means(rng.normal(size=60), row, column)
    assert np.allclose(np.bincount(row, left), 0, atol=1e-9)
    assert np.allclose(np.bincount(column, left), 0, atol=1e-9)


def test_the_area_of_the_top_quarter_is_that_of_mann_and_whitney() -> None:
    rng = np.random.default_rng(4)
    measured, predicted = rng.normal(size=(2, 40))
    top = measured >= np.quantile(measured, 0.75)
    expected = mannwhitneyu(predicted[top], predicted[~top]).statistic / (top.sum() * (~top).sum())
    assert np.isclose(top_quartile_auc(measured, predicted), expected)


def test_always_positive_is_right_as_often_as_synergy_is() -> None:
    measured = np.array([1.0, 2.0, -1.0, 0.0, 3.0])
    assert sign_agreement(measured, np.ones(5)) == 0.75
