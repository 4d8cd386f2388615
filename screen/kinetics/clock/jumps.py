"""Where a condition on time alone changes: solved for directly where it is a straight line in time, else by halving
ranges of time until each holds one change (Moore, Interval Analysis, 1966), so that none lies between two looks.
"""

from dataclasses import dataclass

import numpy as np

from screen.arrays import Array, Floats, Indices
from screen.errors import InputError
from screen.kinetics.clock.program import COMPARED, Clock, ClockRows, branch, ranges

HALVINGS = 22  # of the span, in search of changes
MOST_BOXES = 4096  # of a row that a search may look at together
MOST_JUMPS = 1_000_000
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Found:
    """Times by row: from `low` to `high` something changes."""

    row: Indices
    low: Floats
    high: Floats

    def parts(self) -> tuple[Indices, Floats, Floats]:
        """(row, low, high)."""
        return self.row, self.low, self.high

    def take(self, which: Array) -> "Found":
        """Some of them."""
        return Found(self.row[which], self.low[which], self.high[which])


def find_jumps(clock: Clock, rows: ClockRows, end: float) -> Found:
    """The changes of every switch before `end`, in order; what overlaps is one. Errors: `InputError` for more than
    a million.
    """
    found = merged([*_straight(clock, rows, end), _crooked(clock, rows, end)])
    found = found.take((found.high > rows.begin) & (found.low < end))
    _check_number(len(found.row), end)
    return Found(found.row, found.low, np.minimum(found.high, end))


def _check_number(number: float, end: float) -> None:
    if number > MOST_JUMPS:
        raise InputError(
            f"the model's conditions on time change more than {MOST_JUMPS} times up to {end:g}; ask for a shorter span"
        )


def _straight(clock: Clock, rows: ClockRows, end: float) -> list[Found]:
    """The changes of switches whose arguments are straight lines in time: where two lines cross."""
    if not any(clock.straight):
        return []
    every = np.arange(len(rows.parameters))
    first, last = np.full(len(every), rows.begin), np.full(len(every), end)
    ends = [ranges(clock, rows, every, t, t) for t in (first, last)]
    result = []
    for switch in (s for s, straight in zip(clock.switches, clock.straight) if straight):
        op, arguments, _ = clock.nodes[switch]
        inner = [[np.broadcast_to(at[a][0], every.shape) for a in arguments] for at in ends]
        size = np.max(np.abs([*inner[0], *inner[1]]), axis=0)
        if op in COMPARED:
            x0, x1 = (one - other for one, other in inner)
        elif op == "rem":
            (a0, b), (a1, _) = inner
            x0, x1, size = a0 / b, a1 / b, size / np.abs(b)
        else:
            x0, x1 = inner[0][0], inner[1][0]
        result.append(_crossings(x0, x1, size, rows.begin, end, only_zero=op in COMPARED or op == "abs"))
    return result


def _crossings(x0: Floats, x1: Floats, size: Floats, begin: float, end: float, only_zero: bool) -> Found:
    """When lines that go from x0 to x1 (M,) pass zero, or a whole number."""
    usable = np.isfinite(x0) & np.isfinite(x1) & (x0 != x1)
    low = np.where(usable, np.ceil(np.minimum(x0, x1)), 1.0)
    high = np.where(usable, np.floor(np.maximum(x0, x1)), 0.0)
    if only_zero:
        low, high = np.maximum(low, 0.0), np.minimum(high, 0.0)
    counts = np.maximum(high - low + 1, 0.0)
    _check_number(float(np.sum(counts)), end)
    row = np.repeat(np.arange(len(x0)), counts.astype(np.intp))
    whole = low[row] + within(counts.astype(np.intp))
    rise = x1[row] - x0[row]
    time = begin + (whole - x0[row]) / rise * (end - begin)
    unsure = 4 * EPS * (np.abs(time) + (end - begin) * np.maximum(size[row], np.abs(whole)) / np.abs(rise))
    return Found(row, time - unsure, time + unsure)


def within(counts: Indices) -> Floats:
    """0, 1, ... within each group of a given size."""
    ends = np.cumsum(counts)
    return (np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)).astype(float)


def _crooked(clock: Clock, rows: ClockRows, end: float) -> Found:
    """The changes of the other switches: ranges of time are halved until each holds at most one."""
    switches = [s for s, straight in zip(clock.switches, clock.straight) if not straight]
    if not switches:
        return joined([])
    count = len(rows.parameters)
    row = np.arange(count)
    low, high = np.full(len(row), rows.begin), np.full(len(row), end)
    aside = []
    for level in range(HALVINGS):
        found = ranges(clock, rows, row, low, high)
        undecided = np.zeros(len(row), dtype=bool)
        for switch in switches:
            least, most = branch(clock, switch, found)
            undecided |= least != most
        row, low, high = row[undecided], low[undecided], high[undecided]
        enough = crowded(row, count) | (level == HALVINGS - 1)
        aside.append(Found(row[enough], low[enough], high[enough]))
        row, low, high = row[~enough], low[~enough], high[~enough]
        if not len(row):
            break
        middle = 0.5 * (low + high)
        row, low, high = np.tile(row, 2), np.concatenate([low, middle]), np.concatenate([middle, high])
    boxes = joined(aside)
    return merged([_bisected(clock, rows, s, boxes) for s in switches])


def crowded(row: Indices, count: int) -> Array:
    """Which boxes are those of a row that has too many to be looked at any closer."""
    many: Array = np.bincount(row, minlength=count)[row] > MOST_BOXES
    return many


def joined(many: list[Found]) -> Found:
    """Several together."""
    if not many:
        return Found(np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros(0))
    return Found(*(np.concatenate(parts) for parts in zip(*(found.parts() for found in many))))


def _bisected(clock: Clock, rows: ClockRows, switch: int, boxes: Found) -> Found:
    """The change of one switch in each box at whose ends it differs, to the last places."""

    def at(row: Indices, time: Floats) -> Array:
        return np.broadcast_to(branch(clock, switch, ranges(clock, rows, row, time, time))[0], time.shape)

    before, after = at(boxes.row, boxes.low), at(boxes.row, boxes.high)
    there = before != after
    row, low, high, before = boxes.row[there], boxes.low[there], boxes.high[there], before[there]
    size = np.maximum(np.abs(low), np.abs(high))
    for _ in range(64):
        middle = 0.5 * (low + high)
        if not np.any((middle > low) & (middle < high)):
            break
        same = at(row, middle) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return Found(row, low - 8 * EPS * size, high + 8 * EPS * size)


def merged(many: list[Found]) -> Found:
    """All changes in order; what overlaps is one."""
    row, low, high = joined(many).parts()
    order = np.lexsort((low, row))
    row, low, high = row[order], low[order], high[order]
    fresh = np.ones(len(row), dtype=bool)
    fresh[1:] = (row[1:] != row[:-1]) | (low[1:] > high[:-1])
    first = np.flatnonzero(fresh)
    if not len(first):
        return Found(row, low, high)
    return Found(row[first], low[first], np.maximum.reduceat(high, first))
