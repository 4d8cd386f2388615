"""What a predictive interval needs beside the spread of the ensemble: measurement, and what the model misses.

All figures are of the rows that the model is calibrated on (HMS, MEP-LINCS, Gray laboratory); no table that judges the
model had a part in them. Each is the standard deviation of a normal error that intervals need to hold 90 % of numbers
(`herscreen calibrate --hold-out` prints it), or a component of residuals.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.skill.measured_table import Cell
from screen.arrays import Floats
from screen.pathway import Pathway
from screen.pathway.calibrated import calibrated_names, calibrated_sources


@dataclass(frozen=True)
class MetricNoise:
    """Standard deviations, log10 nM of concentrations, GR or viability units else.

    `fitted`: of numbers that the model was fitted to, under an ensemble shipped before; the present one lies nearer
    (0.90, 0.57, 0.68, 0.29 and 0.14 in the order below), which says that it fits better, not that it would miss a
    new number of the same cells by less. `line`, `drug`: of numbers of lines, of drugs, that three folds of a
    smoother of 48 members did not see (of 192 members now, 96 and 92 % of them are held with these). `offset`: of a
    drug in a laboratory, the residuals' covariance within drugs; `source`: of a laboratory, the root mean square of
    their mean residuals.
    """

    fitted: float
    line: float
    drug: float
    offset: float
    source: float

    def times(self, slope: float) -> "MetricNoise":
        """The same in other units."""
        figures = (self.fitted, self.line, self.drug, self.offset, self.source)
        return MetricNoise(*(slope * one for one in figures))

    def sd(self, new_line: bool, new_drug: bool, new_source: bool) -> float:
        """Of a number whose line, drug or source was not calibrated. What was missed of drugs left out holds their
        offset in a laboratory, so the two do not add up.
        """
        variance = self.fitted**2
        line = max(self.line**2 - variance, 0.0) if new_line else 0.0
        drug = max(self.drug**2 - variance, 0.0) if new_drug else 0.0
        if new_source:
            drug = max(drug, self.offset**2)
            variance += self.source**2
        return math.sqrt(variance + line + drug)


_GRMAX = MetricNoise(0.41, 0.31, 0.34, 0.28, 0.18)
_GR_AOC = MetricNoise(0.16, 0.19, 0.26, 0.12, 0.02)
NOISE = {
    "GR50": MetricNoise(0.98, 1.24, 1.46, 0.68, 0.21),
    "GI50": MetricNoise(0.67, 0.77, 1.21, 0.56, 0.09),
    "IC50": MetricNoise(0.73, 0.51, 0.97, 0.48, 0.14),
    "GRmax": _GRMAX,
    "GR_AOC": _GR_AOC,
    "Emax": _GRMAX.times(0.43),
    "AUC": _GR_AOC.times(0.47),
}
"""From 411 GR50, 88 GI50, 99 IC50, 412 GRmax and 412 GR_AOC. No row is an AUC, and the 99 Emax are of one laboratory
at 15 to 130 uM, where few cells are left to err by (0.13, 0.09, 0.09, 0.06, 0.08): both are taken from the GR values,
times the slope of the one on the other over the model's own curves of 412 rows.
"""
LEAST = {"GRmax": -1.0, "Emax": 0.0, "AUC": 0.0}
MOST = {"GR_AOC": 2.0}
"""What a metric can be; above 1 (an area: below 0) are cells that a drug makes grow, which have no bound."""


@dataclass(frozen=True)
class Seen:
    """The sources, lines and drugs that a calibration saw."""

    sources: frozenset[str]
    lines: frozenset[str]
    drugs: frozenset[str]

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> "Seen":
        """Those of the cells."""
        return cls(
            frozenset(cell.source for cell in cells),
            frozenset(cell.line for cell in cells),
            frozenset(drug for cell in cells for drug in cell.drugs),
        )

    @classmethod
    def shipped(cls, pathway: Pathway) -> "Seen":
        """Those of the shipped model; none of a custom one."""
        lines, drugs = calibrated_names(pathway)
        return cls(calibrated_sources(), lines, drugs)


def noise_of(cells: Sequence[Cell], seen: Seen) -> Floats:
    """The standard deviation (N,) beside the ensemble's spread; NaN for pairs, whose scores are on each table's own
    scale.
    """
    found = [math.nan] * len(cells)
    for k, cell in enumerate(cells):
        if cell.metric in NOISE and not cell.is_pair:
            new = (
                cell.line not in seen.lines,
                cell.drugs[0] not in seen.drugs,
                cell.source not in seen.sources,
            )
            found[k] = NOISE[cell.metric].sd(*new)
    return np.array(found)
