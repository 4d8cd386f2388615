"""Three drugs on measured plates: the same table, units, replicates and orientation; one row a block."""

import numpy as np
import pandas as pd
import pytest

from screen.errors import InputError
from screen.synergy.many_drugs.zip import fitted_surface
from screen.synergy.models.registry import MANY_DRUGS
from screen.synergy.plates.block import correct_baseline
from screen.synergy.plates.read_plates import read_plates
from screen.synergy.plates.score_triple_plates import joined_tables, score_triple_blocks
from screen.synergy.score_tensors import score_tensors
from tests.synergy.known_matrices import doses, hill
from tests.synergy.plates.table_of_cases import plate

CONC = doses(size=5)
A, B, C = np.meshgrid(CONC, CONC, CONC, indexing="ij")
NULL = hill(A, 0.3, 50.0, 1.0) * hill(B, 0.1, 200.0, 1.5) * hill(C, 0.5, 20.0, 1.0)
THREE = (A > 0) & (B > 0) & (C > 0)
NAMES = ("conc1", "conc2", "conc3")


def long_table(viability=NULL, block="b1", scale=100.0, inhibition=True, **columns):
    values = scale * (1 - viability if inhibition else viability)
    table = {"block_id": block, "drug1": "A", "drug2": "B", "drug3": "C", "conc1": A.ravel()}
    table |= {"conc2": B.ravel(), "conc3": C.ravel() / 1000, "response": values.ravel()}
    table |= {"conc_unit1": "nM", "conc_unit2": "nM", "conc_unit3": "uM"}
    return pd.DataFrame(table | columns)


def read(tmp_path, table, drugs=3):
    table.to_csv(tmp_path / "plate.csv", index=False)
    return read_plates(tmp_path / "plate.csv", drugs=drugs)


def noisy(seed=0, noise=0.03):
    return NULL * np.where(THREE, 0.7, 1.0) + noise * np.random.default_rng(seed).normal(size=NULL.shape)


@pytest.mark.parametrize(("scale", "inhibition"), [(1.0, False), (100.0, True)])
def test_scale_orientation_units_and_the_order_of_rows_are_those_of_pairs(tmp_path, scale, inhibition):
    table = long_table(scale=scale, inhibition=inhibition).sample(frac=1, random_state=1)
    plates = read(tmp_path, table)
    (block,) = plates.blocks
    assert (block.drug_1, block.drug_2, block.drug_3, block.unit) == ("A", "B", "C", "nM")
    for conc in block.concs:
        np.testing.assert_allclose(conc, CONC)
    np.testing.assert_allclose(block.viability, NULL)
    assert ("inhibition" if inhibition else "viability") in plates.messages[0]
    assert "drugs: 1 of 1 blocks hold three" in plates.messages


def test_replicates_are_averaged_and_disagreement_is_noted(tmp_path):
    odd = NULL.copy()
    odd[2, 2, 2] += 0.5
    (block,) = read(tmp_path, pd.concat([long_table(), long_table(odd)])).blocks
    assert block.wells.shape == (5, 5, 5, 2)
    assert block.viability[2, 2, 2] == pytest.approx(NULL[2, 2, 2] + 0.25)
    assert block.notes == ("replicates of 1 dose triples differ by more than 30 points",)


@pytest.mark.parametrize(
    "names", [("dose_1", "dose_2", "dose_3"), ("drug1.conc", "drug2.conc", "drug3.conc")]
)
def test_other_names_of_the_columns(tmp_path, names):
    table = long_table().rename(columns=dict(zip(NAMES, names))).rename(columns={"drug3": "Drug_3"})
    (block,) = read(tmp_path, table).blocks
    assert block.drug_3 == "C"
    np.testing.assert_allclose(block.viability, NULL)


@pytest.mark.slow
def test_scores_are_those_of_the_tensor(tmp_path):
    summary, cells = score_triple_blocks(read(tmp_path, long_table(noisy())).blocks)
    scores = score_tensors(noisy(), [CONC] * 3, MANY_DRUGS)
    for model, score in scores.items():
        bound = 1e-3 if model == "musyc" else 1e-6
        assert summary[model][0] == pytest.approx(score.mean.item(), abs=bound)
        assert summary[f"{model}_max"][0] == pytest.approx(score.best.item(), abs=bound)
        assert summary[f"{model}_beyond"][0] == pytest.approx(score.mean_beyond.item(), abs=bound)
        np.testing.assert_allclose(cells[f"{model}_excess"], score.excess.ravel(), atol=bound)
    assert summary.musyc_beta_123[0] == pytest.approx(
        scores["musyc"].parameters["musyc_beta_123"].item(), 1e-3
    )
    assert summary.reason[0] == "musyc: 1 of 9 alphas undetermined: at their bounds"
    assert summary.bliss_beyond[0] > 3


@pytest.mark.slow
def test_hsa_and_bliss_are_those_of_the_package(tmp_path):
    from synergy import higher

    _, cells = score_triple_blocks(read(tmp_path, long_table(noisy())).blocks, ["hsa", "bliss"])
    doses_of = cells[["conc_r", "conc_c", "conc_3"]].to_numpy()
    inner = (doses_of > 0).all(axis=1)
    for name, peer in (("hsa", higher.HSA()), ("bliss", higher.Bliss())):
        theirs = 100 * peer.fit(doses_of, cells.viability.to_numpy())
        np.testing.assert_allclose(cells[f"{name}_excess"][inner], theirs[inner], atol=1e-6)


