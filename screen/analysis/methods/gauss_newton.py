"""Gauss-Newton for residuals beside a standard normal prior, and draws around the optimum that it finds.

Slopes are finite differences; parameters that share no row are moved together (Curtis, Powell and Reid 1974,
10.1093/imamat/13.1.117), so that a model of many parameters, each of which moves few rows, needs few simulations.
Draws are optima of other problems: noise on the rows and another centre of the prior (randomised maximum likelihood;
Chen and Oliver 2012, 10.1007/s11004-011-9376-z), found with the slopes at the optimum and the rows that each draw
itself finds in want. Where the model is linear they are the posterior.
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
DAMPINGS = (0.1, 0.4, 1.5, 6.0)
"""Tried in every step, times the last one that helped."""
SHARES = (1.0, 0.5)
DRAW_SHARES = (0.7, 0.25)
DRAW_DAMPING = 0.3
MOST_DAMPING = 1e5
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

    def energy(self, scores: Floats, values: Floats, noise: Floats | float = 0.0) -> Floats:
        """Half the sum of squares (K,) at scores relative to the prior's centre (K, D)."""
        rows = ((self.residuals(values) + noise) ** 2).sum(axis=1)
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
    rows, slope = problem.differences(now.values[None])
    steep = problem.errors.whiten(table * slope)
    inner = steep @ steep.T
    downhill = steep @ problem.errors.whiten(rows)[0] + now.scores
    tried, dampings = [], []
    for damping in (now.damping * factor for factor in DAMPINGS):
        step = -np.linalg.solve(inner + (1 + damping) * np.eye(len(inner)), downhill)
        for share in SHARES:
            tried.append(np.clip(now.scores + share * np.clip(step, -LONGEST, LONGEST), -FAR, FAR))
            dampings.append(damping)
    scores = np.array(tried)
    values = problem.forward(scores)
    energies = problem.energy(scores, values)
    best = int(np.argmin(energies))
    if energies[best] >= now.energies[-1]:
        return Minimum(now.scores, now.values, (*now.energies, now.energies[-1]), 20 * now.damping)
    damping = max(dampings[best], 1e-3)
    return Minimum(scores[best], values[best], (*now.energies, float(energies[best])), damping)


def draws_around(
    problem: LeastSquares, optimum: Minimum, count: int, steps: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Scores (count, D) of draws and their predicted rows (count, M). Differences that are one-sided get no noise."""
    table = slopes(problem, optimum.scores, optimum.values)
    centre = rng.standard_normal((count, len(optimum.scores)))
    slope = problem.differences(optimum.values[None])[1]
    noise = rng.standard_normal((count, table.shape[1])) * _two_sided(problem, table.shape[1])
    steep = problem.errors.whiten(table * slope)
    inner = steep @ steep.T + np.eye(len(table))
    scores = optimum.scores + np.linalg.solve(inner, centre.T - steep @ noise.T).T
    scores = np.clip(scores, -FAR, FAR)
    values = problem.forward(scores)
    energies = problem.energy(scores - centre, values, noise)
    for _ in range(steps):
        rows, slope = problem.differences(values)
        gap = problem.errors.whiten(rows) + noise
        step = np.empty_like(scores)
        for k in range(count):
            steep = problem.errors.whiten(table * slope[k])
            inner = steep @ steep.T + (1 + DRAW_DAMPING) * np.eye(len(table))
            step[k] = -np.linalg.solve(inner, steep @ gap[k] + scores[k] - centre[k])
        for share in DRAW_SHARES:
            other = np.clip(scores + share * np.clip(step, -LONGEST, LONGEST), -FAR, FAR)
            found = problem.forward(other)
            lower = problem.energy(other - centre, found, noise)
            better = lower < energies
            scores[better], values[better], energies[better] = other[better], found[better], lower[better]
    return scores, values


def _two_sided(problem: LeastSquares, rows: int) -> Floats:
    """1 for rows with a block of errors, measured numbers, and 0 for statements, whose interval has no noise."""
    measured = np.zeros(rows)
    for members, _ in problem.errors.blocks:
        measured[members] = 1.0
    return measured
