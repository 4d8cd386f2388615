"""Trajectories in pieces between doses, each with a log of its steps, and what readouts count, backwards through them:
what is added to a state changes nothing of what it counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats, Indices
from screen.kinetics.doses import Dose, additions
from screen.kinetics.problem import Problem
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.step_log import StepLog
from screen.kinetics.status import Status


@dataclass(frozen=True)
class BetweenDoses:
    """From a time to another, with the numbers of the outputs in it, and what is given at its begin (N, S)."""

    begin: float
    end: float
    outputs: Indices
    given: Floats | None


@dataclass(frozen=True)
class WayThere:
    """The way there: each piece's problem and numbers of outputs, values (N, T, R) and status (N,)."""

    parts: Sequence[tuple[Problem, Indices]]
    values: Floats
    status: NDArray[np.int8]


def pieces_of(
    network: CompiledNetwork, problem: Problem, start: Floats | None, doses: Sequence[Dose]
) -> list[BetweenDoses]:
    """The pieces of all rows of a problem from time 0. A readout at the time of a dose is taken before it, but at 0."""
    times, end = problem.times, float(problem.times[-1])
    given: dict[float, Floats] = {}
    if doses:
        first = network.initial_state(problem.parameters) if start is None else start
        given = additions(network.model.network, network.states, doses, problem.parameters, first)
    points = sorted({0.0, *(time for time in given if time < end)})
    found = []
    for begin, after in zip(points, [*points[1:], end]):
        mine = np.flatnonzero(((times > begin) | ((times == begin) & (begin == 0))) & (times <= after))
        found.append(BetweenDoses(begin, after, mine, given.get(begin)))
    return found


def there(
    network: CompiledNetwork,
    problem: Problem,
    start: Floats | None,
    pieces: Sequence[BetweenDoses],
    logs: list[StepLog],
    rows: Indices,
) -> WayThere:
    """Some rows of the pieces, logged; a log that is too small is made again, larger."""
    values = np.full((len(rows), len(problem.times), network.layout.readouts), np.nan)
    status, state, carried, parts = np.zeros(len(rows), dtype=np.int8), start, None, []
    for number, piece in enumerate(pieces):
        if piece.given is not None:
            state = network.initial_state(problem.parameters) if state is None else state
            state = state + piece.given[rows]
        when = problem.times[piece.outputs]
        whole = len(when) > 0 and when[-1] == piece.end
        part = replace(
            problem,
            times=when if whole else np.append(when, piece.end),
            start=state,
            start_time=piece.begin,
            carried=carried,
            keep=network.has_events,
        )
        run = network.run(part, logs[number])
        if logs[number].used > logs[number].room:
            logs[number] = StepLog(network.layout, logs[number].used, logs[number].rows)
            run = network.run(part, logs[number])
        values[:, piece.outputs] = run.values[:, : len(when)]
        status, state, carried = np.maximum(status, run.status), run.state, run.carried
        parts.append((part, piece.outputs))
    return WayThere(parts, np.where((status > Status.reference)[:, None, None], np.nan, values), status)


def back(
    network: CompiledNetwork, way: WayThere, logs: Sequence[StepLog], weights: Floats
) -> tuple[Floats, Floats]:
    """What readouts count in M sums, each with its weight (N, T, M, R), by parameter (N, M, K) and state at the start
    (N, M, S).
    """
    count, _, *sums = weights.shape
    found, last = np.zeros((count, sums[0], len(network.by))), None
    for (part, outputs), log in zip(reversed(way.parts), reversed(logs)):
        mine = np.zeros((count, len(part.times), *sums))
        mine[:, : len(outputs)] = weights[:, outputs]
        more, last = network.backward(part, log, mine, last)
        found += more
    assert last is not None
    return found, last
