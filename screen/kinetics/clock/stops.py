"""Where a trajectory must stop because of the clock, found before it is simulated: jumps, and softer stops where
formulas of time move.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from screen.arrays import Bools, Floats, Indices
from screen.kinetics.clock.jumps import Found, find_jumps
from screen.kinetics.clock.movement import movement
from screen.kinetics.clock.program import Clock, ClockRows, branch, folded, ranges

FADED = 1e-9  # of what a formula of time did before: it is at rest
TOGETHER = 500  # rows
MOST_KNOWN = 5000


@dataclass(frozen=True)
class Stops:
    """`pairs` (K, 2): the rates are as before until the first time, as after from the second; equal where
    nothing jumps. `rows` (N, 2): where each trajectory's pairs begin and end, in ascending time.
    """

    pairs: Floats
    rows: Indices

    def of_row(self, row: int) -> Floats:
        """The pairs of one trajectory, (K, 2)."""
        first, last = self.rows[row]
        return self.pairs[first:last]


def pieces(pairs: Floats | None, begin: float, end: float) -> Iterator[tuple[float, float, float]]:
    """The times between stops as (begin, stop, where the next one begins), all up to `end`."""
    for stop, resume in np.empty((0, 2)) if pairs is None else pairs:
        if stop > begin:
            yield begin, float(stop), float(resume)
        begin = max(begin, float(resume))
    if end > begin:
        yield begin, end, end


Known = dict[tuple[bytes, float, bytes], Floats]
"""Pairs of stops (K, 2) by what decides them; a screen asks for the same ones again and again."""


def find_stops(clock: Clock, rows: ClockRows, times: Floats, known: Known | None = None) -> Stops:
    """The stops of trajectories with outputs at `times` (T,), from `known` where they are there.

    Errors: `InputError` for more than a million.
    """
    count = len(rows.parameters)
    seen = np.hstack([rows.parameters[:, clock.columns], rows.start[:, clock.states]])
    if len(seen) and np.array_equal(seen, np.broadcast_to(seen[0], seen.shape), equal_nan=True):
        first, member = np.zeros(1, dtype=np.intp), np.zeros(count, dtype=np.intp)
    else:
        _, first, member = np.unique(seen, axis=0, return_index=True, return_inverse=True)
    if known is None or len(first) > TOGETHER:
        known = {}
    keys = [(seen[k].tobytes(), rows.begin, times.tobytes()) for k in first]
    pairs = [known.get(key) for key in keys]
    wanted = np.array([k for k, found in enumerate(pairs) if found is None], dtype=np.intp)
    for begin in range(0, len(wanted), TOGETHER):
        some = wanted[begin : begin + TOGETHER]
        part = replace(rows, parameters=rows.parameters[first[some]], start=rows.start[first[some]])
        with np.errstate(all="ignore"):
            found = _stops(clock, part, times)
        table = np.stack([found.low, found.high], axis=1)
        ends = np.cumsum(np.bincount(found.row, minlength=len(some)))
        for k, mine in zip(some.tolist(), np.split(table, ends[:-1])):
            pairs[k] = mine
    if len(known) > MOST_KNOWN:
        known.clear()
    kept = [found for found in pairs if found is not None]
    known.update(zip(keys, kept))
    past = np.cumsum([0, *(len(found) for found in kept)])
    where = np.stack([past[:-1], past[1:]], axis=1)[member.reshape(-1)]
    joined = np.concatenate([np.empty((0, 2)), *kept])
    return Stops(np.ascontiguousarray(joined), np.ascontiguousarray(where, dtype=np.int64))


def at_rest(clock: Clock, rows: ClockRows, time: float) -> Bools:
    """In which rows no formula of time changes any more from a time on, as far as ten times that; what fades
    below a billionth of what it was does not count.
    """
    every = np.arange(len(rows.parameters))
    first, last = np.full(len(every), time), np.full(len(every), 10 * time)
    resting = np.ones(len(every), dtype=bool)
    with np.errstate(all="ignore"):
        before = ranges(clock, rows, every, np.full(len(every), rows.begin), first)
        after = ranges(clock, rows, every, first, last)
        for switch in clock.switches:
            least, most = branch(clock, switch, after)
            resting &= least == most
        for forcing in clock.forcings:
            whole = np.subtract(*before[forcing][::-1])
            moved = np.subtract(*after[forcing][::-1])
            size = np.where(np.isfinite(whole), whole, np.max(np.abs(after[forcing]), axis=0))
            resting &= (moved <= FADED * size) | (moved == 0)
    return resting


def _stops(clock: Clock, rows: ClockRows, times: Floats) -> Found:
    clock, rows = folded(clock, rows)
    hard = find_jumps(clock, rows, float(times[-1]))
    soft = movement(clock, rows, times, hard)
    row, low, high = (np.concatenate(both) for both in zip(hard.parts(), soft.parts()))
    order = np.lexsort((high, low, row))
    row, low, high = row[order], low[order], high[order]
    fresh = low > rows.begin
    fresh[1:] &= (row[1:] != row[:-1]) | (low[1:] > high[:-1])
    fresh |= low < high
    return Found(row[fresh], low[fresh], high[fresh])
