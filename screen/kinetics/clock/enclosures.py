"""Enclosures: the range in which each operator's value lies while its arguments stay in given ranges. An operator
without a row here is evaluated where its arguments are points and may be anything elsewhere, so that a search by
halving ranges still ends at its true values.

A range is (low, high), two arrays that broadcast; truth values are 0 and 1, and [0, 1] is not known. Ends are not
rounded outwards: what is found is off by some units of the last place.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from screen.kinetics.expressions.operators import OPERATORS

Range = tuple[Any, Any]

TURN = 2 * np.pi


def enclosed(op: str, *arguments: Range) -> Range:
    """The range of an operator over ranges of its arguments; what is not a number may be anything."""
    if op in PLAIN and all(low is high for low, high in arguments):
        value = PLAIN[op](*(low for low, _ in arguments))
        if np.isfinite(value).all():
            return value, value
    rule = RULES.get(op)
    if rule is None:
        return _at_points(op, *arguments)
    low, high = rule(*arguments)
    lost = np.isnan(low) | np.isnan(high)
    if lost.any():
        low, high = np.where(lost, -np.inf, low), np.where(lost, np.inf, high)
    return low, high


def _at_points(op: str, *arguments: Range) -> Range:
    value = np.vectorize(OPERATORS[op].value, otypes=[float])(*(low for low, _ in arguments))
    point = np.logical_and.reduce([np.asarray(low == high) for low, high in arguments])
    sure = point & np.isfinite(value)
    return np.where(sure, value, -np.inf), np.where(sure, value, np.inf)


def _hull(*values: Any) -> Range:
    low, high = values[0], values[0]
    for value in values[1:]:
        low, high = np.minimum(low, value), np.maximum(high, value)
    return low, high


def _rising(function: Callable[[Any], Any]) -> Callable[[Range], Range]:
    return lambda a: (function(a[0]), function(a[1]))


def _mul(a: Range, b: Range) -> Range:
    if a is b or (a[0] is b[0] and a[1] is b[1]):
        low, high = _abs(a)
        return low * low, high * high
    products = [x * y for x in a for y in b]
    return _hull(*(np.where(np.isnan(product), 0.0, product) for product in products))


def _div(a: Range, b: Range) -> Range:
    low, high = _hull(*(x / y for x in a for y in b))
    through = (b[0] <= 0) & (b[1] >= 0)
    return np.where(through, -np.inf, low), np.where(through, np.inf, high)


def _abs(a: Range) -> Range:
    low, high = _hull(np.abs(a[0]), np.abs(a[1]))
    return np.where((a[0] < 0) & (a[1] > 0), 0.0, low), high


def _pow(x: Range, n: Range) -> Range:
    low, high = _hull(*(np.power(base, exponent) for base in x for exponent in n))
    point = (x[0] == x[1]) & (n[0] == n[1])
    unsure = ~point & ((x[0] < 0) | ((x[0] == 0) & (n[0] <= 0)))
    return np.where(unsure, -np.inf, low), np.where(unsure, np.inf, high)


def _wave(function: Callable[[Any], Any], crest: float) -> Callable[[Range], Range]:
    """A sine with its crest at a given argument."""

    def rule(a: Range) -> Range:
        low, high = _hull(function(a[0]), function(a[1]))
        above = np.floor((a[1] - crest) / TURN) > np.floor((a[0] - crest) / TURN)
        below = np.floor((a[1] - crest) / TURN - 0.5) > np.floor((a[0] - crest) / TURN - 0.5)
        return np.where(below, -1.0, low), np.where(above, 1.0, high)

    return rule


def _tan(a: Range) -> Range:
    pole = np.floor(a[1] / np.pi + 0.5) > np.floor(a[0] / np.pi + 0.5)
    return np.where(pole, -np.inf, np.tan(a[0])), np.where(pole, np.inf, np.tan(a[1]))


def _cosh(a: Range) -> Range:
    low, high = _abs(a)
    return np.cosh(low), np.cosh(high)


def _rem(a: Range, b: Range) -> Range:
    low, high = _hull(np.fmod(a[0], b[0]), np.fmod(a[1], b[1]))
    same = (b[0] == b[1]) & (np.trunc(a[0] / b[0]) == np.trunc(a[1] / b[0]))
    most = _abs(b)[1]
    return np.where(same, low, -most), np.where(same, high, most)


def _less(a: Range, b: Range) -> Range:
    return np.where(a[1] < b[0], 1.0, 0.0), np.where(a[0] < b[1], 1.0, 0.0)


def _at_most(a: Range, b: Range) -> Range:
    return np.where(a[1] <= b[0], 1.0, 0.0), np.where(a[0] <= b[1], 1.0, 0.0)


def _equal(a: Range, b: Range) -> Range:
    point = (a[0] == a[1]) & (b[0] == b[1]) & (a[0] == b[0])
    return np.where(point, 1.0, 0.0), np.where((a[0] <= b[1]) & (b[0] <= a[1]), 1.0, 0.0)


def _not(a: Range) -> Range:
    return 1.0 - a[1], 1.0 - a[0]


def _and(a: Range, b: Range) -> Range:
    return np.minimum(a[0], b[0]), np.minimum(a[1], b[1])


def _or(a: Range, b: Range) -> Range:
    return np.maximum(a[0], b[0]), np.maximum(a[1], b[1])


def _select(condition: Range, a: Range, b: Range) -> Range:
    low, high = _hull(a[0], b[0])[0], _hull(a[1], b[1])[1]
    yes, no = condition[0] > 0, condition[1] < 1
    return np.where(yes, a[0], np.where(no, b[0], low)), np.where(yes, a[1], np.where(no, b[1], high))


PLAIN: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "neg": np.negative, "mul": np.multiply, "div": np.divide, "pow": np.power,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt,
}  # fmt: skip
"""Operators on points, whose ends are one array: what time has no part in, and formulas at a time."""

RULES: dict[str, Callable[..., Range]] = {
    "add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "sub": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "neg": lambda a: (-a[1], -a[0]),
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "abs": _abs,
    "min": lambda a, b: (np.minimum(a[0], b[0]), np.minimum(a[1], b[1])),
    "max": lambda a, b: (np.maximum(a[0], b[0]), np.maximum(a[1], b[1])),
    "rem": _rem,
    "select": _select,
    "lt": _less,
    "le": _at_most,
    "gt": lambda a, b: _less(b, a),
    "ge": lambda a, b: _at_most(b, a),
    "eq": _equal,
    "ne": lambda a, b: _not(_equal(a, b)),
    "not": _not,
    "and": _and,
    "or": _or,
    "xor": lambda a, b: _or(_and(a, _not(b)), _and(_not(a), b)),
    "sin": _wave(np.sin, np.pi / 2),
    "cos": _wave(np.cos, 0.0),
    "tan": _tan,
    "cosh": _cosh,
    "acos": lambda a: (np.arccos(a[1]), np.arccos(a[0])),
    **{
        name: _rising(function)
        for name, function in {
            "floor": np.floor, "ceil": np.ceil, "exp": np.exp, "log": np.log, "sqrt": np.sqrt,
            "sinh": np.sinh, "tanh": np.tanh, "asin": np.arcsin, "atan": np.arctan, "asinh": np.arcsinh,
            "acosh": np.arccosh, "atanh": np.arctanh,
        }.items()
    },
}  # fmt: skip
