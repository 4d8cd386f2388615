"""Exposure: a drug's concentration in time as a multiple of its dose, in pieces that begin with a jump and
then stay, fall exponentially or run along a line. The solver restarts at each jump and sees the rest as a
function of time, so that no exposure is a staircase.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.arrays import Floats
from screen.errors import InputError

MOST_PIECES = 2000
SAME_H = 1e-9  # jumps closer than this are one


@dataclass(frozen=True)
class Piece:
    """From `begin_h` on: level exp(-decay (t - begin)) + slope (t - begin), as a multiple of the dose."""

    begin_h: float
    level: float
    decay_per_h: float = 0.0
    slope_per_h: float = 0.0


@dataclass(frozen=True)
class Exposure:
    """Pieces in ascending order, the first beginning at 0 h."""

    pieces: tuple[Piece, ...] = (Piece(0.0, 1.0),)
    source: str = field(default="", compare=False)
    """Where the curve is from; blank for one that a configuration states."""

    @property
    def curved(self) -> bool:
        """Whether the concentration changes between jumps."""
        return any(piece.decay_per_h or piece.slope_per_h for piece in self.pieces)

    def at(self, hours: ArrayLike) -> Floats:
        """The multiple of the dose at some times; at a jump what comes after it."""
        when = np.asarray(hours, dtype=np.float64)
        begins = np.array([piece.begin_h for piece in self.pieces])
        which = np.maximum(np.searchsorted(begins, when, side="right") - 1, 0)
        level, decay, slope = (
            np.array([getattr(piece, name) for piece in self.pieces])[which]
            for name in ("level", "decay_per_h", "slope_per_h")
        )
        since = when - begins[which]
        return np.asarray(level * np.exp(-decay * since) + slope * since)

    def piece(self, hours: float) -> Piece:
        """The piece that holds from `hours` on."""
        return [piece for piece in self.pieces if piece.begin_h <= hours][-1]


CONSTANT = Exposure()


@dataclass(frozen=True)
class Dosing:
    """How the drugs of some wells are administered: `which` (N,) is, by drug, the row of `table` that each well
    has; a drug without an entry is there throughout.
    """

    table: tuple[Exposure, ...]
    which: Mapping[str, NDArray[np.intp]] = field(default_factory=dict)


def medium(
    until_h: float,
    start_h: float = 0.0,
    stop_h: float | None = None,
    on_h: float | None = None,
    off_h: float = 0.0,
    holidays_h: Sequence[tuple[float, float]] = (),
) -> Exposure:
    """A drug in the medium, at its dose or washed out: there from `start_h` to `stop_h`, but for `off_h`
    after every `on_h` and for the holidays (half-open). Up to `until_h`, the end of the assay.
    """
    end = min(until_h, math.inf if stop_h is None else stop_h)
    edges = {0.0, start_h, end, *(edge for holiday in holidays_h for edge in holiday)}
    if on_h is not None:
        cycles = math.ceil(max(0.0, end - start_h) / (on_h + off_h))
        if 2 * cycles > MOST_PIECES:
            raise InputError(
                f"found {cycles:,} pulses until {end:g} h, expected at most {MOST_PIECES // 2:,}"
            )
        for cycle in range(cycles):
            begin = start_h + cycle * (on_h + off_h)
            edges |= {begin, begin + on_h}

    def level(hours: float) -> float:
        if not start_h <= hours < (math.inf if stop_h is None else stop_h):
            return 0.0
        if on_h is not None and (hours - start_h) % (on_h + off_h) >= on_h:
            return 0.0
        return float(not any(begin <= hours < stop for begin, stop in holidays_h))

    ends = [*sorted(edge for edge in edges if 0 <= edge < until_h), until_h]
    return _merged(
        [Piece(begin, level((begin + stop) / 2)) for begin, stop in pairwise(ends) if stop - begin > SAME_H]
    )


def body(
    until_h: float,
    half_life_h: float,
    start_h: float = 0.0,
    every_h: float | None = None,
    stop_h: float | None = None,
    holidays_h: Sequence[tuple[float, float]] = (),
) -> Exposure:
    """One compartment with first-order elimination: each administration adds the dose at once, and what is
    there falls by half in every `half_life_h`. Administered at `start_h` and then each `every_h` before
    `stop_h`, but not in the holidays; nothing is washed out.
    """
    decay = math.log(2) / half_life_h
    last = min(until_h, math.inf if stop_h is None else stop_h)
    count = 1 if every_h is None else max(1, math.ceil((last - start_h) / every_h))
    if count > MOST_PIECES:
        raise InputError(f"found {count:,} administrations, expected at most {MOST_PIECES:,}")
    administered = [start_h + k * (every_h or 0.0) for k in range(count)]
    administered = [t for t in administered if t < last and not any(a <= t < b for a, b in holidays_h)]
    pieces = [] if administered[:1] == [0.0] else [Piece(0.0, 0.0)]
    level, before = 0.0, 0.0
    for time in administered:
        level = level * math.exp(-decay * (time - before)) + 1.0
        pieces.append(Piece(time, level, decay))
        before = time
    return Exposure(tuple(pieces))


def table(
    until_h: float, hours: Sequence[float], relative: Sequence[float], start_h: float = 0.0
) -> Exposure:
    """A table of concentration against time, straight between its rows, none before the first and constant
    after the last; its time 0 is `start_h`.
    """
    times = [start_h + hour for hour in hours]
    pieces = [] if times[0] == 0 else [Piece(0.0, 0.0)]
    for (begin, end), (low, high) in zip(pairwise(times), pairwise(relative)):
        pieces.append(Piece(begin, low, 0.0, (high - low) / (end - begin)))
    pieces.append(Piece(times[-1], relative[-1]))
    return _merged([piece for piece in pieces if piece.begin_h < until_h])


def _merged(pieces: Sequence[Piece]) -> Exposure:
    """The pieces without those that go on as the one before."""
    kept = [
        piece
        for before, piece in zip((None, *pieces), pieces)
        if before is None
        or (before.level, before.decay_per_h, before.slope_per_h)
        != (piece.level, piece.decay_per_h, piece.slope_per_h)
        or piece.slope_per_h
        or piece.decay_per_h
    ]
    return Exposure(tuple(kept))
