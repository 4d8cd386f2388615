"""All that a calibration compares: measured numbers of single drugs, and statements of evidence, simulated together.

A measured number is compared on its own scale (GR or viability units, log10 nM), a censored one only on its open side.
A statement is compared with the bounds of its interval, drawn in by `margin` tolerances: within them it asks for
nothing. Beyond `LINEAR` tolerances its square grows like the distance alone (Huber 1964, 10.1214/aoms/1177703732), so
that one contradiction does not outweigh the rest and the furthest statement still says which way to go.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from screen.analysis.calibration.free_values import (
    DERIVATIVE,
    DEVIATION,
    SHARED,
    FreeValue,
    FreeValues,
)
from screen.analysis.calibration.rows.curve_metrics import SHALLOW, CurveRows, curve_rows, lay_out_curves
from screen.analysis.calibration.rows.measured_errors import error_factor
from screen.analysis.calibration.rows.residuals import Criterion, criterion_of
from screen.analysis.calibration.well_layout import SimulatedWells, WellLayout
from screen.analysis.evidence.evidence_table import Statement
from screen.analysis.methods.batches import in_batches
from screen.analysis.methods.ensemble_smoother import Observed, Reach
from screen.analysis.skill.measured_table import Cell
from screen.arrays import Floats
from screen.pathway import Assay

BATCH = 8
"""Parameter sets that are simulated in one call."""
LINEAR = 3.0
RTOL, ATOL = 1e-3, 1e-6
"""Of simulated wells: a calibration's energy, some hundreds, differs by less than 0.1 from that at 1e-6."""
BEYOND = 1e6
"""No row is as large; the GR value of a member whose untreated cells hardly grow is, and squared it is no number."""


