"""The reference solver: SciPy's LSODA, then Radau where that fails or crawls (after a restart LSODA may not leave its
method for problems that are not stiff), one trajectory after the other, on the compiled rates and Jacobian. Where the
rates hold time it begins again at every stop and its steps are bounded besides, so that it finds what a search for
stops would have missed. Where they do not, LSODA goes all the way in one call, and step by step only if it gives up.
"""

from typing import Any

import numpy as np
import scipy

from screen.arrays import Floats
from screen.kinetics.clock.stops import pieces
from screen.kinetics.compiler.straight_line import BELOW_ZERO
from screen.kinetics.problem import Problem, Trajectories
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.reference.odepack import lsoda
from screen.kinetics.solvers.slow_rows import told
from screen.kinetics.status import Status

LONGEST = 1 / 60  # of the span: the longest step where the rates hold time
STALLED = 20  # steps in a row that do not move: where a state grows without end within the span
STEPS_PER_STOP = 500  # more than `max_steps`


def solve_rows(network: CompiledNetwork, problem: Problem) -> Trajectories:
    """Solves every row; status `reference`, or why it failed (values NaN)."""
    times, rows = problem.times, problem.parameters
    count, width = len(rows), len(network.readouts)
    first = network.initial_state(rows) if problem.start is None else problem.start
    stops = network.stops(problem, outputs=False)
    result = Trajectories(
        np.full((count, len(times), width), np.nan),
        np.full((count, len(network.states)), np.nan),
        np.zeros(count, dtype=np.int8),
        np.zeros(count, dtype=np.int32),
        np.full(count, problem.start_time),
    )
    for k in told(range(count)):
        pairs = None if stops is None else stops.of_row(k)
        states, status, steps, reached = _solve(network, problem, rows[k : k + 1], first[k], pairs)
        result.status[k], result.steps[k], result.reached[k] = status, steps, reached
        for index, time in enumerate(times[: len(states)]):
            result.values[k, index] = network.readout(rows[k : k + 1], states[index : index + 1], time)[0]
        if status == Status.reference:
            result.state[k] = states[-1]
    return result


def _solve(
    network: CompiledNetwork, problem: Problem, row: Floats, start: Floats, pairs: Floats | None
) -> tuple[Floats, Status, int, float]:
    if not len(network.states):
        return np.empty((len(problem.times), 0)), Status.reference, 0, float(problem.times[-1])
    if not np.all(np.isfinite(start)) or not np.all(
        np.isfinite(network.rates(row, start[None], problem.start_time))
    ):
        return np.empty((0, len(start))), Status.not_finite, 0, problem.start_time
    if pairs is None and (found := _at_once(network, problem, row, start)) is not None:
        return found[0], Status.reference, found[1], float(problem.times[-1])
    total, longest, status, furthest = 0, np.empty((0, len(start))), Status.step_too_small, problem.start_time
    for method in (scipy.integrate.LSODA, scipy.integrate.Radau):
        states, status, steps, reached = _attempt(method, network, problem, row, start, pairs)
        total, furthest = total + steps, max(furthest, reached)
        longest = states if len(states) > len(longest) else longest
        if status == Status.reference:
            break
    return longest, status, total, furthest


def _at_once(
    network: CompiledNetwork, problem: Problem, row: Floats, start: Floats
) -> tuple[Floats, int] | None:
    """States at all times and how many steps they took, or None."""
    times, of_row = problem.times, network.of_row(row, BELOW_ZERO * problem.atol)
    states = np.tile(start, (len(times), 1))
    later = times > problem.start_time
    if not later.any():
        return states, 0
    asked = np.append(problem.start_time, times[later])
    rtol = max(problem.rtol, 1e-13)
    with np.errstate(all="ignore"):
        found = lsoda(of_row.rates, of_row.jacobian, start, asked, rtol, problem.atol, problem.limit)
    if found is None or found[1] > problem.limit:
        return None
    states[later] = found[0][1:]
    return states, found[1]


def _attempt(
    method: Any, network: CompiledNetwork, problem: Problem, row: Floats, start: Floats, pairs: Floats | None
) -> tuple[Floats, Status, int, float]:
    times, of_row = problem.times, network.of_row(row, BELOW_ZERO * problem.atol)
    states = np.empty((len(times), len(start)))
    done = int(np.searchsorted(times, problem.start_time, side="right"))
    states[:done] = start
    steps, stalled, state, end, now = 0, 0, start, float(times[-1]), problem.start_time
    options = {"rtol": max(problem.rtol, 1e-13), "atol": problem.atol, "jac": of_row.jacobian}
    most = problem.limit
    if pairs is not None:
        options["max_step"] = LONGEST * (end - problem.start_time)
        most += STEPS_PER_STOP * (1 + len(pairs))
    with np.errstate(all="ignore"):
        try:
            for begin, stop, resume in pieces(pairs, problem.start_time, end):
                if done == len(times):
                    break
                solver = method(of_row.rates, begin, state, stop, **options)
                while solver.status == "running":
                    if steps >= most:
                        return states[:done], Status.max_steps, steps, now
                    solver.step()
                    steps += 1
                    stalled = stalled + 1 if solver.t == solver.t_old else 0
                    if stalled == STALLED:
                        return states[:done], Status.step_too_small, steps, now
                    if solver.status == "failed":
                        return states[:done], Status.step_too_small, steps, now
                    if not np.isfinite(solver.y).all():
                        return states[:done], Status.not_finite, steps, now
                    now = float(solver.t)
                    until = resume if solver.t == stop else solver.t
                    if done < len(times) and times[done] <= until:
                        dense = solver.dense_output()
                        while done < len(times) and times[done] <= until:
                            states[done] = solver.y if times[done] >= solver.t else dense(times[done])
                            done += 1
                state = solver.y
        except (ValueError, np.linalg.LinAlgError, RuntimeError):
            return states[:done], Status.not_finite, steps, now
    return states, Status.reference, steps, end
