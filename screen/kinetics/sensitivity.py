"""Forward sensitivities of readouts to parameters along trajectories. Where a parameter moves the time of a jump of
the rates, the sensitivities jump there too: by what the state would have gained on one side and not on the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.arrays import Floats
from screen.errors import InputError
from screen.kinetics.engine import Engine
from screen.kinetics.expressions.sensitivity_equations import slope_name
from screen.kinetics.model import Model
from screen.kinetics.problem import Problem, Trajectories
from screen.kinetics.solvers.solve import solve
from screen.kinetics.status import Status

STEP = 1e-5  # of a parameter, in differences of the times of jumps


@dataclass(frozen=True)
class Sensitivities:
    """`values` (N, T, R), `slopes` (N, T, R, K) by the K chosen parameters, `status` (N,) of `Status`."""

    values: Floats
    slopes: Floats
    status: NDArray[np.int8]


def sensitivities(
    model: Model,
    readouts: Sequence[str],
    names: Sequence[str],
    times: ArrayLike,
    parameters: ArrayLike,
    rtol: float = 1e-6,
    atol: float = 1e-9,
) -> Sensitivities:
    """Derivatives of readouts with respect to parameters (or start values) along trajectories from the
    model's start.

    `parameters` (N, P) has the columns of `compile_engine(model, readouts).parameters`; `names` are K of
    them. Errors: `InputError` for unknown names.
    """
    if len(set(names)) != len(names) or not names:
        raise InputError(f"sensitivities need distinct parameters, found {list(names)}")
    every = [*readouts, *(slope_name(r, name) for name in names for r in readouts)]
    engine = Engine(model, every, sensitive=names)
    problem = engine.problem(times, parameters, None, rtol, atol)
    if engine.moves_jumps([engine.index(name) for name in names]):
        found = _over_jumps(engine, problem, names)
    else:
        found = solve(engine, problem)
    width = len(readouts)
    count, steps = found.values.shape[:2]
    slopes = found.values[:, :, width:].reshape(count, steps, len(names), width)
    return Sensitivities(found.values[:, :, :width], np.moveaxis(slopes, 2, 3), found.status)


def _over_jumps(engine: Engine, problem: Problem, names: Sequence[str]) -> Trajectories:
    """The enlarged network row by row, its sensitivities taken over every jump whose time a parameter moves."""
    count = len(problem.parameters)
    parts = [_row(engine, problem.part(np.array([k])), names) for k in range(count)]
    whole = [np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS]
    return Trajectories(*whole)


_FIELDS = ("values", "state", "status", "steps")


def _row(engine: Engine, problem: Problem, names: Sequence[str]) -> Trajectories:
    jumps = _jumps(engine, problem)
    moved = np.stack([_moved(engine, problem, engine.index(name), jumps) for name in names], axis=1)
    plain = [k for k, state in enumerate(engine.states) if not state.startswith("d(")]
    slopes = [[engine.states.index(slope_name(engine.states[k], name)) for k in plain] for name in names]
    state, begin, parts = engine.initial_state(problem.parameters), problem.start_time, []
    end = float(problem.times[-1])
    for (before, after), shift in zip([*jumps, (end, end)], [*moved, np.zeros(len(names))]):
        last = before == end
        times = problem.times[(problem.times > begin) | (begin == problem.start_time)]
        times = times[times <= end if last else times < after]
        until = np.append(np.minimum(times, before), before)
        part = solve(engine, replace(problem, times=until, start=state, start_time=begin))
        parts.append(replace(part, values=part.values[:, :-1]))
        if part.status[0] > Status.reference or last:
            break
        state, begin = part.state.copy(), after
        jump = engine.rates(problem.parameters, state, before) - engine.rates(
            problem.parameters, state, after
        )
        for places, time in zip(slopes, shift):
            state[0, places] += jump[0, plain] * time
    values = np.full((1, len(problem.times), len(engine.readouts)), np.nan)
    joined = np.concatenate([part.values for part in parts], axis=1)
    values[:, : joined.shape[1]] = joined
    worst = np.max([part.status for part in parts], axis=0)
    return Trajectories(
        values, parts[-1].state, worst, np.sum([part.steps for part in parts], axis=0, dtype=np.int32)
    )


def _jumps(engine: Engine, problem: Problem) -> Floats:
    """The jumps (K, 2) of one row: until when the rates are as before, from when as after."""
    stops = engine.stops(problem)
    pairs = np.empty((0, 2)) if stops is None else stops.of_row(0)
    return pairs[(pairs[:, 0] < pairs[:, 1]) & (pairs[:, 0] > problem.start_time)]


def _moved(engine: Engine, problem: Problem, column: int, jumps: Floats) -> Floats:
    """The derivatives (K,) of the times of a row's jumps with respect to a parameter, by central differences."""
    value = problem.parameters[0, column]
    step = STEP * max(abs(value), STEP * float(problem.times[-1]))
    sides = []
    for sign in (1, -1):
        rows = problem.parameters.copy()
        rows[0, column] = value + sign * step
        sides.append(_jumps(engine, replace(problem, parameters=rows)))
    if any(len(side) != len(jumps) for side in sides):
        raise InputError(
            f"'{engine.parameters[column]}' at {value:g} makes jumps appear or vanish, or meet, where there is no slope"
        )
    moved: Floats = (sides[0].mean(axis=1) - sides[1].mean(axis=1)) / (2 * step)
    return moved
