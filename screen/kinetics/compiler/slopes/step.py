"""One step of the sensitivities, after that of the states: ds/dt = J(t) s + df/dp is linear, so with J taken along the
states' dense output each stage of the method is a product with J and a substitution in the factors that the states'
step has already.
"""

from screen.codegen.ir import Value
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.numerics import rodas5p as method
from screen.kinetics.compiler.numerics.rodas5p import ALLOWED
from screen.kinetics.compiler.slopes.along import (
    BEGIN,
    SLOT,
    densely,
    hand_over,
    tables,
    tangents_along,
    total,
)
from screen.kinetics.compiler.workspace import Body


def build_slopes(layout: ProgramLayout) -> str:
    """IR text of the functions that step sensitivities and read them."""
    functions = (make(layout).text() for make in (along, slope_one, slopes, read_slopes))
    return "\n".join([tables(layout), *functions])


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
    """Adds the Jacobian times a vector, and the rates' derivatives by parameter `p`."""
    f.line(f"call void @along(ptr {entries}, ptr {x}, ptr {plus}, ptr {out}, ptr %work)")
    begin = f.get("i64", "@direct_first", "%p")
    end = f.get("i64", "@direct_first", f.scalar("add", "i64", "%p", 1))
    with f.loop(end, begin) as k:
        i = f.get("i64", "@direct_state", k)
        entry = f.load(entries, f.scalar("add", "i64", k, len(f.layout.sensitive.jacobian)))
        f.store(f.add(f.load(out, i), entry), out, i)


def tolerate(f: Body) -> None:
    """The tolerances of sensitivities from `slack`: a relative one and absolute ones by parameter. Without them their
    errors do not count.
    """
    f.write(f.splat(0.0), "s_rtol")
    with f.when(f.scalar("icmp ne", "ptr", "%slack", "null")):
        f.write(f.broadcast(f.get("double", "%slack")), "s_rtol")
        with f.loop(f.layout.sensitive.parameters) as p:
            f.write(f.broadcast(f.get("double", "%slack", f.scalar("add", "i64", p, 1))), "s_atol", p)


def slopes(layout: ProgramLayout) -> Body:
    """New sensitivities of all parameters into `new_s`, and the largest of their errors into `s_error`; with `needed`
    also what lies between both ends.
    """
    f = Body(layout, "slopes", {"needed": "i1", "work": "ptr"})
    f.write(f.splat(0.0), "s_error")
    densely(f, f.array("dense"))
    ends = f.array("y"), f.array("new"), f.array("dense")
    tangents_along(f, ends, f.read("t"), f.read("length"), BEGIN)
    with f.loop(layout.sensitive.parameters) as p:
        f.line(f"call void @slope_one(i64 {p}, i1 %needed, ptr %work)")
    f.line("ret void")
    return f


def slope_one(layout: ProgramLayout) -> Body:
    """The stages of one parameter's sensitivities."""
    f = Body(layout, "slope_one", {"p": "i64", "needed": "i1", "work": "ptr"})
    size, entries = f.size, layout.sensitive.entries
    first = f.scalar("mul", "i64", "%p", size)
    now = f.at(f.array("y"), f.scalar("add", "i64", first, size))
    new = f.at(f.array("new_s"), first)
    slope, u, at, b, b2 = (f.array(name) for name in ("s_slope", "su", "s_at", "s_b", "s_b2"))
    h = f.read("length")
    inverse = f.div(f.splat(1.0), h)
    with f.loop(size) as k:
        f.store(f.splat(0.0), b, k)
    _along(f, f.array("tangents_t"), now, b, slope)
    for stage in range(method.STAGES):
        with f.loop(size) as k:
            here = f.at(u, k)
            earlier = [f.load(here, j * size) for j in range(stage)]
            if stage >= len(method.A):
                argument = f.add(f.load(at, k), earlier[-1])
            elif stage:
                argument = f.add(f.load(now, k), total(f, method.A[stage], earlier))
            else:
                argument = f.load(now, k)
            f.store(argument, at, k)
            right = f.mul(total(f, method.C[stage], earlier), inverse) if stage else f.splat(0.0)
            if method.SLOPE[stage]:
                right = f.fma(f.mul(h, f.splat(method.SLOPE[stage])), f.load(slope, k), right)
            f.store(right, b, k)
        _along(f, f.at(f.array("tangents"), SLOT[stage] * entries), at, b, b2)
        f.run("solve", f.array("lu"), b2, f.at(u, stage * size))
    with f.loop(size) as k:
        f.store(f.add(f.load(at, k), f.load(f.at(u, k), (method.STAGES - 1) * size)), new, k)
    with f.when(f.any(f.compare("ogt", f.read("s_rtol"), f.splat(0.0)))):
        _count_error(f, now, new, f.at(u, (method.STAGES - 1) * size))
    with f.when("%needed"), f.loop(size) as k:
        here = f.at(u, k)
        place = f.at(f.array("s_dense"), f.scalar("mul", "i64", first, len(method.DENSE)))
        stages = [f.load(here, j * size) for j in range(method.STAGES)]
        for row, weights in enumerate(method.DENSE):
            f.store(total(f, weights, stages), f.at(place, k), row * size)
    f.line("ret void")
    return f


def accept(f: Body, accepted: Value) -> None:
    """New sensitivities, and what the next step needs, in lanes whose step was accepted."""
    with f.loop(f.columns - f.size) as k:
        place = f.scalar("add", "i64", k, f.size)
        f.write(f.select(accepted, f.read("new_s", k), f.read("y", place)), "y", place)
    with f.when(f.any(accepted)):
        hand_over(f, accepted)


def _count_error(f: Body, now: Value, new: Value, estimate: Value) -> None:
    """The mean square of a parameter's scaled error estimate, over what is allowed, where it is the largest so far."""
    f.write(f.splat(0.0), "b")
    rtol, atol = f.read("s_rtol"), f.read("s_atol", "%p")
    with f.loop(f.size) as k:
        sizes = [f.intrinsic("fabs", f.load(end, k)) for end in (now, new)]
        ratio = f.div(f.load(estimate, k), f.fma(f.larger(*sizes), rtol, atol))
        f.write(f.fma(ratio, ratio, f.read("b")), "b")
    error = f.mul(f.read("b"), f.splat(ALLOWED**-2 / max(f.size, 1)))
    before = f.read("s_error")
    f.write(f.select(f.compare("ugt", error, before), error, before), "s_error")


def between(f: Body, s: Value) -> None:
    """All sensitivities at the place s (0 to 1) of a step, into `s_read`."""
    size = f.size
    r, at_end = f.sub(f.splat(1.0), s), f.compare("oeq", s, f.splat(1.0))
    with f.loop(f.layout.sensitive.parameters) as p, f.loop(size) as k:
        first = f.scalar("mul", "i64", p, size)
        here = f.at(f.array("s_dense"), f.scalar("add", "i64", f.scalar("mul", "i64", first, 3), k))
        d1, d2, d3 = (f.load(here, row * size) for row in range(3))
        flat = f.scalar("add", "i64", first, k)
        new, old = f.read("new_s", flat), f.read("y", f.scalar("add", "i64", flat, size))
        inner = f.fma(s, f.fma(s, d3, d2), d1)
        inside = f.fma(s, f.fma(r, inner, new), f.mul(r, old))
        f.write(f.select(at_end, new, inside), "s_read", flat)


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
