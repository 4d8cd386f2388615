"""Markov chains for residuals beside a standard normal prior, where each parameter moves few rows.

Parameters fall into components that share no row. A stage proposes for many components in one simulation, and each is
taken or left by its own rows; a component that moves slowly gets a stage of its own, with more moves of fewer wells.
Proposals are preconditioned Crank-Nicolson steps that would leave a normal approximation as it is (Cotter 2013,
10.1214/13-STS421; Rudolf and Sprungk 2018, 10.1007/s10208-016-9340-x): many variables of which the data know nothing do
not shorten them. Offsets that rows share are drawn in between (partially collapsed Gibbs; van Dyk and Park 2008,
10.1198/016214508000000409), which is what makes components independent. Step lengths and the approximation are tuned
while chains warm up, and then stay.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from screen.analysis.methods.gauss_newton import LeastSquares
from screen.analysis.methods.nested_errors import NestedErrors
from screen.arrays import Bools, Floats, Indices

GOAL = 0.3
"""Share of proposals that warming up aims at."""
SHORTEST = 0.01
APART = -1
"""The component of what a stage does not move."""
CAUTION = 2.0
"""What chains taught of a component counts against the approximation as states do against so many a parameter."""

Predict = Callable[[Floats, Floats], Floats]
"""Proposed scores (K, D) and the rows before (K, M) to the rows then."""


@dataclass(frozen=True, eq=False)
class Stage:
    """Components that share no row: of each parameter (D,) and row (M,) the component. `integrated`: inner offsets are
    integrated out, for their groups lie within components. `moves` a sweep, each simulated by `predict`.
    """

    parameters: Indices
    rows: Indices
    integrated: bool
    predict: Predict
    moves: int = 1

    @property
    def count(self) -> int:
        """Components."""
        return int(self.parameters.max()) + 1

    def only(self, component: int, predict: Predict, moves: int) -> "Stage":
        """A stage of one of the components."""
        parameters, rows = (np.where(of == component, 0, APART) for of in (self.parameters, self.rows))
        return Stage(parameters, rows, self.integrated, predict, moves)


@dataclass(frozen=True, eq=False)
class NormalApproximation:
    """The normal approximation: its `centre` (D,), differences there (M,) and their slopes (D, M)."""

    centre: Floats
    rows: Floats
    slopes: Floats


@dataclass(frozen=True, eq=False)
class Tuning:
    """Of one stage: the step of each component, and mean (d,) and root of the covariance (d, d) of its parameters'
    coordinates as chains found them.
    """

    steps: Floats
    mean: Floats
    root: Floats


@dataclass(frozen=True, eq=False)
class Chains:
    """Scores (K, D) of K chains, their predicted rows (K, M), and the tuning of each stage."""

    scores: Floats
    values: Floats
    tuning: tuple[Tuning, ...]


@dataclass(frozen=True, eq=False)
class Heard:
    """What one sweep showed of a stage: the share of proposals taken (components,), and coordinates (moves * K, d)."""

    taken: Floats
    coordinates: Floats


def components(kind: Bools, reach: Bools) -> tuple[Indices, Indices]:
    """The parameters of a kind (D,) and the rows (M,) that they move by components that share no row; `APART` else.
    Parameters that no row knows are one component together.
    """
    parameters = np.full(len(kind), APART, dtype=np.intp)
    rows = np.full(reach.shape[1], APART, dtype=np.intp)
    known = reach.any(axis=1)
    left = set(np.flatnonzero(kind & known).tolist())
    free, number = np.flatnonzero(kind & ~known), 0
    while left:
        grown = {min(left)}
        members: set[int] = set()
        taken = np.zeros(reach.shape[1], dtype=bool)
        while grown:
            members |= grown
            left -= grown
            taken |= reach[sorted(grown)].any(axis=0)
            grown = {other for other in left if (reach[other] & taken).any()}
        parameters[sorted(members)], rows[taken] = number, number
        number += 1
    parameters[free] = number
    return parameters, rows


class Sampler:
    """Moves chains through a problem whose errors have shared offsets. Its work arrays are built once."""

    def __init__(
        self,
        problem: LeastSquares,
        errors: NestedErrors,
        reference: NormalApproximation,
        stages: Sequence[Stage],
    ) -> None:
        self._problem, self._errors, self._reference = problem, errors, reference
        self._stages = tuple(stages)
        self._normal = [self._conditional(stage) for stage in self._stages]

    def _conditional(self, stage: Stage) -> tuple[Indices, Floats, Floats]:
        """A stage's parameters, the root of their precision and that of their covariance, all components at once."""
        mine = np.flatnonzero(stage.parameters != APART)
        slopes = self._reference.slopes[mine]
        precision = slopes @ self._errors.weigh(slopes, stage.integrated).T + np.eye(len(mine))
        root = np.linalg.cholesky(np.where(_same(stage, mine), precision, 0.0))
        return mine, np.asarray(root), np.asarray(np.linalg.inv(root).T, dtype=float)

    def begin(self, scores: Floats, step: float = 0.5) -> Chains:
        """Chains (K, D) before their first sweep."""
        tuning = []
        for stage, (mine, _, _) in zip(self._stages, self._normal, strict=True):
            tuning.append(Tuning(np.full(stage.count, step), np.zeros(len(mine)), np.eye(len(mine))))
        return Chains(scores, self._problem.forward(scores), tuple(tuning))

    def sweep(self, chains: Chains, rng: np.random.Generator) -> tuple[Chains, tuple[Heard, ...]]:
        """After all moves of each stage."""
        heard = []
        for number, stage in enumerate(self._stages):
            shares, places = [], []
            for _ in range(stage.moves):
                chains, taken, place = self._move(chains, number, stage, rng)
                shares.append(taken.mean(axis=0))
                places.append(place)
            heard.append(Heard(np.mean(shares, axis=0), np.concatenate(places)))
        return chains, tuple(heard)

    def taught(self, chains: Chains, coordinates: Sequence[Floats]) -> Chains:
        """With the mean and covariance of each stage's coordinates (n, d) in place of what was assumed, as far as
        their number allows.
        """
        tuning = []
        for stage, (mine, _, _), now, seen in zip(
            self._stages, self._normal, chains.tuning, coordinates, strict=True
        ):
            same = _same(stage, mine)
            trust = len(seen) / (len(seen) + CAUTION * same.sum(axis=0).max())
            covariance = np.where(same, np.atleast_2d(np.cov(seen.T)), 0.0)
            covariance = trust * covariance + (1 - trust) * np.eye(len(mine))
            found = Tuning(now.steps, trust * seen.mean(axis=0), np.linalg.cholesky(covariance))
            tuning.append(found)
        return replace(chains, tuning=tuple(tuning))

    def _move(
        self, chains: Chains, number: int, stage: Stage, rng: np.random.Generator
    ) -> tuple[Chains, Bools, Floats]:
        errors, centre = self._errors, self._reference.centre
        mine, precision, covariance = self._normal[number]
        tuning, component = chains.tuning[number], stage.parameters[mine]
        rows = self._problem.differences(chains.values)[0]
        outer, inner = errors.offsets(rows, rng)
        offset = outer if stage.integrated else outer + inner
        away = chains.scores - centre
        away[:, mine] = 0.0
        linear = self._reference.rows + away @ self._reference.slopes - offset
        downhill = errors.weigh(linear, stage.integrated) @ self._reference.slopes[mine].T + centre[mine]
        middle = centre[mine] - downhill @ covariance @ covariance.T
        place = (chains.scores[:, mine] - middle) @ precision
        now = np.linalg.solve(tuning.root, (place - tuning.mean).T).T
        step = tuning.steps[component]
        then = np.sqrt(1 - step**2) * now + step * rng.standard_normal(now.shape)
        scores = chains.scores.copy()
        scores[:, mine] = middle + (tuning.mean + then @ tuning.root.T) @ covariance.T
        values = stage.predict(scores, chains.values)
        before = self._energies(stage, rows - offset, chains.scores)
        after = self._energies(stage, self._problem.differences(values)[0] - offset, scores)
        lost = _by_component(~np.isfinite(values), stage.rows, stage.count) > 0
        normal = 0.5 * _by_component(then**2 - now**2, component, stage.count)
        lower = np.where(lost, -np.inf, before - after + normal)
        taken = np.log(rng.random(lower.shape)) < lower
        padded = np.concatenate([taken, np.zeros((len(taken), 1), dtype=bool)], axis=1)
        moved = replace(
            chains,
            scores=np.where(padded[:, stage.parameters], scores, chains.scores),
            values=np.where(padded[:, stage.rows], values, chains.values),
        )
        return moved, taken, (moved.scores[:, mine] - middle) @ precision

    def _energies(self, stage: Stage, rows: Floats, scores: Floats) -> Floats:
        """Half the squares (K, components) of rows less what offsets are given, and of scores."""
        weighed = rows * self._errors.weigh(rows, stage.integrated)
        found = _by_component(weighed, stage.rows, stage.count)
        return 0.5 * (found + _by_component(scores**2, stage.parameters, stage.count))


def tuned(chains: Chains, heard: Sequence[Heard], gain: float) -> Chains:
    """With steps that are longer where more proposals than `GOAL` were taken."""
    found = []
    for tuning, one in zip(chains.tuning, heard, strict=True):
        steps = np.clip(tuning.steps * np.exp(gain * (one.taken - GOAL)), SHORTEST, 1.0)
        found.append(replace(tuning, steps=steps))
    return replace(chains, tuning=tuple(found))


def _same(stage: Stage, mine: Indices) -> Bools:
    """(d, d): whether two parameters are of one component."""
    return np.asarray(stage.parameters[mine, None] == stage.parameters[mine])


def _by_component(values: Floats | Bools, component: Indices, count: int) -> Floats:
    """Sums (K, count) of values (K, n) by component (n,)."""
    return np.asarray(values @ (component[:, None] == np.arange(count)).astype(float))
