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


def safe(function: Callable[..., float]) -> Callable[..., float]:
    """A function of `math` that gives NaN outside its domain and infinity on overflow."""

    def guarded(*arguments: float) -> float:
        try:
            return function(*arguments)
        except ValueError:
            return -math.inf if function is math.log and arguments[0] == 0 else math.nan
        except OverflowError:
            return math.inf

    return guarded


square_root = safe(math.sqrt)


def power(x: float, n: float) -> float:
    """`x ** n`."""
    try:
        return math.pow(x, n)
    except OverflowError:
        return -math.inf if x < 0 and n % 2 == 1 else math.inf
    except ValueError:
        if x == 0 and n < 0:
            return math.copysign(math.inf, x) if n % 2 == 1 else math.inf
        return math.nan


def power_slope(p: float, x: float, n: float) -> float:
    """`x**n / x` with its limit at 0 (0 where the slope is unbounded)."""
    if x != 0:
        return p / x
    return 1.0 if n == 1 else 0.0


def divide(a: float, b: float) -> float:
    """`a / b`."""
    if b != 0:
        return a / b
    if a == 0 or a != a:
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def minimum(a: float, b: float) -> float:
    """The smaller number; NaN where either is."""
    return math.nan if a != a or b != b else min(a, b)


def maximum(a: float, b: float) -> float:
    """The larger number; NaN where either is."""
    return math.nan if a != a or b != b else max(a, b)


def factorial(x: float) -> float:
    """Gamma(x + 1), of whole numbers a whole number."""
    return float(round(math.gamma(x + 1.0))) if x < 23 else math.gamma(x + 1.0)
