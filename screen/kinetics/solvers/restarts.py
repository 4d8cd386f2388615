"""Inputs that change in time and doses, by exact restarts: the solver stops where an input jumps and begins again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from screen.arrays import Floats
from screen.errors import InputError
from screen.kinetics.checks import checked_times, numbers
from screen.kinetics.doses import Dose, additions
from screen.kinetics.problem import Solver, Trajectories
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.solve import solve
from screen.kinetics.solvers.unsettled import Settling
from screen.kinetics.status import Status


@dataclass(frozen=True)
class Course:
    """What is given over time: segments (begin, parameters (N, P)), each until the next begins, and doses."""

    segments: Sequence[tuple[float, ArrayLike]]
    doses: Sequence[Dose] = ()


def simulate_sequence(
    network: CompiledNetwork,
    times: ArrayLike,
    course: Course,
    start: ArrayLike | None,
    settings: Settling,
    solver: Solver = "batch",
) -> Trajectories:
    """Trajectories under parameters (N, P) that change, and doses that are added, at given times.

    The first segment begins at 0. A readout at a time where a segment begins or a dose is given is taken before the
    change (at 0: after it). The start is that of the first segment's parameters, or `start` (N, S). Steps add up; a
    row's status is its worst, and it is NaN from where a segment fails. Errors: `InputError` for segments that do not
    begin at 0 or do not ascend, and for doses of what is no state.
    """
    when = checked_times(times)
    begins = numbers([begin for begin, _ in course.segments], "the begins of segments")
    if not len(begins) or begins[0] != 0 or np.any(np.diff(begins) <= 0) or not np.all(np.isfinite(begins)):
        raise InputError(f"segments must begin at 0 and ascend, found {begins.tolist()}")
    tables = [network.checked_rows(parameters) for _, parameters in course.segments]
    count = len(tables[0])
    if any(len(table) != count for table in tables):
        raise InputError(f"all segments need the same number of rows, found {[len(t) for t in tables]}")
    state = network.initial_state(tables[0]) if start is None else network.checked_states(start, count).copy()
    given: dict[float, Floats] = {}
    if course.doses:
        given = additions(network.model.network, network.states, course.doses, tables[0], state)
    result = Trajectories(
        np.full((count, len(when), network.layout.readouts), np.nan),
        state,
        np.zeros(count, dtype=np.int8),
        np.zeros(count, dtype=np.int32),
        np.zeros(count),
    )
    carried: Floats | None = None
    points = np.union1d(begins, list(given))
    for begin, end in zip(points, [*points[1:], np.inf]):
        rows = tables[int(np.searchsorted(begins, begin, side="right")) - 1]
        mine = np.flatnonzero(((when > begin) | ((when == begin) & (begin == 0))) & (when <= end))
        stop = min(float(end), float(when[-1]))
        live = np.flatnonzero(result.status <= Status.reference)
        if stop < begin or not len(live) or (stop == begin and not len(mine)):
            continue
        if begin in given:
            result.state[live] += given[float(begin)][live]
        part = np.append(when[mine], stop)
        problem = network.problem(
            part,
            rows[live],
            result.state[live],
            settings.rtol,
            settings.atol,
            settings.max_steps,
            start_time=float(begin),
        )
        if settings.slack is not None:
            problem = replace(problem, slack=settings.slack)
        if network.has_events:
            problem = replace(problem, carried=None if carried is None else carried[live], keep=True)
        run = solve(network, problem, solver)
        if run.carried is not None:
            carried = np.zeros((count, run.carried.shape[1])) if carried is None else carried
            carried[live] = run.carried
        result.values[np.ix_(live, mine)] = run.values[:, :-1]
        result.state[live] = run.state
        result.steps[live] += run.steps
        result.reached[live] = run.reached
        result.status[live] = np.maximum(result.status[live], run.status)
    failed = result.status > Status.reference
    return replace(result, state=np.where(failed[:, None], np.nan, result.state))
