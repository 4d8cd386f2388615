"""Sensitivities of readouts to parameters along trajectories. Where nothing jumps they go beside the states, with the
states' steps and factors; through events and jumps of the rates they are states themselves. Where readouts are few and
parameters many they go backwards, through both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.arrays import Floats, Indices
from screen.errors import InputError
from screen.kinetics.backwards import sum_slopes
from screen.kinetics.compiler.event_layouts import MOST_SUMS
from screen.kinetics.doses import Dose, part_of
from screen.kinetics.engine import Engine, kept_engine
from screen.kinetics.expressions.derivatives import gradients, of_parameter
from screen.kinetics.expressions.event_slopes import ORDERED, Jumps
from screen.kinetics.expressions.sensitivity_equations import slope_name
from screen.kinetics.model import Model
from screen.kinetics.problem import Trajectories
from screen.kinetics.solvers.resolution import tolerance
from screen.kinetics.solvers.restarts import Course, simulate_sequence
from screen.kinetics.solvers.slopes.jump_slopes import check_jumps, over_jumps
from screen.kinetics.solvers.slopes.settled_slopes import settled_slopes
from screen.kinetics.solvers.solve import solve
from screen.kinetics.solvers.unsettled import Settling
from screen.kinetics.status import Status

A_PASS = 3.0  # what steps and Jacobians cost backwards more than forwards, in what a parameter costs beside the states
A_STATE = 3.0  # what a parameter costs as more states, in the same


@dataclass(frozen=True)
class Sensitivities:
    """`values` (N, T, R), `slopes` (N, T, R, K) by the K chosen parameters, `status` (N,) of `Status`."""

    values: Floats
    slopes: Floats
    status: NDArray[np.int8]


@dataclass(frozen=True)
class _Course:
    """What is asked for: times, rows, tolerances, doses, and rows (N, P) under which all settles first."""

    times: ArrayLike
    rows: Floats
    rtol: float
    atol: float
    doses: Sequence[Dose]
    settled: Floats | None
    controlled: bool

    @property
    def plain(self) -> bool:
        """Whether it is one piece from the model's own start."""
        return self.settled is None and not self.doses


def sensitivities(
    model: Model,
    readouts: Sequence[str],
    names: Sequence[str],
    times: ArrayLike,
    parameters: ArrayLike,
    rtol: float = 1e-6,
    atol: float | None = None,
    doses: Sequence[Dose] = (),
    settled: ArrayLike | None = None,
    controlled: bool = False,
) -> Sensitivities:
    """Derivatives of readouts with respect to parameters (or start values) along trajectories from the
    model's start, or from the steady state under the parameters `settled` (N, P).

    >>> from screen.kinetics import compile_engine, load_model, sensitivities
    >>> decay = load_model("S1 -> S2; k * S1; S1 = 10; S2 = 0; k = 0.1")
    >>> found = sensitivities(decay, ["S2"], ["k"], [0, 10], [compile_engine(decay, ["S2"]).defaults])
    >>> found.slopes[0, :, 0, 0].round(2).tolist()  # 10 t exp(-k t)
    [0.0, 36.79]

    `times` (T,) ascend from 0; `rtol`, `atol` bound the error of each step (as in `simulate`).
    `parameters` (N, P) has the columns of `compile_engine(model, readouts).parameters`; `names` are K of
    them. `doses` are added on the way. A parameter that has another value in `settled` counts as another parameter
    there. Beside the states slopes are as exact as the states' steps make them; `controlled` bounds the steps by their
    own estimated errors too. A slope has the readout's unit by the parameter's, `times` the model's own unit. Over
    events as Galan, Feehery and Barton (1999, doi:10.1016/S0168-9274(98)00125-1) have it. Errors: `InputError` for
    unknown names, and for what has no slope.
    """
    if len(set(names)) != len(names) or not names:
        raise InputError(f"sensitivities need distinct parameters, found {list(names)}")
    plain = kept_engine(model, tuple(readouts))
    columns = [plain.index(name) for name in names]
    rows = plain.checked_rows(parameters)
    first = None if settled is None else plain.checked_rows(settled)
    if first is not None and len(first) != len(rows):
        raise InputError(f"`settled` must have {len(rows)} rows, found {len(first)}")
    course = _Course(times, rows, rtol, tolerance(plain, rtol, atol), doses, first, controlled)
    check_doses(model, columns, names, doses)
    way = way_of(plain, names)
    if way.through:
        check_moved(plain, names, course.times, rows)
    settled_first = way.through and first is not None
    no_way_back = way.crooked or controlled or (settled_first and plain.has_events)
    forwards = len(names) * (A_STATE if way.through else 1.0)
    if not no_way_back and (settled_first or _fewer_backwards(plain, course, forwards)):
        return _back(plain, names, course, way)
    if way.through:
        return _as_states(model, readouts, names, course)
    engine = kept_engine(model, tuple(readouts), tuple(names))
    if way.crooked:
        if not course.plain:
            raise InputError(
                f"sensitivities by {list(names)} through jumps go with neither doses nor a settled start"
            )
        problem = engine.problem(times, rows, None, rtol, course.atol)
        found = over_jumps(plain, engine, replace(problem, slack=_slack(engine, course)))
    else:
        found = _beside(plain, engine, course)
    return _parted(found, len(readouts), len(names))


