"""Gauss-Newton for residuals beside a standard normal prior.

Slopes are finite differences; parameters that share no row are moved together (Curtis, Powell and Reid 1974,
10.1093/imamat/13.1.117), so that a model of many parameters, each of which moves few rows, needs few simulations.
A row may ask for nothing on one side of a bound, so its difference bends where its value is linear: each step minimises
the true differences of linearised values (prox-linear; Drusvyatskiy and Paquette 2019, 10.1007/s10107-018-1311-3), for
a step that knows only the rows in want now walks through the bounds of all others.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from screen.analysis.methods.ensemble_smoother import FAR, ErrorFactor, Forward
from screen.arrays import Bools, Floats, Indices

STEP = 0.15
"""Of a finite difference, in standard deviations of the prior: wide enough to see over the solver's tolerance."""
LONGEST = 1.5
"""How far one parameter moves in one step."""
DAMPINGS = (0.1, 0.5, 2.0, 10.0, 50.0)
"""Tried in every step, times the last one that helped."""
MOST_DAMPING = 1e5
INNER = 14
"""Newton steps of one linearised problem at the most; it asks for no simulation."""
SHORTER = (1.0, 0.5, 0.25, 0.1, 0.03)
FLAT = 0.02
"""Energy: a linearised problem is solved where a step gains less."""
SETTLED = 1e-4
"""A step that lowers the energy by less than this share of it is the last."""
MISSING = 50.0
"""Energy of a row that could not be simulated."""

Differences = Callable[[Floats], tuple[Floats, Floats]]
"""Predicted rows (K, M) to their differences from what was observed and the slopes of these (K, M), 0 where a row asks
for nothing.
"""


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """What is minimised: half the sum of squares of whitened differences and of scores. `reach` (D, M) says which rows
    a parameter may move.
    """

    forward: Forward
    differences: Differences
    errors: ErrorFactor
    reach: Bools

    def residuals(self, values: Floats) -> Floats:
        """Whitened differences (K, M)."""
        return self.errors.whiten(self.differences(values)[0])

    def energy(self, scores: Floats, values: Floats) -> Floats:
        """Half the sum of squares (K,) at scores (K, D)."""
        rows = (self.residuals(values) ** 2).sum(axis=1)
        lost = MISSING * (~np.isfinite(values)).sum(axis=1)
        return np.asarray(0.5 * rows + 0.5 * (scores**2).sum(axis=1) + lost)


@dataclass(frozen=True, eq=False)
class Minimum:
    """Scores (D,), their predicted rows (M,), the energy after each step, and the damping of the next one."""

    scores: Floats
    values: Floats
    energies: tuple[float, ...]
    damping: float = 1.0

    @property
    def settled(self) -> bool:
        """Whether further steps are of no use."""
        if self.damping > MOST_DAMPING:
            return True
        return (
            len(self.energies) > 1 and 0 < self.energies[-2] - self.energies[-1] < SETTLED * self.energies[-1]
        )


def apart(reach: Bools) -> list[Indices]:
    """Parameters that no row knows two of, in as few sets as taking them in turn finds."""
    sets: list[tuple[list[int], Bools]] = []
    for parameter, rows in enumerate(reach):
        for members, taken in sets:
            if not (taken & rows).any():
                members.append(parameter)
                taken |= rows
                break
        else:
            sets.append(([parameter], rows.copy()))
    return [np.array(members, dtype=np.intp) for members, _ in sets]


def slopes(problem: LeastSquares, scores: Floats, values: Floats) -> Floats:
    """Slopes of predicted rows (D, M) at scores (D,) with predicted rows (M,); 0 where one is missing."""
    sets = apart(problem.reach)
    step = np.where(scores < FAR - 2 * STEP, STEP, -STEP)
    moved = np.repeat(scores[None], len(sets), axis=0)
    for number, members in enumerate(sets):
        moved[number, members] += step[members]
    found = np.nan_to_num(problem.forward(moved) - values, posinf=0.0, neginf=0.0)
    table = np.zeros(problem.reach.shape)
    for number, members in enumerate(sets):
        table[members] = np.where(problem.reach[members], found[number] / step[members, None], 0.0)
    return table


def begin(problem: LeastSquares, scores: Floats) -> Minimum:
    """The start (D,) of a search."""
    values = problem.forward(scores[None])
    return Minimum(scores, values[0], (float(problem.energy(scores[None], values)[0]),))


def improved(problem: LeastSquares, now: Minimum) -> Minimum:
    """After one step: the best of a few dampings and lengths, or the same scores with more damping."""
    table = slopes(problem, now.scores, now.values)
    dampings = [now.damping * factor for factor in DAMPINGS]
    tried = [np.clip(now.scores + _step(problem, now, table, damping), -FAR, FAR) for damping in dampings]
    scores = np.array(tried)
    values = problem.forward(scores)
    energies = problem.energy(scores, values)
    best = int(np.argmin(energies))
    if energies[best] >= now.energies[-1]:
        return Minimum(now.scores, now.values, (*now.energies, now.energies[-1]), 20 * now.damping)
    damping = max(dampings[best], 1e-3)
    return Minimum(scores[best], values[best], (*now.energies, float(energies[best])), damping)


def _step(problem: LeastSquares, now: Minimum, table: Floats, damping: float) -> Floats:
    """The step (D,) that minimises the energy of values linear in it, with half of `damping` times its square, by at
    most `INNER` Newton steps.
    """

    def linearised(step: Floats) -> float:
        scores, values = now.scores + step, now.values + step @ table
        energy = problem.energy(scores[None], values[None])[0]
        return float(energy + 0.5 * damping * (step**2).sum())

    step = np.zeros_like(now.scores)
    energy = linearised(step)
    for _ in range(INNER):
        rows, slope = problem.differences((now.values + step @ table)[None])
        steep = problem.errors.whiten(table * slope)
        gap = problem.errors.whiten(rows)[0]
        downhill = steep @ gap + now.scores + (1 + damping) * step
        further = np.linalg.solve(steep @ steep.T + (1 + damping) * np.eye(len(step)), downhill)
        before = energy
        for share in SHORTER:
            longer = np.clip(step - share * further, -LONGEST, LONGEST)
            if (found := linearised(longer)) < energy:
                step, energy = longer, found
                break
        if before - energy < FLAT:
            break
    return step
