"""Simulations whose conditions follow one another."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from screen.arrays import Floats, Indices
from screen.kinetics.engine import Engine
from screen.kinetics.solvers.solve import solve


def given(value: Any) -> bool:
    """Whether a cell of a table says something."""
    return not (isinstance(value, float) and np.isnan(value))


def sets_of(table: Any, periods: Sequence[tuple[float, str]], states: Sequence[str]) -> list[Indices]:
    """The states that each period's condition sets."""
    columns = [(k, name) for k, name in enumerate(states) if name in table.columns]
    return [
        np.array([k for k, state in columns if given(table.loc[name, state])], dtype=np.intp)
        for _, name in periods
    ]


def in_periods(
    engine: Engine,
    times: Floats,
    begins: Sequence[float],
    tables: Sequence[Floats],
    sets: Sequence[Indices],
    start: Floats,
    tolerances: tuple[float, float],
) -> tuple[Floats, Floats]:
    """Readouts (N, T, R) and states (N, S) at the end of the last period: each begins at its time, with its parameters
    (N, P), and sets some states to the start of those parameters. What is read at that time is read after it. NaN
    before the first, and from a failure on.
    """
    values = np.full((len(start), len(times), len(engine.readouts)), np.nan)
    state, carried = start.copy(), None
    last = max([float(times[-1]) if len(times) else begins[-1], begins[-1]])
    for number, (begin, rows, some) in enumerate(zip(begins, tables, sets)):
        after = begins[number + 1] if number + 1 < len(begins) else np.inf
        if number and len(some):
            state[:, some] = engine.initial_state(rows)[:, some]
        mine = np.flatnonzero((times >= begin) & (times < after))
        when = np.append(times[mine], min(after, last))
        problem = engine.problem(when, rows, state, *tolerances, start_time=begin)
        if engine.has_events:
            problem = replace(problem, carried=carried, keep=True)
        run = solve(engine, problem)
        carried, state = run.carried, run.state
        values[:, mine] = run.whole().values[:, :-1]
    return values, state
