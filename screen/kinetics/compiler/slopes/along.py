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
    old, new, dense = ends
    here = f.at(dense, k)
    d1, d2, d3 = (f.load(here, row * f.size) for row in range(len(method.DENSE)))
    r = f.sub(f.splat(1.0), s)
    inner = f.fma(s, f.fma(s, d3, d2), d1)
    return f.fma(s, f.fma(r, inner, f.load(new, k)), f.mul(r, f.load(old, k)))


def tangents_along(f: Body, ends: tuple[Value, Value, Value], t: Value, h: Value, known: int) -> None:
    """Fills `tangents`, for each node, and `tangents_t`. Where the rates do not hold time, J at one end of the step is
    `known` there already from the step before, but in lanes that have `entered` since.
    """
    entries = f.layout.sensitive.entries
    for slot in (k for k in range(len(NODES)) if k not in BETWEEN):
        here = f.at(f.array("tangents"), slot * entries)
        if slot != known or f.layout.timed:
            _tangent(f, slot, ends, t, h, here)
            continue
        entered = f.compare("one", f.read("entered"), f.splat(0.0))
        with f.when(f.any(entered)):
            _tangent(f, slot, ends, t, h, f.array("tangents_t"))
            with f.loop(entries) as k:
                f.store(f.select(entered, f.read("tangents_t", k), f.load(here, k)), here, k)
            f.write(f.splat(0.0), "entered")
    inverse = f.div(f.splat(1.0), h)
    with f.loop(entries) as k:
        here = f.at(f.array("tangents"), k)
        values = [f.load(here, slot * entries) for slot in FITTED]
        f.write(f.mul(total(f, SLOPE, values), inverse), "tangents_t", k)
        for slot, weights in INSIDE.items():
            f.store(total(f, weights, values), here, slot * entries)


def _tangent(f: Body, slot: int, ends: tuple[Value, Value, Value], t: Value, h: Value, out: Value) -> None:
    """J at one of the nodes, to an address."""
    node = NODES[slot]
    there = f.fma(h, f.splat(node), t)
    f.write(f.smaller(there, f.read("stop")) if f.layout.timed else there, "ts")
    state = {BEGIN: ends[0], END: ends[1]}.get(slot, f.array("at"))
    if BEGIN < slot < END:
        with f.loop(f.size) as k:
            f.write(state_between(f, k, f.splat(node), ends), "at", k)
    f.run("tangent", f.array("ts"), state, f.array("q"), out)


def hand_over(f: Body, lanes: Value | None, source: int, target: int) -> None:
    """J at one end of a step becomes that at the other end of the next, in some lanes."""
    entries = f.layout.sensitive.entries
    if not f.layout.timed:
        with f.loop(entries) as k:
            here = f.at(f.array("tangents"), k)
            value = f.load(here, source * entries)
            if lanes is not None:
                value = f.select(lanes, value, f.load(here, target * entries))
            f.store(value, here, target * entries)


def tables(layout: ProgramLayout) -> str:
    """Where the rates' entries of each parameter begin, and their states, as tables in the program."""
    direct = layout.sensitive.direct
    first = [sum(p < k for p, _ in direct) for k in range(layout.sensitive.parameters + 1)]
    found = {"direct_first": first, "direct_state": [i for _, i in direct] or [0]}
    return "\n".join(
        f"@{name} = internal constant [{len(values)} x i64] [{', '.join(f'i64 {v}' for v in values)}]"
        for name, values in found.items()
    )
