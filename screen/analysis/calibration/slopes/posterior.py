"""The energy of a calibration, half the sum of squares of whitened rows and of scores, with its exact slope by all free
values: wells are simulated once and once more backwards, which costs about as much as five simulations, where
differences would take one for each of some hundred sets of free values.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from screen.analysis.calibration.rows.observations import Observations, within_reason
from screen.analysis.calibration.slopes.row_slopes import CELLS, Read, heard_by, value_and_slopes
from screen.analysis.calibration.slopes.wells_back import ReadingWeights, WellsBack
from screen.analysis.calibration.well_layout import GROWTH
from screen.analysis.methods.gauss_newton import LeastSquares
from screen.arrays import Floats
from screen.pathway import Assay


@dataclass(frozen=True, eq=False)
class Posterior:
    """Made by `posterior_of`; `heard` says what each statement reads."""

    observations: Observations
    problem: LeastSquares
    wells: WellsBack
    heard: tuple[tuple[Read, ...], ...]

    def __call__(self, scores: Floats, jobs: int = 1) -> tuple[Floats, Floats, Floats]:
        """Energies (K,), their slopes (K, D) and rows (K, M) at scores (K, D); `jobs` threads, the same bits for any
        number.
        """
        with ThreadPoolExecutor(max(jobs, 1)) as pool:
            found = list(pool.map(self._one, scores[:, None]))
        energy, slope, values = (np.concatenate(one) for one in zip(*found, strict=True))
        return energy, slope, values

    def _one(self, scores: Floats) -> tuple[Floats, Floats, Floats]:
        observations, free = self.observations, self.observations.free
        untreated = self.wells.wells.untreated(free.values(scores))
        reading = self.wells.wells.dosed(untreated)
        values = np.empty((len(scores), len(observations.rows)))
        curves = []
        for group in observations.curves:
            found = group.values_and_slopes(reading.many(group.reads), reading.many(group.control))
            values[:, group.rows] = found[0]
            curves.append(found[1:])
        statements, first = [], len(observations.rows.cells)
        for row, (criterion, reads) in enumerate(zip(observations.criteria, self.heard, strict=True), first):
            values[:, row], slopes = value_and_slopes(criterion.value, reads, reading)
            statements.append(slopes)
        values = within_reason(values)
        away, turn = self.problem.differences(values)
        asked = self.problem.errors.weigh(away) * turn
        weights = ReadingWeights.nought(reading)
        for group, (by_cells, by_control) in zip(observations.curves, curves, strict=True):
            mine = asked[:, group.rows]
            weights.add_cells(group.reads, mine[..., None] * by_cells)
            weights.add_cells(group.control, mine * by_control)
        self._statements(weights, asked[:, first:], statements)
        slope = free.pulled(scores, self.wells.pulled(untreated, weights)) + scores
        return self.problem.energy(scores, values), slope, values

    def _statements(self, weights: ReadingWeights, asked: Floats, statements: Sequence[Floats]) -> None:
        wells = self.wells.wells
        for column, (reads, slopes) in enumerate(zip(self.heard, statements, strict=True)):
            if not asked[:, column].any():
                continue
            for (well, time, name), slope in zip(reads, asked[:, column] * slopes, strict=True):
                slope[~np.isfinite(slope)] = 0.0
                if name == GROWTH:
                    weights.growth[:, wells.row[well]] += slope
                elif name == CELLS:
                    weights.cells[:, wells.reading[well, time]] += slope
                else:
                    weights.signals[:, wells.reading[well, time], wells.readouts[name]] += slope


def posterior_of(assay: Assay, observations: Observations, problem: LeastSquares) -> Posterior:
    """The posterior of a calibration's free values."""
    heard = tuple(heard_by(criterion.value) for criterion in observations.criteria)
    return Posterior(observations, problem, WellsBack(assay, observations.wells), heard)
