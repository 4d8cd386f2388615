"""Gauss-Newton: exact where the model is linear, slopes in few simulations, draws that are the posterior."""

from dataclasses import replace

import numpy as np
import pytest

from screen.analysis.methods.ensemble_smoother import ErrorFactor
from screen.analysis.methods.gauss_newton import (
    LeastSquares,
    Minimum,
    apart,
    begin,
    draws_around,
    improved,
    slopes,
)
from screen.arrays import Floats

RNG = np.random.default_rng(5)
MATRIX = RNG.standard_normal((4, 7)) * np.array([[1], [1], [1], [0]])
TRUTH = np.array([0.8, -0.5, 0.3, 0.0])
COVARIANCE = 0.04 * np.eye(7) + 0.02


def linear(reach: object = True) -> LeastSquares:
    observed = TRUTH @ MATRIX
    errors = ErrorFactor.of([(np.arange(7), COVARIANCE)])

    def differences(values: Floats) -> tuple[Floats, Floats]:
        return values - observed, np.ones_like(values)

    return LeastSquares(
        lambda scores: scores @ MATRIX, differences, errors, np.broadcast_to(reach, (4, 7)).copy()
    )


def posterior() -> tuple[Floats, Floats]:
    precision = MATRIX @ np.linalg.solve(COVARIANCE, MATRIX.T) + np.eye(4)
    covariance = np.linalg.inv(precision)
    return covariance @ MATRIX @ np.linalg.solve(COVARIANCE, TRUTH @ MATRIX), covariance


def found(problem: LeastSquares, start: Floats, steps: int = 12) -> Minimum:
    now = begin(problem, start)
    while len(now.energies) <= steps and not now.settled:
        now = improved(problem, now)
    return now


def test_a_linear_model_ends_in_its_posterior_mean() -> None:
    optimum = found(linear(), np.zeros(4))
    np.testing.assert_allclose(optimum.scores, posterior()[0], atol=0.02)
    assert (np.diff(optimum.energies) <= 0).all()
    assert optimum.settled


@pytest.mark.slow
def test_draws_of_a_linear_model_have_its_posterior_mean_and_covariance() -> None:
    problem = linear()
    mean, covariance = posterior()
    optimum = found(problem, np.zeros(4))
    scores, values = draws_around(problem, optimum, 3000, 1, np.random.default_rng(2))
    np.testing.assert_allclose(values, scores @ MATRIX)
    np.testing.assert_allclose(scores.mean(axis=0), mean, atol=0.06)
    np.testing.assert_allclose(np.cov(scores.T), covariance, atol=0.08)


def test_parameters_that_share_no_row_are_moved_together() -> None:
    reach = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)
    sets = [members.tolist() for members in apart(reach)]
    assert sets == [[0, 1, 3], [2]]
    matrix = np.where(reach, [[2.0], [3.0], [5.0], [7.0]], 0.0)
    asked: list[int] = []

    def forward(scores: Floats) -> Floats:
        asked.append(len(scores))
        return scores @ matrix

    def differences(values: Floats) -> tuple[Floats, Floats]:
        return values, np.ones_like(values)

    problem = LeastSquares(forward, differences, ErrorFactor(), reach)
    np.testing.assert_allclose(slopes(problem, np.zeros(4), np.zeros(4)), matrix)
    assert asked == [2]


@pytest.mark.slow
def test_rows_that_ask_for_nothing_leave_draws_to_the_prior_until_they_do() -> None:
    """A one-sided row at its bound: draws beyond it are brought back, those within it are free."""

    def differences(values: Floats) -> tuple[Floats, Floats]:
        return 20 * np.maximum(values, 0.0), 20.0 * (values > 0)

    problem = LeastSquares(lambda scores: scores, differences, ErrorFactor(), np.ones((1, 1), dtype=bool))
    optimum = found(problem, np.array([1.5]))
    assert optimum.scores[0] < 0.1
    scores, _ = draws_around(problem, optimum, 2000, 4, np.random.default_rng(3))
    assert (scores > 0.15).mean() < 0.05
    assert scores.std() > 0.4


@pytest.mark.parametrize("lost", [np.nan, np.inf])
def test_a_row_that_cannot_be_simulated_is_dear(lost: float) -> None:
    problem = linear()
    values = problem.forward(np.zeros((2, 4)))
    values[1, 0] = lost

    def differences(rows: Floats) -> tuple[Floats, Floats]:
        missing = ~np.isfinite(rows)
        return np.where(missing, 0.0, rows), np.where(missing, 0.0, 1.0)

    holed = LeastSquares(problem.forward, differences, problem.errors, problem.reach)
    whole, short = holed.energy(np.zeros((2, 4)), values)
    assert short > whole + 10


def test_a_step_minds_the_bound_of_a_row_that_asks_for_nothing_yet() -> None:
    """The sum is measured as 1.5, and the first parameter may not pass 0.2, which no row says at the start."""
    matrix = np.array([[1.0, 1.0], [1.0, 0.0]])

    def differences(values: Floats) -> tuple[Floats, Floats]:
        beyond = np.maximum(values[:, 1] - 0.2, 0.0)
        rows = np.stack([(values[:, 0] - 1.5) / 0.3, beyond / 0.02], axis=1)
        return rows, np.stack([np.full(len(values), 1 / 0.3), (beyond > 0) / 0.02], axis=1)

    problem = LeastSquares(
        lambda scores: scores @ matrix, differences, ErrorFactor(), np.ones((2, 2), dtype=bool)
    )
    start = replace(begin(problem, np.zeros(2)), damping=1e-3)
    one, last = improved(problem, start), found(problem, np.zeros(2), 30)
    assert one.scores[0] < 0.25
    assert one.energies[-1] < last.energies[-1] + 0.1
    drawn, _ = draws_around(problem, last, 50, 3, np.random.default_rng(1))
    assert np.quantile(drawn[:, 0], 0.9) < 0.25
