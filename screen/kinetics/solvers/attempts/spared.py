"""What a failure does not touch: states that depend on none of those to blame are solved on without them."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from screen.arrays import Bools, Floats, Indices
from screen.kinetics.expressions.network import Network
from screen.kinetics.problem import Problem, Trajectories
from screen.kinetics.solvers.attempts.blame import Blame
from screen.kinetics.solvers.attempts.dependence import dependence, read_states
from screen.kinetics.solvers.events.plain_functions import PlainFunctions
from screen.kinetics.status import Status

BEFORE = (0.0, 1e-6, 1e-3)  # the failure, as a share of its time: where a state can be had
ROUNDS = 4  # of blaming at most, for parts that fail one after the other


class SolvesPart(Protocol):
    """Trajectories of some rows at some times, with states that are `held` still, all states in the order of the
    network. Without `retry` in one attempt.
    """

    def __call__(
        self, which: Indices, held: tuple[str, ...], when: Floats, retry: bool = True
    ) -> Trajectories: ...


def spared(
    network: Network, readouts: Sequence[str], problem: Problem, found: Trajectories, part: SolvesPart
) -> Floats:
    """The time (N, R) from which each readout is not known, NaN where it is to the end.

    Values `found` of trajectories that failed are completed where a readout depends on no state that is to blame, by a
    solution of that `part` of the model, in which the others stand still; none that was found is changed. A limit on
    steps that was given is one for all, and no part goes beyond it.
    """
    rows = np.flatnonzero(found.status > Status.reference)
    since = np.full((len(found.status), len(readouts)), np.nan)
    since[rows] = np.where(np.isnan(found.values[rows, -1]), found.reached[rows, None], np.nan)
    stuck = [Status.step_too_small, Status.not_finite]
    stuck += [Status.max_steps] if problem.max_steps is None else []
    rows = rows[np.isin(found.status[rows], stuck)]
    if not len(rows) or network.delays:
        return since
    acts = dependence(network)
    reads = read_states(network, readouts, acts)
    if np.all(reads):  # whatever is to blame, all depend on it
        return since
    functions = PlainFunctions(network, ())
    blame = Blame(functions, acts)
    until = found.reached.copy()
    free = np.ones((len(since), len(acts)), dtype=bool)
    lost = np.zeros(since.shape, dtype=bool)
    for _ in range(ROUNDS):
        for row in rows:
            p = problem.parameters[row].tolist()
            t, y = 0.0, np.array(functions.start(0.0, (), p))
            for share in BEFORE if until[row] > 0 else ():
                when = until[[row]] * (1 - share)
                there = part(np.array([row]), _others(network, free[row]), when, retry=False)
                if there.status[0] <= Status.reference:
                    t, y = there.reached[0], there.state[0]
                    break
            guilty = blame.of(t, y, p, free[row], problem)
            lost[row] |= not np.any(guilty)
            free[row] &= ~np.any(acts[:, guilty], axis=1)
        lost |= np.any(reads & ~free[:, None], axis=2) | np.isnan(since)
        rows = rows[~np.all(lost[rows], axis=1)]
        kinds, kind = np.unique(free[rows], axis=0, return_inverse=True)
        for index, some in enumerate(kinds):
            mine = rows[kind.ravel() == index]
            again = part(mine, _others(network, some), problem.times)
            until[mine] = again.reached
            solved = again.status <= Status.reference
            better = ~lost[mine] & (solved[:, None] | (again.reached[:, None] > since[mine]))
            late = better[:, None] & (problem.times[:, None] > since[mine][:, None])
            found.values[mine] = np.where(late, again.values, found.values[mine])
            since[mine] = np.where(better, np.where(solved, np.nan, again.reached)[:, None], since[mine])
        rows = rows[np.any(~lost[rows] & ~np.isnan(since[rows]), axis=1)]
    return since


def _others(network: Network, free: Bools) -> tuple[str, ...]:
    return tuple(name for name, goes in zip(network.states, free) if not goes)
