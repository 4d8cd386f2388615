"""Gauss-Newton: exact where the model is linear, slopes in few simulations, bounds that are minded."""

from dataclasses import replace

import numpy as np
import pytest

from screen.analysis.methods.ensemble_smoother import ErrorFactor
from screen.analysis.methods.gauss_newton import (
    LeastSquares,
    apart,
    begin,
    improved,
    slopes,
)
from screen.arrays import Floats
from tests.analysis.methods.known_posterior import linear, optimum_of, posterior


def test_a_linear_model_ends_in_its_posterior_mean() -> None:
    optimum = optimum_of(linear(), np.zeros(4))
    np.testing.assert_allclose(optimum.scores, posterior()[0], atol=0.02)
    assert (np.diff(optimum.energies) <= 0).all()
    assert optimum.settled


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
    one, last = improved(problem, start), optimum_of(problem, np.zeros(2), 30)
    assert one.scores[0] < 0.25
    assert one.energies[-1] < last.energies[-1] + 0.1
