"""Plates of three drugs and of four: ZIP, CSS and intervals, and what lies beyond all combinations of fewer drugs."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

import screen
from screen.synergy.plates.read_plates import read_plates
from screen.synergy.potency.potency import relative_inhibition, tensor_potencies
from screen.synergy.score_tensors import score_tensors
from tests.synergy.known_matrices import hill

CONC = np.array([0.0, 1, 6, 36, 216])
CURVES = ((0.3, 8.0, 1.0), (0.1, 20.0, 1.5), (0.5, 10.0, 1.0), (0.4, 14.0, 1.2))
NAMES = ("A", "B", "C", "D")


def independent(drugs: int, conc=CONC) -> np.ndarray:
    """Viability `(dose_1, ..., dose_k)` of drugs that do not interact in the sense of Bliss."""
    alone = [hill(conc, *curve) for curve in CURVES[:drugs]]
    return np.prod(np.meshgrid(*alone, indexing="ij"), axis=0)


def all_dosed(drugs: int, conc=CONC) -> np.ndarray:
    return np.all(np.meshgrid(*[conc > 0] * drugs, indexing="ij"), axis=0)


def table(viability: np.ndarray, conc=CONC, **more: object) -> pd.DataFrame:
    drugs = viability.ndim
    doses = np.array(list(product(conc, repeat=drugs)))
    wells = {f"conc{k + 1}": doses[:, k] for k in range(drugs)}
    wells |= {f"drug{k + 1}": NAMES[k] for k in range(drugs)}
    return pd.DataFrame(wells | {"viability": 100 * viability.ravel(), "conc_unit": "nM"} | more)


@pytest.mark.parametrize("drugs", [3, 4])
def test_independent_drugs_have_no_bliss_and_no_zip(drugs: int) -> None:
    conc = CONC if drugs == 3 else CONC[:4]
    scores = score_tensors(independent(drugs, conc), [conc] * drugs, ["bliss", "zip"])
    for score in scores.values():
        assert float(score.mean) == pytest.approx(0, abs=0.05)
        assert float(score.mean_beyond) == pytest.approx(0, abs=0.05)


def test_what_only_all_drugs_do_is_beyond_for_zip_as_for_bliss() -> None:
    viability = independent(3) * np.where(all_dosed(3), 0.7, 1.0)
    scores = score_tensors(viability, [CONC] * 3, ["bliss", "zip"])
    assert float(scores["zip"].mean) == pytest.approx(float(scores["bliss"].mean), abs=0.2)
    assert float(scores["zip"].mean_beyond) == pytest.approx(float(scores["zip"].mean), abs=0.01)


def test_the_order_of_the_drugs_does_not_matter() -> None:
    viability = independent(3) * np.where(all_dosed(3), 0.7, 1.0)
    one = score_tensors(viability, [CONC] * 3, ["zip"])["zip"]
    two = score_tensors(viability.transpose(2, 0, 1), [CONC] * 3, ["zip"])["zip"]
    np.testing.assert_allclose(one.excess.transpose(2, 0, 1), two.excess, atol=1e-6)
    np.testing.assert_allclose(one.beyond.transpose(2, 0, 1), two.beyond, atol=1e-6)


@pytest.mark.parametrize("drugs", [3, 4])
def test_css_is_what_each_drug_does_with_the_others_at_their_midpoints(drugs: int) -> None:
    """For independent drugs in closed form: the others leave the product of (1 + Emax) / 2."""
    conc = CONC[None]
    found = tensor_potencies(independent(drugs)[None], [conc] * drugs)
    halves = [(1 + curve[0]) / 2 for curve in CURVES[:drugs]]
    right = []
    for k in range(drugs):
        alone = relative_inhibition(conc, hill(CONC, *CURVES[k])[None])[0]
        assert found[f"ri_{k + 1}"][0] == pytest.approx(alone)
        assert found[f"ec50_{k + 1}"][0] == pytest.approx(CURVES[k][1], rel=1e-5)
        left = np.prod([half for j, half in enumerate(halves) if j != k])
        right.append(100 * (1 - left * (1 - alone / 100)))
    assert found["css"][0] == pytest.approx(np.mean(right), abs=0.1)


@pytest.mark.slow
def test_four_drugs_are_scored_by_their_formulas(tmp_path) -> None:
    conc = CONC[:4]
    random = np.random.default_rng(2)
    viability = (
        independent(4, conc) * np.where(all_dosed(4, conc), 0.8, 1.0) * random.uniform(0.95, 1, (4,) * 4)
    )
    viability[0, 0, 0, 0] = 1.0
    table(viability, conc).to_csv(tmp_path / "four.csv", index=False)
    found = screen.score_plates(tmp_path / "four.csv", ["hsa", "bliss", "loewe"], quiet=True)
    faces = {
        group: viability[tuple(slice(None) if k in group else slice(0, 1) for k in range(4))]
        for size in (1, 2, 3)
        for group in combinations(range(4), size)
    }
    inner = all_dosed(4, conc)

    def mean(expected: np.ndarray) -> float:
        return float(100 * (np.broadcast_to(expected, viability.shape) - viability)[inner].mean())

    single = [faces[k,] for k in range(4)]
    assert found.bliss[0] == pytest.approx(mean(np.prod(np.broadcast_arrays(*single), axis=0)))
    assert found.hsa[0] == pytest.approx(mean(np.min(np.broadcast_arrays(*single), axis=0)))
    three = np.broadcast_arrays(*(faces[group] for group in combinations(range(4), 3)))
    assert found.hsa_beyond[0] == pytest.approx(mean(np.min(three, axis=0)))

    def cumulant(group: tuple[int, ...]) -> np.ndarray:
        """The part of a face that products of its smaller groups leave, over all partitions of the group."""
        return faces[group] - sum(
            np.prod(np.broadcast_arrays(*map(cumulant, parts)), axis=0) for parts in partitions(group)
        )

    explained = sum(np.prod(np.broadcast_arrays(*map(cumulant, p)), axis=0) for p in partitions((0, 1, 2, 3)))
    assert found.bliss_beyond[0] == pytest.approx(mean(explained))
    assert found.loewe[0] > found.bliss[0]
    assert (found.drug_4[0], found.doses_4[0], found.reason[0]) == ("D", 4, "")


def partitions(group: tuple[int, ...]) -> list[list[tuple[int, ...]]]:
    """All ways to split a group into two sets or more."""

    def split(rest: tuple[int, ...]) -> list[list[tuple[int, ...]]]:
        if not rest:
            return [[]]
        first, others = rest[0], rest[1:]
        found = []
        for size in range(len(others) + 1):
            for more in combinations(others, size):
                left = tuple(k for k in others if k not in more)
                found += [[(first, *more), *parts] for parts in split(left)]
        return found

    return [parts for parts in split(group) if len(parts) > 1]


def test_a_block_of_four_stands_beside_triples_and_pairs(tmp_path) -> None:
    conc = CONC[:4]
    four = table(independent(4, conc), conc, block_id="four")
    three = four[four.conc4 == 0].assign(block_id="three")
    pair = three[three.conc3 == 0].assign(block_id="pair", drug3="", drug4="")
    three = three.assign(drug4="")
    pd.concat([four, three, pair]).to_csv(tmp_path / "plate.csv", index=False)
    plates = read_plates(tmp_path / "plate.csv", drugs=4)
    assert [len(block.concs) for block in plates.blocks] == [4, 3, 2]
    assert "drugs: 1 of 3 blocks hold four" in plates.messages
    found = screen.score_plates(plates, ["bliss"], quiet=True).set_index("block_id")
    assert found.bliss.abs().max() < 1e-9
    assert found.drug_4.fillna("").to_dict() == {"four": "D", "three": "", "pair": ""}
    assert "doses          4 x 4 x 4 x 4, nM" in str(plates)


@pytest.mark.slow
def test_intervals_of_three_drugs_cover() -> None:
    """Of 4 plates with noise of 4 points the intervals of Bliss and ZIP hold the exact score on 3 and more."""
    conc = CONC[:4]
    exact = independent(3, conc) * np.where(all_dosed(3, conc), 0.8, 1.0)
    scores = score_tensors(exact, [conc] * 3, ("bliss", "zip"))
    random = np.random.default_rng(7)
    noisy = [table(exact + 0.04 * random.normal(size=exact.shape), conc, block_id=k) for k in range(4)]
    found = screen.score_plates(pd.concat(noisy), ["bliss", "zip"], bootstrap=30, quiet=True)
    for name, score in scores.items():
        held = (found[f"{name}_low"] <= float(score.mean)) & (float(score.mean) <= found[f"{name}_high"])
        assert held.sum() >= 3, name
        assert (found[f"{name}_high"] - found[f"{name}_low"]).median() < 20
