"""The sampler against a posterior that is known in closed form."""

import numpy as np
import pytest

from screen.analysis.methods.smc import temper

DIMENSIONS = 30


@pytest.fixture(scope="module")
def linear() -> tuple[np.ndarray, np.ndarray, float]:
    """Data of four linear combinations of thirty variables with a standard normal prior: A, y, noise."""
    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((4, DIMENSIONS)) / np.sqrt(DIMENSIONS)
    return matrix, matrix @ rng.standard_normal(DIMENSIONS) * 2, 0.05


@pytest.mark.slow
def test_a_linear_posterior_is_recovered(linear: tuple[np.ndarray, np.ndarray, float]) -> None:
    matrix, data, noise = linear
    precision = np.eye(DIMENSIONS) + matrix.T @ matrix / noise**2
    covariance = np.linalg.inv(precision)
    middle = covariance @ matrix.T @ data / noise**2
    marginal = matrix @ matrix.T + noise**2 * np.eye(4)
    evidence = -0.5 * (data @ np.linalg.solve(marginal, data) + np.linalg.slogdet(2 * np.pi * marginal)[1])

    def log_likelihood(scores: np.ndarray) -> np.ndarray:
        away = (data - scores @ matrix.T) / noise
        return -0.5 * (away**2).sum(axis=1) - 4 * np.log(noise * np.sqrt(2 * np.pi))

    found = temper(log_likelihood, DIMENSIONS, np.random.default_rng(0), particles=512)
    assert found.log_evidence == pytest.approx(evidence, abs=1.0)
    sd = np.sqrt(np.diag(covariance))
    assert np.abs((found.scores.mean(axis=0) - middle) / sd).max() < 0.3
    assert found.scores.std(axis=0) / sd == pytest.approx(np.ones(DIMENSIONS), abs=0.25)
    told = found.scores @ matrix.T
    assert told.std(axis=0) == pytest.approx(np.sqrt(np.diag(matrix @ covariance @ matrix.T)), rel=0.25)


def test_data_that_say_nothing_leave_the_prior() -> None:
    found = temper(lambda scores: np.zeros(len(scores)), 20, np.random.default_rng(1), particles=512)
    assert found.stages == 1
    assert found.log_evidence == pytest.approx(0.0)
    assert found.scores.std(axis=0) == pytest.approx(np.ones(20), abs=0.2)


def test_what_cannot_be_simulated_is_left_out() -> None:
    def log_likelihood(scores: np.ndarray) -> np.ndarray:
        return np.where(scores[:, 0] > 0.5, -np.inf, -0.5 * scores[:, 1] ** 2)

    found = temper(log_likelihood, 5, np.random.default_rng(2), particles=256)
    assert np.all(found.scores[:, 0] <= 0.5)
    assert np.all(np.isfinite(found.log_likelihood))


def test_a_seed_decides_the_sample() -> None:
    runs = [
        temper(lambda s: -2 * s[:, 0] ** 2, 3, np.random.default_rng(seed), particles=64).scores
        for seed in (4, 4, 5)
    ]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])
