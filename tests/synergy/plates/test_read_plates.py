"""Plates as laboratories write them: columns, scales, units, replicates, and plates that are wrong."""

import numpy as np
import pandas as pd
import pytest

from screen.errors import InputError
from screen.synergy.plates.read_plates import read_plates
from screen.synergy.plates.score_plates import score_blocks
from tests.synergy.known_matrices import doses, independent

CONC = doses(size=5)
VIABILITY = independent(CONC, CONC, (0.2, 50.0, 1.0), (0.4, 300.0, 1.5))


def long_table(viability=VIABILITY, scale=100.0, inhibition=False, block="b1", **columns) -> pd.DataFrame:
    first, second = np.meshgrid(CONC, CONC, indexing="ij")
    values = scale * (1 - viability if inhibition else viability)
    table = {"block_id": block, "drug_row": "A", "drug_col": "B", "conc_r": first.ravel()}
    table |= {"conc_c": second.ravel(), "response": values.ravel(), "conc_r_unit": "nM", "conc_c_unit": "nM"}
    return pd.DataFrame(table | columns)


def read(tmp_path, table, name="plate.csv", **options):
    path = tmp_path / name
    table.to_csv(path, index=False, sep="\t" if name.endswith("tsv") else ",")
    return read_plates(path, **options)


@pytest.mark.parametrize("scale", [1.0, 100.0])
@pytest.mark.parametrize("inhibition", [False, True])
def test_scale_and_orientation_are_detected_and_said(tmp_path, scale, inhibition):
    plates = read(tmp_path, long_table(scale=scale, inhibition=inhibition))
    np.testing.assert_allclose(plates.blocks[0].viability, VIABILITY)
    assert "inhibition" in plates.messages[0] if inhibition else "viability" in plates.messages[0]
    assert ("percent" if scale == 100 else "fraction") in plates.messages[0]


def test_orientation_is_found_without_untreated_wells(tmp_path):
    table = long_table(inhibition=True)
    plates = read(tmp_path, table[(table.conc_r > 0) | (table.conc_c > 0)])
    assert "inhibition" in plates.messages[0]
    assert "rises with dose" in plates.messages[0]


def test_a_given_orientation_that_looks_wrong_is_said(tmp_path):
    plates = read(tmp_path, long_table(), response="inhibition")
    assert any("look like viability" in message for message in plates.messages)


@pytest.mark.parametrize(
    "names",
    [
        {"drug_row": "drug1", "drug_col": "drug2", "conc_r": "conc1", "conc_c": "conc2",
         "conc_r_unit": "conc_unit1", "conc_c_unit": "conc_unit2"},
        {"drug_row": "drug1", "drug_col": "drug2", "conc_r": "drug1.conc", "conc_c": "drug2.conc",
         "response": "effect"},
        {"block_id": "BlockId", "drug_row": "Drug Row", "conc_r": "Conc R"},
    ],
)  # fmt: skip
def test_names_of_columns(tmp_path, names):
    plates = read(tmp_path, long_table().rename(columns=names))
    block = plates.blocks[0]
    assert (block.drug_1, block.drug_2) == ("A", "B")
    np.testing.assert_allclose(block.viability, VIABILITY)


def test_units_become_nanomolar(tmp_path):
    table = long_table(conc_r_unit="uM", conc_c_unit="µM")
    block = read(tmp_path, table).blocks[0]
    assert block.unit == "nM"
    np.testing.assert_allclose(block.conc_1, 1000 * CONC)
    mass = read(tmp_path, long_table(conc_r_unit="ug/mL", conc_c_unit="ug/mL")).blocks[0]
    assert mass.unit == "ug/mL"
    np.testing.assert_allclose(mass.conc_1, CONC)


