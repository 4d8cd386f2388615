"""The Jacobian along a step, which the sensitivities of all parameters share: its entries and the rates' derivatives by
parameters at the places of the method's stages, and their slope in time at the step's begin. Slope, and values at a
place that is close to another, are those of a polynomial through four places, which errs by less than the dense output.
"""

from collections.abc import Sequence

import numpy as np

from screen.codegen.ir import Value
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.numerics import rodas5p as method
from screen.kinetics.compiler.workspace import Body

NODES = (*method.NODE[:5], 1.0)  # where J is needed
SLOT = (0, 1, 2, 3, 4, 5, 5, 5)  # of each stage, in NODES
BEGIN, END = 0, 5  # of the step, in NODES
FITTED = (0, 1, 2, 5)  # of NODES: far enough from one another for a polynomial
BETWEEN = (4,)  # of NODES: so close to another that J is that of the polynomial there


def _weights(wanted: Sequence[float]) -> tuple[float, ...]:
    """Of values at the fitted nodes, in what is linear in the polynomial through them and has these values for 1, t,
    t^2 and t^3.
    """
    powers = np.vander(np.array([NODES[k] for k in FITTED]), increasing=True).T
    return tuple(np.linalg.solve(powers, np.array(wanted)).tolist())


SLOPE = _weights((0.0, 1.0, 0.0, 0.0))  # at the step's begin
INSIDE = {slot: _weights([NODES[slot] ** k for k in range(len(FITTED))]) for slot in BETWEEN}


def total(f: Body, weights: Sequence[float], values: Sequence[Value]) -> Value:
    """The weighted sum of some values."""
    found = f.mul(f.splat(weights[0]), values[0])
    for weight, value in zip(weights[1:], values[1:]):
        found = f.fma(f.splat(weight), value, found)
    return found


def densely(f: Body, dense: Value) -> None:
    """The three polynomials of the states' dense output, to an address."""
    with f.loop(f.size) as k:
        here, target = f.at(f.array("u"), k), f.at(dense, k)
        stages = [f.load(here, j * f.size) for j in range(method.STAGES)]
        for row, weights in enumerate(method.DENSE):
            f.store(total(f, weights, stages), target, row * f.size)


def state_between(f: Body, k: Value, s: Value, ends: tuple[Value, Value, Value]) -> Value:
    """State k at a place s of a step, from the addresses of both ends and of the polynomials."""
    return _between(f, s, _parts(f, k, ends))


def states_between(
    f: Body, k: Value, places: Sequence[float], ends: tuple[Value, Value, Value]
) -> list[Value]:
    """The same at several places."""
    parts = _parts(f, k, ends)
    return [_between(f, f.splat(s), parts) for s in places]


def _parts(f: Body, k: Value, ends: tuple[Value, Value, Value]) -> list[Value]:
    old, new, dense = ends
    here = f.at(dense, k)
    return [f.load(old, k), f.load(new, k), *(f.load(here, row * f.size) for row in range(len(method.DENSE)))]


def _between(f: Body, s: Value, parts: Sequence[Value]) -> Value:
    old, new, d1, d2, d3 = parts
    r = f.sub(f.splat(1.0), s)
    inner = f.fma(s, f.fma(s, d3, d2), d1)
    return f.fma(s, f.fma(r, inner, new), f.mul(r, old))


def tangents_at(f: Body, slot: int) -> Value:
    """The address of J at one of the nodes. Backwards both ends change places from step to step, as the begin of one is
    the end of that before it.
    """
    entries, ends = f.layout.sensitive.entries, END - BEGIN
    place: int | Value = slot * entries
    if f.layout.adjoint and slot in (BEGIN, END):
        turn = f.get("i64", f.array("turn"))
        turn = turn if slot == BEGIN else f.scalar("sub", "i64", 1, turn)
        place = f.scalar("mul", "i64", turn, ends * entries)
    return f.at(f.array("tangents"), place)


def tangents_along(f: Body, ends: tuple[Value, Value, Value], t: Value, h: Value, known: int) -> None:
    """Fills `tangents`, for each node, and `tangents_t`. Where the rates do not hold time, J at one end of the step is
    `known` there already from the step before, but in lanes that have `entered` since.
    """
    entries = f.layout.sensitive.entries
    inside = [slot for slot in range(BEGIN + 1, END) if slot not in BETWEEN]
    with f.loop(f.size) as k:
        for number, state in enumerate(states_between(f, k, [NODES[slot] for slot in inside], ends)):
            f.store(state, f.at(f.array("inside"), k), number * f.size)
    places = {slot: f.at(f.array("inside"), number * f.size) for number, slot in enumerate(inside)}
    places |= {BEGIN: ends[0], END: ends[1]}
    for slot in sorted(places):
        if slot != known or f.layout.timed:
            _tangent(f, slot, places[slot], t, h, tangents_at(f, slot))
            continue
        entered = f.compare("one", f.read("entered"), f.splat(0.0))
        with f.when(f.any(entered)):
            _tangent(f, slot, places[slot], t, h, f.array("tangents_t"))
            here = tangents_at(f, slot)
            with f.loop(entries) as k:
                f.store(f.select(entered, f.read("tangents_t", k), f.load(here, k)), here, k)
            f.write(f.splat(0.0), "entered")
    inverse = f.div(f.splat(1.0), h)
    tables = {slot: tangents_at(f, slot) for slot in (*FITTED, *BETWEEN)}
    with f.loop(entries) as k:
        values = [f.load(tables[slot], k) for slot in FITTED]
        f.write(f.mul(total(f, SLOPE, values), inverse), "tangents_t", k)
        for slot, weights in INSIDE.items():
            f.store(total(f, weights, values), tables[slot], k)


def _tangent(f: Body, slot: int, state: Value, t: Value, h: Value, out: Value) -> None:
    """J at one of the nodes, to an address."""
    there = f.fma(h, f.splat(NODES[slot]), t)
    f.write(f.smaller(there, f.read("stop")) if f.layout.timed else there, "ts")
    f.run("tangent", f.array("ts"), state, f.array("q"), out)


def hand_over(f: Body, lanes: Value) -> None:
    """J at the end of a step becomes that at the begin of the next, in some lanes."""
    if not f.layout.timed:
        begin, end = tangents_at(f, BEGIN), tangents_at(f, END)
        with f.loop(f.layout.sensitive.entries) as k:
            f.store(f.select(lanes, f.load(end, k), f.load(begin, k)), begin, k)


def turn_over(f: Body) -> None:
    """J at the begin of a step becomes that at the end of the one before."""
    f.put("i64", f.scalar("sub", "i64", 1, f.get("i64", f.array("turn"))), f.array("turn"))


def tables(layout: ProgramLayout) -> str:
    """Where the rates' entries of each parameter begin, and their states, as tables in the program."""
    direct = layout.sensitive.direct
    first = [sum(p < k for p, _ in direct) for k in range(layout.sensitive.parameters + 1)]
    found = {"direct_first": first, "direct_state": [i for _, i in direct] or [0]}
    return "\n".join(
        f"@{name} = internal constant [{len(values)} x i64] [{', '.join(f'i64 {v}' for v in values)}]"
        for name, values in found.items()
    )
