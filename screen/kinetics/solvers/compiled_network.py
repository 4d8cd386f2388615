"""A compiled network: its names, its rates, Jacobian and readouts at given points, and one run of the batched
solver. Attempts after a failure, steady states and sequences are made of these.
"""

import threading
from collections.abc import Collection, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from screen.arrays import Bools, Floats
from screen.errors import InputError
from screen.kinetics.checks import checked_times, numbers, parameter_index, whole_number
from screen.kinetics.clock.program import ClockRows, moves_switches
from screen.kinetics.clock.stops import Known, Stops, at_rest, find_stops
from screen.kinetics.compiler.compiled import load_program
from screen.kinetics.model import Model
from screen.kinetics.problem import Problem, Trajectories
from screen.kinetics.sbml.fast_reactions import settled_times
from screen.kinetics.solvers.resolution import tolerance
from screen.kinetics.solvers.row_functions import RowFunctions
from screen.kinetics.solvers.step_log import StepLog, aligned, room
from screen.kinetics.status import Status


class CompiledNetwork:
    """A compiled network; pickles as (model, readouts) and reloads its code where it lands.

    `states` (S,), `parameters` (P,) with `defaults` (P,), and `readouts` (R,) name the columns of all arrays.
    Parameters are all constants of the model that have a number of their own: global parameters, compartment
    sizes, start values of states (by the id of the species), local ones as `reaction.parameter`. States in
    `fixed` do not move; parameters in `sensitive` get sensitivities as more states, those in `by` get them beside the
    states, behind which they stand in all arrays of states, or, with `adjoint`, by `backward`.
    """

    def __init__(
        self,
        model: Model,
        readouts: Sequence[str],
        fixed: Sequence[str] = (),
        sensitive: Sequence[str] = (),
        by: Sequence[str] = (),
        adjoint: bool = False,
    ) -> None:
        self.model = model
        self.readouts = tuple(readouts)
        self.fixed = tuple(fixed)
        self.sensitive = tuple(sensitive)
        self.by = tuple(by)
        self.adjoint = adjoint
        facts, self._code = load_program(model, self.readouts, self.fixed, self.sensitive, self.by, adjoint)
        self._computed = facts.computed
        self._clock = facts.clock
        self.conserves = facts.conserves
        self.layout = facts.layout
        self.states = facts.states
        self.parameters = facts.parameters
        self.defaults: Floats = np.array(facts.defaults, dtype=float)
        self.defaults.setflags(write=False)
        self.is_species = np.zeros(len(facts.states), dtype=bool)
        self.is_species[: len(facts.layout.species)] = facts.layout.species
        self._known_stops: Known = {}
        self._workspaces = threading.local()

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), (self.model, self.readouts, self.fixed, self.sensitive, self.by, self.adjoint)

    def __repr__(self) -> str:
        sizes = f"{len(self.states)} states, {len(self.parameters)} parameters"
        return f"<{type(self).__name__}: {sizes}, {len(self.readouts)} readouts>"

    def index(self, name: str) -> int:
        """The column of a parameter. Unknown or computed names: `InputError`."""
        return parameter_index(name, self.parameters, self._computed)

    def parameter_rows(self, count: int, **values: ArrayLike) -> Floats:
        """`count` rows of defaults (N, P) with some columns replaced by name."""
        rows = np.tile(self.defaults, (whole_number(count, "the number of rows", 0), 1))
        for name, value in values.items():
            column = numbers(value, f"'{name}'")
            if column.ndim > 1 or (column.ndim == 1 and len(column) not in (1, count)):
                raise InputError(f"'{name}' must be a number or {count} of them, found shape {column.shape}")
            rows[:, self.index(name)] = column
        return rows

    def checked_rows(self, parameters: ArrayLike) -> Floats:
        """Parameters (N, P) as an array. Wrong shape: `InputError`."""
        rows = numbers(parameters, "parameters")
        if rows.ndim != 2 or rows.shape[1] != len(self.parameters):
            raise InputError(
                f"parameters must have the shape (N, {len(self.parameters)}), found {rows.shape}"
            )
        return rows

    def checked_states(self, state: ArrayLike, count: int) -> Floats:
        """States (N, S) as an array. Wrong shape: `InputError`."""
        found = numbers(state, "states")
        if found.shape != (count, len(self.states)):
            raise InputError(f"states must have the shape ({count}, {len(self.states)}), found {found.shape}")
        return found

    def problem(
        self,
        times: ArrayLike,
        parameters: ArrayLike,
        start: ArrayLike | None,
        rtol: float,
        atol: float | None,
        max_steps: int | None = None,
        start_time: float = 0.0,
    ) -> Problem:
        """A checked problem. Errors: `InputError` for shapes, times that descend, tolerances not positive."""
        atol = tolerance(self, rtol, atol)
        rows = self.checked_rows(parameters)
        when = checked_times(times, start_time)
        if start_time == 0:
            when = settled_times(when, self.parameters)
        first = None if start is None else self.checked_states(start, len(rows))
        most = None if max_steps is None else whole_number(max_steps, "max_steps")
        return Problem(when, rows, first, float(rtol), float(atol), most, float(start_time))

    def initial_state(self, parameters: ArrayLike) -> Floats:
        """The states at time 0: parameters (N, P) -> (N, S)."""
        return np.ascontiguousarray(self._start(parameters)[:, : len(self.states)])

    def start_slopes(self, parameters: ArrayLike) -> Floats:
        """The derivatives (N, K, S) of the model's own states at time 0 by the parameters of `by`."""
        size = len(self.layout.states)
        if not self.layout.sensitive.starts:
            return np.zeros((len(self.checked_rows(parameters)), len(self.by), size))
        found = self._start(parameters)[:, size:]
        return found.reshape(len(found), len(self.by), size)

    def _start(self, parameters: ArrayLike) -> Floats:
        rows = self.checked_rows(parameters)
        out = np.empty((len(rows), self.layout.start_columns))
        self._points(rows, None, start_out=out)
        return out

    def readout(self, parameters: ArrayLike, state: ArrayLike, time: float = 0.0) -> Floats:
        """The readouts of given states: (N, P), (N, S) -> (N, R)."""
        rows = self.checked_rows(parameters)
        out = np.empty((len(rows), len(self.readouts)))
        self._points(rows, self.checked_states(state, len(rows)), time, read_out=out)
        return out

    def rates(self, parameters: ArrayLike, state: ArrayLike, time: float = 0.0, floor: float = 0.0) -> Floats:
        """The derivatives of the states by time: (N, P), (N, S) -> (N, S). Bases of real powers down to
        -floor count as odd powers.
        """
        rows = self.checked_rows(parameters)
        out = np.empty((len(rows), len(self.states)))
        self._points(rows, self.checked_states(state, len(rows)), time, rates_out=out, floor=floor)
        return out

    def jacobian(
        self, parameters: ArrayLike, state: ArrayLike, time: float = 0.0, floor: float = 0.0
    ) -> Floats:
        """The dense Jacobian of the rates: (N, P), (N, S) -> (N, S, S)."""
        rows = self.checked_rows(parameters)
        entries = np.empty((len(rows), len(self.layout.jacobian)))
        states = self.checked_states(state, len(rows))
        self._points(rows, states, time, jac_out=entries, floor=floor)
        dense = np.zeros((len(rows), len(self.states), len(self.states)))
        if self.layout.jacobian:
            i, j = np.array(self.layout.jacobian).T
            dense[:, i, j] = entries
        return dense

    def of_row(self, row: Floats, floor: float) -> RowFunctions:
        """Rates and Jacobian of one row of parameters (1, P), to be asked for often."""
        entries = self.layout.jacobian
        return RowFunctions(self._code.points, room(self.layout), row, len(self.states), entries, floor)

    def moves(
        self, parameters: Floats, state: Floats, d: float, floor: float = 0.0, time: float = 0.0
    ) -> Floats:
        """`(I d - J)^-1 f` at given states: a Newton step towards the steady state for small d. (N, S)"""
        out = np.empty((len(parameters), len(self.states)))
        self._points(parameters, state, time, move_out=out, d=d, floor=floor)
        return out

    def stops(self, problem: Problem, outputs: bool = True) -> Stops | None:
        """Where the trajectories of a problem must stop because of the clock (and at `outputs`, where the rates
        hold time); nothing for a network that does not hold time.
        """
        if self._clock is None:
            return None
        start = problem.start
        if start is None:
            empty = np.empty((len(problem.parameters), 0))
            start = self.initial_state(problem.parameters) if self._clock.states else empty
        rows = ClockRows(problem.parameters, start, problem.start_time)
        times = problem.times if outputs else problem.times[-1:]
        return find_stops(self._clock, rows, times, self._known_stops)

    @property
    def has_clock(self) -> bool:
        """Whether the rates hold time."""
        return self._clock is not None

    @property
    def has_events(self) -> bool:
        """Whether the model has events."""
        return self.layout.discrete is not None

    def moves_jumps(self, columns: Collection[int]) -> bool:
        """Whether one of some parameters decides when the rates jump."""
        return self._clock is not None and moves_switches(self._clock, columns)

    def jumps_by_other_than(self, operators: Collection[str]) -> bool:
        """Whether something of the clock jumps by other than these operators (or bends, as `abs` does)."""
        smooth = {*operators, "abs", "min", "max"}
        return self._clock is not None and any(
            self._clock.nodes[k][0] not in smooth for k in self._clock.switches
        )

    def tangents(self, parameters: Floats, state: Floats, time: float, out: Floats) -> None:
        """The entries of the exact Jacobian, and the rates' derivatives by the parameters of `by`, into (N, ...)."""
        self._points(parameters, state, time, slope_out=out)

    def at_rest(self, parameters: Floats, start: Floats, time: float) -> Bools:
        """In which rows (N,) nothing changes by the clock from a time on."""
        if self._clock is None:
            return np.ones(len(parameters), dtype=bool)
        return at_rest(self._clock, ClockRows(parameters, start, 0.0), time)

    def run(self, problem: Problem, log: StepLog | None = None) -> Trajectories:
        """One attempt of the batched solver, without retries; its steps go to the `log` of a network with `adjoint`."""
        rows, times, count = problem.parameters, problem.times, len(problem.parameters)
        if log is None and self.adjoint:
            log = StepLog(self.layout, 0, count)
        if log is not None:
            log.clear()
        values = np.empty((count, len(times), self.layout.readouts))
        state = np.empty((count, len(self.states)))
        status, steps = np.zeros(count, dtype=np.int8), np.zeros(count, dtype=np.int32)
        reached = np.full(count, times[-1] if len(times) else problem.start_time)
        kept = None
        if count and len(times):
            outputs = [array.ctypes.data for array in (values, state, status, steps, reached)]
            first = None if problem.start is None else problem.start.ctypes.data
            stops = self.stops(problem)
            if stops is None and self.layout.discrete is not None:
                stops = Stops(np.zeros((0, 2)), np.zeros((count, 2), dtype=np.int64))
            where = (None, None) if stops is None else (stops.pairs.ctypes.data, stops.rows.ctypes.data)
            kept = np.empty((count, self.layout.events.carried)) if problem.keep and self.has_events else None
            pending = [None if a is None else a.ctypes.data for a in (problem.carried, kept, problem.slack)]
            self._code.run(
                count, rows.ctypes.data, first, len(times), times.ctypes.data, *outputs, problem.rtol,
                problem.atol, problem.limit, problem.start_time, *where, *pending,
                None if log is None else log.address, self._workspace(),
            )  # fmt: skip
            reached[status == Status.ok] = times[-1]
        return Trajectories(values, state, status, steps, reached, kept)

    def backward(
        self, problem: Problem, log: StepLog, weights: Floats, last: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """What readouts count in M (`MOST_SUMS` at most) sums, each with its weight (N, T, M, R), and states at the end
        by `last` (N, M, S): by parameter of `by`, without what the start has of it, and by state at the start.
        """
        count, sums = len(problem.parameters), weights.shape[2]
        gradient, first = (np.full((count, sums, len(n)), np.nan) for n in (self.by, self.states))
        assert self._code.backward is not None
        tables = (problem.times, weights, last, gradient, first)
        addresses = [a if a is None else a.ctypes.data for a in tables]
        self._code.backward(sums, len(problem.times), *addresses, log.address, self._workspace())
        return gradient, first

    def _points(
        self,
        rows: Floats,
        states: Floats | None,
        time: float = 0.0,
        start_out: Floats | None = None,
        rates_out: Floats | None = None,
        jac_out: Floats | None = None,
        read_out: Floats | None = None,
        move_out: Floats | None = None,
        slope_out: Floats | None = None,
        d: float = 0.0,
        floor: float = 0.0,
    ) -> None:
        outputs = (start_out, rates_out, jac_out, read_out, move_out, slope_out)
        pointers = [None if a is None else a.ctypes.data for a in outputs]
        first = None if states is None else states.ctypes.data
        if len(rows):
            self._code.points(
                len(rows), rows.ctypes.data, first, time, *pointers, d, floor, self._workspace()
            )

    def _workspace(self) -> int:
        """The address of this thread's workspace, aligned for vectors."""
        array: Any = getattr(self._workspaces, "array", None)
        if array is None:
            array = self._workspaces.array = room(self.layout)
        return aligned(array)
