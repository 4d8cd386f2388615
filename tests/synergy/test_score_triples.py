"""Scores of three drugs in a cube against formulas written by hand."""

import itertools

import numpy as np
import pytest

from screen.synergy import SIMULATED
from screen.synergy.score import score_matrices
from screen.synergy.score_tensors import score_tensors
from screen.synergy.score_triples import score_triples
from tests.synergy.known_matrices import doses, hill

CONC = doses(size=5)
LEAD = ("cell_line", "combination", "time")
DIMS = ("cell_line", "combination", "dose_1", "dose_2", "dose_3", "time")


def tensor() -> np.ndarray:
    """Three drugs that interact two by two and all together, `(dose_1, dose_2, dose_3)`."""
    a, b, c = hill(CONC, 0.3, 50.0, 1.0), hill(CONC, 0.1, 200.0, 1.5), hill(CONC, 0.5, 20.0, 1.0)
    one, two, three = np.meshgrid(CONC, CONC, CONC, indexing="ij")
    together = 1 / (1 + one * two / 3e4 + one * two * three / 4e6)
    return a[:, None, None] * b[None, :, None] * c[None, None, :] * together


def scored(viability: np.ndarray, models: tuple[str, ...] = ("hsa", "bliss", "loewe")) -> dict:
    return score_triples(viability[None, None, None], [CONC[None, None, None]] * 3, models, LEAD, DIMS)


def test_hsa_and_bliss_by_hand() -> None:
    v = tensor()
    found = {name: parts[1] for name, parts in scored(v).items()}
    for i, j, k in itertools.product(range(1, 5), repeat=3):
        a, b, c = v[i, 0, 0], v[0, j, 0], v[0, 0, k]
        ab, ac, bc = v[i, j, 0], v[i, 0, k], v[0, j, k]
        cell = (0, 0, i, j, k, 0)
        assert found["hsa_excess"][cell] == pytest.approx(100 * (min(a, b, c) - v[i, j, k]))
        assert found["hsa_beyond_excess"][cell] == pytest.approx(100 * (min(ab, ac, bc) - v[i, j, k]))
        assert found["bliss_excess"][cell] == pytest.approx(100 * (a * b * c - v[i, j, k]))
        emergent = ab * c + ac * b + bc * a - 2 * a * b * c - v[i, j, k]
        assert found["bliss_beyond_excess"][cell] == pytest.approx(100 * emergent)
    assert found["bliss"].item() == pytest.approx(found["bliss_excess"][0, 0, 1:, 1:, 1:, 0].mean())
    assert found["bliss_beyond"].item() == pytest.approx(
        found["bliss_beyond_excess"][0, 0, 1:, 1:, 1:, 0].mean()
    )


@pytest.mark.slow
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_permuting_the_drugs_permutes_the_scores(order: tuple[int, ...]) -> None:
    here, there = scored(tensor()), scored(tensor().transpose(order))
    for name, (dims, values, _) in here.items():
        if dims == DIMS:
            values = values.transpose(0, 1, *(2 + k for k in order), 5)
        if values.dtype.kind == "f":
            np.testing.assert_allclose(there[name][1], values, atol=1e-7, err_msg=name)


def test_loewe_of_three_is_zero_for_one_drug_in_three_dilutions() -> None:
    total = CONC[:, None, None] + CONC[None, :, None] / 2 + CONC[None, None, :] * 3
    found = score_triples(
        hill(total, 0.2, 100.0, 1.3)[None, None, None],
        [CONC[None, None, None]] * 3,
        ["loewe"],
        LEAD,
        DIMS,
    )
    assert np.abs(found["loewe_excess"][1]).max() < 1e-3
    assert np.abs(found["loewe_beyond_excess"][1]).max() < 1e-3


def test_what_is_beyond_the_pairs_uses_the_excess_that_the_pairs_are_scored_with() -> None:
    v = tensor()
    score = score_tensors(v, [CONC] * 3, ["loewe"], "monotone")["loewe"]
    left = score.excess.copy()
    for absent in range(3):
        face = v.take(0, axis=absent)
        pair = score_matrices(face, CONC, CONC, ["loewe"], options=SIMULATED)["loewe"].excess
        left -= np.expand_dims(pair, absent)
    np.testing.assert_allclose(score.beyond[1:, 1:, 1:], left[1:, 1:, 1:], atol=1e-9)


def test_a_missing_well_is_said_and_no_score_goes_through_it() -> None:
    v = tensor()
    v[2, 2, 2] = np.nan
    found = scored(v)
    assert found["bliss_reason"][1].item() == "1 of 125 wells have no value"
    assert np.isnan(found["bliss_excess"][1]).sum() == 1
    assert np.isfinite(found["bliss"][1]).all()
