"""The sampler on a Gaussian that is known."""

import numpy as np
import pytest

from screen.analysis.methods.diagnostics import r_hat
from screen.analysis.methods.pcn import Chains, GaussianReference, advance


@pytest.mark.slow
def test_the_sampler_draws_from_its_target_off_a_wide_reference() -> None:
    """A correlated Gaussian; the reference is off in place and wider."""
    rng = np.random.default_rng(1)
    mix = np.array([[1.0, 0.8, 0.0], [0.0, 0.6, 0.0], [0.0, 0.0, 2.0]])
    precision = np.linalg.inv(mix @ mix.T)

    def energies(states):  # type: ignore[no-untyped-def]
        return 0.5 * np.einsum("ci,ij,cj->c", states, precision, states)

    reference = GaussianReference(np.array([0.4, -0.3, 0.5]), np.eye(3), np.array([1.5, 0.8, 2.6]))
    chains = Chains(np.zeros((4, 3)), np.zeros(4), np.full((4, 2), 0.5), 0)
    chains, _ = advance(energies, (reference,) * 4, chains, rng, 500, 10, 2, True)
    _, kept = advance(energies, (reference,) * 4, chains, rng, 4000, 2, 2, False)
    found = kept.states.reshape(-1, 3)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=0.12)
    np.testing.assert_allclose(np.cov(found.T), mix @ mix.T, atol=0.35)
    assert r_hat(kept.states).max() < 1.05
