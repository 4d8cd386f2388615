"""Estimates of hyperparameters: widths of deviations as lines differ, of errors as rows scatter, whatever was given."""

import math

import numpy as np
import pytest

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.free_values import DEVIATION, LOGARITHM, FreeValue, FreeValues
from screen.analysis.calibration.laplace import Laplace, laplace
from screen.analysis.calibration.rows.observations import CalibrationRows
from screen.analysis.methods.ensemble_smoother import ErrorFactor
from screen.analysis.methods.gauss_newton import LeastSquares, Minimum, begin, improved
from screen.analysis.skill.measured_table import Cell
from screen.arrays import Floats
from screen.pathway.omics.entity_map import OmicsGroup

LINES = 80
GIVEN = 0.5
NONE = np.zeros(0, dtype=np.intp)


def values_of(lines: int) -> FreeValues:
    """One shared value and a deviation of HER2 in each line."""
    items = [FreeValue(LOGARITHM, "k", "", 0.0, 1.0)]
    items += [FreeValue(DEVIATION, "HER2", f"L{number}", 0.0, GIVEN) for number in range(lines)]
    return FreeValues(tuple(items), (), NONE, NONE, np.zeros(0), np.zeros(0), NONE.reshape(0, 3))


def estimated(true_sd: float, true_error: float) -> Laplace:
    """Two rows of each line see the shared value and the line's deviation, with an error of 0.3 as far as is known."""
    rng = np.random.default_rng(4)
    free = values_of(LINES)
    deviations = true_sd * rng.standard_normal(LINES)
    observed = 0.7 + np.repeat(deviations, 2) + true_error * rng.standard_normal(2 * LINES)
    matrix = np.zeros((1 + LINES, 2 * LINES))
    matrix[0] = 1.0
    for number in range(LINES):
        matrix[1 + number, 2 * number : 2 * number + 2] = GIVEN
    errors = ErrorFactor.of([(np.arange(2 * LINES), 0.09 * np.eye(2 * LINES))])

    def differences(values: Floats) -> tuple[Floats, Floats]:
        return values - observed, np.ones_like(values)

    problem = LeastSquares(lambda scores: scores @ matrix, differences, errors, matrix != 0)
    now: Minimum = begin(problem, np.zeros(1 + LINES))
    for _ in range(4):
        now = improved(problem, now)
    cells = [
        Cell("HMS", f"L{number // 2}", ("x",), "GRmax", 72.0, float(value), 0, 1.0, (math.nan,))
        for number, value in enumerate(observed)
    ]
    group = OmicsGroup("receptor", 0.4, 0.4, 0.2, GIVEN, "assumed")
    prior = AbundancePrior({"receptor": group}, {"HER2": ("receptor", {})})
    return laplace(problem, now, free, CalibrationRows(tuple(cells), ()), prior)


@pytest.mark.parametrize("true_sd", [0.25, 0.5, 1.0])
def test_deviations_are_estimated_to_be_about_as_wide_as_lines_differ(true_sd: float) -> None:
    """One step of an iteration: from twice as wide or narrow it goes most of the way."""
    found = estimated(true_sd, 0.3).deviation_sd["receptor"]
    assert abs(math.log(found / true_sd)) < 0.25 * abs(math.log(GIVEN / true_sd)) + 0.15


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_errors_are_estimated_to_be_as_large_as_rows_scatter(factor: float) -> None:
    found = estimated(0.5, 0.3 * factor).error_factor["HMS GRmax"]
    assert found == pytest.approx(factor, rel=0.25)


def test_as_many_values_count_as_the_rows_determine() -> None:
    """A deviation of sd 0.5 seen twice with an error of 0.3 keeps 0.045 of 0.25 + 0.045."""
    found = estimated(0.5, 0.3).effective
    assert found[LOGARITHM] == pytest.approx(1.0, abs=0.05)
    assert found[DEVIATION] == pytest.approx(LINES * 0.25 / 0.295, rel=0.05)
