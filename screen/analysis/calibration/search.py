"""The search for the nominal set: SciPy's trust-region least squares from draws of the prior.

Of many draws from the prior the best are improved, each in bursts of a few iterations; the scale beyond which
a misfit counts only by its logarithm shrinks from burst to burst, from a wide funnel to the energy itself.
"""

from dataclasses import dataclass

import numpy as np

from screen.analysis.calibration.finite_differences import slopes, touched
from screen.analysis.calibration.objective import Evaluation, Objective
from screen.arrays import Floats

EDGE = 1e-3


@dataclass(frozen=True)
class Burst:
    """How many evaluations of the residuals a burst may take, and the scale of its misfits."""

    evaluations: int
    robust: float


def scale_of(number: int, bursts: int, robust: float) -> float:
    """The scale of a start's burst `number` of `bursts`: twice as wide for each burst before the last two."""
    return robust * 2.0 ** max(0, bursts - 2 - number)


def best_draws(objective: Objective, seed: int, candidates: int, starts: int, robust: float) -> Floats:
    """The scores (starts, D) of the best of `candidates` draws from the prior, best first."""
    drawn = objective.priors.sample(np.random.default_rng([seed, 0]), candidates)
    return drawn[np.argsort(objective.energies(drawn, robust), kind="stable")[:starts]]


def improve(objective: Objective, start: Floats, burst: Burst) -> tuple[Floats, float]:
    """Scores (D,) and energy after one burst of trust-region least squares from scores (D,) within reach."""
    from scipy.optimize import least_squares

    table = touched(objective)
    reach = objective.priors.reach
    seen: dict[bytes, Evaluation] = {}

    def evaluated(scores: Floats) -> Evaluation:
        key = scores.tobytes()
        if key not in seen:
            seen.clear()
            seen[key] = objective.evaluate(scores[None])
        return seen[key]

    def residuals(scores: Floats) -> Floats:
        return np.concatenate([objective.residuals(evaluated(scores).misfits[0], burst.robust), scores])

    def jacobian(scores: Floats) -> Floats:
        here = evaluated(scores)
        inner, _ = slopes(objective, scores, here, table)
        outer = objective.residual_slopes(here.misfits[0], burst.robust)
        return np.vstack([outer[:, None] * inner, np.eye(len(scores))])

    found = least_squares(
        residuals,
        np.clip(start, -reach + EDGE, reach - EDGE),
        jacobian,
        bounds=(-reach, reach),
        max_nfev=burst.evaluations,
        ftol=1e-4,
        xtol=1e-6,
        gtol=1e-6,
    )
    return found.x, float(found.cost)
