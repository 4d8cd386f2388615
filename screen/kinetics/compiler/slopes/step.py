"""One step of the sensitivities, after that of the states: ds/dt = J(t) s + df/dp is linear, so with J taken along the
states' dense output each stage of the method is a product with J and a substitution in the factors that the states'
step has already. What the stages need of J is shared by all parameters. The slope of J in time at the step's begin is
that of the polynomial through five of its values.
"""

import numpy as np

from screen.codegen.ir import Value
from screen.kinetics.compiler import rodas5p as method
from screen.kinetics.compiler.kernels import ProgramLayout
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


def width(layout: ProgramLayout) -> int:
    """Numbers that the kernel `tangent` writes."""
    s = layout.sensitive
    return len(s.jacobian) + s.parameters * len(layout.states)


def build_slopes(layout: ProgramLayout) -> str:
    """IR text of the functions that step sensitivities and read them."""
    return "\n".join(make(layout).text() for make in (along, slope_one, slopes, read_slopes))


def along(layout: ProgramLayout) -> Body:
    """The Jacobian's entries times a vector, added to another."""
    f = Body(layout, "along", dict.fromkeys(("entries", "x", "plus", "out"), "ptr noalias") | {"work": "ptr"})
    sums: dict[int, Value] = {}
    for k, (i, j) in enumerate(layout.sensitive.jacobian):
        before = sums[i] if i in sums else f.load("%plus", i)
        sums[i] = f.fma(f.load("%entries", k), f.load("%x", j), before)
        f.split(500)
    for i in range(f.size):
        f.store(sums[i] if i in sums else f.load("%plus", i), "%out", i)
    f.line("ret void")
    return f


def _along(f: Body, entries: Value, x: Value, plus: Value, out: Value) -> None:
    f.line(f"call void @along(ptr {entries}, ptr {x}, ptr {plus}, ptr {out}, ptr %work)")


def slopes(layout: ProgramLayout) -> Body:
    """New sensitivities of all parameters into `new_s`; with `needed` also what lies between both ends."""
    f = Body(layout, "slopes", {"needed": "i1", "work": "ptr"})
    whole, h = width(layout), f.read("length")
    for slot, node in enumerate(NODES):
        there = f.fma(h, f.splat(node), f.read("t"))
        f.write(f.smaller(there, f.read("stop")) if layout.timed else there, "ts")
        state = f.array({0: "y", 5: "new"}.get(slot, "at"))
        if 0 < slot < 5:
            with f.loop(f.size) as k:
                f.write(f.between(k, f.splat(node)), "at", k)
        f.run("tangent", f.array("ts"), state, f.array("q"), f.at(f.array("tangents"), slot * whole))
    inverse = f.div(f.splat(1.0), h)
    with f.loop(whole) as k:
        total: Value = f.splat(0.0)
        for slot, weight in zip(FITTED, WEIGHTS):
            value = f.load(f.array("tangents"), f.scalar("add", "i64", k, slot * whole))
            total = f.fma(value, f.splat(weight), total)
        f.write(f.mul(total, inverse), "tangents_t", k)
    with f.loop(layout.sensitive.parameters) as p:
        f.line(f"call void @slope_one(i64 {p}, i1 %needed, ptr %work)")
    f.line("ret void")
    return f


