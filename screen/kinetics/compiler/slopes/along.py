"""The Jacobian along a step, which the sensitivities of all parameters share: its entries and the rates' derivatives by
parameters at the places of the method's stages, and their slope in time at the step's begin, that of the polynomial
through some of them.
"""

from collections.abc import Sequence

import numpy as np

from screen.codegen.ir import Value
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.numerics import rodas5p as method
from screen.kinetics.compiler.workspace import Body

NODES = (*method.NODE[:5], 1.0)  # where J is needed
SLOT = (0, 1, 2, 3, 4, 5, 5, 5)  # of each stage, in NODES
FITTED = (0, 1, 2, 5)  # of NODES: those far enough from one another


def _derivative_weights() -> tuple[float, ...]:
    """Of values at the fitted nodes, in the derivative at 0 of the polynomial through them."""
    nodes = np.array([NODES[k] for k in FITTED])
    powers = np.vander(nodes, increasing=True).T
    unit = np.zeros(len(nodes))
    unit[1] = 1.0
    return tuple(np.linalg.solve(powers, unit).tolist())


WEIGHTS = _derivative_weights()


def total(f: Body, weights: Sequence[float], places: Sequence[Value]) -> Value:
    """The weighted sum of what stands at some places."""
    found = f.mul(f.splat(weights[0]), f.load(places[0]))
    for weight, place in zip(weights[1:], places[1:]):
        found = f.fma(f.splat(weight), f.load(place), found)
    return found


def densely(f: Body, dense: Value) -> None:
    """The three polynomials of the states' dense output, to an address."""
    with f.loop(f.size) as k:
        here, target = f.at(f.array("u"), k), f.at(dense, k)
        stages = [f.at(here, j * f.size) for j in range(method.STAGES)]
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


def tangents_along(f: Body, ends: tuple[Value, Value, Value], t: Value, h: Value) -> None:
    """Fills `tangents`, at each node, and `tangents_t`."""
    entries = f.layout.sensitive.entries
    for slot, node in enumerate(NODES):
        there = f.fma(h, f.splat(node), t)
        f.write(f.smaller(there, f.read("stop")) if f.layout.timed else there, "ts")
        state = {0: ends[0], 5: ends[1]}.get(slot, f.array("at"))
        if 0 < slot < 5:
            with f.loop(f.size) as k:
                f.write(state_between(f, k, f.splat(node), ends), "at", k)
        f.run("tangent", f.array("ts"), state, f.array("q"), f.at(f.array("tangents"), slot * entries))
    inverse = f.div(f.splat(1.0), h)
    with f.loop(entries) as k:
        here = f.at(f.array("tangents"), k)
        slope = total(f, WEIGHTS, [f.at(here, slot * entries) for slot in FITTED])
        f.write(f.mul(slope, inverse), "tangents_t", k)


def tables(layout: ProgramLayout) -> str:
    """Where the rates' entries of each parameter begin, and their states, as tables in the program."""
    direct = layout.sensitive.direct
    first = [sum(p < k for p, _ in direct) for k in range(layout.sensitive.parameters + 1)]
    found = {"direct_first": first, "direct_state": [i for _, i in direct] or [0]}
    return "\n".join(
        f"@{name} = internal constant [{len(values)} x i64] [{', '.join(f'i64 {v}' for v in values)}]"
        for name, values in found.items()
    )
