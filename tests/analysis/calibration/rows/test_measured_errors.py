"""Errors of measured numbers: rows of one laboratory and drug go together."""

import math

import numpy as np
import pytest

from screen.analysis.calibration.rows.measured_errors import ERRORS, error_factor
from screen.analysis.skill.interval_noise import NOISE
from screen.analysis.skill.measured_table import SINGLE, Cell


def cell(source: str, drug: str, metric: str = "GRmax", weight: float = 1.0) -> Cell:
    return Cell(source, "SKBR3", (drug,), metric, 72.0, 0.5, 0, weight, (math.nan,))


def test_rows_share_the_offsets_of_their_laboratory_and_drug() -> None:
    cells = [
        cell("a", "x"),
        cell("a", "x", weight=0.25),
        cell("a", "y"),
        cell("b", "x"),
        cell("a", "x", "GR50"),
    ]
    covariance = np.eye(5)
    for rows, factor in error_factor(cells).blocks:
        covariance[np.ix_(rows, rows)] = factor @ factor.T
    error = ERRORS["GRmax"]
    shared = error.laboratory**2
    assert covariance[0, 0] == pytest.approx(error.own**2 + error.drug**2 + shared)
    assert covariance[1, 1] == pytest.approx(4 * error.own**2 + error.drug**2 + shared)
    assert covariance[0, 1] == pytest.approx(error.drug**2 + shared)
    assert covariance[0, 2] == pytest.approx(shared)
    assert covariance[0, 3] == covariance[0, 4] == 0


@pytest.mark.parametrize("metric", SINGLE)
def test_every_metric_has_an_error_about_that_of_intervals(metric: str) -> None:
    error = ERRORS[metric]
    whole = math.sqrt(error.own**2 + error.drug**2 + error.laboratory**2)
    assert 0.6 < whole / NOISE[metric].fitted < 2


def test_half_concentrations_of_one_laboratory_scatter_more_than_the_others() -> None:
    cells = [cell("HMS_BRCA", "x", "GR50"), cell("MEP_LINCS", "x", "GR50")]
    own, other = (float(factor[0, 0]) for _, factor in error_factor(cells).blocks)
    assert own > 1.4 * other
