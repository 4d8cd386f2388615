"""Derivatives of weighted sums of readouts by many parameters at once, backwards through logged steps: trajectories in
parts whose log stays near the processor.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats, Indices
from screen.kinetics.doses import Dose
from screen.kinetics.engine import Engine, kept_engine
from screen.kinetics.problem import Problem
from screen.kinetics.solvers.slopes.doses_back import back, pieces_of, there
from screen.kinetics.solvers.slopes.settled_slopes import settled_slopes
from screen.kinetics.solvers.step_log import StepLog, numbers_of_a_step
from screen.kinetics.status import Status

LOG = 4_000_000  # numbers in a log, which so stays near the processor
STEPS = 50  # a trajectory, as a first guess
MOST_ROWS = 512  # in one log

SumsOf = Callable[[Floats, Indices], Iterable[Floats]]
"""Weights (n, T, m, R) of some sums after the other, for the values (n, T, R) of some rows (n,)."""


@dataclass(frozen=True)
class SumSlopes:
    """`values` (N, T, R), the derivatives `slopes` (N, M, K) of M weighted sums of them by parameters and `at_start`
    (N, M, S) by states at the start, `status` (N,); which rows are to be tried `again`, as they settled but were not
    solved.
    """

    values: Floats
    slopes: Floats
    at_start: Floats
    status: NDArray[np.int8]
    again: Indices


def sum_slopes(
    plain: Engine,
    names: Sequence[str],
    problem: Problem,
    settled: Floats | None,
    doses: Sequence[Dose],
    sums: tuple[int, SumsOf],
) -> SumSlopes:
    """The derivatives of so many sums of readouts by parameters `names`, from the start (the problem's, which then
    depends on none of them, or the model's) or the steady state under `settled` (N, P). NaN where it was not solved.
    """
    rows = problem.parameters
    engine = kept_engine(plain.model, plain.readouts, tuple(names), adjoint=True)
    start, status = problem.start, np.zeros(len(rows), dtype=np.int8)
    begun = engine.start_slopes(rows) if start is None else None
    if settled is not None:
        rest = plain.steady_state(settled, rtol=problem.rtol, atol=problem.atol, stability=False)
        order = [plain.states.index(name) for name in engine.states]
        start = np.ascontiguousarray(rest.state[:, order])
        begun, status = settled_slopes(engine, settled, start, 1e8, rows), rest.status.copy()
    values = np.full((len(rows), len(problem.times), len(plain.readouts)), np.nan)
    slopes = np.full((len(rows), sums[0], len(names)), np.nan)
    at_start = np.full((len(rows), sums[0], len(engine.states)), np.nan)
    solved = np.flatnonzero(status <= Status.reference)
    pieces = pieces_of(engine, problem, start, doses)
    room = LOG // (STEPS * len(pieces) * numbers_of_a_step(engine.layout))
    together = max(engine.layout.width, min(MOST_ROWS, room))
    logs = [StepLog(engine.layout, 1 + STEPS * together // engine.layout.width, together) for _ in pieces]
    for begin in range(0, len(solved), together):
        some = solved[begin : begin + together]
        here = slice(some[0], some[-1] + 1) if some[-1] - some[0] < len(some) else some
        run = there(engine, problem.part(here), None if start is None else start[here], pieces, logs, some)
        values[some], status[some] = run.values, np.maximum(status[some], run.status)
        first = 0
        for weights in sums[1](run.values, some):
            found, counted = back(engine, run, logs, weights)
            last = first + weights.shape[2]
            if begun is not None:
                found = found + np.einsum("nks,nms->nmk", begun[some], counted)
            slopes[some, first:last], at_start[some, first:last] = found, counted
            first = last
    lost = solved[status[solved] > Status.reference]
    slopes[lost], at_start[lost] = np.nan, np.nan
    return SumSlopes(values, slopes, at_start, status, lost)
