"""A linear problem whose posterior is known, for those that search it and draw from it."""

import numpy as np

from screen.analysis.methods.ensemble_smoother import ErrorFactor
from screen.analysis.methods.gauss_newton import LeastSquares, Minimum, begin, improved
from screen.arrays import Floats

RNG = np.random.default_rng(5)
MATRIX = RNG.standard_normal((4, 7)) * np.array([[1], [1], [1], [0]])
TRUTH = np.array([0.8, -0.5, 0.3, 0.0])
COVARIANCE = 0.04 * np.eye(7) + 0.02


def linear(reach: object = True) -> LeastSquares:
    """Seven rows of four parameters, the last of which moves none."""

    def differences(values: Floats) -> tuple[Floats, Floats]:
        return values - TRUTH @ MATRIX, np.ones_like(values)

    errors = ErrorFactor.of([(np.arange(7), COVARIANCE)])
    return LeastSquares(
        lambda scores: scores @ MATRIX, differences, errors, np.broadcast_to(reach, (4, 7)).copy()
    )


def posterior() -> tuple[Floats, Floats]:
    """Its mean (4,) and covariance (4, 4)."""
    covariance = np.linalg.inv(MATRIX @ np.linalg.solve(COVARIANCE, MATRIX.T) + np.eye(4))
    return covariance @ MATRIX @ np.linalg.solve(COVARIANCE, TRUTH @ MATRIX), covariance


def optimum_of(problem: LeastSquares, start: Floats, steps: int = 12) -> Minimum:
    """Where at most so many steps from `start` (D,) lead."""
    now = begin(problem, start)
    while len(now.energies) <= steps and not now.settled:
        now = improved(problem, now)
    return now
