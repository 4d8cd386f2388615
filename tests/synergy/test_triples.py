"""Scores of three drugs against formulas written by hand and the package `synergy`."""

import itertools

import numpy as np
import pytest
from known_matrices import doses, hill

from screen.synergy.higher import score_tensors
from screen.synergy.musyc_three import SETS, STEPS, evaluate, fit_three
from screen.synergy.score import score_matrices
from screen.synergy.triples import best_cube, score_triples

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
        pair = score_matrices(face, CONC, CONC, ["loewe"], single_agent="monotone")["loewe"].excess
        left -= np.expand_dims(pair, absent)
    np.testing.assert_allclose(score.beyond_pairs[1:, 1:, 1:], left[1:, 1:, 1:], atol=1e-9)


def test_a_missing_well_is_said_and_no_score_goes_through_it() -> None:
    v = tensor()
    v[2, 2, 2] = np.nan
    found = scored(v)
    assert found["bliss_reason"][1].item() == "1 of 125 wells have no value"
    assert np.isnan(found["bliss_excess"][1]).sum() == 1
    assert np.isfinite(found["bliss"][1]).all()


def test_the_best_window_is_found() -> None:
    excess = np.zeros((1, 6, 6, 6))
    excess[0, 2:5, 2:5, 3:6] = 7.0
    assert best_cube(excess)[0] == pytest.approx(7.0)
    assert np.isnan(best_cube(np.zeros((1, 3, 6, 6)))[0])


def peer_musyc(rng: np.random.Generator):
    """A three-drug model of the package `synergy`, and our parameters of it."""
    from synergy.higher import MuSyC

    ends = np.array([1.0, 0.6, 0.5, 0.3, 0.7, 0.4, 0.35, 0.05])
    hills, halves, alphas = (
        rng.uniform(1, 2, 3),
        np.exp(rng.uniform(3, 5, 3)),
        np.exp(rng.uniform(-1, 1.5, 9)),
    )
    named = {f"E_{','.join(members) or '0'}": end for members, end in zip(SETS, ends)}
    named |= {f"h_{k + 1}": hills[k] for k in range(3)} | {f"C_{k + 1}": halves[k] for k in range(3)}
    for (s, k), alpha in zip(STEPS, alphas):
        named[f"alpha_{','.join(SETS[s])}_{k + 1}"] = alpha
    ours = np.concatenate([ends, np.log(hills), np.log(halves), np.log(alphas)])
    return MuSyC(num_drugs=3, **named), ours


def test_musyc_of_three_is_that_of_the_synergy_package() -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        peer, ours = peer_musyc(rng)
        wells = np.exp(rng.uniform(0, 7, (40, 3)))
        mine, _ = evaluate(ours[None], np.log(wells)[None], np.log(wells)[None])
        np.testing.assert_allclose(mine[0], peer.E(wells), atol=1e-9)


def test_a_surface_of_the_synergy_package_is_fitted() -> None:
    peer, ours = peer_musyc(np.random.default_rng(4))
    conc = doses(size=6)
    wells = np.stack(np.meshgrid(conc, conc, conc, indexing="ij"), axis=-1).reshape(-1, 3)
    fit = fit_three(peer.E(wells).reshape(1, 6, 6, 6), [conc[None]] * 3)
    assert fit.r2[0] > 1 - 1e-8
    np.testing.assert_allclose(np.log(fit.alpha[0]), ours[14:], atol=0.02)
    np.testing.assert_allclose(fit.ends[0], ours[:8], atol=2e-3)


def test_musyc_has_nothing_beyond_the_pairs_where_only_pairs_interact() -> None:
    _, ours = peer_musyc(np.random.default_rng(5))
    ours[7] = min(ours[3], ours[5], ours[6])
    for place, (s, k) in enumerate(STEPS):
        if s in (3, 5, 6):
            ours[14 + place] = sum(ours[14 + STEPS.index((1 << j, k))] for j in range(3) if s >> j & 1)
    conc = doses(size=6)
    with np.errstate(divide="ignore"):
        x = np.log(np.stack(np.meshgrid(conc, conc, conc, indexing="ij"), axis=-1)).reshape(1, -1, 3)
    v = evaluate(ours[None], x, x)[0].reshape(1, 1, 1, 6, 6, 6)
    found = score_triples(v, [conc[None, None, None]] * 3, ["musyc"], LEAD, DIMS)
    assert np.abs(found["musyc_beyond_excess"][1]).max() < 0.1
    assert found["musyc"][1].item() > 1
    few = score_triples(v[..., :3, :3, :2], [conc[:3][None]] * 2 + [conc[:2][None]], ["musyc"], LEAD, DIMS)
    assert np.isnan(few["musyc"][1]).all()
    assert "fewer than 24 wells" in few["musyc_reason"][1].item()
