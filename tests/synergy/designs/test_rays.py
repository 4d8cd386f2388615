"""Rays of fixed ratio: the combination index where the effect is half, and scores that know of no hole."""

import numpy as np
import pytest

from screen.synergy import SIMULATED
from screen.synergy.designs.rays import score_rays
from screen.synergy.score import score_matrices
from tests.synergy.known_matrices import hill

CONC = np.append(0.0, np.geomspace(1, 1e4, 12))
RAY = [tuple((k, k) for k in range(1, 13))]
ON_RAY = np.zeros((13, 13), bool)
ON_RAY[0], ON_RAY[:, 0] = True, True
np.fill_diagonal(ON_RAY, True)


def along(viability: np.ndarray, models: tuple[str, ...] = ("bliss", "loewe")) -> tuple[dict, dict]:
    """Scores of the ray alone."""
    seen = np.where(ON_RAY, viability, np.nan)[None]
    scores = score_matrices(seen, CONC, CONC, models, options=SIMULATED, design=ON_RAY[None])
    return scores, score_rays(seen, CONC[None], CONC[None], [RAY], scores)


def test_a_drug_with_itself_has_an_index_of_one() -> None:
    total = CONC[:, None] + CONC[None, :]
    scores, found = along(hill(total, 0.1, 300.0, 1.2))
    assert found["ray_ci50"][0, 0] == pytest.approx(1.0, abs=0.02)
    assert found["ray_loewe"][0, 0] == pytest.approx(0.0, abs=0.05)
    assert found["ray_ic50_1"][0, 0] == pytest.approx(found["ray_ic50_2"][0, 0])
    assert scores["loewe"].reason[0] == ""


def test_twice_the_potency_together_halves_the_index() -> None:
    one, two = np.broadcast_arrays(CONC[:, None], CONC[None, :])
    both = np.where((one > 0) & (two > 0), 2.0, 1.0)
    _, found = along(hill(both * (one + two), 0.1, 300.0, 1.2))
    assert found["ray_ci50"][0, 0] == pytest.approx(0.5, abs=0.02)


def test_scores_along_the_ray_are_those_of_the_whole_grid_there() -> None:
    one, two = np.broadcast_arrays(CONC[:, None], CONC[None, :])
    viability = hill(one, 0.3, 50.0, 1.0) * hill(two, 0.2, 150.0, 1.2) ** 1.3
    viability[1:, 1:] *= 0.9
    whole = score_matrices(viability, CONC, CONC, ("bliss", "loewe"), options=SIMULATED)
    scores, found = along(viability)
    for model, score in whole.items():
        expected = np.diagonal(score.excess)[1:]
        assert np.diagonal(scores[model].excess[0])[1:] == pytest.approx(expected)
        assert found[f"ray_{model}"][0, 0] == pytest.approx(expected.mean())
        assert scores[model].mean[0] == pytest.approx(expected.mean())


def test_what_needs_whole_rows_says_so() -> None:
    scores, _ = along(hill(CONC[:, None] + CONC[None, :], 0.1, 300.0, 1.2), ("zip", "bliss"))
    assert scores["zip"].reason[0] == "ZIP needs whole rows and columns of doses"
    assert np.isnan(scores["zip"].mean[0])
    assert scores["bliss"].reason[0] == ""


def test_a_ray_that_never_reaches_half_has_no_index() -> None:
    _, found = along(hill(CONC[:, None] + CONC[None, :], 0.7, 300.0, 1.2))
    assert np.isnan(found["ray_ci50"][0, 0])
    assert np.isfinite(found["ray_loewe"][0, 0])


def test_a_well_that_failed_is_said() -> None:
    viability = hill(CONC[:, None] + CONC[None, :], 0.1, 300.0, 1.2)
    viability[5, 5] = np.nan
    scores, _ = along(viability)
    assert scores["bliss"].reason[0] == "1 of 12 combination cells have no value"
