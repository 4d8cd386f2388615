"""R-hat and effective sample size of chains with a known answer."""

import warnings

import numpy as np

from screen.analysis.methods.diagnostics import effective_size, r_hat


def test_convergence_of_chains_with_a_known_answer() -> None:
    rng = np.random.default_rng(1)
    white = rng.standard_normal((4, 1000))
    assert r_hat(white) < 1.01
    assert 3000 < effective_size(white) < 4500
    slow = np.zeros((4, 4000))
    for n in range(1, 4000):
        slow[:, n] = 0.9 * slow[:, n - 1] + rng.standard_normal(4)
    np.testing.assert_allclose(effective_size(slow), 16_000 * 0.1 / 1.9, rtol=0.3)
    assert r_hat(white + np.arange(4)[:, None]) > 1.5
    assert r_hat(white * np.array([1, 1, 1, 5.0])[:, None]) > 1.1


def test_many_quantities_are_those_one_by_one() -> None:
    chains = np.random.default_rng(2).standard_normal((4, 200, 3)).cumsum(axis=1)
    for measure in (r_hat, effective_size):
        alone = [float(measure(chains[:, :, k])) for k in range(3)]
        np.testing.assert_array_equal(measure(chains), alone)


def test_what_does_not_move_or_is_too_short_has_no_r_hat_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(r_hat(np.ones((4, 100))))
        assert np.isnan(r_hat(np.ones((4, 3))))
        assert np.isnan(effective_size(np.ones((4, 3))))
