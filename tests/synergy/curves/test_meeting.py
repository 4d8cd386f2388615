"""The compiled search for where curves meet: the roots of the search in NumPy, whatever stands beside an equation."""

import numpy as np
import pytest

from screen.synergy.curves.meeting import roots
from screen.synergy.curves.roots import find_roots
from screen.synergy.curves.single_agent import Curves, SingleAgent, fit_curves
from tests.synergy.known_matrices import doses

MANY = 203


def pairs(kind: SingleAgent) -> tuple[Curves, Curves, list[np.ndarray]]:
    """Noisy curves of two drugs, and an equation of each pair."""
    random, conc = np.random.default_rng(3), doses()
    fall = 1 / (
        1 + (conc / np.exp(random.uniform(1, 7, (2, MANY, 1)))) ** random.uniform(0.7, 2, (2, MANY, 1))
    )
    curves = [
        fit_curves(np.tile(conc, (MANY, 1)), y + 0.02 * random.normal(size=y.shape), kind) for y in fall
    ]
    x = np.log(random.choice(conc[1:], (2, MANY)))
    return *curves, [*x, np.ones(MANY), np.full(MANY, -60.0), np.full(MANY, 60.0)]


@pytest.mark.parametrize("kind", ["monotone", "fit"])
def test_drugs_that_share_a_cell_do_the_same_at_the_doses_found(kind: SingleAgent) -> None:
    one, two, equations = pairs(kind)
    x_1, x_2, _, low, high = equations
    lane = np.arange(MANY)

    def both(tau: np.ndarray, cell: np.ndarray) -> list[np.ndarray]:
        shares = np.log1p(np.exp(-tau)), np.log1p(np.exp(tau))
        return [
            curves.response(x[cell] + share, cell) for curves, x, share in zip((one, two), (x_1, x_2), shares)
        ]

    tau, y = roots(equations, [(one.rows(), lane), (two.rows(), lane)])
    expected = find_roots(lambda at, cell: np.subtract(*both(at, cell)), low, high)
    np.testing.assert_allclose(tau, expected, atol=1e-8)
    np.testing.assert_allclose(y, np.mean(both(expected, lane), axis=0), atol=1e-12)


def test_a_curve_comes_back_to_the_dose_of_its_response() -> None:
    curves, _, (x, *_) = pairs("monotone")
    lane = np.arange(MANY)
    found = curves.log_dose(curves.response(x, lane), lane)
    np.testing.assert_allclose(curves.response(found, lane), curves.response(x, lane), atol=1e-10)


def test_a_root_does_not_depend_on_its_neighbours() -> None:
    one, two, equations = pairs("monotone")
    together = roots(equations, [(one.rows(), np.arange(MANY)), (two.rows(), np.arange(MANY))])
    for lane in (np.array([0]), np.array([5, 17, 100])):
        alone = roots([each[lane] for each in equations], [(one.rows(), lane), (two.rows(), lane)])
        np.testing.assert_array_equal(alone, np.array(together)[:, lane])