def test_units_that_change_within_a_block(tmp_path):
    table = long_table()
    high = table.conc_r > 10
    table.loc[high, "conc_r"] /= 1000
    table.loc[high, "conc_r_unit"] = "uM"
    block = read(tmp_path, table.assign(conc_c_unit="mg/L")).blocks[0]
    np.testing.assert_allclose(block.conc_1, CONC)
    np.testing.assert_allclose(block.viability, VIABILITY)
    assert block.unit == "nM, ug/mL"
    table.loc[table.conc_r == CONC[1], "conc_r_unit"] = "ng/mL"
    table.loc[table.conc_r == 0, "conc_r_unit"] = ""
    odd = read(tmp_path, table).blocks[0]
    assert any("doses of one drug in 'nM' and 'ug/mL': 5 rows left out" in note for note in odd.notes)


@pytest.mark.parametrize("way", ["decimal comma", "percent sign"])
def test_numbers_as_other_places_write_them(tmp_path, way):
    table = long_table()
    if way == "decimal comma":
        table.to_csv(tmp_path / "plate.csv", index=False, sep=";", decimal=",")
    else:
        table["response"] = [f"{value!r} %" for value in table.response.tolist()]
        table.to_csv(tmp_path / "plate.csv", index=False)
    block = read_plates(tmp_path / "plate.csv").blocks[0]
    assert block.notes == ()
    np.testing.assert_allclose(block.viability, VIABILITY)


def test_each_block_may_hold_something_else(tmp_path):
    """Viability, inhibition, percent and fractions in one file, an inert pair among them."""
    tables = [long_table(block=f"v{k}") for k in range(3)]
    tables += [long_table(inhibition=True, block="inhibition"), long_table(scale=1.0, block="fraction")]
    inert = 1 + 0.02 * np.random.default_rng(0).normal(size=VIABILITY.shape)
    tables.append(long_table(inert, inhibition=True, block="inert"))
    plates = read(tmp_path, pd.concat(tables))
    for block in plates.blocks:
        np.testing.assert_allclose(block.viability, inert if block.name == "inert" else VIABILITY, atol=1e-9)
    assert "response: inhibition, unlike the rest of the file, in inhibition, inert" in plates.messages
    assert "response: fraction, unlike the rest of the file, in fraction" in plates.messages


def test_an_untreated_well_that_died_turns_nothing_round(tmp_path):
    dead = VIABILITY.copy()
    dead[0, 0] = 0.02
    plates = read(tmp_path, pd.concat([long_table(), long_table(dead, block="dead")]))
    np.testing.assert_allclose(plates.blocks[1].viability, dead)
    assert "untreated wells at 2 look like inhibition: taken as viability" in plates.blocks[1].notes


def test_pairs_that_share_a_block_id_are_blocks_of_their_own(tmp_path):
    other = long_table(VIABILITY**2).assign(drug_col="C")
    blocks = read(tmp_path, pd.concat([long_table(), other])).blocks
    assert [block.name for block in blocks] == ["b1 A+B", "b1 A+C"]
    np.testing.assert_allclose(blocks[1].viability, VIABILITY**2)


def test_wells_with_a_third_drug_are_left_out_and_said(tmp_path):
    """A dose that is no number is a dose, a blank is none; a fourth drug counts like a third."""
    for column, more, none in (("conc3", 5.0, 0.0), ("conc3", "5 uM", ""), ("dose_4", 1e-3, np.nan)):
        with_third = long_table(VIABILITY**2).assign(**{column: more})
        plates = read(tmp_path, pd.concat([long_table().assign(**{column: none}), with_third]))
        np.testing.assert_allclose(plates.blocks[0].viability, VIABILITY)
        assert any("holds a third drug" in note for note in plates.blocks[0].notes)
        count = VIABILITY.size
        assert any(
            words.startswith(f"{count} of {2 * count} rows hold more than") for words in plates.messages
        )
    with pytest.raises(InputError, match="rows hold more than two drugs and are left out"):
        read(tmp_path, long_table().assign(conc3=5.0))


