"""Hamiltonian chains: the normal posterior, a wall, steps that adapt, and states that stay where a move is refused."""

import numpy as np
import pytest

from screen.analysis.methods.diagnostics import effective_size, r_hat
from screen.analysis.methods.hamiltonian import ACCEPTED, Chains, begun, root_of, trajectory, tuned
from screen.arrays import Floats
from tests.analysis.methods.known_posterior import MATRIX, linear, posterior

PROBLEM = linear()


def energy(scores: Floats) -> tuple[Floats, Floats, Floats]:
    values = scores @ MATRIX
    away, _ = PROBLEM.differences(values)
    return PROBLEM.energy(scores, values), PROBLEM.errors.weigh(away) @ MATRIX.T + scores, values


def walled(scores: Floats) -> tuple[Floats, Floats, Floats]:
    """A standard normal of which next to nothing is left beyond 0 in the first direction."""
    beyond = 20 * np.maximum(scores[:, :1], 0.0)
    slope = scores + 20 * beyond * np.eye(scores.shape[1])[0]
    return 0.5 * (scores**2).sum(axis=1) + 0.5 * beyond[:, 0] ** 2, slope, beyond


def run(target: object, start: Floats, root: Floats, count: int, seed: int) -> tuple[Chains, Floats]:
    rng = np.random.default_rng(seed)
    chains = begun(target, start, 0.1)  # type: ignore[arg-type]
    states = []
    for number in range(count):
        chains, chance = trajectory(target, chains, root, rng)  # type: ignore[arg-type]
        if number < count // 4:
            chains = tuned(chains, chance, 0.5 / np.sqrt(1 + number))
        else:
            states.append(chains.scores)
    return chains, np.array(states).swapaxes(0, 1)


def test_chains_of_a_linear_model_have_its_posterior_mean_and_covariance() -> None:
    mean, covariance = posterior()
    chains, states = run(energy, np.zeros((6, 4)), root_of(np.linalg.inv(covariance)), 400, 1)
    flat = states.reshape(-1, 4)
    np.testing.assert_allclose(flat.mean(axis=0), mean, atol=0.08)
    np.testing.assert_allclose(np.cov(flat.T), covariance, atol=0.1)
    assert r_hat(states).max() < 1.02
    assert effective_size(states).min() > 600
    np.testing.assert_allclose(chains.values, chains.scores @ MATRIX)


def test_chains_meet_a_wall_and_stay_before_it() -> None:
    _, states = run(walled, np.full((6, 3), -0.5), np.eye(3), 400, 2)
    assert (states[..., 0] > 0.2).mean() < 0.01
    assert states[..., 0].mean() == pytest.approx(-np.sqrt(2 / np.pi), abs=0.08)
    assert states[..., 1].std() == pytest.approx(1.0, abs=0.08)


def test_a_move_that_is_refused_leaves_the_state_and_all_that_belongs_to_it() -> None:
    chains = Chains(np.zeros((2, 4)), *energy(np.zeros((2, 4))), step=0.5)
    wild = np.diag([60.0, 60.0, 60.0, 1.0])
    found, chance = trajectory(energy, chains, wild, np.random.default_rng(3))
    assert (chance < 1e-6).all()
    for one, other in zip(vars(found).values(), vars(chains).values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_trajectory_whose_simulation_fails_is_refused() -> None:
    def lost(scores: Floats) -> tuple[Floats, Floats, Floats]:
        return np.full(len(scores), np.nan), np.full(scores.shape, np.nan), np.full((len(scores), 7), np.nan)

    chains = begun(energy, np.zeros((2, 4)), 0.1)
    found, chance = trajectory(lost, chains, np.eye(4), np.random.default_rng(3))
    assert (chance == 0).all()
    np.testing.assert_array_equal(found.scores, chains.scores)


def test_steps_grow_where_more_is_accepted_than_asked_and_shrink_where_less_is() -> None:
    chains = begun(energy, np.zeros((2, 4)), 0.1)
    assert tuned(chains, np.array([1.0, 1.0]), 0.5).step > 0.1
    assert tuned(chains, np.array([0.2, 0.3]), 0.5).step < 0.1
    assert tuned(chains, np.full(2, ACCEPTED), 0.5).step == pytest.approx(0.1)
