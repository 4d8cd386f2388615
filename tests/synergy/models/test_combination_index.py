"""Indices of a drug combined with itself are 1, and the sign of the index is the opposite of the excess."""

import numpy as np
import pytest

from screen.synergy import ScoringOptions, score_matrices
from tests.synergy.known_matrices import doses, independent, sham

CONC = doses()


@pytest.mark.parametrize("single_agent", ["fit", "monotone"])
def test_a_drug_with_itself_has_index_one(single_agent):
    viability = sham(CONC, CONC / 10, 0.1, 120.0, 1.3, potency=10.0)
    score = score_matrices(
        viability, CONC, CONC / 10, ["loewe"], options=ScoringOptions(single_agent=single_agent)
    )["loewe"]
    assert score.parameters["ci50"] == pytest.approx(1.0, abs=1e-6)


def test_a_median_effect_drug_with_itself_has_index_one_in_every_cell():
    viability = sham(CONC, CONC, 0.0, 120.0, 1.3)
    score = score_matrices(viability, CONC, CONC, ["ci"])["ci"]
    np.testing.assert_allclose(score.cells["index"][1:, 1:], 1.0, atol=1e-6)
    assert np.abs(score.excess).max() < 1e-6
    assert score.parameters["ci_mean"] == pytest.approx(1.0, abs=1e-6)


def test_a_drug_with_itself_is_null_on_the_hill_surface():
    score = score_matrices(sham(CONC, CONC, 0.2, 120.0, 1.3), CONC, CONC, ["schindler"])["schindler"]
    assert np.abs(score.excess).max() < 1e-6


def test_the_index_falls_where_the_excess_rises():
    viability = independent(CONC, CONC, (0.0, 100.0, 1.0), (0.0, 300.0, 1.2))
    viability[1:, 1:] **= 1.5
    score = score_matrices(viability, CONC, CONC, ["loewe", "ci"])
    assert score["loewe"].mean > 0
    assert score["loewe"].parameters["ci50"] < 1
    assert score["ci"].parameters["ci_mean"] < 1


def test_no_isobole_no_index():
    viability = independent(CONC, CONC, (0.9, 100.0, 1.0), (0.8, 300.0, 1.2))
    assert np.isnan(score_matrices(viability, CONC, CONC, ["loewe"])["loewe"].parameters["ci50"])


def test_viability_outside_the_line_is_marked_not_raised():
    viability = independent(CONC, CONC, (0.0, 100.0, 1.0), (0.0, 300.0, 1.2))
    viability[4, 4], viability[6, 6] = 1.05, -0.02
    score = score_matrices(viability, CONC, CONC, ["ci"])["ci"]
    assert np.isnan(score.cells["index"][4, 4])
    assert np.isfinite(score.excess).all()
