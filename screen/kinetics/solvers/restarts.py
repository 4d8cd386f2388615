"""Inputs that change in time, by exact restarts: the solver stops where an input jumps and begins again."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from screen.errors import InputError
from screen.kinetics.checks import checked_times
from screen.kinetics.problem import Solver, Trajectories
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.solve import solve
from screen.kinetics.status import Status


def simulate_sequence(
    network: CompiledNetwork,
    times: ArrayLike,
    segments: Sequence[tuple[float, ArrayLike]],
    start: ArrayLike | None,
    rtol: float,
    atol: float,
    max_steps: int,
    solver: Solver = "batch",
) -> Trajectories:
    """Trajectories under parameters (N, P) that change at given times.

    Each segment is (begin, parameters) and holds until the next begins; the first begins at 0. A readout at a
    time where a segment begins is taken before the change (at 0: after it). The start is that of the first
    segment's parameters, or `start` (N, S). Steps add up; a row's status is its worst, and it is NaN from
    where a segment fails. Errors: `InputError` for segments that do not begin at 0 or do not ascend.
    """
    when = checked_times(times)
    begins = np.array([begin for begin, _ in segments], dtype=float)
    if not len(begins) or begins[0] != 0 or np.any(np.diff(begins) <= 0) or not np.all(np.isfinite(begins)):
        raise InputError(f"segments must begin at 0 and ascend, found {begins.tolist()}")
    tables = [network.checked_rows(parameters) for _, parameters in segments]
    count = len(tables[0])
    if any(len(table) != count for table in tables):
        raise InputError(f"all segments need the same number of rows, found {[len(t) for t in tables]}")
    state = network.initial_state(tables[0]) if start is None else network.checked_states(start, count).copy()
    result = Trajectories(
        np.full((count, len(when), len(network.readouts)), np.nan),
        state,
        np.zeros(count, dtype=np.int8),
        np.zeros(count, dtype=np.int32),
    )
    for k, (begin, rows) in enumerate(zip(begins, tables)):
        end = begins[k + 1] if k + 1 < len(begins) else np.inf
        mine = np.flatnonzero(((when > begin) | ((when == begin) & (k == 0))) & (when <= end))
        stop = min(float(end), float(when[-1]))
        live = np.flatnonzero(result.status <= Status.reference)
        if stop < begin or not len(live) or (stop == begin and not len(mine)):
            continue
        part = np.append(when[mine], stop)
        problem = network.problem(
            part, rows[live], result.state[live], rtol, atol, max_steps, start_time=float(begin)
        )
        run = solve(network, problem, solver)
        result.values[np.ix_(live, mine)] = run.values[:, :-1]
        result.state[live] = run.state
        result.steps[live] += run.steps
        result.status[live] = np.maximum(result.status[live], run.status)
    failed = result.status > Status.reference
    return replace(result, state=np.where(failed[:, None], np.nan, result.state))