@dataclass(frozen=True)
class Way:
    """How sensitivities by some parameters pass what happens: `crooked` where a parameter moves jumps of which no
    comparison says how they move, else `through` events or jumps where these change them.
    """

    crooked: bool
    through: bool


def way_of(engine: Engine, names: Sequence[str]) -> Way:
    """How sensitivities by parameters `names` pass what happens."""
    return _way_by(engine, tuple(engine.index(name) for name in names))


@lru_cache(maxsize=64)
def _way_by(engine: Engine, columns: tuple[int, ...]) -> Way:
    moved = not engine.has_events and engine.moves_jumps(columns)
    crooked = moved and engine.jumps_by_other_than(ORDERED)
    return Way(crooked, not crooked and bool(Jumps(engine.model.network, list(columns)).all))


def check_moved(engine: Engine, names: Sequence[str], times: ArrayLike, rows: Floats) -> None:
    """`InputError` where parameters that move jumps by the clock make them appear, vanish or meet."""
    if engine.moves_jumps([engine.index(name) for name in names]):
        check_jumps(engine, engine.problem(times, rows, None, 1e-6, 1.0), names)


def check_decided(slopes: Floats, status: NDArray[np.int8]) -> None:
    """`InputError` where a solved row has slopes (N, ...) that are not a number."""
    undecided = np.any(np.isnan(slopes.reshape(len(slopes), -1)), axis=1) & (status <= Status.reference)
    if np.any(undecided):
        raise InputError(
            f"row {int(np.flatnonzero(undecided)[0])}: an event that another one overrules, or that appears or "
            "vanishes, or rates that hold a state where they jump; there is no slope there"
        )


def _parted(found: Trajectories, width: int, many: int) -> Sensitivities:
    count, steps = found.values.shape[:2]
    slopes = found.values[:, :, width:].reshape(count, steps, many, width)
    return Sensitivities(found.values[:, :, :width], np.moveaxis(slopes, 2, 3), found.status)


def _beside(plain: Engine, engine: Engine, course: _Course) -> Trajectories:
    """Sensitivities beside the states."""
    start, lost = None, np.zeros(len(course.rows), dtype=np.int8)
    if course.settled is not None:
        found = plain.steady_state(course.settled, rtol=course.rtol, atol=course.atol, stability=False)
        order = [plain.states.index(name) for name in engine.states[: len(plain.states)]]
        state = np.ascontiguousarray(found.state[:, order])
        slopes = settled_slopes(engine, course.settled, state, 1e8, course.rows)
        start, lost = np.hstack([state, slopes.reshape(len(state), -1)]), found.status
    slack = _slack(engine, course)
    solved = np.flatnonzero(lost <= Status.reference)
    begun = None if start is None else start[solved]
    if course.doses:
        settings = Settling(course.rtol, course.atol, slack=slack)
        whole = Course([(0.0, course.rows[solved])], course.doses)
        part = simulate_sequence(engine, course.times, whole, begun, settings)
    else:
        problem = engine.problem(course.times, course.rows[solved], begun, course.rtol, course.atol)
        part = solve(engine, replace(problem, slack=slack))
    values = np.full((len(lost), *part.values.shape[1:]), np.nan)
    values[solved] = part.values
    lost = lost.copy()
    lost[solved] = part.status
    reached = np.zeros(len(lost))
    reached[solved] = part.reached
    return Trajectories(values, part.state, lost, part.steps, reached)


