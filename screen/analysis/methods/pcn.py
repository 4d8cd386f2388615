"""Preconditioned Crank-Nicolson sampling in blocks (Cotter 2013, 10.1214/13-STS421), several chains in step.

Each chain has a Gaussian reference, its own optimum and the curvature there. A proposal moves a random block
of the reference's principal directions, half of the blocks among those that the evidence narrows and half
among those that it leaves to the prior: z' = sqrt(1 - b^2) z + b xi, accepted by the ratio of the target to
the reference. Where the target is the reference every move is accepted, so the steps are long in whatever the
evidence leaves open. b is adapted during the warm-up only; after it each chain is a plain Metropolis chain.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from screen.arrays import Floats

Energies = Callable[[Floats], Floats]
GOAL = 0.35
WIDER = 1.4
"""A reference is this much wider than the curvature says, though never wider than the prior: one that is too
narrow would hold chains in the tails.
"""


@dataclass(frozen=True)
class GaussianReference:
    """A Gaussian: its middle (D,), principal directions (D, D) in columns, their standard deviations (D,)."""

    middle: Floats
    directions: Floats
    widths: Floats

    @classmethod
    def at(cls, middle: Floats, slopes: Floats) -> "GaussianReference":
        """The reference at an optimum (D,) whose unit-variance residuals have the slopes (rows, D); the prior
        is standard normal.
        """
        precision, directions = np.linalg.eigh(slopes.T @ slopes + np.eye(len(middle)))
        return cls(middle, directions, np.minimum(WIDER / np.sqrt(precision), 1.0))


@dataclass(frozen=True)
class Chains:
    """C chains between two blocks of steps: states (C, D), energies (C,), b (C, 2) of the two kinds of block,
    steps done.
    """

    states: Floats
    energies: Floats
    reach: Floats
    steps: int


@dataclass(frozen=True)
class Kept:
    """States (C, K, D) and energies (C, K) kept in a block, and the share of proposals accepted (C, 2)."""

    states: Floats
    energies: Floats
    accepted: Floats


def advance(
    energies: Energies,
    references: tuple[GaussianReference, ...],
    chains: Chains,
    rng: np.random.Generator,
    steps: int,
    thin: int,
    block: int,
    adapt: bool,
) -> tuple[Chains, Kept]:
    """`steps` proposals in every chain, all chains' proposals in one call of `energies` (C, D) -> (C,)."""
    states, now, reach = chains.states.copy(), chains.energies.copy(), chains.reach.copy()
    count = len(states)
    kept_states, kept_energies = [], []
    tried, taken = np.zeros((count, 2)), np.zeros((count, 2))
    for number in range(steps):
        kind = (chains.steps + number) % 2
        proposals, tilt = states.copy(), np.zeros(count)
        for chain, reference in enumerate(references):
            narrowed = reference.widths < 1.0
            among = np.flatnonzero(narrowed if kind == 0 else ~narrowed)
            if not len(among):
                among = np.arange(len(narrowed))
            chosen = rng.choice(among, size=min(block, len(among)), replace=False)
            axes, widths, b = reference.directions[:, chosen], reference.widths[chosen], reach[chain, kind]
            z = axes.T @ (states[chain] - reference.middle) / widths
            moved = np.sqrt(1 - b * b) * z + b * rng.standard_normal(len(chosen))
            proposals[chain] += axes @ (widths * (moved - z))
            tilt[chain] = 0.5 * float(moved @ moved - z @ z)
        there = energies(proposals)
        chance = np.minimum(0.0, now - there + tilt)
        take = np.log(rng.random(count)) < chance
        states[take], now[take] = proposals[take], there[take]
        tried[:, kind] += 1
        taken[:, kind] += take
        if adapt:
            rate = 1 / np.sqrt(1 + (chains.steps + number) / 40)
            reach[:, kind] = np.clip(reach[:, kind] * np.exp(rate * (np.exp(chance) - GOAL)), 0.01, 0.99)
        if (number + 1) % thin == 0:
            kept_states.append(states.copy())
            kept_energies.append(now.copy())
    kept = Kept(np.stack(kept_states, axis=1), np.stack(kept_energies, axis=1), taken / np.maximum(tried, 1))
    return Chains(states, now, reach, chains.steps + steps), kept
