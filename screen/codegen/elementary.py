"""exp, log and pow of a vector of doubles as IR: own polynomials, one code path for all lanes, so that a
lane's result depends on its own arguments alone.

Accuracy: exp and log within 1.05 ulp; pow within 1.2 ulp where |n log x| < 40 and within 5 ulp up to
overflow. The argument reductions are the classical ones (W. Cody and W. Waite, "Software Manual for the
Elementary Functions", 1980); log is 2 atanh((m - 1)/(m + 1)) carried as an unevaluated sum of two doubles.
Polynomials interpolate at Chebyshev nodes (relative errors 1.3e-17 for exp, 3e-20 for log).
"""

import math
import struct

from screen.codegen.ir import Function, Value

_EXP = (
    0.5000000000000001,
    0.16666666666666669,
    0.04166666666662416,
    0.008333333333330063,
    0.0013888888917199863,
    0.00019841269863042963,
    2.4801521317484083e-05,
    2.7557268476553695e-06,
    2.7620078206380394e-07,
    2.5100377619606372e-08,
)
_LOG = (
    0.6666666666666666,
    0.4000000000000088,
    0.28571428570801954,
    0.22222222392089008,
    0.18181795600060793,
    0.15386241881938595,
    0.13268714792348096,
    0.1308723619665962,
)
_LN2 = math.log(2.0)
_LN2_REST = 2.3190468138462996e-17  # ln 2 - float(ln 2)
_LN2_SHORT = float.fromhex("0x1.62e42fefa3800p-1")  # 42 bits: its product with an exponent is exact
_LN2_SHORT_REST = 5.497923018708371e-14
_MAGIC = 6755399441055744.0  # 1.5 * 2**52: adding it leaves an integer in the low bits
_TINY = 2.2250738585072014e-308


def _bits(value: float) -> int:
    return int(struct.unpack("<q", struct.pack("<d", value))[0])


def _polynomial(f: Function, x: Value, coefficients: tuple[float, ...]) -> Value:
    """Estrin's scheme: pairs first, to shorten the chain of dependent operations."""
    terms: list[Value] = [f.splat(c) for c in coefficients]
    while len(terms) > 1:
        paired = [f.fma(terms[k + 1], x, terms[k]) for k in range(0, len(terms) - 1, 2)]
        if len(terms) % 2:
            paired.append(terms[-1])
        terms = paired
        if len(terms) > 1:
            x = f.mul(x, x)
    return terms[0]


def _exp_of_sum(f: Function, high: Value, low: Value | None) -> Value:
    """exp(high + low) for |high| < 1100 and |low| much smaller than 1."""
    shifted = f.fma(high, f.splat(1 / _LN2), f.splat(_MAGIC))
    exponent = f.integer("sub", f.as_integer(shifted), f.splat_integer(_bits(_MAGIC)))
    count = f.neg(f.sub(shifted, f.splat(_MAGIC)))
    rest = f.fma(count, f.splat(_LN2_REST), f.fma(count, f.splat(_LN2), high))
    if low is not None:
        rest = f.add(rest, low)
    square = f.mul(rest, rest)
    value = f.add(f.fma(square, _polynomial(f, rest, _EXP), rest), f.splat(1.0))
    half = f.integer("ashr", exponent, f.splat_integer(1))
    for part in (half, f.integer("sub", exponent, half)):
        power = f.integer("shl", f.integer("add", part, f.splat_integer(1023)), f.splat_integer(52))
        value = f.mul(value, f.as_double(power))
    return value


def _clamped(f: Function, x: Value, limit: float) -> Value:
    x = f.select(f.compare("ogt", x, f.splat(limit)), f.splat(limit), x)
    return f.select(f.compare("olt", x, f.splat(-limit)), f.splat(-limit), x)


def _log_of_normal(f: Function, x: Value, exponent_shift: Value | None = None) -> tuple[Value, Value]:
    """log(x) as a sum (high, low) for normal positive x; `exponent_shift` is added to the exponent of 2."""
    bits = f.as_integer(x)
    above = f.integer("sub", bits, f.splat_integer(_bits(math.sqrt(0.5))))
    exponent = f.integer("ashr", above, f.splat_integer(52))
    mantissa = f.as_double(f.integer("sub", bits, f.integer("shl", exponent, f.splat_integer(52))))
    count = f.sub(f.as_double(f.integer("add", exponent, f.splat_integer(_bits(_MAGIC)))), f.splat(_MAGIC))
    if exponent_shift is not None:
        count = f.add(count, exponent_shift)
    total = f.add(mantissa, f.splat(1.0))
    total_rest = f.sub(mantissa, f.sub(total, f.splat(1.0)))
    top = f.sub(mantissa, f.splat(1.0))
    reciprocal = f.div(f.splat(1.0), total)
    s = f.mul(top, reciprocal)
    minus = f.neg(s)
    s_rest = f.mul(f.fma(minus, total_rest, f.fma(minus, total, top)), reciprocal)
    square = f.mul(s, s)
    tail = f.mul(f.mul(s, square), _polynomial(f, square, _LOG))
    tail = f.fma(f.splat(2.0), s_rest, f.fma(count, f.splat(_LN2_SHORT_REST), tail))
    large = f.mul(count, f.splat(_LN2_SHORT))
    small = f.add(s, s)
    high = f.add(large, small)
    tail = f.add(f.sub(small, f.sub(high, large)), tail)
    result = f.add(high, tail)
    return result, f.sub(tail, f.sub(result, high))


