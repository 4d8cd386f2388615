"""Grid points of a cube computed again by the reference solver (SciPy), each well and its vehicle on its
own, to see how far the batched solver's numbers are from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array
from screen.cube.status import FAILED, status_code
from screen.pathway import Dosing
from screen.runner.readouts.readouts import Composed, Signals, value_of

if TYPE_CHECKING:
    from screen.pathway import Assay, Dosing, Untreated

LOOSEST = 1e-4
"""Largest deviation allowed at the standard tolerance; 100 times `rtol` where that is more."""
NEGLIGIBLE = 0.01
"""Amounts below this share of the largest one count relative to that share."""


@dataclass(frozen=True)
class ControlPoints:
    """Wells of a layer by index, (point,) each, `dose` (drug, point); none of them a vehicle. Without
    schedules `schedule` is 0.
    """

    cell_line: Array
    combination: Array
    schedule: Array
    dose: Array

    def __len__(self) -> int:
        return len(self.cell_line)

    def take(self, rows: Array) -> "ControlPoints":
        return ControlPoints(
            self.cell_line[rows], self.combination[rows], self.schedule[rows], self.dose[:, rows]
        )

    def places(self, schedules: bool) -> list[tuple[int, ...]]:
        """Each well's place in a response; `schedules` says whether that has the dimension."""
        given = [self.schedule] if schedules else []
        columns = [self.cell_line, self.combination, *given, *self.dose]
        return list(zip(*(column.tolist() for column in columns), strict=True))


def draw_points(
    random: np.random.Generator,
    lines: Sequence[int],
    wells: Sequence[Array],
    count: int,
    schedules: int = 1,
) -> ControlPoints:
    """`count` random wells without repeats (all, if there are no more), in order; `wells` are each
    combination's (drug, well), the vehicle first.
    """
    sizes = np.repeat([each.shape[1] for each in wells], schedules)
    ends = np.cumsum(sizes)
    within = np.setdiff1d(np.arange(ends[-1]), ends - sizes)
    total = len(lines) * len(within)
    if total <= count:
        drawn = np.arange(total)
    else:
        drawn = np.sort(random.choice(total, count, replace=False, shuffle=False))
    line, well = np.divmod(drawn, max(1, len(within)))
    place = within[well]
    grid = np.searchsorted(ends, place, side="right")
    combination, schedule = np.divmod(grid, schedules)
    rows = place - (ends - sizes)[grid]
    dose = [wells[one][:, row] for one, row in zip(combination, rows)]
    return ControlPoints(
        np.array(lines, dtype=int)[line],
        combination,
        schedule,
        np.array(dose, int).reshape(len(rows), len(wells[0])).T,
    )


def stricter(rtol: float, atol: float) -> tuple[float, float]:
    """Tolerances of the reference solver for a screen at these."""
    return max(min(1e-8, rtol / 100), 1e-12), min(1e-11, atol / 100)


def limit(rtol: float) -> float:
    """The largest deviation that a screen at `rtol` may have."""
    return max(LOOSEST, 100 * rtol)


@dataclass(frozen=True)
class DosedWells:
    """Wells to be computed: the `row` (point,) of the untreated state that each begins from, `doses` (point,) in
    nM by drug, administered as `dosing` says (None: from time 0 on).
    """

    row: Array
    doses: Mapping[str, Array]
    dosing: "Dosing | None" = None


def recompute(
    assay: "Assay",
    untreated: "Untreated",
    dosed_wells: DosedWells,
    times: Array,
    readouts: Sequence[str],
    tolerances: tuple[float, float],
    composed: Composed,
) -> dict[str, Array]:
    """Each readout (point, time) by the reference solver; NaN where it fails.

    `dosed_wells` begin from rows of `untreated`; `times` in h; `tolerances` (rtol, atol).
    """
    row, doses, dosing = dosed_wells.row, dosed_wells.doses, dosed_wells.dosing
    vehicles, place = np.unique(row, return_inverse=True)
    wells = np.concatenate([vehicles, row]).astype(np.intp)
    dosed = {name: np.concatenate([np.zeros(len(vehicles)), dose]) for name, dose in doses.items()}
    rtol, atol = tolerances
    more: dict[str, Any] = {"rtol": rtol, "atol": atol}
    if dosing is not None:
        throughout = np.zeros(len(vehicles), np.intp)
        which = {name: np.concatenate([throughout, rows]) for name, rows in dosing.which.items()}
        more["dosing"] = Dosing(dosing.table, which)
    found = assay.dose(untreated, wells, dosed, times, solver="scipy", **more)
    failed = status_code(found.status) == FAILED
    columns = {name: found.values[:, :, assay.readouts.index(name)] for name in composed.signals(readouts)}
    columns |= {name: found.share(clone) for name, clone in composed.shares.items()}

    def of(rows: Any) -> Signals:
        bad = failed[rows][:, None]
        values = {name: np.where(bad, np.nan, column[rows]) for name, column in columns.items()}
        return Signals(np.where(bad, np.nan, found.log_cells[rows]), values)

    points, vehicle = of(slice(len(vehicles), None)), of(place.reshape(-1))
    return {name: value_of(name, points, vehicle, times, composed) for name in readouts}


def deviation(stored: Array, again: Array, units: str) -> Array:
    """The largest difference over times of each point, (point, time) -> (point,): absolute for fractions
    (units 1), else relative. Infinite where one of the two is missing.
    """
    both_missing = np.isnan(stored) & np.isnan(again)
    gap = np.abs(stored - again)
    if units != "1":
        size = np.nan_to_num(np.abs(again))
        floor = NEGLIGIBLE * size.max(initial=0.0)
        gap = gap / np.maximum(np.maximum(size, floor), np.finfo(float).tiny)
    gap = np.where(both_missing, 0.0, np.where(np.isnan(gap), np.inf, gap))
    return np.asarray(gap.max(axis=1, initial=0.0))
