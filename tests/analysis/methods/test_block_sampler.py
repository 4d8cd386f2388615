"""Chains of components: the posterior of a linear model with shared offsets, and of one that is bent."""

import numpy as np
import pytest

from screen.analysis.methods.block_sampler import (
    APART,
    Chains,
    NormalApproximation,
    Sampler,
    Stage,
    components,
    tuned,
)
from screen.analysis.methods.diagnostics import agreement
from screen.analysis.methods.ensemble_smoother import ErrorFactor
from screen.analysis.methods.gauss_newton import LeastSquares
from screen.analysis.methods.nested_errors import NestedErrors
from screen.arrays import Bools, Floats

RNG = np.random.default_rng(5)
REACH = np.array(
    [[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 1, 1, 0, 0], [1, 0, 1, 0, 1, 0], [0, 0, 0, 0, 0, 0]],
    dtype=bool,
)
FIRST, SECOND = np.array([1, 1, 1, 0, 0], dtype=bool), np.array([0, 0, 0, 1, 1], dtype=bool)
MATRIX = np.where(REACH, RNG.standard_normal((5, 6)), 0.0)
TRUTH = RNG.standard_normal(6)
ERRORS = NestedErrors(
    own=np.full(6, 0.5),
    inner=np.array([0, 0, 1, 1, 2, 2]),
    outer=np.zeros(3, dtype=np.intp),
    inner_sd=np.full(3, 0.4),
    outer_sd=np.array([0.3]),
)
COVARIANCE = np.diag(np.full(6, 0.25)) + 0.16 * np.kron(np.eye(3), np.ones((2, 2))) + 0.09


def sampler(bend: float = 0.0) -> Sampler:
    def forward(scores: Floats) -> Floats:
        return np.asarray(scores @ MATRIX + bend * (scores @ MATRIX) ** 2)

    def differences(values: Floats) -> tuple[Floats, Floats]:
        return values - TRUTH, np.ones_like(values)

    problem = LeastSquares(forward, differences, ErrorFactor.of([(np.arange(6), COVARIANCE)]), REACH)
    reference = NormalApproximation(np.zeros(5), differences(forward(np.zeros((1, 5))))[0][0], MATRIX)
    stages = [
        Stage(*components(kind, REACH), integrated, lambda scores, _: forward(scores))
        for kind, integrated in ((FIRST, True), (SECOND, False))
    ]
    return Sampler(problem, ERRORS, reference, stages)


def run(moved: Sampler, sweeps: int, warm: int = 40) -> Floats:
    """States (sweeps, K, D) after warming up."""
    rng = np.random.default_rng(3)
    chains: Chains = moved.begin(rng.standard_normal((128, 5)))
    lessons, states = [], []
    for number in range(warm + sweeps):
        chains, heard = moved.sweep(chains, rng)
        if number < warm:
            chains = tuned(chains, heard, 0.3)
            lessons.append([one.coordinates for one in heard])
        if number == warm // 2:
            chains = moved.taught(chains, [np.concatenate(one) for one in zip(*lessons, strict=True)])
        if number >= warm:
            states.append(chains.scores)
    return np.array(states)


def test_components_share_no_row_and_what_no_row_knows_is_one_of_them() -> None:
    parameters, rows = components(FIRST, REACH)
    assert parameters.tolist() == [0, 1, 1, APART, APART]
    assert rows.tolist() == [0, 0, 1, 1, APART, APART]
    parameters, rows = components(SECOND, REACH)
    assert parameters.tolist() == [APART, APART, APART, 0, 1]
    assert rows.tolist() == [0, APART, 0, APART, 0, APART]


@pytest.mark.slow
def test_a_linear_model_is_sampled_from_its_posterior() -> None:
    states = run(sampler(), 250)
    precision = MATRIX @ np.linalg.solve(COVARIANCE, MATRIX.T) + np.eye(5)
    covariance = np.linalg.inv(precision)
    mean = covariance @ MATRIX @ np.linalg.solve(COVARIANCE, TRUTH)
    flat = states.reshape(-1, 5)
    np.testing.assert_allclose(flat.mean(axis=0), mean, atol=0.05)
    np.testing.assert_allclose(np.cov(flat.T), covariance, atol=0.06)
    found = agreement(states.swapaxes(0, 1)).summary()
    assert found["r_hat"]["largest"] < 1.02
    assert found["effective_size"]["smallest"] > 400


@pytest.mark.slow
def test_a_bent_model_is_sampled_from_its_own_posterior() -> None:
    """Against weights on members of the prior."""
    bend = 0.15
    flat = run(sampler(bend), 250).reshape(-1, 5)
    prior = np.random.default_rng(4).standard_normal((400_000, 5))
    rows = prior @ MATRIX + bend * (prior @ MATRIX) ** 2 - TRUTH
    logs = -0.5 * np.sum(rows * np.linalg.solve(COVARIANCE, rows.T).T, axis=1)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    mean = weights @ prior
    np.testing.assert_allclose(flat.mean(axis=0), mean, atol=0.06)
    np.testing.assert_allclose(flat.var(axis=0), weights @ (prior - mean) ** 2, atol=0.06)
    linear = run(sampler(), 60).reshape(-1, 5)
    assert np.abs(linear.mean(axis=0) - mean).max() > 0.1, "the bend matters"


def test_a_proposal_that_cannot_be_simulated_is_left() -> None:
    moved = sampler()
    chains = moved.begin(np.zeros((2, 5)))

    def lost(scores: Floats, before: Floats) -> Floats:
        return np.full_like(before, np.nan)

    kind: Bools = FIRST
    stage = Stage(*components(kind, REACH), True, lost)
    broken = Sampler(moved._problem, ERRORS, moved._reference, [stage])
    after, heard = broken.sweep(chains, np.random.default_rng(1))
    np.testing.assert_array_equal(after.scores, chains.scores)
    assert heard[0].taken.tolist() == [0.0, 0.0]
