"""Random-block Metropolis sampling: each proposal moves a few variables; the step adapts while warming up."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GOAL = 0.3


@dataclass(frozen=True)
class Chain:
    """Kept states (K, D), the energy of each (K,), and the share of proposals accepted after the warm-up."""

    states: Floats
    energies: Floats
    accepted: float


def sample(
    energy: Callable[[Floats], float],
    start: Floats,
    rng: np.random.Generator,
    steps: int,
    keep: int,
    block: int = 8,
    step: float = 0.3,
    warm_up: float = 0.25,
    progress: Callable[[int, float], None] | None = None,
) -> Chain:
    """A chain of `steps` proposals from `start` (D,), with `keep` states spread over its second part.

    The target density is exp(-energy). During the warm-up share the step is adapted to an acceptance of 0.3;
    after it the chain is a plain Metropolis chain. Each proposal moves a new block of `block` variables.
    """
    state, now = start.copy(), energy(start)
    warm = int(steps * warm_up)
    wanted = set(np.linspace(warm, steps - 1, keep).astype(int).tolist())
    states, energies, accepted = [], [], 0
    for number in range(steps):
        chosen = rng.choice(len(state), size=min(block, len(state)), replace=False)
        proposal = state.copy()
        proposal[chosen] += step * rng.standard_normal(len(chosen))
        there = energy(proposal)
        take = np.log(rng.random()) < now - there
        if take:
            state, now = proposal, there
        if number < warm:
            step *= float(np.exp(((1.0 if take else 0.0) - GOAL) / np.sqrt(1 + number / 20)))
        else:
            accepted += int(take)
        if number in wanted:
            states.append(state.copy())
            energies.append(now)
        if progress is not None:
            progress(number, now)
    return Chain(np.array(states), np.array(energies), accepted / max(1, steps - warm))
