"""Where formulas of time alone move: stops so close that each formula changes little between two of them, so that a
short bump cannot be stepped over, however long the state was at rest before it.
"""

import numpy as np

from screen.arrays import Array, Floats, Indices
from screen.kinetics.clock.jumps import HALVINGS, Found, crowded, joined, merged, within
from screen.kinetics.clock.pace import paces
from screen.kinetics.clock.program import Clock, ClockRows, ranges

PARTS = 8  # of the span: the longest step where the rates hold time
GENTLE = 1.0  # a formula's pace times a box, up to which the error control sees all that it does there
CHANGE = 0.25  # of a formula's distance from its lowest value: the most that it moves between two stops
SEEN = 1e-3  # of a formula's whole movement: what counts as one
WAY = 0.5  # of its whole movement: how far a formula goes without a stop while it rises or falls
STILL = 1e-9  # of a formula's size: no movement


def movement(clock: Clock, rows: ClockRows, times: Floats, hard: Found) -> Found:
    """Stops without a jump, where formulas of time move."""
    none = merged([])
    if not clock.forcings:
        return none
    boxes = _between(rows, hard, float(times[-1]))
    boxes = boxes.take(_moving(clock, rows, boxes))
    if not len(boxes.row):
        return none
    boxes = _cut(boxes, np.union1d(np.linspace(rows.begin, float(times[-1]), PARTS + 1), times))
    fine = _halved(clock, rows, boxes)
    if len(fine.row) == len(boxes.row):
        return Found(boxes.row, boxes.low, boxes.low)
    worth = _worth(clock, rows, fine)
    row, time = np.concatenate([boxes.row, fine.row[worth]]), np.concatenate([boxes.low, fine.low[worth]])
    return Found(row, time, time)


def _between(rows: ClockRows, hard: Found, end: float) -> Found:
    """The times between jumps."""
    every = np.arange(len(rows.parameters))
    row = np.concatenate([every, hard.row])
    low = np.concatenate([np.full(len(every), rows.begin), hard.high])
    order = np.lexsort((low, row))
    tail = np.concatenate([hard.row, every])
    high = np.concatenate([hard.low, np.full(len(every), end)])
    high = high[np.lexsort((high, tail))]
    row, low = row[order], low[order]
    real = high > low
    return Found(row[real], low[real], high[real])


def _moving(clock: Clock, rows: ClockRows, boxes: Found) -> Array:
    """In which boxes some forcing is not constant."""
    found = ranges(clock, rows, boxes.row, boxes.low, boxes.high)
    moving = np.zeros(len(boxes.row), dtype=bool)
    for forcing in clock.forcings:
        moving |= found[forcing][0] != found[forcing][1]
    return moving


def _cut(boxes: Found, grid: Floats) -> Found:
    """Boxes cut at the points of a grid inside them."""
    first = np.searchsorted(grid, boxes.low, side="right")
    last = np.searchsorted(grid, boxes.high, side="left")
    counts = np.maximum(last - first, 0)
    number = np.repeat(np.arange(len(boxes.row)), counts + 1)
    place = within(counts + 1).astype(np.intp)
    inner = grid[np.clip(first[number] + place - 1, 0, len(grid) - 1)]
    low = np.where(place == 0, boxes.low[number], inner)
    outer = grid[np.clip(first[number] + place, 0, len(grid) - 1)]
    high = np.where(place == counts[number], boxes.high[number], outer)
    return Found(boxes.row[number], low, high)


