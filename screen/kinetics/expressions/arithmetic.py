"""Arithmetic on single numbers as the generated code has it: NaN and infinities by the rules of IEEE 754,
never an exception or a complex number.
"""

import math
from collections.abc import Callable

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
}
CONNECTIVES: dict[str, Callable[[bool, bool], bool]] = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "xor": lambda a, b: a != b,
}


def _factorial(x: float) -> float:
    return float(round(math.gamma(x + 1.0))) if x < 23 else math.gamma(x + 1.0)


UNARY: dict[str, Callable[[float], float]] = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "floor": lambda x: float(math.floor(x)),
    "ceil": lambda x: float(math.ceil(x)),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
    "factorial": _factorial,
}


def power(x: float, n: float) -> float:
    """`x ** n` as the generated code has it: NaN or infinity instead of an exception or a complex number."""
    try:
        return math.pow(x, n)
    except OverflowError:
        return -math.inf if x < 0 and n % 2 == 1 else math.inf
    except ValueError:
        if x == 0 and n < 0:
            return math.copysign(math.inf, x) if n % 2 == 1 else math.inf
        return math.nan


def safe(function: Callable[..., float], *arguments: float) -> float:
    """A function of `math` that gives NaN outside its domain and infinity on overflow."""
    try:
        return function(*arguments)
    except ValueError:
        return -math.inf if function is math.log and arguments[0] == 0 else math.nan
    except OverflowError:
        return math.inf


def divide(a: float, b: float) -> float:
    """`a / b` by the rules of IEEE 754."""
    if b != 0:
        return a / b
    if a == 0 or a != a:
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)
