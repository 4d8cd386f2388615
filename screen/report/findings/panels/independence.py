"""Independent drug action over a panel: how much of what a combination does for a population is each line answering to
the one drug that suits it (Palmer and Sorger 2017, 10.1016/j.cell.2017.11.009), and how much is beyond that.

Under independent action a line's response to both drugs is that to the better one, min(v(a, 0), v(0, c)). All is read
from the wells of the answer: the anchor at its usual dose, the partner at its clinical peak.
"""

from dataclasses import dataclass

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.view import CubeView
from screen.report.findings.gap import quantile
from screen.report.findings.resensitisation import Recovery

RESPONDS = 0.5
"""A line responds when it loses at least this share of its cells (assumed: half, as for a GI50)."""
FEWEST_LINES = 4


@dataclass(frozen=True)
class Benefit:
    """One partner over the panel, each (median, low, high) over the parameter sets: shares of the lines that respond to
    the anchor, to the partner, to the better of both (independent action) and to both; `beyond` the last less the one
    before; `deeper` by how much of the cells both leave fewer than the better drug, mean over the lines.
    """

    partner: str
    lines: int
    anchor: tuple[float, float, float]
    alone: tuple[float, float, float]
    independent: tuple[float, float, float]
    both: tuple[float, float, float]
    beyond: tuple[float, float, float]
    deeper: tuple[float, float, float]


def benefits(view: CubeView, recovery: Recovery, time: int = -1) -> tuple[Benefit, ...]:
    """The benefit of every partner of the anchor over the lines with HER2, the deepest beyond independence first;
    none for a panel of a few lines.
    """
    wells, rows = recovery.gap.wells, np.flatnonzero(~recovery.her2_low)
    ends = (0.5, view.ensemble.low, view.ensemble.high)
    found = []
    for column, drug in enumerate(view.drug_1):
        first, second, both = (
            part[rows, column, time] for part in (wells.alone, wells.partner, wells.both)
        )  # (line, draw)
        there = np.isfinite(first + second + both).all(axis=-1)
        if drug != view.anchor or there.sum() < FEWEST_LINES:
            continue
        first, second, both = first[there], second[there], both[there]
        better = np.minimum(first, second)
        shares = [share_of(part) for part in (first, second, better, both)]
        numbers = [*shares, shares[3] - shares[2], (better - both).mean(axis=0)]
        summed = [spread(values, ends) for values in numbers]
        found.append(Benefit(view.partners[column], int(there.sum()), *summed))
    return tuple(sorted(found, key=lambda item: (-item.beyond[0], -item.deeper[0])))


def share_of(viability: Array) -> Array:
    """The share of lines (line, draw) that respond, (draw,)."""
    return np.asarray((1 - viability >= RESPONDS).mean(axis=0))


def spread(values: Array, ends: tuple[float, float, float]) -> tuple[float, float, float]:
    """Median, low and high of (draw,)."""
    middle, low, high = (float(quantile(values[None], end)[0]) for end in ends)
    return middle, low, high
