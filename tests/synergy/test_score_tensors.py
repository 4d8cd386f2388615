"""Three and four drugs: additive and independent tensors are null, and what only all of them do is found."""

import itertools

import numpy as np
import pytest

from screen.errors import InputError
from screen.synergy.score_tensors import best_window, score_tensors
from tests.synergy.known_matrices import doses, hill

CONC = doses(size=5)


def independent():
    a, b, c = hill(CONC, 0.3, 50.0, 1.0), hill(CONC, 0.1, 200.0, 1.5), hill(CONC, 0.5, 20.0, 1.0)
    return a[:, None, None] * b[None, :, None] * c[None, None, :]


def four(interaction=0.0):
    """Four drugs of which two pairs interact, and all four together; `(dose_1, ..., dose_4)`."""
    curves = [(0.3, 50.0, 1.0), (0.1, 200.0, 1.5), (0.5, 20.0, 1.0), (0.4, 500.0, 2.0)]
    a, b, c, d = np.meshgrid(CONC, CONC, CONC, CONC, indexing="ij")
    alone = np.prod([hill(dose, *curve) for dose, curve in zip((a, b, c, d), curves)], axis=0)
    return alone / (1 + interaction * (a * b / 3e4 + b * c / 1e5 + a * b * c * d / 1e8))


@pytest.mark.parametrize("drugs", [3, 4])
def test_one_drug_in_several_dilutions_is_additive(drugs):
    total = sum(np.meshgrid(*[CONC / k for k in range(1, drugs + 1)], indexing="ij"))
    conc = [CONC] * drugs
    for score in score_tensors(hill(total, 0.2, 100.0, 1.3), conc, ["loewe", "schindler"]).values():
        assert np.abs(score.excess).max() < 1e-6
        assert np.abs(score.beyond).max() < 1e-6


def test_independent_drugs_have_no_bliss_excess():
    score = score_tensors(independent(), [CONC] * 3, ["bliss"])["bliss"]
    assert np.abs(score.excess).max() < 1e-9
    assert np.abs(score.beyond).max() < 1e-9


def test_synergy_of_a_pair_is_not_beyond_the_pairs():
    viability = independent()
    viability[1:, 1:, :] *= 0.7
    score = score_tensors(viability, [CONC] * 3, ["bliss"])["bliss"]
    assert score.mean > 5
    assert np.abs(score.beyond).max() < 1e-9


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
    with pytest.raises(InputError, match="order: expected 2 to 2 for 3 drugs, found 3"):
        score_tensors(independent(), [CONC] * 3, order=3)


def test_a_drug_without_a_dose_has_no_surface():
    score = score_tensors(np.ones((6, 6, 1)), [doses(size=6), doses(size=6), np.zeros(1)], ["musyc"])["musyc"]
    assert np.isnan(score.mean)
    assert score.reason.item() == "drug 3 has no dose above 0"


def test_four_drugs_by_hand():
    v = four(1.0)
    scores = score_tensors(v, [CONC] * 4, ["hsa", "bliss", "loewe"])
    pairs = score_tensors(v, [CONC] * 4, ["hsa", "bliss", "loewe"], order=2)
    drugs = range(4)
    faces = {
        members: score_tensors(_face(v, members), [CONC] * 3, ["loewe"])["loewe"]
        for members in itertools.combinations(drugs, 3)
    }
    for cell in itertools.product((1, 2, 4), repeat=4):

        def well(*members, cell=cell):
            return v[tuple(cell[k] if k in members else 0 for k in drugs)]

        one = [well(k) for k in drugs]
        two = {pair: well(*pair) for pair in itertools.combinations(drugs, 2)}
        three = {left: well(*set(drugs) - {left}) for left in drugs}
        excess = 100 * (np.prod(one) - v[cell])
        assert scores["hsa"].excess[cell] == pytest.approx(100 * (min(one) - v[cell]))
        assert scores["hsa"].beyond[cell] == pytest.approx(100 * (min(three.values()) - v[cell]))
        assert pairs["hsa"].beyond[cell] == pytest.approx(100 * (min(two.values()) - v[cell]))
        assert scores["bliss"].excess[cell] == pytest.approx(excess)
        cumulant = v[cell] - sum(one[k] * three[k] for k in drugs)
        for i, j in two:
            others = [one[k] for k in drugs if k not in (i, j)]
            cumulant += 2 * two[i, j] * others[0] * others[1]
            if i == 0:
                cumulant -= two[i, j] * two[tuple(k for k in drugs if k not in (i, j))]
        cumulant -= 6 * np.prod(one)
        assert scores["bliss"].beyond[cell] == pytest.approx(-100 * cumulant)
        within = [tuple(cell[k] for k in members) for members in faces]
        triples = sum(score.beyond[at] for at, score in zip(within, faces.values()))
        assert scores["loewe"].beyond[cell] == pytest.approx(pairs["loewe"].beyond[cell] - triples, abs=1e-6)


def _face(v, members):
    return v[tuple(slice(None) if k in members else 0 for k in range(v.ndim))]


def test_a_fourth_drug_that_is_absent_or_idle_adds_nothing():
    """With an idle fourth drug the excess is that of the three, and there is nothing beyond them."""
    v = _face(four(1.0), (0, 1, 2))
    conc = [CONC] * 4
    whole = score_tensors(np.repeat(v[..., None], 5, axis=3), conc, ["hsa", "bliss", "loewe"])
    for name, three in score_tensors(v, conc[:3], ["hsa", "bliss", "loewe"]).items():
        np.testing.assert_allclose(
            whole[name].excess[..., 1:], np.repeat(three.excess[..., None], 4, axis=3), atol=1e-6
        )
        assert np.abs(whole[name].beyond).max() < 1e-6, name


def test_two_pairs_that_do_not_touch_are_not_a_foursome():
    """Drugs 1 and 2 interact, 3 and 4 do, and the two pairs are independent: pairs explain all of it."""
    a, b = CONC[:, None], CONC[None, :]
    pair = hill(a, 0.3, 50.0, 1.0) * hill(b, 0.1, 200.0, 1.5) / (1 + a * b / 1e4)
    v = pair[:, :, None, None] * pair[None, None]
    for order in (2, 3):
        score = score_tensors(v, [CONC] * 4, ["bliss"], order=order)["bliss"]
        assert score.mean > 4
        assert np.abs(score.beyond).max() < 1e-9


@pytest.mark.slow
def test_order_of_four_drugs_does_not_matter():
    v, conc = four(1.0), [CONC, CONC * 3, CONC / 2, CONC]
    models = ["hsa", "bliss", "loewe", "schindler", "musyc"]
    order = (3, 0, 1, 2)
    here = score_tensors(v, conc, models)
    there = score_tensors(v.transpose(order), [conc[k] for k in order], models)
    for name in models:
        bound = 1e-3 if name == "musyc" else 1e-6
        for part in ("excess", "beyond"):
            permuted = getattr(here[name], part).transpose(order)
            np.testing.assert_allclose(getattr(there[name], part), permuted, atol=bound, err_msg=name)


def test_the_best_window_is_found():
    excess = np.zeros((1, 6, 6, 6))
    excess[0, 2:5, 2:5, 3:6] = 7.0
    assert best_window(excess)[0] == pytest.approx(7.0)
    assert np.isnan(best_window(np.zeros((1, 3, 6, 6)))[0])