def slope_one(layout: ProgramLayout) -> Body:
    """The stages of one parameter's sensitivities."""
    f = Body(layout, "slope_one", {"p": "i64", "needed": "i1", "work": "ptr"})
    size, whole, entries = f.size, width(layout), len(layout.sensitive.jacobian)
    first = f.scalar("mul", "i64", "%p", size)
    now = f.at(f.array("y"), f.scalar("add", "i64", first, size))
    new = f.at(f.array("new_s"), first)
    direct = f.scalar("add", "i64", first, entries)
    tangents, slope, u = f.array("tangents"), f.array("s_slope"), f.array("su")
    h = f.read("length")
    inverse = f.div(f.splat(1.0), h)
    _along(f, f.array("tangents_t"), now, f.at(f.array("tangents_t"), direct), slope)
    for stage in range(method.STAGES):
        at = f.array("s_at")
        table = f.at(tangents, SLOT[stage] * whole)
        constant = f.at(table, direct)
        with f.loop(size) as k:
            earlier = [f.load(u, k if j == 0 else f.scalar("add", "i64", k, j * size)) for j in range(stage)]
            if stage < len(method.A):
                argument = f.load(now, k)
                for a, value in zip(method.A[stage], earlier):
                    argument = f.fma(f.splat(a), value, argument)
            else:
                argument = f.add(f.load(at, k), earlier[-1])
            f.store(argument, at, k)
            right: Value = f.splat(0.0)
            for c, value in zip(method.C[stage], earlier):
                right = f.fma(f.splat(c), value, right)
            right = f.fma(right, inverse, f.load(constant, k))
            if method.SLOPE[stage]:
                right = f.fma(f.mul(h, f.splat(method.SLOPE[stage])), f.load(slope, k), right)
            f.write(right, "s_b", k)
        _along(f, table, at, f.array("s_b"), f.array("s_b2"))
        f.run("solve", f.array("lu"), f.array("s_b2"), f.at(u, stage * size))
    with f.loop(size) as k:
        last = f.load(u, f.scalar("add", "i64", k, (method.STAGES - 1) * size))
        f.store(f.add(f.read("s_at", k), last), new, k)
    with f.when("%needed"), f.loop(size) as k:
        stages = [
            f.load(u, k if j == 0 else f.scalar("add", "i64", k, j * size)) for j in range(method.STAGES)
        ]
        for row, weights in enumerate(method.DENSE):
            part: Value = f.splat(0.0)
            for weight, value in zip(weights, stages):
                part = f.fma(f.splat(weight), value, part)
            place = f.scalar("add", "i64", f.scalar("mul", "i64", "%p", 3 * size), row * size)
            f.write(part, "s_dense", f.scalar("add", "i64", place, k))
    f.line("ret void")
    return f


def between(f: Body, s: Value) -> None:
    """All sensitivities at the place s (0 to 1) of a step, into `s_read`."""
    size = f.size
    r = f.sub(f.splat(1.0), s)
    with f.loop(f.layout.sensitive.parameters) as p, f.loop(size) as k:
        dense = f.scalar("add", "i64", f.scalar("mul", "i64", p, 3 * size), k)
        d1, d2, d3 = (f.read("s_dense", f.scalar("add", "i64", dense, row * size)) for row in range(3))
        flat = f.scalar("add", "i64", f.scalar("mul", "i64", p, size), k)
        inner = f.fma(s, f.fma(s, d3, d2), d1)
        old = f.read("y", f.scalar("add", "i64", flat, size))
        value = f.fma(s, f.fma(r, inner, f.read("new_s", flat)), f.mul(r, old))
        f.write(value, "s_read", flat)


def read_slopes(layout: ProgramLayout) -> Body:
    """Derivatives of the readouts from sensitivities `s`, behind the readouts in `out`; at a time and state."""
    names = ("time", "state", "hoisted", "s", "out")
    f = Body(layout, "read_slopes", dict.fromkeys(names, "ptr") | {"work": "ptr"})
    d = layout.sensitive
    f.run("read_tangent", "%time", "%state", "%hoisted", f.array("r_tangent"))
    with f.loop(d.parameters) as p:
        s = f.at("%s", f.scalar("mul", "i64", p, f.size))
        target = f.at("%out", f.scalar("add", "i64", f.scalar("mul", "i64", p, d.readouts), d.readouts))
        sums: list[Value] = [f.splat(0.0)] * d.readouts
        for k, (r, i) in enumerate(d.read):
            sums[r] = f.fma(f.read("r_tangent", k), f.load(s, i), sums[r])
            f.split(500)
        for r, value in enumerate(sums):
            f.store(value, target, r)
    for k, (r, p_) in enumerate(d.read_direct):
        place = d.readouts * (p_ + 1) + r
        f.store(f.add(f.load("%out", place), f.read("r_tangent", len(d.read) + k)), "%out", place)
    f.line("ret void")
    return f


def read(f: Body, time: str, state: str, hoisted: str, s: Value, out: str) -> None:
    """Calls `read_slopes` on arrays by name, sensitivities at an address."""
    arrays = [f.array(time), f.array(state), f.array(hoisted), s, f.array(out)]
    f.line(f"call void @read_slopes({', '.join('ptr ' + a for a in arrays)}, ptr %work)")
