"""The design of a measured block: which dose pairs were asked for. A grid is scored as a matrix; rays, crosses,
diagonals and scattered doses are scored well by well, with curves for single agents that were not measured at a dose.
"""

import numpy as np

from screen.arrays import Floats
from screen.synergy.plates.block import PlateBlock, Points

FILLED = 0.5
SAME_RATIO = 0.02
GRID = "grid"


def pair_doses(block: PlateBlock) -> tuple[Floats, Floats]:
    """The doses of every well that was asked for, `(well,)` each."""
    if block.points is not None:
        return block.points.conc_1, block.points.conc_2
    if block.asked is None:
        first, second = np.meshgrid(block.conc_1, block.conc_2, indexing="ij")
        return first.ravel(), second.ravel()
    i, j = np.nonzero(block.asked)
    return block.conc_1[i], block.conc_2[j]


def points_of(block: PlateBlock) -> Points:
    """The wells of a block that have a value, as a list."""
    if block.points is not None:
        return block.points
    viability = block.viability
    i, j = np.nonzero(~np.isnan(viability))
    return Points(block.conc_1[i], block.conc_2[j], viability[i, j], block.replicates)


def design_of(block: PlateBlock) -> str:
    """`grid`, `grid with single agents at other doses`, `cross`, `diagonal`, `rays` or `scattered`; `''` for three
    drugs and for blocks without both single agents or without combinations, which no design makes scorable."""
    if block.conc_3 is not None or not block.filled:
        return ""
    if block.asked is None and block.points is None:
        return GRID
    first, second = pair_doses(block)
    both = (first > 0) & (second > 0)
    alone = ((first == 0) & (second >= 0)) | ((second == 0) & (first >= 0))
    if not both.any() or not alone.any() or not ((first == 0).any() and (second == 0).any()):
        return GRID
    d1, d2 = first[both], second[both]
    ones, place_1 = np.unique(d1, return_inverse=True)
    twos, place_2 = np.unique(d2, return_inverse=True)
    filled = len(np.unique(place_1 * len(twos) + place_2)) / (len(ones) * len(twos))
    measured = np.isin(ones, first[second == 0]).all() and np.isin(twos, second[first == 0]).all()
    more = len(ones) < len(np.unique(first[first > 0])) or len(twos) < len(np.unique(second[second > 0]))
    if filled >= FILLED and min(len(ones), len(twos)) > 1:
        return GRID if measured and not more else "grid with single agents at other doses"
    if filled >= FILLED:
        return GRID if measured and not more else "a row of combinations"
    return _thin(d1, d2, ones, twos)


def _thin(d1: Floats, d2: Floats, ones: Floats, twos: Floats) -> str:
    longest = max(
        ((np.unique(d, return_counts=True), d) for d in (d1, d2)), key=lambda found: int(found[0][1].max())
    )
    (doses, count), d = longest
    rest = d != doses[np.argmax(count)]
    if count.max() > 2 and rest.any() and (np.ptp(d1[rest]) == 0 or np.ptp(d2[rest]) == 0):
        return "cross"
    order = np.argsort(d1, kind="stable")
    if len(ones) == len(d1) == len(twos) and (_ordered(d2[order]) or _ordered(-d2[order])):
        return "diagonal"
    ratio = np.sort(np.log(d1 / d2))
    group = np.concatenate([[0], np.cumsum(np.diff(ratio) > SAME_RATIO)])
    count, first = np.bincount(group), np.flatnonzero(np.diff(group, prepend=-1))
    width = np.maximum.reduceat(ratio, first) - np.minimum.reduceat(ratio, first)
    if (count > 1).any() and (count[group] > 1).mean() > 0.8 and width.max() <= 2 * SAME_RATIO:
        return "rays"
    return "scattered"


def _ordered(values: Floats) -> bool:
    return bool((np.diff(values) > 0).all())


def is_grid(block: PlateBlock) -> bool:
    """Whether a block is scored as a matrix."""
    return block.reading.get("design", GRID) in (GRID, "")
