"""Associations against SciPy, their intervals' coverage, and the conventions for what is not tested."""

import math

import numpy as np
import pytest
from scipy import special, stats

from screen.analysis.markers.associations import (
    FEWEST_LINES,
    associate,
    false_discovery,
    incomplete_beta,
    lines_to_show,
    mean_ranks,
    merged_markers,
    p_value,
    standard_ranks,
)


def test_rho_and_p_are_those_of_scipy() -> None:
    random = np.random.default_rng(1)
    x, y = random.normal(size=30), random.integers(0, 5, 30).astype(float)
    known = stats.spearmanr(x, y)
    rho = float(standard_ranks(x) @ standard_ranks(y))
    assert rho == pytest.approx(known.statistic)
    assert p_value(rho, 30) == pytest.approx(known.pvalue)


def test_false_discovery_is_that_of_scipy() -> None:
    p = np.random.default_rng(2).uniform(size=50) ** 2
    np.testing.assert_allclose(false_discovery(p), stats.false_discovery_control(p))
    assert len(false_discovery(np.array([]))) == 0


@pytest.mark.slow
def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    random, true = np.random.default_rng(3), 0.6
    truth = 6 / np.pi * np.arcsin(true / 2)
    inside = 0
    for seed in range(100):
        x = random.normal(size=60)
        y = true * x + np.sqrt(1 - true**2) * random.normal(size=60)
        found = associate({"x": x}, {"y": y}, seed=seed)[0]
        inside += found.low <= truth <= found.high
    assert inside >= 87


def test_a_perfect_marker_comes_first_and_a_monotone_change_leaves_it() -> None:
    x = np.arange(12.0)
    noise = np.random.default_rng(4).normal(size=12)
    found = associate({"noise": noise, "good": np.exp(x)}, {"answer": -x})
    assert (found[0].marker, found[0].rho, found[0].p) == ("good", pytest.approx(-1), 0.0)
    assert found[0].low == pytest.approx(-1)


def test_company_and_order_change_nothing_but_q() -> None:
    random = np.random.default_rng(5)
    a, b, y = random.normal(size=(3, 20))
    alone = associate({"a": a}, {"y": y})[0]
    both = next(item for item in associate({"b": b, "a": a}, {"y": y}) if item.marker == "a")
    assert (alone.rho, alone.low, alone.high, alone.p) == (both.rho, both.low, both.high, both.p)


def test_what_cannot_be_tested_is_left_out() -> None:
    few = np.arange(float(FEWEST_LINES - 1))
    assert associate({"x": few}, {"y": few}) == []
    assert associate({"x": np.ones(20)}, {"y": np.arange(20.0)}) == []
    gaps = np.where(np.arange(20) < 5, np.nan, np.arange(20.0))
    assert associate({"x": gaps}, {"y": np.arange(20.0)})[0].lines == 15


def test_markers_that_rank_all_lines_alike_are_one_test() -> None:
    x = np.array([3.0, 1.0, 4.0, 1.5, np.nan, 9.0, 2.0, 6.0, 5.0, 3.5])
    markers = {"a": x, "other": x[::-1], "b": 2 * x + 1, "flat": np.ones(10), "level": np.ones(10)}
    merged = merged_markers(markers)
    assert list(merged) == ["a = b", "other", "flat", "level"]
    np.testing.assert_array_equal(merged["a = b"], x)
    target = {"y": np.arange(10.0)}
    one, twice = associate(merged, target), associate(markers, target)
    assert len(one) == 2
    assert len(twice) == 3


@pytest.mark.parametrize("ties", [1, 4, 30])
def test_ranks_are_those_of_scipy(ties: int) -> None:
    random = np.random.default_rng(3)
    values, rows = random.integers(0, 120 // ties, 31).astype(float), random.integers(0, 31, (5, 31))
    assert (mean_ranks(values) == stats.rankdata(values)).all()
    assert (mean_ranks(values, rows) == stats.rankdata(values[rows], axis=-1)).all()


@pytest.mark.parametrize("x", [0.0, 1e-9, 0.02, 0.4, 0.9, 0.999999, 1.0])
@pytest.mark.parametrize("a", [0.5, 3.0, 10.5, 499.0])
def test_the_beta_function_is_that_of_scipy(a: float, x: float) -> None:
    assert incomplete_beta(a, 0.5, x) == pytest.approx(special.betainc(a, 0.5, x), rel=1e-10, abs=1e-300)


def test_a_weaker_correlation_takes_more_lines_to_show() -> None:
    """At 0.3 some 90 lines, as tables of power have it (85 of Pearson's); the sign does not count."""
    assert 85 <= lines_to_show(-0.3) == lines_to_show(0.3) <= 95
    assert lines_to_show(0.1) > 800
    assert lines_to_show(0.0) == math.inf
    rng, many = np.random.default_rng(1), int(lines_to_show(0.5))
    pearson = 2 * math.sin(math.pi * 0.5 / 6)  # of a normal pair whose ranks correlate by 0.5
    x, noise = rng.normal(size=(2, 2000, many))
    x, y = (stats.rankdata(one, axis=1) for one in (x, pearson * x + math.sqrt(1 - pearson**2) * noise))
    found = np.array([np.corrcoef(*pair)[0, 1] for pair in zip(x, y)])
    t = np.abs(found) * np.sqrt((many - 2) / (1 - found**2))
    assert np.mean(2 * stats.t.sf(t, many - 2) < 0.05) == pytest.approx(0.8, abs=0.05)
