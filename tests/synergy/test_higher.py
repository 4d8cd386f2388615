"""Three drugs: additive and independent tensors are null, and what lies beyond the pairs is found."""

import numpy as np
import pytest
from known_matrices import doses, hill

from screen.errors import InputError
from screen.synergy.higher import score_tensors

CONC = doses(size=5)


def independent():
    a, b, c = hill(CONC, 0.3, 50.0, 1.0), hill(CONC, 0.1, 200.0, 1.5), hill(CONC, 0.5, 20.0, 1.0)
    return a[:, None, None] * b[None, :, None] * c[None, None, :]


def test_a_drug_with_itself_thrice_is_additive():
    total = CONC[:, None, None] + CONC[None, :, None] + CONC[None, None, :]
    for score in score_tensors(hill(total, 0.2, 100.0, 1.3), [CONC] * 3, ["loewe", "schindler"]).values():
        assert np.abs(score.excess).max() < 1e-6
        assert np.abs(score.beyond_pairs).max() < 1e-6


def test_independent_drugs_have_no_bliss_excess():
    score = score_tensors(independent(), [CONC] * 3, ["bliss"])["bliss"]
    assert np.abs(score.excess).max() < 1e-9
    assert np.abs(score.beyond_pairs).max() < 1e-9


def test_synergy_of_a_pair_is_not_beyond_the_pairs():
    viability = independent()
    viability[1:, 1:, :] *= 0.7
    score = score_tensors(viability, [CONC] * 3, ["bliss"])["bliss"]
    assert score.mean > 5
    assert np.abs(score.beyond_pairs).max() < 1e-9


def test_synergy_of_three_alone_is_beyond_the_pairs():
    viability = independent()
    viability[1:, 1:, 1:] *= 0.7
    for name, score in score_tensors(viability, [CONC] * 3, ["bliss", "hsa", "loewe"]).items():
        assert score.mean_beyond > 1, name


def test_order_of_the_drugs_does_not_matter():
    viability = independent() ** 1.2
    here = score_tensors(viability, [CONC, CONC * 3, CONC / 2])
    there = score_tensors(viability.transpose(2, 0, 1), [CONC / 2, CONC, CONC * 3])
    for name in here:
        np.testing.assert_allclose(there[name].excess, here[name].excess.transpose(2, 0, 1), atol=1e-6)


def test_leading_dims_and_missing_cells():
    viability = np.stack([independent(), independent()])
    viability[1, 2, 2, 2] = np.nan
    score = score_tensors(viability, [CONC] * 3, ["bliss"])["bliss"]
    assert score.mean.shape == (2,)
    assert np.isnan(score.excess).sum() == 1


def test_wrong_input():
    with pytest.raises(InputError, match="three drugs or more"):
        score_tensors(np.ones((5, 5)), [CONC, CONC])
    with pytest.raises(InputError, match="did you mean 'loewe'"):
        score_tensors(independent(), [CONC] * 3, ["lowe"])
