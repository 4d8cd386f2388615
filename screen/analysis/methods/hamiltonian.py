"""Hamiltonian Monte Carlo (Neal 2011, 10.1201/b10905-6): chains that go along the slopes of their energy.

Ours and no library's, for all chains step together: one call of the energy simulates the wells of all of them, by
threads next to each other, and a chain is an array that is kept on disk between two trajectories. The mass is one
matrix for all chains, the mean curvature where they are; what bends the energy on one side of a bound alone counts for
little in it, so that steps stay long.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from screen.arrays import Floats

Energy = Callable[[Floats], tuple[Floats, Floats, Floats]]
"""Energies (C,), their slopes (C, D) and anything (C, M) that is simulated on the way, at scores (C, D)."""
ACCEPTED = 0.75
"""Share of trajectories that steps aim at (Beskos 2013, 10.3150/12-BEJ414: 0.65; walls ask for more)."""
SHORTEST, LONGEST = 1e-3, 0.5
"""Steps, in standard deviations of the normal distribution that the mass stands for."""
TURN = 2.0
"""Mean length of a trajectory, likewise: a third of a turn, so that means over states are surer than of as many
independent ones.
"""
MOST_STEPS = 40
JITTER = 0.15
"""Spread of the logarithm of steps; lengths vary by `UNEVEN` either way: no mode may come back to where it was."""
UNEVEN = 0.4
LOST = 1000.0
"""A trajectory whose energy grew by so much has left the posterior."""


@dataclass(frozen=True, eq=False)
class Chains:
    """States (C, D) with their energies (C,), slopes (C, D) and values (C, M), and the step that all go by."""

    scores: Floats
    energy: Floats
    slope: Floats
    values: Floats
    step: float


def begun(energy: Energy, scores: Floats, step: float) -> Chains:
    """Chains at scores (C, D)."""
    return Chains(scores, *energy(scores), step)


def root_of(precision: Floats) -> Floats:
    """(D, D) whose product with its transpose is the inverse of a precision (D, D)."""
    return np.asarray(np.linalg.inv(np.linalg.cholesky(precision)).T)


def trajectory(
    energy: Energy, chains: Chains, root: Floats, rng: np.random.Generator
) -> tuple[Chains, Floats]:
    """The chains after one trajectory, and the chance (C,) that each had of being taken. `root` (D, f) is as of
    `root_of`, or of what is free to move only, with rows of 0 for the rest.
    """
    step = chains.step * float(np.exp(JITTER * rng.standard_normal()))
    steps = int(np.clip(round(TURN * rng.uniform(1 - UNEVEN, 1 + UNEVEN) / step), 1, MOST_STEPS))
    speed = rng.standard_normal((len(chains.scores), root.shape[1]))
    before = chains.energy + 0.5 * (speed**2).sum(axis=1)
    scores, values, after, push = chains.scores, chains.values, chains.energy, chains.slope @ root
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            speed = speed - 0.5 * step * push
            scores = scores + step * speed @ root.T
            after, slope, values = energy(scores)
            push = slope @ root
            speed = speed - 0.5 * step * push
            if not (after < before + LOST).any():
                break
        gain = before - after - 0.5 * (speed**2).sum(axis=1)
        chance = np.exp(np.minimum(np.where(np.isfinite(gain), gain, -np.inf), 0.0))
    taken = rng.random(len(chance)) < chance
    here = taken[:, None]
    found = replace(
        chains,
        scores=np.where(here, scores, chains.scores),
        energy=np.where(taken, after, chains.energy),
        slope=np.where(here, slope, chains.slope),
        values=np.where(here, values, chains.values),
    )
    return found, chance


def tuned(chains: Chains, chance: Floats, gain: float) -> Chains:
    """With a step that brings the chance of being taken nearer to `ACCEPTED` (Robbins and Monro 1951,
    10.1214/aoms/1177729586).
    """
    step = chains.step * float(np.exp(gain * (chance.mean() - ACCEPTED)))
    return replace(chains, step=float(np.clip(step, SHORTEST, LONGEST)))
