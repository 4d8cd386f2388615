"""Many trajectories of one network at array level: compile once, then simulate rows of parameters.

engine = compile_engine(model, readouts=["pAKT", "amount(S1)"])
result = engine.simulate(times, parameters)      # parameters (N, P) -> values (N, T, R)
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.errors import InputError

from .compiled import load_program
from .inputs import checked_times, parameter_index
from .model import Model
from .status import Status
from .workspace import workspace

if TYPE_CHECKING:
    from .steady import SteadyStates

Floats = NDArray[np.float64]
Solver = Literal["batch", "scipy"]

MOST_STEPS = 20_000
CHUNK = 4096  # variants whose parameters are spread out at a time


@dataclass(frozen=True)
class Trajectories:
    """What `Engine.simulate` gives: `values` (N, T, R), `state` (N, S) at the last time, `status` (N,) of
    `Status`, `steps` (N,). A trajectory that failed has NaN throughout and says why in its status.
    """

    values: Floats
    state: Floats
    status: NDArray[np.int8]
    steps: NDArray[np.int32]


class Engine:
    """A compiled network. Made by `compile_engine`; pickles as (model, readouts) and reloads its code where
    it lands.

    `states` (S,), `parameters` (P,) with `defaults` (P,), and `readouts` (R,) name the columns of all arrays.
    Parameters are all constants of the model that have a number of their own: global parameters, compartment
    sizes, start values of states (by the id of the species), local ones as `reaction.parameter`.
    """

    def __init__(
        self, model: Model, readouts: Sequence[str], held: Sequence[str] = (), sensitive: Sequence[str] = ()
    ) -> None:
        self.model = model
        self.readouts = tuple(readouts)
        self.held = tuple(held)
        self.sensitive = tuple(sensitive)
        facts, self._code = load_program(model, self.readouts, self.held, self.sensitive)
        self._facts = facts
        self.layout = facts.layout
        self.states = facts.states
        self.parameters = facts.parameters
        self.defaults: Floats = np.array(facts.defaults, dtype=float)
        self.defaults.setflags(write=False)
        self.is_species = np.array(facts.layout.species, dtype=bool)
        self._workspaces = threading.local()

    def __reduce__(self) -> tuple[type["Engine"], tuple[Any, ...]]:
        return Engine, (self.model, self.readouts, self.held, self.sensitive)

    def __repr__(self) -> str:
        sizes = f"{len(self.states)} states, {len(self.parameters)} parameters"
        return f"<Engine: {sizes}, {len(self.readouts)} readouts>"

    # ---- names --------------------------------------------------------------------------------------
    def index(self, name: str) -> int:
        """The column of a parameter. Unknown or computed names: `InputError`."""
        return parameter_index(name, self.parameters, self._facts.computed)

    def parameter_rows(self, count: int, **values: ArrayLike) -> Floats:
        """`count` rows of defaults (N, P) with some columns replaced by name."""
        rows = np.tile(self.defaults, (count, 1))
        for name, value in values.items():
            rows[:, self.index(name)] = value
        return rows

    # ---- evaluation ---------------------------------------------------------------------------------
    def initial_state(self, parameters: ArrayLike) -> Floats:
        """The states at time 0: parameters (N, P) -> (N, S)."""
        rows = self._rows(parameters)
        out = np.empty((len(rows), len(self.states)))
        self._points(rows, None, start_out=out)
        return out

    def readout(self, parameters: ArrayLike, state: ArrayLike, time: float = 0.0) -> Floats:
        """The readouts of given states: (N, P), (N, S) -> (N, R)."""
        rows = self._rows(parameters)
        out = np.empty((len(rows), len(self.readouts)))
        self._points(rows, self._states(state, len(rows)), time, read_out=out)
        return out

    def rates(self, parameters: ArrayLike, state: ArrayLike, time: float = 0.0, floor: float = 0.0) -> Floats:
        """The derivatives of the states by time: (N, P), (N, S) -> (N, S). Bases of real powers down to
        -floor count as 0.
        """
        rows = self._rows(parameters)
        out = np.empty((len(rows), len(self.states)))
        self._points(rows, self._states(state, len(rows)), time, rates_out=out, floor=floor)
        return out

    def jacobian(
        self, parameters: ArrayLike, state: ArrayLike, time: float = 0.0, floor: float = 0.0
    ) -> Floats:
        """The dense Jacobian of the rates: (N, P), (N, S) -> (N, S, S)."""
        rows = self._rows(parameters)
        entries = np.empty((len(rows), len(self.layout.jacobian)))
        self._points(rows, self._states(state, len(rows)), time, jac_out=entries, floor=floor)
        dense = np.zeros((len(rows), len(self.states), len(self.states)))
        if self.layout.jacobian:
            i, j = np.array(self.layout.jacobian).T
            dense[:, i, j] = entries
        return dense

    def moves(self, parameters: Floats, state: Floats, d: float, floor: float = 0.0) -> Floats:
        """`(I d - J)^-1 f` at given states: a Newton step towards the steady state for small d. (N, S)"""
        out = np.empty((len(parameters), len(self.states)))
        self._points(parameters, state, move_out=out, d=d, floor=floor)
        return out

    # ---- simulation ---------------------------------------------------------------------------------
    def simulate(
        self,
        times: ArrayLike,
        parameters: ArrayLike,
        start: ArrayLike | None = None,
        rtol: float = 1e-6,
        atol: float = 1e-9,
        max_steps: int = MOST_STEPS,
        solver: Solver = "batch",
        start_time: float = 0.0,
        retry: bool = True,
    ) -> Trajectories:
        """Simulates every row of parameters from `start_time` (0).

        Main arguments: `times` (T,) ascending, not before the start; `parameters` (N, P); `start` (N, S)
        replaces the model's own start; `rtol`, `atol` bound the error of each step, relative and absolute (in
        the unit of the state). Other arguments: `solver="scipy"` uses the slow reference solver for all rows;
        `max_steps` bounds the work per trajectory; `retry=False` leaves out the second and third attempt at
        what failed.

        Gives `Trajectories`. One row's failure is that row's status. Errors (`InputError`): wrong shapes,
        times that descend, tolerances that are not positive.
        """
        rows = self._rows(parameters)
        when = checked_times(times, start_time)
        if not (rtol > 0 and atol > 0):
            raise InputError(f"rtol and atol must be positive, found {rtol} and {atol}")
        first = None if start is None else self._states(start, len(rows))
        if solver == "scipy":
            from .reference import solve_rows

            return solve_rows(self, when, rows, first, rtol, atol, max_steps, start_time)
        if solver != "batch":
            raise InputError(f"unknown solver '{solver}'; known are 'batch' and 'scipy'")
        result = self._run(when, rows, first, rtol, atol, max_steps, start_time)
        if retry:
            from .retry import retried

            return retried(self, result, when, rows, first, rtol, atol, max_steps, start_time)
        return result

    def simulate_variants(
        self,
        times: ArrayLike,
        base: ArrayLike,
        row: ArrayLike,
        changes: Mapping[str, ArrayLike],
        start: ArrayLike | None = None,
        rtol: float = 1e-6,
        atol: float = 1e-9,
        max_steps: int = MOST_STEPS,
    ) -> Trajectories:
        """Simulates variants of few rows, such as doses of cell lines, without a table of all parameters.

        Trajectory k has the parameters `base[row[k]]` (L, P) with `changes[name][k]` (N,) put in, and starts
        at `start[row[k]]` (L, S). Works in chunks, so that memory beyond the result does not grow with N; end
        states are not kept (`state` has the shape (0, S)). Otherwise as `simulate`, and bitwise the same.
        """
        table = self._rows(base)
        which = np.asarray(row, dtype=np.intp)
        first = None if start is None else self._states(start, len(table))
        columns = {self.index(name): np.asarray(value, dtype=float) for name, value in changes.items()}
        when = checked_times(times)
        values = np.empty((len(which), len(when), len(self.readouts)))
        status = np.empty(len(which), dtype=np.int8)
        steps = np.empty(len(which), dtype=np.int32)
        for begin in range(0, len(which), CHUNK):
            part = slice(begin, begin + CHUNK)
            rows = table[which[part]]
            for column, value in columns.items():
                rows[:, column] = value[part] if value.ndim else value
            begun = None if first is None else first[which[part]]
            found = self.simulate(when, rows, begun, rtol, atol, max_steps)
            values[part], status[part], steps[part] = found.values, found.status, found.steps
        return Trajectories(values, np.empty((0, len(self.states))), status, steps)

    def simulate_sequence(
        self,
        times: ArrayLike,
        segments: Sequence[tuple[float, ArrayLike]],
        start: ArrayLike | None = None,
        rtol: float = 1e-6,
        atol: float = 1e-9,
        max_steps: int = MOST_STEPS,
        solver: Solver = "batch",
    ) -> Trajectories:
        """Simulates inputs that change in time, such as pulses, by exact restarts.

        `segments` are (begin, parameters (N, P)), the first at time 0, in ascending order; see
        `screen.kinetics.sequence`. Otherwise as `simulate`.
        """
        from .sequence import simulate_sequence

        return simulate_sequence(self, times, segments, start, rtol, atol, max_steps, solver)

    def steady_state(
        self,
        parameters: ArrayLike,
        start: ArrayLike | None = None,
        held: Sequence[str] = (),
        rtol: float = 1e-6,
        atol: float = 1e-9,
        stability: bool = True,
    ) -> "SteadyStates":
        """The steady state that each row reaches from its start; see `screen.kinetics.steady`."""
        from .steady import steady_states

        return steady_states(self, parameters, start, held, rtol, atol, stability)

    # ---- calls of the compiled code -----------------------------------------------------------------
    def _run(
        self,
        times: Floats,
        rows: Floats,
        start: Floats | None,
        rtol: float,
        atol: float,
        most: int,
        start_time: float,
    ) -> Trajectories:
        count = len(rows)
        values = np.empty((count, len(times), len(self.readouts)))
        state = np.empty((count, len(self.states)))
        status = np.zeros(count, dtype=np.int8)
        steps = np.zeros(count, dtype=np.int32)
        if count and len(times):
            outputs = (values.ctypes.data, state.ctypes.data, status.ctypes.data, steps.ctypes.data)
            first = None if start is None else start.ctypes.data
            self._code.run(
                count, rows.ctypes.data, first, len(times), times.ctypes.data, *outputs,
                rtol, atol, most, start_time, self._workspace(),
            )  # fmt: skip
        return Trajectories(values, state, status, steps)

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
        d: float = 0.0,
        floor: float = 0.0,
    ) -> None:
        outputs = (start_out, rates_out, jac_out, read_out, move_out)
        pointers = [None if a is None else a.ctypes.data for a in outputs]
        first = None if states is None else states.ctypes.data
        if len(rows):
            self._code.points(
                len(rows), rows.ctypes.data, first, time, *pointers, d, floor, self._workspace()
            )

    def _workspace(self) -> int:
        """The address of this thread's workspace, aligned for vectors."""
        held: Any = getattr(self._workspaces, "array", None)
        if held is None:
            held = np.zeros(workspace(self.layout).size * self.layout.width + 8)
            self._workspaces.array = held
        address: int = held.ctypes.data
        return (address + 63) & ~63

    # ---- checks -------------------------------------------------------------------------------------
    def _rows(self, parameters: ArrayLike) -> Floats:
        rows = np.ascontiguousarray(parameters, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self.parameters):
            raise InputError(
                f"parameters must have the shape (N, {len(self.parameters)}), found {rows.shape}"
            )
        return rows

    def _states(self, state: ArrayLike, count: int) -> Floats:
        found = np.ascontiguousarray(state, dtype=np.float64)
        if found.shape != (count, len(self.states)):
            raise InputError(f"states must have the shape ({count}, {len(self.states)}), found {found.shape}")
        return found


def compile_engine(model: Model, readouts: Sequence[str]) -> Engine:
    """The engine of a model with its readouts; code comes from the cache on disk when it is there.

    `readouts` name any symbol of the model, `amount(S)` or `concentration(S)`.
    Errors: `InputError` for an unknown readout; `UnsupportedModel` for events, which only `simulate` serves.
    """
    return Engine(model, readouts)


__all__ = ["Engine", "Status", "Trajectories", "compile_engine"]
