"""Draws around an optimum: of the posterior that a model linear there would have, corrected to what the model says.

Rows that ask for nothing on one side of a bound are walls to the linear model, as they are to the true one, so it is no
normal distribution, and is drawn from by Hamiltonian Monte Carlo (Neal 2011, 10.1201/b10905-6), which costs no
simulation. Two things keep draws where the model is what its slopes say. Scores that every row knows, whose far draws
bend all rows at once, go a share of their way from the optimum, and the others are drawn again given them; then each
draw is moved, as little as the prior lets it, until the model's rows are those that the linear one had.
Where the model is linear and the share is 1, draws are the posterior.
"""

from dataclasses import dataclass

import numpy as np

from screen.analysis.methods.ensemble_smoother import FAR
from screen.analysis.methods.gauss_newton import LeastSquares, Minimum, slopes
from screen.analysis.methods.hamiltonian import begun, root_of, trajectory, tuned
from screen.arrays import Bools, Floats

SHARE = 0.35
"""How far scores that every row knows go of the way that the linear model would let them."""
FIRST_STEP = 0.02
"""A leapfrog step, in standard deviations."""
GAIN = 0.5
"""Of a change of the step's logarithm."""
TRAJECTORIES = 48
WARM_UP = 24
"""Trajectories of each draw; in the first ones, every fourth, the walls that draws meet are learnt."""
CORRECTIONS = 4
"""Steps of the correction at the most."""
LENGTHS = (0.8, 0.3)
DAMPING = 0.3


@dataclass(frozen=True, eq=False)
class Linearised:
    """A problem whose rows are linear: `slopes` (D, M) at `scores` (D,), where they are `values` (M,)."""

    problem: LeastSquares
    scores: Floats
    values: Floats
    slopes: Floats

    def rows(self, scores: Floats) -> Floats:
        """Predicted rows (K, M)."""
        return np.asarray(self.values + (scores - self.scores) @ self.slopes)

    def energy(self, scores: Floats) -> tuple[Floats, Floats, Floats]:
        """Half the sum of squares (K,), its slopes (K, D), and predicted rows (K, M)."""
        rows = self.rows(scores)
        away, slope = self.problem.differences(rows)
        weighed = self.problem.errors.weigh(away)
        energy = 0.5 * (away * weighed).sum(axis=1) + 0.5 * (scores**2).sum(axis=1)
        return energy, (weighed * slope) @ self.slopes.T + scores, rows

    def precision(self, scores: Floats) -> Floats:
        """(D, D) of the normal distribution that the rows which these draws (K, D) meet would leave."""
        slope = self.problem.differences(self.rows(scores))[1]
        steep = self.problem.errors.whiten(self.slopes * np.sqrt((slope**2).mean(axis=0)))
        return np.asarray(steep @ steep.T + np.eye(len(steep)))


def draws_around(
    problem: LeastSquares,
    optimum: Minimum,
    count: int,
    rng: np.random.Generator,
    shared: Bools | None = None,
    share: float = SHARE,
) -> tuple[Floats, Floats]:
    """Scores (count, D) of draws and their predicted rows (count, M); `shared` (D,) says which go only a `share`
    of their way.
    """
    centre = optimum.scores
    model = Linearised(problem, centre, optimum.values, slopes(problem, centre, optimum.values))
    free = np.ones(len(centre), dtype=bool)
    scores, precision = _sampled(model, np.repeat(centre[None], count, axis=0), free, None, rng)
    if shared is not None and shared.any() and not shared.all():
        scores = centre + share * (scores - centre)
        scores, _ = _sampled(model, scores, ~shared, precision, rng)
    return _corrected(model, np.clip(scores, -FAR, FAR))


def _sampled(
    model: Linearised, scores: Floats, free: Bools, precision: Floats | None, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draws (K, D) after `TRAJECTORIES` of what is `free` (D,), and the precision that steps were scaled by:
    learnt from the draws where none is given.
    """
    learning = precision is None
    scale = model.precision(scores[:1]) if precision is None else precision
    root = _root(scale, free)
    chains = begun(model.energy, scores, FIRST_STEP)
    for move in range(TRAJECTORIES):
        chains, chance = trajectory(model.energy, chains, root, rng)
        chains = tuned(chains, chance, GAIN)
        if learning and move < WARM_UP and move % 4 == 3:
            scale = model.precision(chains.scores)
            root = _root(scale, free)
    return chains.scores, scale


def _root(precision: Floats, free: Bools) -> Floats:
    """(D, f) whose product with its transpose is the covariance of what is free, given the rest."""
    root = np.zeros((len(free), int(free.sum())))
    root[free] = root_of(precision[np.ix_(free, free)])
    return root


def _corrected(model: Linearised, scores: Floats) -> tuple[Floats, Floats]:
    """Draws (K, D) moved until the model's rows are what the linear model said of where they began, and these rows."""
    problem, start = model.problem, scores
    aimed, kept = problem.differences(model.rows(start))
    values = problem.forward(scores)

    def missed(scores: Floats, values: Floats) -> Floats:
        rows = problem.errors.whiten(problem.differences(values)[0] - aimed)
        lost = np.where(np.isfinite(values).all(axis=1), 0.0, np.inf)
        return np.asarray((rows**2).sum(axis=1) + ((scores - start) ** 2).sum(axis=1) + lost)

    left = missed(scores, values)
    for _ in range(CORRECTIONS):
        away, slope = problem.differences(values)
        step = np.empty_like(scores)
        for k in range(len(scores)):
            steep = problem.errors.whiten(model.slopes * np.where(slope[k] != 0, slope[k], kept[k]))
            gap = problem.errors.whiten((away - aimed)[k : k + 1])[0]
            inner = steep @ steep.T + (1 + DAMPING) * np.eye(len(steep))
            step[k] = np.linalg.solve(inner, steep @ gap + scores[k] - start[k])
        for length in LENGTHS:
            other = np.clip(scores - length * step, -FAR, FAR)
            found = problem.forward(other)
            less = missed(other, found)
            better = less < left
            scores = np.where(better[:, None], other, scores)
            values, left = np.where(better[:, None], found, values), np.where(better, less, left)
    return scores, values