@dataclass(frozen=True)
class CalibrationRows:
    """What is to be compared: cells of single drugs, then statements; `weights` multiply the squared residuals of a
    kind of statement. `chance` is that of `Reach` for free values that every row may move.
    """

    cells: tuple[Cell, ...]
    statements: tuple[Statement, ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    margin: float = 1.0
    chance: float = 0.0

    def __len__(self) -> int:
        return len(self.cells) + len(self.statements)


@dataclass(frozen=True, eq=False)
class Observations:
    """Rows (M,) as functions of scores. Build it with `Observations.lay_out`."""

    wells: SimulatedWells
    free: FreeValues
    rows: CalibrationRows
    curves: tuple[CurveRows, ...]
    criteria: tuple[Criterion, ...]

    @classmethod
    def lay_out(
        cls, assay: Assay, free: FreeValues, rows: CalibrationRows, shallow: float = SHALLOW
    ) -> "Observations":
        """Lay out the wells of all rows; wells that several rows share are simulated once. With `shallow` 0
        concentrations are read as they are, to be predicted and not fitted.
        """
        layout = WellLayout()
        curves = lay_out_curves(rows.cells, layout, assay.pathway)
        criteria = tuple(criterion_of(statement, layout, assay.pathway) for statement in rows.statements)
        wells = SimulatedWells(assay, layout, free.quantities, RTOL, ATOL)
        return cls(wells, free, rows, curve_rows(rows.cells, curves, wells.reading, shallow), criteria)

    def predict(
        self, scores: Floats, jobs: int = 1, progress: Callable[[int, int], None] | None = None
    ) -> Floats:
        """Simulated values (K, M) of cells and statements, each on the scale that it is compared on; NaN where a
        simulation failed. The same bits for any `jobs`; `progress` hears of parameter sets done and in all.
        """
        return in_batches(self._predict, scores, BATCH, jobs, progress)

    def _predict(self, scores: Floats) -> Floats:
        reading = self.wells.read(self.free.values(scores))
        found = np.empty((len(scores), len(self.rows)))
        for curves in self.curves:
            found[:, curves.rows] = curves.values(reading.many(curves.reads), reading.many(curves.control))
        with np.errstate(all="ignore"):
            for row, criterion in enumerate(self.criteria, len(self.rows.cells)):
                found[:, row] = criterion.value(reading)
        return within_reason(found)

    def compared(self, values: Floats) -> Floats:
        """Rows (K, M) as the smoother sees them: censored cells no further than measured on their open side,
        statements as weighted residuals.
        """
        count = len(self.rows.cells)
        found = values.copy()
        measured, side = self.measured, self.sides
        cells = values[:, :count]
        found[:, :count] = np.where(
            side > 0, np.minimum(cells, measured), np.where(side < 0, np.maximum(cells, measured), cells)
        )
        for place, (criterion, statement) in enumerate(zip(self.criteria, self.rows.statements, strict=True)):
            residual = criterion.residual(values[:, count + place], self.rows.margin)
            found[:, count + place] = self._weight(statement) * robust(residual)[0]
        return found

    def differences(self, values: Floats) -> tuple[Floats, Floats]:
        """Rows (K, M) less what was observed, and the slopes of these with the values; both 0 where a row asks for
        nothing or is missing.
        """
        count = len(self.rows.cells)
        away = self.compared(values)
        away[:, :count] -= self.measured
        slope = (away != 0).astype(float)
        for place, (criterion, statement) in enumerate(zip(self.criteria, self.rows.statements, strict=True)):
            residual = criterion.residual(values[:, count + place], self.rows.margin)
            slope[:, count + place] = self._weight(statement) * robust(residual)[1] / criterion.tolerance
        missing = ~np.isfinite(values)
        return np.where(missing, 0.0, away), np.where(missing, 0.0, slope)

    @property
    def steepest(self) -> Floats:
        """The slopes (M,) of `differences` where the row's bound is just met."""
        known = [
            self._weight(row) / one.tolerance
            for one, row in zip(self.criteria, self.rows.statements, strict=True)
        ]
        return np.concatenate([np.ones(len(self.rows.cells)), known])

    def _weight(self, statement: Statement) -> float:
        """On its residual: the root of its kind's weight on squares."""
        return math.sqrt(self.rows.weights.get(statement.kind, 1.0))

    @property
    def measured(self) -> Floats:
        """The cells' numbers, log10 nM of concentrations."""
        return np.array([cell.value for cell in self.rows.cells])

    @property
    def sides(self) -> Floats:
        """1 where the number is at least the one measured, -1 where at most, else 0."""
        return np.array([cell.side for cell in self.rows.cells], dtype=float)

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Which statements hold (K, statements), by this coarser reading than the evidence check's."""
        mine = values[:, len(self.rows.cells) :]
        lower = np.array([criterion.lower for criterion in self.criteria])
        upper = np.array([criterion.upper for criterion in self.criteria])
        return np.asarray((mine >= lower) & (mine <= upper))

    def observed(self) -> Observed:
        """What the smoother is given: numbers measured, then 0 for each statement; errors; localisation."""
        values = np.concatenate([self.measured, np.zeros(len(self.criteria))])
        return Observed(values, error_factor(self.rows.cells), self.localisation())

    def localisation(self) -> list[Reach]:
        """Which rows may move which free values: shared ones all, a line's its own and its derivatives', a drug's
        those in which it is given.
        """
        by_row = [({cell.line}, set(cell.drugs)) for cell in self.rows.cells]
        by_row += [(lines_of(statement), agents_of(statement)) for statement in self.rows.statements]
        parents = {line.name: line.parent for line in self.wells.pathway.cell_lines.values()}
        groups: dict[tuple[str, str], list[int]] = {}
        for number, item in enumerate(self.free.items):
            groups.setdefault(_reach(item), []).append(number)
        found = []
        for (what, name), members in groups.items():
            if what == "line":
                own = {line for line, parent in parents.items() if name in (line, parent)}
                rows = [bool(lines & own) for lines, _ in by_row]
            elif what == "drug":
                rows = [name in drugs for _, drugs in by_row]
            else:
                rows = [True] * len(by_row)
            chance = self.rows.chance if what == "all" else 0.0
            found.append(Reach(np.array(members, dtype=np.intp), np.flatnonzero(rows), chance))
        return found


def within_reason(values: Floats) -> Floats:
    """Rows (K, M), NaN where they are beyond any that there are."""
    return np.where(np.abs(values) < BEYOND, values, np.nan)


def robust(residual: Floats) -> tuple[Floats, Floats]:
    """A residual whose square is Huber's loss, and its slope: itself up to `LINEAR`, growing like a root beyond."""
    size = np.abs(residual)
    root = np.sqrt(LINEAR * np.maximum(2 * size - LINEAR, LINEAR))
    far = size > LINEAR
    slope = np.where(far, LINEAR / root, (size > 0).astype(float))
    return np.where(far, np.sign(residual) * root, residual), slope


def _reach(item: FreeValue) -> tuple[str, str]:
    if item.kind in SHARED:
        return "all", ""
    return ("line", item.line) if item.kind in (DEVIATION, DERIVATIVE) else ("drug", item.name)


def lines_of(statement: Statement) -> set[str]:
    """The lines that a statement mentions."""
    return {condition.line.name for condition in (statement.test, statement.reference)}


def agents_of(statement: Statement) -> set[str]:
    """The drugs and ligands that a statement mentions."""
    return {
        agent
        for condition in (statement.test, statement.reference)
        for agent in (*condition.treatment.doses, *condition.treatment.swept)
    }
