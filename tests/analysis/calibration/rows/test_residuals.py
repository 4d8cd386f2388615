"""Statements as smooth functions of simulated wells."""

import numpy as np

from screen.analysis.calibration.rows.residuals import first_crossing


def test_half_concentrations_are_first_crossings() -> None:
    place = np.array([0.0, 1.0, 2.0])
    curves = np.array([[0.9, 0.6, 0.4], [0.9, 0.3, 0.8], [0.4, 0.3, 0.2], [0.9, 0.8, 0.7]])
    found = first_crossing(place, curves)
    np.testing.assert_allclose(found[:2], [1.5, 2 / 3])
    assert found[2] < 0
    assert found[3] > 2
