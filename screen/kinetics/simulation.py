"""A model under a table of conditions, as a labelled dataset: the library's entry point."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from screen.arrays import Floats, Indices
from screen.errors import InputError
from screen.kinetics.checks import (
    absolute_tolerance,
    check_tolerances,
    checked_times,
    numbers,
    parameter_index,
    whole_number,
)
from screen.kinetics.doses import Dose, part_of
from screen.kinetics.engine import Engine
from screen.kinetics.errors import TooDense
from screen.kinetics.expressions.network import Network
from screen.kinetics.model import Model
from screen.kinetics.problem import Problem, Solver, Trajectories
from screen.kinetics.sbml.fast_reactions import settled_times
from screen.kinetics.solvers.attempts.more_steps import with_more_steps
from screen.kinetics.solvers.attempts.spared import spared
from screen.kinetics.solvers.events.event_solver import Hybrid
from screen.kinetics.solvers.resolution import resolved
from screen.kinetics.solvers.slow_rows import told
from screen.kinetics.status import Status

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def simulate(
    model: Model,
    times: ArrayLike,
    conditions: "Mapping[str, ArrayLike] | pd.DataFrame | None" = None,
    readouts: Sequence[str] | None = None,
    rtol: float = 1e-4,
    atol: float | None = None,
    solver: Solver = "batch",
    max_steps: int | None = None,
    doses: Sequence[Dose] = (),
) -> "xr.Dataset":
    """Simulates a model from time 0 under every condition.

    >>> from screen.kinetics import load_model, simulate
    >>> model = load_model("S1 -> S2; k * S1; S1 = 10; S2 = 0; k = 0.1")
    >>> result = simulate(model, times=[0, 10], conditions={"k": [0.1, 0.2]}, readouts=["S2"])
    >>> result["S2"].dims, result["S2"].shape
    (('condition', 'time'), (2, 2))

    Main arguments: `times` (T,) in the model's unit of time, ascending from 0; `conditions`, a mapping or DataFrame
    with one row a condition and one column for each parameter or species (start value) that it sets; a number stands
    for all rows; `readouts`, symbols of the model, `amount(S)` or `concentration(S)`; by default all states. Other
    arguments: `rtol`, `atol`: tolerances, by default `atol` is chosen by the sizes at which states start and, of
    states that are read, by those that they reach; `solver`: "batch" or "scipy" (slow, for checks; also what solves a
    model with `delay()`, or too dense for the batch solver); `max_steps`: limit on the steps of each condition,
    and of each part of it that is solved after a failure, by default as in `Engine.simulate`; `doses`: what is added to
    species on the way.

    Gives an `xarray.Dataset` with dims (condition, time), one variable a readout, and `status(condition)`,
    `reached(condition)` and `failed_at(condition, readout)`, which are called `run_status` and so on where a readout
    has that name. A condition that failed says why in its status and when in `reached`; a readout that depends on what
    failed is NaN from `failed_at` on, others have values to the end (and NaN there). The batch solver is Rodas5P
    (Steinebach 2023, doi:10.1007/s10543-023-00967-x), "scipy" LSODA, then Radau. Errors: `InputError` with one line.
    """
    if solver not in ("batch", "scipy"):
        raise InputError(f"unknown solver '{solver}'; known are 'batch' and 'scipy'")
    network = model.network
    for name in readouts or ():
        if name in ("time", "condition"):
            raise InputError(
                f"readout '{name}' has the name of a coordinate of the result; rename it in the model"
            )
    names = tuple(network.states if readouts is None else readouts)
    when = checked_times(times)
    check_tolerances(rtol, 1.0 if atol is None else atol)
    max_steps = None if max_steps is None else whole_number(max_steps, "max_steps")
    rows = condition_rows(network, conditions)
    _check_values(network, rows, names)

    @cache
    def engine(held: tuple[str, ...]) -> Engine | None:
        """The batched engine of the model, or of the part of it that moves; None where the reference solver serves."""
        if not doses and (solver == "scipy" or network.delays):
            return None
        try:
            return Engine(model, names, held)
        except TooDense:
            if doses:
                raise
            return None

    def part(
        which: Indices,
        held: tuple[str, ...],
        when: Floats,
        again: bool = True,
        atol: float | None = atol,
    ) -> Trajectories:
        own = engine(held)
        some = doses if len(which) == len(rows) else [part_of(dose, which) for dose in doses]
        if own is None:
            moving = network.holding(held)
            return _by_reference(moving, names, when, rows[which], rtol, atol, max_steps)
        found = own.simulate(when, rows[which], None, rtol, atol, max_steps, solver, retry=again, doses=some)
        return replace(found, state=found.state[:, [own.states.index(name) for name in network.states]])

    result = part(np.arange(len(rows)), (), when)
    resolves = absolute_tolerance(rtol, np.array(network.start())) if atol is None else float(atol)
    if atol is None and engine(()) is not None:
        states = {name for s in network.states for name in (s, f"amount({s})", f"concentration({s})")}
        is_state = [name in states for name in names]
        result = resolved(
            result, is_state, rtol, resolves, lambda which, atol: part(which, (), when, atol=atol)
        )
    problem = Problem(when, rows, None, rtol, resolves, max_steps)
    return dataset(names, when, result, spared(network, names, problem, result, part))


def _by_reference(
    network: Network,
    names: Sequence[str],
    times: Any,
    rows: Any,
    rtol: float,
    atol: float | None,
    most: int | None,
) -> Trajectories:
    hybrid = Hybrid(network, names)
    if atol is None:
        atol = absolute_tolerance(rtol, np.asarray(network.start(), np.float64))
    when = settled_times(times, network.parameters)

    def run(problem: Problem) -> Trajectories:
        some = problem.parameters
        solved = [hybrid.run(when, row, rtol, problem.atol, problem.limit) for row in told(list(some))]
        return Trajectories(
            np.array([run.values for run in solved]).reshape(len(some), len(times), len(names)),
            np.array([run.y for run in solved], dtype=float).reshape(len(some), len(network.states)),
            np.array([run.status for run in solved], dtype=np.int8),
            np.array([run.steps for run in solved], dtype=np.int32),
            np.array([run.t for run in solved], dtype=float),
        )

    problem = Problem(when, rows, None, rtol, atol, most)
    return with_more_steps(problem, run(problem), run)


def dataset(names: Sequence[str], times: Any, found: Trajectories, since: Floats) -> "xr.Dataset":
    """Trajectories as the labelled result: values (condition, time), how and when each ended, and `since` when each
    readout (condition, readout) is not known.
    """
    import xarray as xr

    flags = {
        "flag_values": [int(s) for s in Status],
        "flag_meanings": " ".join(s.name for s in Status),
        "long_name": "how the trajectory ended",
    }
    variables = {name: (("condition", "time"), found.values[:, :, k]) for k, name in enumerate(names)}

    def free(name: str) -> str:
        return f"run_{name}" if name in variables else name

    until = {"long_name": "the time until which the trajectory was solved"}
    lost = {"long_name": "the time from which a readout is not known; not a number where it is to the end"}
    each = free("readout")
    ends = {
        free("status"): (("condition",), found.status, flags),
        free("reached"): (("condition",), found.reached, until),
        free("failed_at"): (("condition", each), since, lost),
    }
    coordinates = {
        "time": ("time", times),
        "condition": ("condition", np.arange(len(found.status))),
        each: (each, list(names)),
    }
    return xr.Dataset({**variables, **ends}, coords=coordinates)


def _check_values(network: Network, rows: Any, names: Sequence[str]) -> None:
    """Refuses rows that leave a needed parameter without a value."""
    missing = np.flatnonzero(np.any(np.isnan(rows), axis=0))
    if not len(missing):
        return
    g = network.graph
    assigned = {state for event in network.events for state, _ in event.assignments}
    starts = [node for k, node in enumerate(network.initial) if k not in assigned]
    roots = [*network.rates, *starts, *(network.readout(name) for name in names)]
    needed = {int(g.value[node]) for node in g.reachable(roots) if g.op[node] == "parameter"}
    for index in missing:
        if int(index) in needed and network.parameters[index] in network.unset:
            raise InputError(
                f"'{network.parameters[index]}' has no value in the model; set it as a condition"
            )


def _columns(conditions: "Mapping[str, ArrayLike] | pd.DataFrame | None") -> dict[str, Any]:
    if conditions is None:
        return {}
    return {str(name): numbers(column, f"condition '{name}'") for name, column in conditions.items()}


def condition_rows(network: Network, conditions: "Mapping[str, ArrayLike] | pd.DataFrame | None") -> Any:
    """Rows of parameters (N, P) of a table of conditions."""
    columns = _columns(conditions)
    for name, column in columns.items():
        if column.ndim > 1:
            raise InputError(f"condition '{name}' must be a number or a list, found shape {column.shape}")
    lengths = {name: len(column) for name, column in columns.items() if column.ndim == 1}
    if len(set(lengths.values())) > 1:
        raise InputError(f"the columns of the conditions differ in length: {lengths}")
    rows = np.tile(network.defaults, (next(iter(lengths.values()), 1), 1))
    for name, column in columns.items():
        rows[:, parameter_index(name, network.parameters, network.computed)] = column
    return rows
