"""Sensitivities over jumps of the rates whose times a parameter moves, where no comparison says how: row by row, the
times of jumps by differences.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError
from screen.kinetics.problem import Problem, Trajectories
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.solve import solve
from screen.kinetics.status import Status

STEP = 1e-5  # of a parameter, in differences of the times of jumps


def over_jumps(plain: CompiledNetwork, network: CompiledNetwork, problem: Problem) -> Trajectories:
    """The states with sensitivities beside them, taken over every jump: by what the state would have gained on one
    side and not on the other; `plain` is the network without them.
    """
    count = len(problem.parameters)
    parts = [_row(plain, network, problem.part(np.array([k]))) for k in range(count)]
    whole = [np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS]
    return Trajectories(*whole)


_FIELDS = ("values", "state", "status", "steps", "reached")


def _row(plain: CompiledNetwork, network: CompiledNetwork, problem: Problem) -> Trajectories:
    jumps = _jumps(plain, problem)
    moved = np.stack([_moved(plain, problem, plain.index(name), jumps) for name in network.by], axis=1)
    size = len(plain.states)
    order = [plain.states.index(name) for name in network.states[:size]]
    back = np.argsort(order)
    state, begin, parts = network.initial_state(problem.parameters), problem.start_time, []
    end = float(problem.times[-1])
    for (before, after), shift in zip([*jumps, (end, end)], [*moved, np.zeros(len(network.by))]):
        last = before == end
        times = problem.times[(problem.times > begin) | (begin == problem.start_time)]
        times = times[times <= end if last else times < after]
        until = np.append(np.minimum(times, before), before)
        part = solve(network, replace(problem, times=until, start=state, start_time=begin))
        parts.append(replace(part, values=part.values[:, :-1]))
        if part.status[0] > Status.reference or last:
            break
        state, begin = part.state.copy(), after
        here = np.ascontiguousarray(state[:, :size][:, back])
        jump = plain.rates(problem.parameters, here, before) - plain.rates(problem.parameters, here, after)
        state[0, size:] += np.outer(shift, jump[0, order]).ravel()
    values = np.full((1, len(problem.times), network.layout.readouts), np.nan)
    joined = np.concatenate([part.values for part in parts], axis=1)
    values[:, : joined.shape[1]] = joined
    worst = np.max([part.status for part in parts], axis=0)
    steps = np.array(sum(part.steps for part in parts), dtype=np.int32)
    return Trajectories(values, parts[-1].state, worst, steps, parts[-1].reached)


def check_jumps(network: CompiledNetwork, problem: Problem, names: Sequence[str]) -> None:
    """`InputError` where a small change of a parameter of `names` makes jumps of the clock appear, vanish or meet."""
    for name in names:
        column, counts = network.index(name), []
        for sign in (0, 1, -1):
            rows = problem.parameters.copy()
            value = rows[:, column]
            rows[:, column] += sign * STEP * np.maximum(np.abs(value), STEP * float(problem.times[-1]))
            stops = network.stops(replace(problem, parameters=rows))
            if stops is not None:
                counts.append([len(_hard(stops.of_row(k), problem)) for k in range(len(rows))])
        differ = np.flatnonzero(np.ptp(counts, axis=0)) if counts else ()
        for k in differ[:1]:
            raise InputError(_NONE.format(name, problem.parameters[k, column]))


_NONE = "'{}' at {:g} makes jumps appear or vanish, or meet, where there is no slope"


def _jumps(network: CompiledNetwork, problem: Problem) -> Floats:
    """The jumps (K, 2) of one row: until when the rates are as before, from when as after."""
    stops = network.stops(problem)
    return _hard(np.empty((0, 2)) if stops is None else stops.of_row(0), problem)


def _hard(pairs: Floats, problem: Problem) -> Floats:
    return pairs[(pairs[:, 0] < pairs[:, 1]) & (pairs[:, 0] > problem.start_time)]


def _moved(network: CompiledNetwork, problem: Problem, column: int, jumps: Floats) -> Floats:
    """The derivatives (K,) of the times of a row's jumps with respect to a parameter, by central differences."""
    value = problem.parameters[0, column]
    step = STEP * max(abs(value), STEP * float(problem.times[-1]))
    sides = []
    for sign in (1, -1):
        rows = problem.parameters.copy()
        rows[0, column] = value + sign * step
        sides.append(_jumps(network, replace(problem, parameters=rows)))
    if any(len(side) != len(jumps) for side in sides):
        raise InputError(_NONE.format(network.parameters[column], value))
    moved: Floats = (sides[0].mean(axis=1) - sides[1].mean(axis=1)) / (2 * step)
    return moved
