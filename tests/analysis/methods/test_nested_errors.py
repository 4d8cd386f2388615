"""Nested errors: integrated out they are the covariance, drawn they have its conditional moments."""

import numpy as np

from screen.analysis.methods.nested_errors import NONE, NestedErrors

ERRORS = NestedErrors(
    own=np.array([0.5, 0.4, 0.6, 1.0]),
    inner=np.array([0, 0, 1, NONE]),
    outer=np.array([0, 0]),
    inner_sd=np.array([0.8, 0.3]),
    outer_sd=np.array([0.7]),
)
INNER = np.array([[0.64, 0.64, 0, 0], [0.64, 0.64, 0, 0], [0, 0, 0.09, 0], [0, 0, 0, 0]])
OUTER = 0.49 * np.outer([1, 1, 1, 0], [1, 1, 1, 0])
ROWS = np.array([[0.9, -0.2, 0.4, 2.0]])


def test_weighing_applies_the_inverse_covariance() -> None:
    own = np.diag(ERRORS.own**2)
    np.testing.assert_allclose(ERRORS.weigh(ROWS, integrated=False)[0], np.linalg.solve(own, ROWS[0]))
    np.testing.assert_allclose(ERRORS.weigh(ROWS, integrated=True)[0], np.linalg.solve(own + INNER, ROWS[0]))


def test_offsets_are_drawn_from_their_distribution_given_the_residuals() -> None:
    outer, inner = ERRORS.offsets(np.repeat(ROWS, 40_000, axis=0), np.random.default_rng(1))
    whole = np.diag(ERRORS.own**2) + INNER + OUTER
    for found, part in ((outer, OUTER), (inner, INNER), (outer + inner, INNER + OUTER)):
        np.testing.assert_allclose(found.mean(axis=0), part @ np.linalg.solve(whole, ROWS[0]), atol=0.02)
        expected = part - part @ np.linalg.solve(whole, part)
        np.testing.assert_allclose(np.cov(found.T), expected, atol=0.02)
