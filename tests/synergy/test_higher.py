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


def musyc_truth():
    rng = np.random.default_rng(0)
    ends = np.array([1.0, 0.6, 0.5, 0.3, 0.7, 0.4, 0.35, 0.05])
    shape = np.concatenate([np.log(rng.uniform(1, 2, 3)), rng.uniform(-1, 1, 3), rng.uniform(-1, 1.5, 9)])
    return ends, shape


def test_musyc_of_three_drugs_comes_back():
    from screen.synergy.musyc_three import evaluate, fit_three

    ends, shape = musyc_truth()
    conc = doses(size=6)
    x = np.log(np.maximum(conc, 1e-300))
    x[0] = -np.inf
    centred = x - np.log(100.0)
    grid = np.stack(np.meshgrid(centred, centred, centred, indexing="ij"), axis=-1).reshape(1, -1, 3)
    y, _ = evaluate(np.concatenate([ends, shape])[None], grid, grid)
    found = fit_three(y.reshape(1, 6, 6, 6), [conc[None]] * 3)
    np.testing.assert_allclose(found.alpha[0], np.exp(shape[6:]), rtol=1e-3)
    np.testing.assert_allclose(found.ends[0], ends, atol=1e-4)
    assert found.beta["beta_123"][0] == pytest.approx((0.3 - 0.05) / 0.7, rel=1e-3)
    assert found.r2[0] > 1 - 1e-9


def test_musyc_of_three_is_musyc_of_two_without_the_third():
    from screen.synergy import musyc
    from screen.synergy.musyc_three import STEPS, occupancy

    _, shape = musyc_truth()
    x = np.random.default_rng(1).uniform(-3, 3, (1, 20, 3))
    x[:, :, 2] = -np.inf
    share = occupancy(shape[None], x)
    pair = np.concatenate([[0.0, 0.0, 0.0, 0.0], shape[[0, 1, 3, 4]], [0, 0, 0, 0]])[None]
    pair[0, 8], pair[0, 9] = shape[6 + STEPS.index((1, 1))], shape[6 + STEPS.index((2, 0))]
    _, jacobian = musyc.evaluate(pair, x[:, :, 0], x[:, :, 1])
    np.testing.assert_allclose(share[0, :, :4].T, jacobian[0, :4], atol=1e-9)
    assert np.abs(share[0, :, 4:]).max() < 1e-9
