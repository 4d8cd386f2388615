"""The search for the nominal set: SciPy's trust-region least squares from draws of the prior.

Of many draws from the prior the best are improved, each in bursts of a few iterations; the scale beyond which
a standardised residual counts only by its logarithm shrinks from burst to burst, from a wide funnel to the
energy itself.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy

from screen.analysis.calibration.finite_differences import slopes, touched
from screen.analysis.calibration.folder import StageClock
from screen.analysis.calibration.objective import Evaluation, Objective
from screen.arrays import Floats
from screen.config.calibration import CalibrationConfig
from screen.files import atomic_write

log = logging.getLogger(__name__)
Progress = Callable[[str, int, int, float], None]
"""Hears of the stage, what is done of how much, and the energy."""
EDGE = 1e-3


def silent(stage: str, done: int, total: int, energy: float) -> None:
    """No news."""


@dataclass(frozen=True)
class Burst:
    """How many evaluations of the residuals a burst may take, and the scale beyond which one counts by its
    logarithm.
    """

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
        return np.concatenate(
            [objective.robust_residuals(evaluated(scores).residuals[0], burst.robust), scores]
        )

    def jacobian(scores: Floats) -> Floats:
        here = evaluated(scores)
        inner, _ = slopes(objective, scores, here, table)
        outer = objective.robust_slopes(here.residuals[0], burst.robust)
        return np.vstack([outer[:, None] * inner, np.eye(len(scores))])

    found = scipy.optimize.least_squares(
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


def search(
    objective: Objective,
    settings: CalibrationConfig,
    path: Path,
    tell: Progress,
    clock: StageClock | None = None,
    start: Floats | None = None,
) -> tuple[Floats, Floats]:
    """The local optima (starts, D) and energies (starts,) of the search, resumed from `path` where it exists; it
    begins at scores `start` (D,), or at the best draws from the prior.
    """
    if path.exists():
        with np.load(path) as kept:
            scores, done, energies = kept["scores"], kept["done"], kept["energies"]
        log.info("resuming the search at burst %d", int(done.sum()))
    else:
        scores = (
            best_draws(objective, settings.seed, settings.candidates, settings.starts, settings.robust * 8)
            if start is None
            else start[None].copy()
        )
        done, energies = np.zeros(len(scores), dtype=int), np.full(len(scores), np.inf)
    total = len(scores) * settings.bursts
    for number in range(len(scores)):
        while done[number] < settings.bursts:
            burst = Burst(settings.evaluations, scale_of(int(done[number]), settings.bursts, settings.robust))
            scores[number], _ = improve(objective, scores[number], burst)
            energies[number] = objective.energies(scores[number][None], settings.robust)[0]
            done[number] += 1
            with atomic_write(path) as unfinished, unfinished.open("wb") as file:
                np.savez(file, scores=scores, done=done, energies=energies)
            if clock is not None:
                clock.save("search")
            tell("search", int(done.sum()), total, float(energies.min()))
    return scores, energies
