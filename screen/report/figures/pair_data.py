"""What the figures of a pair draw: its doses, its responses and their interval, without padding."""

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.view import CubeView


def doses_of(view: CubeView, row: int, column: int) -> tuple[Array, Array]:
    """The doses of drug 1 and drug 2 in nM, without padding."""
    one = view.concentration_1[min(row, len(view.concentration_1) - 1), column]
    two = view.concentration_2[min(row, len(view.concentration_2) - 1), column]
    return one[np.isfinite(one)], two[np.isfinite(two)]


def surface_of(view: CubeView, row: int, column: int, time: int = -1) -> Array:
    """Viability (dose_1, dose_2) of one pair, without padding."""
    one, two = doses_of(view, row, column)
    values = view.readouts["viability"].values[row, column, : len(one), : len(two), time]
    return np.asarray(values, float)


def bounds_of(view: CubeView, row: int, column: int, time: int = -1) -> tuple[Array | None, Array | None]:
    """The interval of `surface_of` over draws, or None twice."""
    found = view.readouts["viability"].load_bounds(time)
    if found is None:
        return None, None
    one, two = doses_of(view, row, column)
    low, high = (end[row, column, : len(one), : len(two)].astype(float) for end in found)
    return low, high
