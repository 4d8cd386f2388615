"""HSA, Bliss, Loewe and ZIP against matrices whose answer is known."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.synergy import SIMULATED, ScoringOptions, score_matrices
from tests.synergy.known_matrices import doses, hill, independent, sham

CONC = doses()


@pytest.mark.parametrize("single_agent", ["fit", "monotone"])
@pytest.mark.parametrize(("bottom", "slope"), [(0.0, 1.0), (0.4, 0.7), (0.1, 2.5)])
def test_a_drug_with_itself_is_loewe_additive(single_agent, bottom, slope):
    score = score_matrices(
        sham(CONC, CONC, bottom, 120.0, slope, potency=1.0),
        CONC,
        CONC,
        ["loewe"],
        options=ScoringOptions(single_agent=single_agent),
    )["loewe"]
    assert np.abs(score.excess).max() < 1e-6
    assert score.reason.item() == ""


def test_a_drug_with_a_dilution_of_itself_is_loewe_additive():
    viability = sham(CONC, CONC / 30, 0.2, 120.0, 1.4, potency=30.0)
    score = score_matrices(viability, CONC, CONC / 30, ["loewe"])["loewe"]
    assert np.abs(score.excess).max() < 1e-6


def test_independent_drugs_have_no_bliss_and_no_zip_excess():
    viability = independent(CONC, CONC, (0.3, 50.0, 1.0), (0.1, 900.0, 1.6))
    for fit, bound in (("least-squares", 1e-5), ("drc", 2e-3)):
        scores = score_matrices(viability, CONC, CONC, ["bliss", "zip"], options=ScoringOptions(fit=fit))
        assert np.abs(scores["bliss"].excess).max() < 1e-9
        assert np.abs(scores["zip"].excess).max() < bound


def test_synergy_is_positive_in_every_model():
    first, second = (0.3, 50.0, 1.0), (0.2, 900.0, 1.6)
    viability = independent(CONC, CONC, first, second)
    inner = np.s_[1:, 1:]
    viability[inner] *= 0.5
    for name, score in score_matrices(viability, CONC, CONC).items():
        assert score.mean > 5, name
        assert score.best >= score.mean, name


def test_mean_and_best_window_are_over_cells_with_both_doses():
    viability = np.ones((5, 5))
    viability[2:, 2:] = 0.5
    score = score_matrices(viability, CONC[:5], CONC[:5], ["hsa"])["hsa"]
    assert score.mean == pytest.approx(50 * 9 / 16)
    assert score.best == pytest.approx(50)


def test_a_drug_that_does_nothing_leaves_the_other_alone_as_expectation():
    viability = np.repeat(hill(CONC, 0.2, 60.0, 1.2)[:, None], 8, axis=1)
    for single_agent in ("fit", "monotone"):
        score = score_matrices(
            viability, CONC, CONC, ["loewe"], options=ScoringOptions(single_agent=single_agent)
        )["loewe"]
        assert np.abs(score.excess).max() < 1e-6
        assert score.masks["unreached"][1:, 1:].all()
        assert "drug 2 alone does nothing" in score.reason.item()


def test_two_drugs_that_do_nothing_have_no_excess():
    for score in score_matrices(np.ones((8, 8)), CONC, CONC).values():
        assert np.abs(score.excess).max() < 1e-9


def test_beyond_a_partial_drugs_effect_the_stronger_one_alone_is_expected():
    partial, full = (0.6, 10.0, 1.0), (0.0, 100.0, 1.5)
    viability = np.minimum(hill(CONC, *partial)[:, None], hill(CONC, *full)[None, :])
    score = score_matrices(viability, CONC, CONC, ["loewe"])["loewe"]
    beyond = np.broadcast_to(hill(CONC, *full)[None, :] < 0.6, (8, 8)) & (CONC > 0)[:, None]
    np.testing.assert_array_equal(score.masks["unreached"], beyond)
    assert np.abs(score.excess[beyond]).max() < 1e-6


def test_the_expectation_is_continuous_where_a_drug_stops_reaching_it():
    fine = np.concatenate([[0.0], np.geomspace(1, 1e4, 300)])
    partial, full = (0.6, 10.0, 1.0), (0.0, 100.0, 1.5)
    zero = np.zeros((301, 301))
    zero[:, 0], zero[0, :] = hill(fine, *partial), hill(fine, *full)
    expected = score_matrices(zero, fine, fine, ["loewe"])["loewe"].excess[1:, 1:]
    assert np.abs(np.diff(expected, axis=1)).max() < 2.0


def test_monotone_curves_pass_through_values_that_are_no_sigmoid():
    alone = np.array([1.0, 0.98, 0.8, 0.78, 0.77, 0.5, 0.2, 0.19])
    viability = np.minimum(alone[:, None], 1.0) * np.ones((1, 8))
    exact = score_matrices(viability, CONC, CONC, ["loewe"], options=SIMULATED)["loewe"]
    fitted = score_matrices(viability, CONC, CONC, ["loewe"], options=ScoringOptions(single_agent="fit"))[
        "loewe"
    ]
    assert np.abs(exact.excess).max() < 1e-6
    assert np.abs(fitted.excess).max() > 2.0


def test_a_drug_that_helps_the_cells_is_no_error():
    viability = np.ones((8, 8)) * hill(CONC, 1.3, 50.0, 1.0)[:, None] * hill(CONC, 0.2, 50.0, 1.0)[None, :]
    for name, score in score_matrices(viability, CONC, CONC).items():
        assert np.isfinite(score.excess).all(), name
        assert np.abs(score.excess).max() < 60, name


def test_a_drug_that_helps_the_cells_reaches_nothing_whichever_way_round():
    viability = np.ones((8, 8)) * hill(CONC, 1.3, 50.0, 1.0)[:, None] * hill(CONC, 0.9, 5.0, 1.0)[None, :]
    for matrix, weak in ((viability, 0), (viability.T, 1)):
        score = score_matrices(matrix, CONC, CONC, ["loewe"])["loewe"]
        alone = np.expand_dims(np.take(matrix, 0, axis=weak), weak)
        np.testing.assert_allclose(score.excess[1:, 1:], 100 * (alone - matrix)[1:, 1:], atol=1e-5)


def test_missing_cells_stay_alone():
    viability = independent(CONC, CONC, (0.3, 50.0, 1.0), (0.1, 900.0, 1.6))
    whole = score_matrices(viability, CONC, CONC, ["hsa", "bliss", "loewe"])
    viability[3, 4] = np.nan
    for name, score in score_matrices(viability, CONC, CONC, ["hsa", "bliss", "loewe"]).items():
        assert np.isnan(score.excess[3, 4])
        assert np.isnan(score.excess).sum() == 1
        kept = ~np.isnan(score.excess)
        np.testing.assert_allclose(score.excess[kept], whole[name].excess[kept], atol=1e-9)
        assert score.reason.item().startswith("1 of 49 combination cells have no value")


def test_padding_changes_nothing_and_is_no_reason():
    viability = independent(CONC[:6], CONC, (0.3, 50.0, 1.0), (0.1, 900.0, 1.6)) ** 1.1
    padded = np.full((8, 8), np.nan)
    padded[:6] = viability
    conc = np.where(np.arange(8) < 6, CONC, np.nan)
    plain, wide = score_matrices(viability, CONC[:6], CONC), score_matrices(padded, conc, CONC)
    for name in plain:
        np.testing.assert_allclose(wide[name].excess[:6], plain[name].excess, atol=1e-6)
        assert np.isnan(wide[name].excess[6:]).all()
        assert wide[name].reason.item() == plain[name].reason.item()


def test_what_has_no_score_says_why():
    few = doses(size=3)
    score = score_matrices(np.ones((3, 3)) * 0.9, few, few)
    assert "fewer than 3 doses above 0" in score["loewe"].reason.item()
    assert np.isnan(score["loewe"].mean)
    assert np.isfinite(score["bliss"].mean)
    no_edge = score_matrices(np.ones((4, 4)), CONC[1:5], CONC[:4])
    assert all("no single-agent wells" in s.reason.item() and np.isnan(s.mean) for s in no_edge.values())
    empty = score_matrices(np.full((4, 4), np.nan), CONC[:4], CONC[:4])
    assert all("no combination cell has a value" in s.reason.item() for s in empty.values())


def test_wrong_input_is_one_clear_line():
    with pytest.raises(InputError, match="did you mean 'bliss'"):
        score_matrices(np.ones((3, 3)), CONC[:3], CONC[:3], ["blis"])
    with pytest.raises(InputError, match="fit: expected 'drc' or 'least-squares', found 'lm'"):
        score_matrices(np.ones((3, 3)), CONC[:3], CONC[:3], options=ScoringOptions(fit="lm"))
    with pytest.raises(InputError, match="conc_2: expected"):
        score_matrices(np.ones((3, 3)), CONC[:3], CONC[:4])
    with pytest.raises(InputError, match="not negative"):
        score_matrices(np.ones((3, 3)), -CONC[:3], CONC[:3])


def test_on_the_curves_of_drc_a_response_beyond_both_drugs_is_measured_from_the_summed_dose():
    first, second = (0.6, 10.0, 1.0), (0.5, 100.0, 1.5)
    viability = independent(CONC, CONC, first, second)
    beyond = viability < 0.5
    score = score_matrices(viability, CONC, CONC, ["loewe"], options=ScoringOptions(fit="drc"))["loewe"]
    total = CONC[:, None] + CONC[None, :]
    stronger = np.minimum(hill(total, *first), hill(total, *second))
    np.testing.assert_allclose(score.excess[beyond], 100 * (stronger - viability)[beyond], atol=0.01)
    assert score.masks["unreached"][beyond].all()
    additive = score_matrices(viability, CONC, CONC, ["loewe"])["loewe"]
    assert np.abs(additive.excess - score.excess)[~beyond].max() < 0.01