def test_units_in_the_corner_of_a_matrix(tmp_path):
    table = pd.DataFrame(100 * VIABILITY, index=CONC, columns=CONC)
    table.to_csv(tmp_path / "AB.csv", index_label="drugA (uM) \\ drugB [ng/mL]")
    block = read_plates(tmp_path / "AB.csv").blocks[0]
    assert (block.drug_1, block.drug_2, block.unit) == ("drugA", "drugB", "nM, ug/mL")
    np.testing.assert_allclose(block.conc_1, 1000 * CONC)
    np.testing.assert_allclose(block.conc_2, CONC / 1000)


def test_a_matrix_in_a_file(tmp_path):
    path = tmp_path / "AB.csv"
    table = pd.DataFrame(100 * VIABILITY, index=CONC, columns=CONC)
    table.to_csv(path, index_label="drugA\\drugB")
    block = read_plates(path).blocks[0]
    assert (block.name, block.drug_1, block.drug_2) == ("AB", "drugA", "drugB")
    np.testing.assert_allclose(block.viability, VIABILITY)


def test_row_order_does_not_matter(tmp_path):
    here = read(tmp_path, long_table()).blocks[0]
    there = read(tmp_path, long_table().sample(frac=1, random_state=1), "shuffled.tsv").blocks[0]
    np.testing.assert_array_equal(here.viability, there.viability)


@pytest.mark.slow
def test_neither_the_order_of_rows_nor_the_way_of_writing_changes_a_score(tmp_path):
    """To the last bit, although the search behind ZIP magnifies last digits: three replicates, shuffled, as
    viability and as inhibition, in percent and as fractions."""
    random = np.random.default_rng(4)
    copies = [VIABILITY + 0.08 * random.normal(size=VIABILITY.shape) for _ in range(3)]
    found = []
    for scale, inhibition, state in ((100.0, False, 1), (1.0, False, 2), (100.0, True, 3), (1.0, True, 4)):
        table = pd.concat([long_table(copy, scale, inhibition) for copy in copies])
        blocks = read(tmp_path, table.sample(frac=1, random_state=state)).blocks
        found.append(score_blocks(blocks, ("zip",))[0].zip[0])
    assert found == [found[0]] * 4


def test_replicates_are_averaged_and_disagreement_is_noted(tmp_path):
    rng = np.random.default_rng(0)
    copies = [long_table(VIABILITY + 0.01 * rng.normal(size=VIABILITY.shape)) for _ in range(3)]
    odd = copies[2].copy()
    odd.loc[12, "response"] = 180.0
    fine, noted = (
        read(tmp_path, pd.concat(copies)).blocks[0],
        read(tmp_path, pd.concat([*copies[:2], odd])).blocks[0],
    )
    assert fine.replicates == 3
    assert fine.notes == ()
    np.testing.assert_allclose(fine.viability, VIABILITY, atol=0.03)
    assert any("differ by more than 30 points" in note for note in noted.notes)
    assert any("far from their replicates" in note for note in noted.notes)


@pytest.mark.slow
def test_bad_blocks_say_why_and_the_others_are_scored(tmp_path):
    text = long_table(block="text").astype({"response": object})
    text.loc[7, "response"] = "n.d."
    negative = long_table(block="negative")
    negative.loc[9, "conc_r"] = -3.0
    bare = long_table(block="bare")
    bare = bare[(bare.conc_r > 0) & (bare.conc_c > 0)]
    one = long_table(block="one")
    one = one[one.conc_r.isin([0, CONC[2]]) & one.conc_c.isin([0, CONC[2]])]
    hole = long_table(block="hole").astype({"response": object})
    hole.loc[18, "response"] = ""
    gone = long_table(block="gone").astype({"response": object})
    gone["response"] = "x"
    tiny = long_table(block="tiny", cell_line_name="other").head(
        3
    )  # in one line they would be wells of `bare`
    table = pd.concat([text, negative, bare, one, hole, gone, tiny, long_table(block="good")])
    table = table.fillna({"cell_line_name": "line"})
    summary, cells = score_blocks(read(tmp_path, table).blocks, ("bliss", "loewe", "zip"))
    reason = summary.set_index("block_id").reason
    assert "line 9 holds a text that is no number" in reason["text"]
    assert "holds a negative dose" in reason["negative"]
    assert "no single-agent wells" in reason["bare"]
    assert "fewer than 3 doses above 0" in reason["one"]
    assert "1 of 16 combination cells have no value" in reason["hole"]
    assert "no usable well" in reason["gone"]
    assert "no cell with both doses above 0" in reason["tiny"]
    assert reason["good"] == ""
    means = summary.set_index("block_id").bliss
    assert np.isfinite(means[["text", "negative", "one", "hole", "good"]]).all()
    assert np.isnan(means[["bare", "gone", "tiny"]]).all()
    assert set(summary.conc_unit[summary.block_id != "gone"]) == {"nM"}
    assert set(cells.block_id) == {"text", "negative", "bare", "one", "hole", "tiny", "good"}


