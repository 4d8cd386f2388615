"""When order matters: the schedules of a screen against one another, line by line and combination by
combination.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from screen.arrays import Array


@dataclass(frozen=True)
class Ordering:
    """The schedules of (cell_line, combination) compared at one assay time. `difference` is the largest
    difference of viability between two schedules at the same doses of both drugs, as a fraction, at the doses
    of index `place` (..., drug); `lowest` and `highest` are the schedules between which it is. NaN and -1
    where nothing was solved.
    """

    difference: Array
    lowest: Array
    highest: Array
    place: Array


def compare(viability: Array, schedules: Sequence[int] | None = None) -> Ordering:
    """Compare `schedules` (all unless given) of viability (cell_line, combination, schedule, dose, dose)."""
    chosen = np.arange(viability.shape[2]) if schedules is None else np.array(schedules)
    values = viability[:, :, chosen, 1:, 1:]  # wells of both drugs: alone, there is no order
    lines, pairs, _, *grid = values.shape
    flat = np.moveaxis(values.reshape(lines, pairs, len(chosen), -1), 2, 3)
    known = np.asarray(np.isfinite(flat).all(axis=-1))
    safe = np.where(known[..., None], flat, 0.0)
    gap = np.where(known, safe.max(axis=-1) - safe.min(axis=-1), -1.0)
    cell = gap.argmax(axis=-1)
    found = np.take_along_axis(known, cell[..., None], axis=-1)[..., 0]
    at = np.take_along_axis(safe, cell[..., None, None], axis=-2)[..., 0, :]
    largest = np.take_along_axis(gap, cell[..., None], axis=-1)[..., 0]
    place = 1 + np.stack(np.unravel_index(cell, grid), axis=-1)
    return Ordering(
        difference=np.where(found, largest, np.nan),
        lowest=np.where(found, chosen[at.argmin(axis=-1)], -1),
        highest=np.where(found, chosen[at.argmax(axis=-1)], -1),
        place=np.where(found[..., None], place, -1),
    )


def mirrored(exposure_1: Array, exposure_2: Array) -> list[tuple[int, int]]:
    """Pairs of schedules that give drug 1 as the other gives drug 2, and the other way round, in every
    combination: one after the other in either order. `exposure_1`, `exposure_2` (combination, schedule).
    """
    count = exposure_1.shape[1]
    return [
        (one, two)
        for one in range(count)
        for two in range(one + 1, count)
        if np.array_equal(exposure_1[:, one], exposure_2[:, two])
        and np.array_equal(exposure_2[:, one], exposure_1[:, two])
        and not np.array_equal(exposure_1[:, one], exposure_1[:, two])
    ]
