"""Predictive intervals hold what they say, of members and of their noise alike."""

import numpy as np
import pytest

from screen.analysis.learn.verdicts import predictive


def test_of_members_that_agree_the_interval_is_that_of_the_noise() -> None:
    low, high = predictive(np.full((7, 2), 0.4), np.array([0.1, 0.0]))
    assert low == pytest.approx([0.4 - 0.164485, 0.4], abs=1e-5)
    assert high == pytest.approx([0.4 + 0.164485, 0.4], abs=1e-5)


def test_members_and_noise_add_up_and_a_failed_member_does_not_count() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((4000, 1))
    rows[7] = np.nan
    low, high = predictive(rows, np.ones(1))
    assert high - low == pytest.approx(2 * 1.645 * np.sqrt(2), rel=0.03)
    assert predictive(rows, np.ones(1)) == (low, high)


@pytest.mark.slow
def test_it_holds_nine_in_ten_readings_whose_noise_is_most_of_it() -> None:
    rng = np.random.default_rng(1)
    rows, truth = 0.3 * rng.standard_normal((96, 3000)), 0.3 * rng.standard_normal(3000)
    low, high = predictive(rows, np.ones(3000))
    read = truth + rng.standard_normal(3000)
    assert np.mean((low <= read) & (read <= high)) == pytest.approx(0.9, abs=0.015)