def _halved(clock: Clock, rows: ClockRows, boxes: Found) -> Found:
    """Boxes so short that every forcing is resolved, or smooth, in each."""
    count = len(rows.parameters)
    done: list[Found] = []
    extent = [(np.full(count, np.inf), np.full(count, -np.inf)) for _ in clock.forcings]
    for level in range(HALVINGS):
        found = ranges(clock, rows, boxes.row, boxes.low, boxes.high)
        length = boxes.high - boxes.low
        rough = [~(pace * length <= GENTLE) for pace in paces(clock, found, len(length))]
        if not np.any(rough):
            done.append(boxes)
            break
        _extend(clock, rows, boxes, extent)
        coarse = np.zeros(len(boxes.row), dtype=bool)
        for forcing, mine, (least, most) in zip(clock.forcings, rough, extent):
            low, high = found[forcing]
            base = least[boxes.row]
            whole = most[boxes.row] - base
            away = np.maximum(np.abs(low - base), np.abs(high - base))
            size = np.maximum(np.abs(base), np.abs(most[boxes.row]))
            near = np.maximum(CHANGE * np.where(np.isfinite(away), away, 0.0), SEEN * whole)
            coarse |= mine & (high - low > np.maximum(near, STILL * size))
        done.append(boxes.take(~coarse))
        boxes = boxes.take(coarse)
        enough = crowded(boxes.row, count) | (level == HALVINGS - 1)
        done.append(boxes.take(enough))
        boxes = boxes.take(~enough)
        if not len(boxes.row):
            break
        middle = 0.5 * (boxes.low + boxes.high)
        low, high = np.concatenate([boxes.low, middle]), np.concatenate([middle, boxes.high])
        boxes = Found(np.tile(boxes.row, 2), low, high)
    row, low, high = joined(done).parts()
    order = np.lexsort((low, row))
    return Found(row[order], low[order], high[order])


def _values(clock: Clock, rows: ClockRows, row: Indices, time: Floats) -> Floats:
    """The forcings (B, F) at points."""
    found = ranges(clock, rows, row, time, time)
    columns = [np.broadcast_to(found[forcing][0], time.shape) for forcing in clock.forcings]
    return np.where(np.isfinite(columns), columns, np.nan).T


def _extend(clock: Clock, rows: ClockRows, boxes: Found, extent: list[tuple[Floats, Floats]]) -> None:
    for time in (boxes.low, 0.5 * (boxes.low + boxes.high), boxes.high):
        values = _values(clock, rows, boxes.row, time)
        for column, (least, most) in zip(values.T, extent):
            np.fmin.at(least, boxes.row, column)
            np.fmax.at(most, boxes.row, column)


def _worth(clock: Clock, rows: ClockRows, boxes: Found) -> Array:
    """The boxes whose begin is worth a stop: a formula begins or ends to move there, turns, or has gone a half of its
    way since the last.
    """
    first, last = (_values(clock, rows, boxes.row, time) for time in (boxes.low, boxes.high))
    least, most = (np.full((len(rows.parameters), len(clock.forcings)), start) for start in (np.inf, -np.inf))
    for values in (first, last):
        np.fmin.at(least, boxes.row, values)
        np.fmax.at(most, boxes.row, values)
    size = np.maximum(np.abs(least), np.abs(most))[boxes.row]
    whole = (most - least)[boxes.row]
    change = last - first
    moves = ~(np.abs(change) <= np.maximum(SEEN * whole, STILL * size))
    share = np.where(moves, np.nan_to_num(np.abs(change) / whole, nan=1.0, posinf=1.0), 0.0)
    begins = np.ones(len(boxes.row), dtype=bool)
    begins[1:] = boxes.row[1:] != boxes.row[:-1]
    of_rows = np.split(share, np.flatnonzero(begins)[1:])  # summed row by row: no row knows its neighbours
    way = np.floor((np.concatenate([np.cumsum(part, axis=0) for part in of_rows]) - share) / WAY)
    new = np.ones(moves.shape, dtype=bool)
    new[1:] = (moves[1:] != moves[:-1]) | (change[1:] * change[:-1] < 0) | ~np.isfinite(change[1:])
    new[1:] |= way[1:] != way[:-1]
    before = np.roll(moves, 1, axis=0)
    new[begins], before[begins] = True, False
    worth: Array = np.any(new & (moves | before), axis=1)
    return worth
