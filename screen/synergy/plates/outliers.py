"""Wells that lie far from what their row and column say: marked and kept, for the eye and not for a test.

The reference is the smooth surface of the bootstrap (curves through the single agents, the mean of the fitted
row and column inside), which claims no model of interaction. A well is marked when its residual is more than
five times the plate's own (median absolute deviation, at least 2 points) and more than 25 points. A well that
bends both of its curves, as at a corner, can escape.
"""

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.synergy.plates.bootstrap import smooth_batch

TIMES = 5.0
USUAL = 0.02
FAR = 0.25


def far_wells(viability: Floats, conc_1: Floats, conc_2: Floats) -> NDArray[np.bool_]:
    """Marks `(matrix, dose_1, dose_2)` for matrices with doses `(matrix, dose)` that ascend from 0."""
    _, smooth = smooth_batch(viability, conc_1, conc_2)
    away = np.abs(viability - smooth.surface)
    known = ~np.isnan(away)
    some = known.sum(axis=(1, 2)) > 0
    usual = np.nanmedian(np.where(some[:, None, None], away, 0.0).reshape(len(away), -1), axis=1)
    bar = np.maximum(TIMES * np.maximum(1.4826 * usual, USUAL), FAR)
    return known & (away > bar[:, None, None])


def far_wells_text(marks: NDArray[np.bool_], conc_1: Floats, conc_2: Floats) -> str:
    """Words on the marked wells `(dose_1, dose_2)` of one matrix, `''` for none."""
    places = np.argwhere(marks)
    if not len(places):
        return ""
    i, j = places[0]
    where = f"well at doses {conc_1[i]:g} and {conc_2[j]:g}"
    if len(places) == 1:
        return f"the {where} lies far from its row and column (kept)"
    return f"{len(places)} wells lie far from their row and column, first the {where} (kept)"