def _log_of_positive(f: Function, x: Value) -> tuple[Value, Value]:
    """As `_log_of_normal`, subnormal numbers included."""
    small = f.compare("olt", x, f.splat(_TINY))
    scaled = f.select(small, f.mul(x, f.splat(2.0**54)), x)
    return _log_of_normal(f, scaled, f.select(small, f.splat(-54.0), f.splat(0.0)))


def _is_ordinary(f: Function, x: Value) -> Value:
    """Normal, positive and finite."""
    return f.and_(f.compare("oge", x, f.splat(_TINY)), f.compare("olt", x, f.splat(math.inf)))


def _exp(width: int) -> Function:
    f = Function("vexp", {"x": f"<{width} x double>"}, width, f"<{width} x double>")
    f.line(f"ret {f.vector} {_exp_of_sum(f, _clamped(f, '%x', 800.0), None)}")
    return f


def _log(width: int) -> Function:
    f = Function("vlog", {"x": f"<{width} x double>"}, width, f"<{width} x double>")
    high, low = _log_of_positive(f, "%x")
    value = f.add(high, low)
    value = f.select(f.compare("oeq", "%x", f.splat(math.inf)), f.splat(math.inf), value)
    value = f.select(f.compare("oeq", "%x", f.splat(0.0)), f.splat(-math.inf), value)
    value = f.select(f.compare("oge", "%x", f.splat(0.0)), value, f.splat(math.nan))
    f.line(f"ret {f.vector} {value}")
    return f


def _power_of_positive(f: Function, logarithm: tuple[Value, Value], n: Value) -> Value:
    high, low = logarithm
    product = f.mul(n, high)
    rest = f.fma(n, low, f.fma(n, high, f.neg(product)))
    clamped = _clamped(f, product, 800.0)
    rest = f.select(f.compare("oeq", product, clamped), rest, f.splat(0.0))
    return _exp_of_sum(f, clamped, rest)


def _pow(width: int) -> Function:
    v = f"<{width} x double>"
    f = Function("vpow", {"x": v, "n": v}, width, v)
    ordinary = _is_ordinary(f, "%x")
    plain = f.label()
    careful = f.label()
    f.branch(f.any(f.not_(ordinary)), careful, plain)
    f.begin(careful)
    f.line(f"ret {v} {f.call('vpow_careful', '%x', '%n')}")
    f.begin(plain)
    f.line(f"ret {v} {_power_of_positive(f, _log_of_normal(f, '%x'), '%n')}")
    return f


def _pow_careful(width: int) -> Function:
    """pow for any arguments. Ordinary lanes get the bits that the plain path gives them."""
    v = f"<{width} x double>"
    f = Function("vpow_careful", {"x": v, "n": v}, width, v)
    zero, one, infinity = f.splat(0.0), f.splat(1.0), f.splat(math.inf)
    x, n = f.intrinsic("fabs", "%x"), "%n"
    value = _power_of_positive(f, _log_of_positive(f, x), n)
    up, flat = f.compare("ogt", n, zero), f.compare("oeq", n, zero)
    value = f.select(f.compare("oeq", x, zero), f.select(up, zero, f.select(flat, one, infinity)), value)
    value = f.select(f.compare("oeq", x, infinity), f.select(up, infinity, f.select(flat, one, zero)), value)
    whole = f.compare("oeq", f.intrinsic("floor", n), n)
    half = f.mul(n, f.splat(0.5))
    odd = f.compare("one", f.intrinsic("floor", half), half)
    signed = f.select(whole, f.select(odd, f.neg(value), value), f.splat(math.nan))
    value = f.select(f.compare("olt", "%x", zero), signed, value)
    value = f.select(f.compare("uno", "%x", n), f.select(flat, one, f.splat(math.nan)), value)
    f.line(f"ret {v} {value}")
    return f


def elementary_functions(width: int) -> str:
    """The IR text of `vexp`, `vlog` and `vpow` on vectors of `width` doubles."""
    return "\n".join([exponential(width), *(make(width).text() for make in (_log, _pow_careful, _pow))])


def exponential(width: int) -> str:
    """The IR text of `vexp` alone."""
    return _exp(width).text()
