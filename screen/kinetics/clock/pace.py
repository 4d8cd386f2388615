"""How fast formulas of time change: a bound on the rate at which any part of a formula grows or falls relative to its
own size, by forward differentiation of ranges (Moore, Interval Analysis, 1966). Where that times a step is small, the
formula is smooth on the step's scale, whatever its parts cancel or hide, and the solver's error estimate sees it: a
dose that is eliminated needs no search for bumps.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from screen.arrays import Floats
from screen.kinetics.clock.enclosures import Range
from screen.kinetics.clock.program import Clock

Change = tuple[Any, Any]
"""Of a node over ranges of time: the largest size of its derivative, and its pace, both by time."""

STILL: Change = (0.0, 0.0)
UNKNOWN: Change = (np.inf, np.inf)


def paces(clock: Clock, found: list[Range], count: int) -> list[Floats]:
    """The pace (B,) of each forcing over B ranges of time, from the ranges of all nodes; infinite where not known."""
    changes: list[Change] = []
    for number, (op, arguments, _) in enumerate(clock.nodes):
        inner = [changes[a] for a in arguments]
        if op == "time":
            changes.append((1.0, 0.0))
        elif op == "state":
            rate = found[arguments[0]][0]
            changes.append((np.abs(rate), 0.0))
        elif all(change is STILL for change in inner):
            changes.append(STILL)
        else:
            rule = RULES.get(op)
            ranges = [found[a] for a in arguments]
            changes.append(UNKNOWN if rule is None else rule(found[number], ranges, inner))
    return [np.broadcast_to(changes[forcing][1], (count,)) for forcing in clock.forcings]


def _largest(a: Range) -> Any:
    return np.maximum(np.abs(a[0]), np.abs(a[1]))


def _least(a: Range) -> Any:
    """The smallest size in a range: 0 where it holds 0."""
    return np.where((a[0] > 0) | (a[1] < 0), np.minimum(np.abs(a[0]), np.abs(a[1])), 0.0)


def _own(a: Range, change: Change) -> Any:
    """The pace of a factor, which a straight line has too."""
    return STILL[1] if change is STILL else np.maximum(change[1], change[0] / _largest(a))


def _sum(_: Range, __: list[Range], changes: list[Change]) -> Change:
    (da, pa), (db, pb) = changes
    return da + db, np.maximum(pa, pb)


def _product(_: Range, ranges: list[Range], changes: list[Change]) -> Change:
    (a, b), (da, db) = ranges, changes
    slope = _times(da[0], _largest(b)) + _times(db[0], _largest(a))
    if da is STILL or db is STILL:
        return slope, np.maximum(da[1], db[1])
    return slope, _own(a, da) + _own(b, db)


def _times(slope: Any, size: Any) -> Any:
    """A product in which nothing times anything is nothing."""
    return np.where(slope == 0, 0.0, slope * size)


def _quotient(value: Range, ranges: list[Range], changes: list[Change]) -> Change:
    (a, b), (da, db) = ranges, changes
    least = _least(b)
    slope = da[0] / least + _times(db[0], _largest(value)) / least
    if db is STILL:
        return slope, da[1]
    return slope, _own(a, da) + db[1] + db[0] / least


def _power(value: Range, ranges: list[Range], changes: list[Change]) -> Change:
    (x, n), (dx, dn) = ranges, changes
    if dn is not STILL:
        return UNKNOWN
    own = dx[0] / _least(x)
    return _largest(n) * _largest(value) * own, _largest(n) * np.maximum(dx[1], own)


def _exponential(value: Range, _: list[Range], changes: list[Change]) -> Change:
    ((slope, pace),) = changes
    return _largest(value) * slope, pace + slope


def _logarithm(_: Range, ranges: list[Range], changes: list[Change]) -> Change:
    ((slope, pace),) = changes
    own = slope / _least(ranges[0])
    return own, pace + own


def _root(value: Range, ranges: list[Range], changes: list[Change]) -> Change:
    ((slope, pace),) = changes
    own = slope / _least(ranges[0])
    return 0.5 * _largest(value) * own, np.maximum(pace, own)


def _wave(_: Range, __: list[Range], changes: list[Change]) -> Change:
    ((slope, pace),) = changes
    return slope, pace + slope


RULES: dict[str, Callable[[Range, list[Range], list[Change]], Change]] = {
    "add": _sum,
    "sub": _sum,
    "neg": lambda _, __, changes: changes[0],
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    "exp": _exponential,
    "log": _logarithm,
    "sqrt": _root,
    "sin": _wave,
    "cos": _wave,
    "tanh": _wave,
    "atan": _wave,
}
"""Operators without a row are not known to be smooth."""
