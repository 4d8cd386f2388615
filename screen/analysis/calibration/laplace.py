"""The Laplace approximation at an optimum: posterior widths, effective parameters, and estimates of hyperparameters,
how wide the rows say that priors of deviations and errors of measurement should be.

The estimates follow from how much of each the data determine there (MacKay 1992, 10.1162/neco.1992.4.3.415): scores of
a group of entities that the rows determine to a degree g have squares that add up to g where their prior is as wide as
lines differ; whitened residuals of n rows that move the fit by h add up to n - h where errors are as large as rows
scatter. A calibration records the estimates and changes nothing; the shipped widths are where iterating them came to
rest.
"""

from dataclasses import dataclass

import numpy as np

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.free_values import DEVIATION, FreeValues
from screen.analysis.calibration.rows.observations import CalibrationRows
from screen.analysis.methods.gauss_newton import LeastSquares, Minimum, slopes
from screen.arrays import Floats

LEAST = 0.5
"""Effective parameters of a group; an estimate from fewer is noise."""


@dataclass(frozen=True)
class Laplace:
    """`width` (D,): the posterior's standard deviation of each score by the slopes, 1 where the rows say nothing of it.
    `effective`: how many values of each kind they determine. `deviation_sd`: by group of entities, ln units; none where
    less than half a value is determined. `error_factor`: by source and metric, on the errors' standard deviations.
    """

    width: Floats
    effective: dict[str, float]
    deviation_sd: dict[str, float]
    error_factor: dict[str, float]


def laplace(
    problem: LeastSquares,
    optimum: Minimum,
    free: FreeValues,
    rows: CalibrationRows,
    abundance: AbundancePrior,
) -> Laplace:
    """From the slopes of all rows at the optimum."""
    rise, slope = problem.differences(optimum.values[None])
    steep = problem.errors.whiten(slopes(problem, optimum.scores, optimum.values) * slope)
    covariance = np.linalg.inv(steep @ steep.T + np.eye(len(steep)))
    determined = 1 - np.diag(covariance)
    moved = np.einsum("dm,dm->m", steep, covariance @ steep)
    squares = problem.errors.whiten(rise)[0] ** 2
    return Laplace(
        width=np.sqrt(np.diag(covariance)),
        effective={
            kind: float(sum(determined[k] for k, item in enumerate(free.items) if item.kind == kind))
            for kind in free.counts()
        },
        deviation_sd=_deviation_sd(free, abundance, optimum.scores, determined),
        error_factor=_error_factor(rows, squares, moved),
    )


def _deviation_sd(
    free: FreeValues, abundance: AbundancePrior, scores: Floats, determined: Floats
) -> dict[str, float]:
    group = [abundance.entities[item.name][0] if item.kind == DEVIATION else "" for item in free.items]
    found = {}
    for name, given in abundance.groups.items():
        mine = np.array([one == name for one in group])
        known = float(determined[mine].sum())
        if known >= LEAST:
            found[name] = given.deviation_sd * float(np.sqrt((scores[mine] ** 2).sum() / known))
    return found


def _error_factor(rows: CalibrationRows, squares: Floats, moved: Floats) -> dict[str, float]:
    block = np.array([f"{cell.source} {cell.metric}" for cell in rows.cells], dtype=object)
    found = {}
    for name in dict.fromkeys(block):
        mine = np.flatnonzero(block == name)
        left = len(mine) - moved[mine].sum()
        if left > 0:
            found[str(name)] = float(np.sqrt(squares[mine].sum() / left))
    return found
