"""Draws around an optimum: the posterior where the model is linear, its walls, and back to the model where it bends."""

import numpy as np
import pytest

from screen.analysis.methods.ensemble_smoother import ErrorFactor
from screen.analysis.methods.gauss_newton import LeastSquares
from screen.analysis.methods.linear_posterior import Linearised, draws_around
from screen.arrays import Floats
from tests.analysis.methods.known_posterior import MATRIX, linear, optimum_of, posterior

RNG = np.random.default_rng(6)


def one_row(forward: object, differences: object) -> LeastSquares:
    return LeastSquares(forward, differences, ErrorFactor(), np.ones((2, 1), dtype=bool))  # type: ignore[arg-type]


def test_draws_of_a_linear_model_have_its_posterior_mean_and_covariance() -> None:
    problem = linear()
    mean, covariance = posterior()
    scores, values = draws_around(problem, optimum_of(problem, np.zeros(4)), 1500, np.random.default_rng(2))
    np.testing.assert_allclose(values, scores @ MATRIX)
    np.testing.assert_allclose(scores.mean(axis=0), mean, atol=0.08)
    np.testing.assert_allclose(np.cov(scores.T), covariance, atol=0.1)


def test_the_energy_of_a_linearised_problem_falls_where_its_slopes_say() -> None:
    problem = linear()
    model = Linearised(problem, np.zeros(4), np.zeros(7), MATRIX)
    place = RNG.standard_normal((1, 4))
    energy, slope, rows = model.energy(place)
    np.testing.assert_allclose(rows, place @ MATRIX)
    for number in range(4):
        there = place + 1e-6 * np.eye(4)[number]
        assert (model.energy(there)[0] - energy)[0] / 1e-6 == pytest.approx(
            slope[0, number], rel=1e-3, abs=1e-4
        )
    assert energy[0] == pytest.approx(problem.energy(place, place @ MATRIX)[0])


def test_draws_stay_within_the_wall_of_a_row_that_asks_for_nothing() -> None:
    """The density of a half-normal distribution: beyond the bound there is next to nothing, and its mean is below."""

    def differences(values: Floats) -> tuple[Floats, Floats]:
        return 50 * np.maximum(values, 0.0), 50.0 * (values > 0)

    problem = one_row(lambda scores: scores[:, :1], differences)
    optimum = optimum_of(problem, np.array([-0.3, 0.0]))
    scores, _ = draws_around(problem, optimum, 1500, np.random.default_rng(3))
    assert (scores[:, 0] > 0.08).mean() < 0.01
    assert scores[:, 0].mean() == pytest.approx(-np.sqrt(2 / np.pi), abs=0.08)
    assert scores[:, 1].std() == pytest.approx(1.0, abs=0.08)


def test_draws_of_a_bent_model_are_brought_to_the_rows_that_the_linear_one_had() -> None:
    """x + y^2 / 6 is measured as 0 with an error of 0.02: at the optimum only x is seen, far along y the row bends."""

    def forward(scores: Floats) -> Floats:
        return scores[:, :1] + scores[:, 1:] ** 2 / 6

    def differences(values: Floats) -> tuple[Floats, Floats]:
        return values / 0.02, np.full_like(values, 1 / 0.02)

    problem = one_row(forward, differences)
    scores, values = draws_around(problem, optimum_of(problem, np.zeros(2)), 300, np.random.default_rng(4))
    assert np.quantile(np.abs(values), 0.9) < 0.06
    assert scores[:, 1].std() > 0.6
    np.testing.assert_allclose(scores[:, 0], -(scores[:, 1] ** 2) / 6, atol=0.1)


def test_what_every_row_knows_goes_a_share_of_its_way_and_the_rest_follows_it() -> None:
    """The sum is measured: the first is held near the optimum, and the second is drawn given it."""

    def differences(values: Floats) -> tuple[Floats, Floats]:
        return (values - 1.0) / 0.1, np.full_like(values, 10.0)

    problem = one_row(lambda scores: scores.sum(axis=1, keepdims=True), differences)
    optimum = optimum_of(problem, np.zeros(2))
    scores, values = draws_around(
        problem, optimum, 800, np.random.default_rng(5), np.array([True, False]), share=0.2
    )
    assert scores[:, 0].std() == pytest.approx(0.2 * np.sqrt(0.5), rel=0.15)
    assert values.std() == pytest.approx(0.1, rel=0.2)
    assert np.corrcoef(scores.T)[0, 1] < -0.5


def test_the_same_seed_gives_the_same_draws() -> None:
    problem = linear()
    optimum = optimum_of(problem, np.zeros(4))
    one, other = (draws_around(problem, optimum, 20, np.random.default_rng(7))[0] for _ in range(2))
    np.testing.assert_array_equal(one, other)