@pytest.mark.slow
def test_blocks_that_cannot_be_scored_say_why_and_pairs_are_scored_as_pairs(tmp_path):
    pair = long_table(block="pair")
    pair = pair[pair.conc3 == 0]
    blank = pair.assign(block_id="blank", conc3=np.nan, drug3="")
    bare = long_table(block="bare")
    bare = bare[(bare[list(NAMES)] > 0).all(axis=1)]
    hole = long_table(block="hole")
    hole = hole.drop(index=[1, 62])
    faces = long_table(block="faces")
    faces = faces[(faces[list(NAMES)] > 0).sum(axis=1) != 2]
    one = long_table(block="one")
    one = one[one.conc3.isin([0, CONC[2] / 1000])]
    negative = long_table(block="negative")
    negative.loc[9, "conc3"] = -3.0
    table = pd.concat([pair, bare, hole, faces, one, negative, blank, long_table(block="good")])
    blocks = read(tmp_path, table).blocks
    assert [b.name for b in blocks if b.conc_3 is None] == ["pair", "blank"]
    np.testing.assert_allclose(blocks[-2].viability, NULL[:, :, 0])
    summary, _ = score_triple_blocks(blocks[1:6] + blocks[7:], ("hsa", "bliss", "loewe", "braid"))
    found = summary.set_index("block_id")
    reason = found.reason
    assert reason["bare"].startswith("no single-agent wells: every drug needs a dose of 0")
    assert "2 of 125 wells have no value; drug 3 alone lacks wells" in reason["hole"]
    assert "no well of drugs 1 and 2 as a pair: nothing to tell what is beyond pairs" in reason["faces"]
    assert "loewe: drug 3 has fewer than 3 doses above 0: no curve" in reason["one"]
    assert "holds a negative dose: left out; 1 of 125 wells" in reason["negative"]
    assert reason["good"] == "braid: no form for more than two drugs"
    assert np.isnan(found.bliss["bare"])
    assert np.isnan(found.bliss_beyond["faces"])
    assert np.abs(found.bliss.drop("bare")).max() < 1e-9
    with pytest.raises(InputError, match="did you mean 'bliss'"):
        score_triple_blocks(blocks[1:2], ["blis"])


def test_tables_of_both_stand_in_the_order_of_the_file(tmp_path):
    from screen.synergy.plates.score_plates import score_blocks

    pair = long_table(block="p")
    blocks = read(tmp_path, pd.concat([long_table(block="t"), pair[pair.conc3 == 0]])).blocks
    tables = zip(score_blocks(blocks[1:], ["hsa"]), score_triple_blocks(blocks[:1], ["hsa"]))
    summary, cells = (joined_tables(pairs, triples, blocks) for pairs, triples in tables)
    assert list(summary.block_id) == ["t", "p"]
    assert list(summary.columns[:4]) == ["block_id", "drug_row", "drug_col", "drug_3"]
    assert summary.columns[-1] == "reason"
    assert len(cells) == 150
    assert list(cells.columns[:8]) == ["block_id", "drug_row", "drug_col", "drug_3", "conc_unit",
                                       "conc_r", "conc_c", "conc_3"]  # fmt: skip


def test_the_baseline_is_that_of_all_three_drugs(tmp_path):
    (block,) = read(tmp_path, long_table(1.2 * NULL, inhibition=False)).blocks
    corrected = correct_baseline(block, "all")
    np.testing.assert_allclose(corrected.viability, 0.8 * 1.2 * NULL, atol=1e-3)


def test_without_three_drugs_allowed_their_wells_are_left_out(tmp_path):
    plates = read(tmp_path, long_table(), drugs=2)
    np.testing.assert_allclose(plates.blocks[0].viability, NULL[:, :, 0])
    assert any("100 of 125 rows hold more than two drugs" in message for message in plates.messages)


def test_rows_that_name_no_third_drug_belong_to_the_block_that_does(tmp_path):
    table = long_table()
    table.loc[table.conc3 == 0, "drug3"] = ""
    (block,) = read(tmp_path, table).blocks
    assert block.drug_3 == "C"
    other = long_table(NULL**2).assign(drug3="D")
    names = [b.name for b in read(tmp_path, pd.concat([long_table(), other])).blocks]
    assert names == ["b1 A+B+C", "b1 A+B+D"]
    unnamed = [b.name for b in read(tmp_path, long_table().drop(columns="block_id")).blocks]
    assert unnamed == ["A+B+C"]


def test_rows_without_a_block_id_are_not_lost(tmp_path):
    (block,) = read(tmp_path, long_table(block="")).blocks
    assert block.name == "A+B+C"
    np.testing.assert_allclose(block.viability, NULL)


def test_a_third_drug_at_one_dose_in_all_wells_leaves_a_pair():  # a traceback of ZIP
    (block,) = read_plates(plate(drug3="gamma", conc3=10), drugs=3).blocks
    assert block.conc_3 is None
    assert block.name == "alpha+beta+gamma"
    assert "gamma at 10 in all wells: the others are scored in its presence" in block.notes
    assert np.isnan(
        fitted_surface(np.ones((1, 5, 5, 1)), [np.ones((1, 5)), np.ones((1, 5)), np.ones((1, 1))], "chosen")
    ).all()
