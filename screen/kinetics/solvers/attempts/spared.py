"""What a failure does not touch: states that depend on none of those to blame are solved on without them."""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

import numpy as np

from screen.arrays import Bools, Floats, Indices
from screen.kinetics.expressions.network import Network
from screen.kinetics.problem import Problem, Trajectories
from screen.kinetics.solvers.attempts.blame import Blame
from screen.kinetics.solvers.attempts.dependence import dependence, read_states
from screen.kinetics.solvers.events.event_solver import Hybrid
from screen.kinetics.solvers.events.history import HistoryPiece
from screen.kinetics.solvers.events.plain_functions import PlainFunctions
from screen.kinetics.status import Status

BEFORE = (0.0, 1e-6, 1e-3)  # the failure, as a share of its time: where a state can be had
STUCK = (Status.max_steps, Status.step_too_small, Status.not_finite)
ROUNDS = 4  # of blaming at most, for parts that fail one after the other


class SolvesPart(Protocol):
    """Trajectories of some rows at some times, with states that are `held` still, all states in the order of the
    network. Without `again` in one attempt.
    """

    def __call__(
        self, which: Indices, held: tuple[str, ...], when: Floats, again: bool = True, /
    ) -> Trajectories: ...


def spared(
    network: Network, readouts: Sequence[str], problem: Problem, found: Trajectories, part: SolvesPart
) -> Floats:
    """The time (N, R) from which each readout is not known, NaN where it is to the end.

    Values `found` of trajectories that failed are completed where a readout depends on no state that is to blame, by a
    solution of that `part` of the model, in which the others stand still; none that was found is changed. A limit on
    steps that was given holds for each solution.
    """
    rows = np.flatnonzero(found.status > Status.reference)
    since = np.full((len(found.status), len(readouts)), np.nan)
    since[rows] = np.where(np.isnan(found.values[rows, -1]), found.reached[rows, None], np.nan)
    rows = rows[np.isin(found.status[rows], STUCK)]
    if not len(rows):
        return since
    acts = dependence(network)
    reads = read_states(network, readouts, acts)
    if np.all(reads):  # whatever is to blame, all depend on it
        return since
    functions = PlainFunctions(network, ())
    blame = Blame(functions, acts)
    before = partial(_before, functions, problem, part)
    until = found.reached.copy()
    free = np.ones((len(since), len(acts)), dtype=bool)
    lost = np.zeros(since.shape, dtype=bool)
    for _ in range(ROUNDS):
        for row in rows:
            t, y, p = before(int(row), float(until[row]), _others(network, free[row]))
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


def _before(
    functions: PlainFunctions,
    problem: Problem,
    part: SolvesPart,
    row: int,
    failure: float,
    held: tuple[str, ...],
) -> tuple[float, Floats, list[float]]:
    """A time just before a row's failure, its state then, and its parameters with what `delay()` gives behind them."""
    p: list[float] = problem.parameters[row].tolist()
    start = functions.start(0.0, (), p) if problem.start is None else problem.start[row].tolist()
    past = [HistoryPiece(0.0, 0.0, start)]
    t, y = 0.0, np.array(start)
    for share in BEFORE if failure > 0 else ():
        when = np.array([failure * (1 - share)])
        if functions.history is not None:
            run = Hybrid(functions.network.holding(held), ()).run(
                when, problem.parameters[row], problem.rtol, problem.atol, problem.limit
            )
            status, reached, state, past = run.status, run.t, np.array(run.y), run.past
        else:
            there = part(np.array([row]), held, when, False)
            status, reached, state = there.status[0], there.reached[0], there.state[0]
        if status <= Status.reference:
            t, y = reached, state
            break
    return t, y, p if functions.history is None else functions.history.behind(past, t, y.tolist(), p)


def _others(network: Network, free: Bools) -> tuple[str, ...]:
    return tuple(name for name, goes in zip(network.states, free) if not goes)