def test_a_column_named_inhibition_holds_inhibition(tmp_path):
    table = long_table(inhibition=True).rename(columns={"response": "Inhibition"})
    table = table[(table.conc_r > 0) | (table.conc_c > 0)]
    plates = read(tmp_path, table)
    assert plates.blocks[0].viability[2, 3] == pytest.approx(VIABILITY[2, 3])
    assert "inhibition, percent" in plates.messages[0]


def test_a_sheet_of_notes_is_passed_over(tmp_path):
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"Experiment": ["first"], "Date": ["today"]}).to_excel(book, sheet_name="Info")
        long_table().to_excel(book, sheet_name="data", index=False)
    plates = read_plates(tmp_path / "book.xlsx")
    np.testing.assert_allclose(plates.blocks[0].viability, VIABILITY)
    assert plates.messages[0] == "sheet 'Info': no plate in it, passed over"


@pytest.mark.slow
def test_a_well_far_from_its_row_and_column_is_named_and_kept(tmp_path):
    random = np.random.default_rng(1)
    noisy = [VIABILITY + 0.03 * random.normal(size=VIABILITY.shape) for _ in range(20)]
    noisy[7][2, 2] += 1.2
    tables = [long_table(viability, block=f"b{k}") for k, viability in enumerate(noisy)]
    summary, cells = score_blocks(read(tmp_path, pd.concat(tables)).blocks, ("hsa", "loewe"))
    marked = cells[cells.outlier]
    assert list(marked.block_id) == ["b7"]
    assert marked.viability.item() == pytest.approx(noisy[7][2, 2])
    where = f"the well at doses {CONC[2]:g} and {CONC[2]:g} lies far from its row and column (kept)"
    assert list(summary.reason) == ["" if k != 7 else where for k in range(20)]


@pytest.mark.slow
def test_files_that_are_no_plates(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_plates(tmp_path / "absent.csv")
    with pytest.raises(InputError, match=r"no column 'response'.*did you mean 'response'"):
        read(tmp_path, long_table().rename(columns={"response": "respnse"}))
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(InputError, match="not a table"):
        read_plates(tmp_path / "empty.csv")
    table = long_table().astype({"response": object})
    table["response"] = "x"
    with pytest.raises(InputError, match="no row with two doses and a response"):
        read(tmp_path, table)


@pytest.mark.slow
def test_the_summary_has_the_columns_of_the_design(shared):
    blocks = read_plates(shared / "plates" / "mathews-viability.csv").blocks
    summary, cells = score_blocks(blocks)
    excess = [f"{model}{end}" for model in ("hsa", "bliss", "loewe", "zip") for end in ("", "_max")]
    musyc = [f"musyc_{name}" for name in ("beta", "alpha12", "alpha21", "gamma12", "gamma21")]
    strength = ["ci50", "ic50_1", "ic50_2", "ec50_1", "ec50_2", "css"]
    expected = [*excess, *musyc, "braid_kappa", *strength, "reason"]
    assert set(expected) <= set(summary.columns)
    assert list(summary.block_id) == ["mathews-1", "mathews-2"]
    assert {"conc_r", "conc_c", "bliss_excess", "zip_excess"} <= set(cells.columns)
    assert len(cells) == 72
