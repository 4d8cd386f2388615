"""The ensemble: chains of the posterior, one from each of the search's best optima, kept on disk as they go."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.calibration.finite_differences import slopes, touched
from screen.analysis.calibration.objective import Objective
from screen.analysis.methods.pcn import Chains, GaussianReference, advance
from screen.arrays import Floats
from screen.config.calibration import CalibrationConfig
from screen.files import atomic_write

STRIDE = 250
"""Proposals of each chain between two saves; random numbers are keyed by the number of the stride."""


@dataclass(frozen=True)
class Sampled:
    """States (C, N, D) and energies (C, N) kept after the warm-up; the share accepted (C, 2) in the two kinds
    of block, those that the evidence narrows and the others.
    """

    states: Floats
    energies: Floats
    accepted: Floats


def reference_at(objective: Objective, scores: Floats, robust: float) -> GaussianReference:
    """The Gaussian that follows the posterior around an optimum (D,).

    An interval that holds with room to spare narrows less the more room there is.
    """
    here = objective.evaluate(scores[None])
    _, by_value = slopes(objective, scores, here, touched(objective))
    rows = len(objective.statements)
    weight = np.empty(rows)
    for number, criterion in enumerate(objective.criteria):
        residual = here.residuals[0, number]
        inside = criterion.inside(here.values[0, number], objective.margin)
        weight[number] = 1 / (1 + (residual / robust) ** 2) / (1 + inside) ** 2 / criterion.tolerance**2
    scaled = np.sqrt(weight * objective.weights[:rows])[:, None] * np.nan_to_num(by_value)
    return GaussianReference.at(scores, scaled)


def sample(
    objective: Objective,
    starts: Floats,
    settings: CalibrationConfig,
    path: Path,
    progress: Callable[[int, float], None],
) -> Sampled:
    """`settings.steps` proposals in each chain from starts (C, D); the first `warm_up` adapt and are not kept.

    `path` holds what is done, and is resumed from; `progress` hears of steps and the mean energy.
    """
    robust = settings.robust
    references = tuple(reference_at(objective, start, robust) for start in starts)

    def energies(scores: Floats) -> Floats:
        return objective.energies(scores, robust)

    strides = -(-settings.steps // STRIDE)
    warm = min(-(-settings.warm_up // STRIDE), strides - 1)
    if path.exists():
        with np.load(path) as kept:
            chains = Chains(kept["now"], kept["now_energies"], kept["reach"], int(kept["steps"]))
            states, found, accepted = [kept["states"]], [kept["energies"]], [kept["accepted"]]
    else:
        count, size = starts.shape
        chains = Chains(starts.copy(), energies(starts), np.full((count, 2), 0.3), 0)
        states, found = [np.empty((count, 0, size))], [np.empty((count, 0))]
        accepted = [np.empty((0, count, 2))]
    for stride in range(chains.steps // STRIDE, strides):
        rng = np.random.default_rng([settings.seed, 2, stride])
        adapt = stride < warm
        chains, fresh = advance(
            energies, references, chains, rng, STRIDE, settings.thin, settings.block, adapt
        )
        if not adapt:
            states.append(fresh.states)
            found.append(fresh.energies)
            accepted.append(fresh.accepted[None])
        states, found = [np.concatenate(states, axis=1)], [np.concatenate(found, axis=1)]
        accepted = [np.concatenate(accepted)]
        with atomic_write(path) as unfinished, unfinished.open("wb") as file:
            np.savez(
                file,
                now=chains.states,
                now_energies=chains.energies,
                reach=chains.reach,
                steps=chains.steps,
                states=states[0],
                energies=found[0],
                accepted=accepted[0],
            )
        progress(chains.steps, float(chains.energies.mean()))
    return Sampled(states[0], found[0], accepted[0].mean(axis=0))