def _fewer_backwards(plain: Engine, course: _Course, forwards: float) -> bool:
    """Whether so few readouts at so few times are asked for that following each backwards costs less than `forwards`;
    in the cost of what one parameter does beside the states.
    """
    times = np.asarray(course.times, dtype=np.float64)
    sums = times.size * len(plain.readouts)
    moves = times.ndim == 1 and bool(np.any(times > 0))
    return moves and 0 < sums + A_PASS * -(-sums // MOST_SUMS) <= forwards


def _back(plain: Engine, names: Sequence[str], course: _Course, way: Way) -> Sensitivities:
    """The same backwards: each readout at each time is a sum of its own."""
    problem = plain.problem(course.times, course.rows, None, course.rtol, course.atol)
    many, width = len(problem.times), len(plain.readouts)
    every = np.eye(many * width).reshape(many, width, many * width).swapaxes(1, 2)

    def sums(_: Floats, some: Indices) -> Iterator[Floats]:
        for first in range(0, many * width, MOST_SUMS):
            each = every[:, first : first + MOST_SUMS]
            yield np.ascontiguousarray(np.broadcast_to(each, (len(some), *each.shape)))

    found = sum_slopes(plain, names, problem, course.settled, course.doses, (many * width, sums))
    values, slopes, status = found.values, found.slopes.reshape(-1, many, width, len(names)), found.status
    again = found.again
    if len(again) and not (way.through and course.settled is not None):  # no way forwards from there
        settled = None if course.settled is None else course.settled[again]
        doses = [part_of(dose, again) for dose in course.doses]
        rest = replace(course, rows=course.rows[again], doses=doses, settled=settled)
        if way.through:
            last = _as_states(plain.model, plain.readouts, names, rest)
        else:
            engine = kept_engine(plain.model, plain.readouts, tuple(names))
            last = _parted(_beside(plain, engine, rest), width, len(names))
        values[again], slopes[again], status[again] = last.values, last.slopes, last.status
    if way.through:
        check_decided(slopes, status)
    return Sensitivities(values, slopes, status)


def _slack(engine: Engine, course: _Course) -> Floats | None:
    """Tolerances of sensitivities, where they bound the steps: the states' relative one, and their absolute one by the
    size of each parameter in the model.
    """
    if not course.controlled:
        return None
    sizes = np.abs([engine.defaults[engine.index(name)] for name in engine.by])
    return np.array([course.rtol, *(course.atol / np.where(sizes > 0, sizes, 1.0))])


def _as_states(model: Model, readouts: Sequence[str], names: Sequence[str], course: _Course) -> Sensitivities:
    """Sensitivities as states of a larger network, which events and jumps change."""
    if course.settled is not None:
        raise InputError(
            "sensitivities through events go with no settled start, nor do controlled ones through jumps of the rates"
        )
    every = [*readouts, *(slope_name(r, name) for name in names for r in readouts)]
    engine = Engine(model, every, sensitive=names)
    if course.doses:
        found = engine.simulate(
            course.times, course.rows, rtol=course.rtol, atol=course.atol, doses=course.doses
        )
    else:
        found = solve(engine, engine.problem(course.times, course.rows, None, course.rtol, course.atol))
    whole = _parted(found, len(readouts), len(names))
    check_decided(whole.slopes, whole.status)
    return whole


def check_doses(model: Model, columns: Sequence[int], names: Sequence[str], doses: Sequence[Dose]) -> None:
    """Refuses slopes by what decides how much of a concentration an amount is."""
    network = model.network
    for dose in doses:
        node = network.amounts.get(dose.into)
        found = {} if node is None else gradients(network.graph, [node], set(columns)).get(node, {})
        for column, name in zip(columns, names):
            if of_parameter(column) in found:
                raise InputError(
                    f"a dose of '{dose.into}': no sensitivity by '{name}', which sets its volume"
                )
