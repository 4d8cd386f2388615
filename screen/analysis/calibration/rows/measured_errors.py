"""How far a laboratory's number lies from the truth, by metric: its own error and offsets that rows share.

Rows of one source share the laboratory's offset, those of one drug there a second one (narrow priors, integrated out:
they are a covariance). The own error is wider than replicates are, for two reasons: metrics of one curve tell one
story several times, and the model is not the cell. What intervals need is told apart from it, by what was left out
(`screen.analysis.skill.interval_noise`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.methods.ensemble_smoother import ErrorFactor
from screen.analysis.skill.measured_table import Cell
from screen.arrays import Indices


@dataclass(frozen=True)
class MetricError:
    """Standard deviations: of a row of weight 1, of the offset of a drug in a laboratory, of the laboratory's. log10 nM
    of concentrations, GR or viability units else.
    """

    own: float
    drug: float
    laboratory: float


ERRORS = {
    "GR50": MetricError(0.58, 0.35, 0.20),
    "GI50": MetricError(0.58, 0.40, 0.40),
    "IC50": MetricError(0.78, 0.50, 0.60),
    "GRmax": MetricError(0.29, 0.15, 0.15),
    "GR_AOC": MetricError(0.16, 0.08, 0.07),
    "Emax": MetricError(0.26, 0.12, 0.15),
    "AUC": MetricError(0.10, 0.05, 0.05),
}
OF_SOURCE = {("HMS_BRCA", "GR50"): MetricError(1.0, 0.35, 0.20)}
"""Where a source's residuals are wider than its metric's error: 1.7 times, less the degrees of freedom that the fit
used, where MEP-LINCS's are 0.98 times as wide (`hyperparameter_estimates` of a calibration's record).
"""


def error_of(source: str, metric: str) -> MetricError:
    """The error of a metric's numbers from a source."""
    return OF_SOURCE.get((source, metric), ERRORS[metric])


def error_factor(cells: Sequence[Cell]) -> ErrorFactor:
    """The errors of measured rows (M,), a block for each metric of each source."""
    blocks = []
    for block, rows in _blocks(cells).items():
        error = error_of(*block)
        drugs = np.array([cells[row].drugs[0] for row in rows])
        weight = np.array([cells[row].weight for row in rows])
        shared = error.drug**2 * (drugs[:, None] == drugs) + error.laboratory**2
        place: Indices = np.array(rows, dtype=np.intp)
        blocks.append((place, np.diag(error.own**2 / weight) + shared))
    return ErrorFactor.of(blocks)


def _blocks(cells: Sequence[Cell]) -> dict[tuple[str, str], list[int]]:
    """Rows by source and metric."""
    members: dict[tuple[str, str], list[int]] = {}
    for row, cell in enumerate(cells):
        members.setdefault((cell.source, cell.metric), []).append(row)
    return members
