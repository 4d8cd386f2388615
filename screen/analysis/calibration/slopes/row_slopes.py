"""How statements turn with what wells showed: each one's own function, asked again with one reading moved a little.

A statement reads a few wells, whichever they are, and reading them costs no simulation; which ones it reads is found
out once by listening.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.calibration.well_layout import GROWTH, Reading
from screen.arrays import Floats

CELLS = "log_cells"
MOVED = 1e-6
"""Of a reading, or of `LEAST` where it is less."""
LEAST = 1e-3

Read = tuple[int, float, str]
"""A well, a time, and what is read there: `CELLS`, `GROWTH` or a signal."""
Value = Callable[[Reading], Floats]


@dataclass(frozen=True)
class Listening:
    """Stands in for wells and notes what is read."""

    heard: dict[Read, None]

    def log_cells(self, well: int, time: float) -> Floats:
        """Some number (1,)."""
        self.heard[well, time, CELLS] = None
        return np.full(1, 0.5)

    def signal(self, well: int, time: float, name: str) -> Floats:
        """Some number (1,)."""
        self.heard[well, 0.0 if name == GROWTH else time, name] = None
        return np.ones(1)


@dataclass(frozen=True)
class Moved:
    """Readings ((m + 1) * K,) of which the one that is read i-th is moved in part i + 1."""

    read: dict[Read, Floats]

    def log_cells(self, well: int, time: float) -> Floats:
        """As read."""
        return self.read[well, time, CELLS]

    def signal(self, well: int, time: float, name: str) -> Floats:
        """As read."""
        return self.read[well, 0.0 if name == GROWTH else time, name]


def heard_by(value: Value) -> tuple[Read, ...]:
    """What a statement reads."""
    listening = Listening({})
    with np.errstate(all="ignore"):
        value(listening)
    return tuple(listening.heard)


def value_and_slopes(value: Value, reads: Sequence[Read], reading: Reading) -> tuple[Floats, Floats]:
    """A statement's value (K,) and its slopes (m, K) by what it reads."""
    count = len(reads)
    found = np.array([_number(reading, read) for read in reads])
    step = MOVED * np.maximum(np.abs(found), LEAST)
    parts = np.repeat(found[:, None], count + 1, axis=1)
    parts[np.arange(count), np.arange(count) + 1] += step
    with np.errstate(all="ignore"):
        values = np.asarray(
            value(Moved(dict(zip(reads, parts.reshape(count, -1), strict=True)))), dtype=float
        )
    table = values.reshape(count + 1, -1)
    return table[0], (table[1:] - table[0]) / step


def _number(reading: Reading, read: Read) -> Floats:
    well, time, name = read
    return reading.log_cells(well, time) if name == CELLS else reading.signal(well, time, name)
