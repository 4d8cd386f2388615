"""Where two single-agent curves meet, or one comes to a response, as machine code: the bracketed search of `roots`
(Chandrupatla 1997, doi:10.1016/S0965-9978(96)00051-8), an equation in each lane of the processor's vectors, which step
together until all are settled.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from screen.codegen.ir import Value
from screen.synergy.curves.kernels.scalar_ir import Writer, load

TOLERANCE, STEPS = 1e-11, 80
MEET = {"groups": "i64", "rows": "i64", "knots_1": "i64", "knots_2": "i64", "equations": "ptr"}
OF_AN_EQUATION = ("x_1", "x_2", "sign", "low", "high", "root", "response")
X_1, X_2, SIGN, LOW, HIGH, ROOT, RESPONSE = range(len(OF_AN_EQUATION))
OF_A_CURVE = ("midpoint", "hill", "middle", "blend")
"""Of a curve, before the coordinates, the values and the slopes of its knots; as `MonotoneCurves` has them."""
A, B, C, FA, FB, FC, T, SETTLED = range(8)


@cache
def meet(alone: bool, width: int) -> Any:
    """The compiled search: a function of `MEET`, called without the interpreter's lock. `equations` are (group, row,
    lane), aligned for vectors; the rows are `OF_AN_EQUATION` and then those of the curves.

    With the share t of drug 1, whose logit is the root, drug 1 at dose exp(x_1) / t and drug 2 at exp(x_2) / (1 - t) do
    the same; their mean is left in `response`. Where `alone`, the root is the log dose at which the one curve comes to
    the response x_2.
    """
    return load("meet", MEET, width, [_response(width), _gap(alone, width), _meet(width)])


def _larger(f: Writer, one: Value, two: Value) -> Value:
    return f.select(f.compare("ogt", one, two), one, two)


def _smaller(f: Writer, one: Value, two: Value) -> Value:
    return f.select(f.compare("olt", one, two), one, two)


def _sigmoid(f: Writer, hill: Value, distance: Value) -> Value:
    one = f.splat(1.0)
    far = _smaller(f, f.neg(f.mul(hill, distance)), f.splat(700.0))
    return f.div(one, f.add(one, f.call("vexp", far)))


def _response(width: int) -> Writer:
    """A curve at log dose `x`; as `MonotoneCurves.response`."""
    vector = f"<{width} x double>"
    f = Writer("response", {"x": vector, "knots": "i64", "curve": "ptr"}, width, vector)
    zero, one = f.splat(0.0), f.splat(1.0)
    midpoint, hill, middle, blend = (f.load("%curve", k) for k in range(len(OF_A_CURVE)))
    own, broad = _sigmoid(f, hill, f.sub("%x", midpoint)), _sigmoid(f, f.splat(0.5), f.sub("%x", middle))
    u = f.div(f.fma(blend, broad, own), f.add(one, blend))
    bases = [f.scalar("add", "i64", f.scalar("mul", "i64", "%knots", k), len(OF_A_CURVE)) for k in range(3)]
    ends = f.memory(6, f.vector)

    def knots(k: Value | int) -> list[Value]:
        """Coordinates, values and slopes of knot `k` and of the next."""
        places = (k, f.scalar("add", "i64", k, 1))
        return [f.load("%curve", f.scalar("add", "i64", base, at)) for base in bases for at in places]

    for place, value in enumerate(knots(0)):
        f.store(value, ends, place)
    with f.loop(f.scalar("sub", "i64", "%knots", 1), 1) as k:
        here = knots(k)
        past = f.compare("oge", u, here[0])
        for place, value in enumerate(here):
            f.store(f.select(past, value, f.load(ends, place)), ends, place)
    u0, u1, y0, y1, s0, s1 = (f.load(ends, place) for place in range(6))
    wide, rise = _larger(f, f.sub(u1, u0), f.splat(1e-300)), f.sub(y1, y0)
    t = _smaller(f, _larger(f, f.div(f.sub(u, u0), wide), zero), one)
    rest = f.sub(one, t)
    bend_0, bend_1 = f.sub(f.mul(s0, wide), rise), f.sub(f.mul(s1, wide), rise)
    bend = f.sub(f.mul(bend_0, rest), f.mul(bend_1, t))
    f.line(f"ret {vector} {f.fma(f.mul(t, rest), bend, f.fma(rise, t, y0))}")
    return f


def _gap(alone: bool, width: int) -> Writer:
    """What is to be 0 at `x`; leaves the response."""
    vector = f"<{width} x double>"
    f = Writer("gap", {"x": vector, "knots_1": "i64", "knots_2": "i64", "equation": "ptr"}, width, vector)
    x_1, x_2, sign = (f.load("%equation", row) for row in (X_1, X_2, SIGN))
    first = f.at("%equation", len(OF_AN_EQUATION))

    def response(x: Value, drug: int, curve: Value) -> Value:
        return f.compute(f"call {vector} @response({vector} {x}, i64 %knots_{drug}, ptr {curve})")

    if alone:
        f.line(f"ret {vector} {f.mul(sign, f.sub(response('%x', 1, first), x_2))}")
        return f
    zero, one = f.splat(0.0), f.splat(1.0)
    softplus = f.call("vlog", f.add(one, f.call("vexp", f.neg(f.intrinsic("fabs", "%x")))))
    size = f.scalar("add", "i64", f.scalar("mul", "i64", "%knots_1", 3), len(OF_A_CURVE))
    y_1 = response(f.add(f.add(x_1, softplus), _larger(f, f.neg("%x"), zero)), 1, first)
    y_2 = response(f.add(f.add(x_2, softplus), _larger(f, "%x", zero)), 2, f.at(first, size))
    f.store(f.mul(f.splat(0.5), f.add(y_1, y_2)), "%equation", RESPONSE)
    f.line(f"ret {vector} {f.mul(sign, f.sub(y_1, y_2))}")
    return f


def _meet(width: int) -> Writer:
    """Finds `root` between `low` and `high`; as `find_roots`."""
    f = Writer("meet", MEET, width, exported=True)
    zero, half, one = f.splat(0.0), f.splat(0.5), f.splat(1.0)
    now, step = f.memory(8, f.vector), f.memory(1, "i64")
    with f.loop("%groups") as group:
        equation = f.at("%equations", f.scalar("mul", "i64", group, "%rows"))
        rest = f"i64 %knots_1, i64 %knots_2, ptr {equation}"

        def gap(x: Value, rest: str = rest) -> Value:
            return f.compute(f"call {f.vector} @gap({f.vector} {x}, {rest})")

        a, b = f.load(equation, HIGH), f.load(equation, LOW)
        fa, fb = gap(a), gap(b)
        for place, value in enumerate((a, b, a, fa, fb, fa, half, zero)):
            f.store(value, now, place)
        f.put("i64", 0, step)
        with f.forever() as ended:
            _bracket(f, now, gap)
            _next(f, now, equation)
            count = f.scalar("add", "i64", f.get("i64", step), 1)
            f.put("i64", count, step)
            f.break_if(f.scalar("icmp sge", "i64", count, STEPS), ended)
            going = f.any(f.compare("oeq", f.load(now, SETTLED), zero))
            f.break_if(f.scalar("xor", "i1", going, "true"), ended)
        settled = f.compare("oeq", f.load(now, SETTLED), one)
        root = f.select(settled, f.load(equation, ROOT), f.load(now, A))
        f.store(root, equation, ROOT)
        gap(root)
    f.line("ret void")
    return f


def _bracket(f: Writer, now: Value, gap: Callable[[Value], Value]) -> None:
    """The point at `t` and the end that the root lies towards from it become the bracket."""
    zero = f.splat(0.0)
    a, b, fa, fb, t = (f.load(now, place) for place in (A, B, FA, FB, T))
    x = f.fma(t, f.sub(b, a), a)
    fx = gap(x)
    differ = [f.xor(f.compare(way, fx, zero), f.compare(way, fa, zero)) for way in ("ogt", "olt")]
    same = f.not_(f.or_(*differ))
    for place, kept, other in ((C, a, b), (FC, fa, fb), (B, b, a), (FB, fb, fa)):
        f.store(f.select(same, kept, other), now, place)
    f.store(x, now, A)
    f.store(fx, now, FA)


def _next(f: Writer, now: Value, equation: Value) -> None:
    """Settles lanes whose bracket is short enough; elsewhere the next `t`."""
    half, one = f.splat(0.5), f.splat(1.0)
    a, b, c, fa, fb, fc = (f.load(now, place) for place in (A, B, C, FA, FB, FC))
    nearer = f.compare("olt", f.intrinsic("fabs", fa), f.intrinsic("fabs", fb))
    best, lowest = f.select(nearer, a, b), f.select(nearer, fa, fb)
    limit = f.div(f.splat(0.5 * TOLERANCE), f.intrinsic("fabs", f.sub(b, c)))
    closed = f.or_(f.compare("ogt", limit, half), f.compare("ueq", lowest, f.splat(0.0)))
    newly = f.and_(closed, f.compare("oeq", f.load(now, SETTLED), f.splat(0.0)))
    f.store(f.select(newly, best, f.load(equation, ROOT)), equation, ROOT)
    f.store(f.select(closed, one, f.load(now, SETTLED)), now, SETTLED)
    xi, phi = f.div(f.sub(a, b), f.sub(c, b)), f.div(f.sub(fa, fb), f.sub(fc, fb))
    inner, outer = f.sub(one, phi), f.sub(one, xi)
    inverse = f.and_(f.compare("olt", f.mul(phi, phi), xi), f.compare("olt", f.mul(inner, inner), outer))
    first = f.mul(f.div(fa, f.sub(fb, fa)), f.div(fc, f.sub(fb, fc)))
    ratio = f.mul(f.div(f.sub(c, a), f.sub(b, a)), f.div(fa, f.sub(fc, fa)))
    quadratic = f.fma(ratio, f.div(fb, f.sub(fc, fb)), first)
    t = f.select(inverse, quadratic, half)
    f.store(_smaller(f, _larger(f, t, limit), f.sub(one, limit)), now, T)
