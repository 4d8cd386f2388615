"""Cells merged down a sheet, heads that stand twice, and heads over several columns of values."""

import numpy as np
import pandas as pd
import pytest

from screen.errors import InputError
from screen.synergy.plates.read_plates import read_plates
from tests.synergy.plates.table_of_cases import pair, plate
from tests.synergy.plates.test_spellings import is_the_plate, read, the_block, write


def first_rows_only(table: pd.DataFrame, names: list[str], every: int) -> pd.DataFrame:
    table = table.reset_index(drop=True).astype(dict.fromkeys(names, object))
    table.loc[table.index % every != 0, names] = None
    return table


def test_names_and_doses_of_merged_cells_hold_for_the_rows_under_them():  # five replicates of 0, no score
    table = first_rows_only(first_rows_only(plate(), ["drug1", "drug2"], 25), ["conc1"], 5)
    plates = read(table)
    is_the_plate(plates)
    assert "merged cells: 'conc1' holds for the rows under it" in plates.messages


def test_two_pairs_and_two_lines_of_merged_cells_are_blocks_of_their_own():  # pooled as one pair
    pairs = pd.concat([plate(), plate(drug1="gamma")])
    assert len(read(first_rows_only(pairs, ["drug1", "drug2"], 25)).blocks) == 2
    lines = pd.concat([plate(cell_line="ONE"), plate(cell_line="TWO")])
    assert [block.cell_line for block in read(first_rows_only(lines, ["cell_line"], 25)).blocks] == [
        "ONE",
        "TWO",
    ]


def test_blank_doses_of_single_agents_are_no_merged_cells():
    table = plate()
    single = table[(table.conc1 == 0) != (table.conc2 == 0)].astype({"conc1": object, "conc2": object})
    single.loc[single.conc1 == 0, "conc1"], single.loc[single.conc2 == 0, "conc2"] = None, None
    both = table[(table.conc1 > 0) & (table.conc2 > 0) | (table.conc1 + table.conc2 == 0)]
    plates = read(pd.concat([single, both]))
    is_the_plate(plates)
    assert not any("merged" in words for words in plates.messages)


def lines_of(head: str, *more: float) -> str:
    rows = zip(plate().conc1, plate().conc2, plate().response)
    body = [f"alpha,beta,{x},{y}," + ",".join(f"{v + one:.4f}" for one in (0, *more)) for x, y, v in rows]
    return "\n".join([head, *body])


REPLICATES = ["drug1,drug2,conc1,conc2,Viability,,\n,,,,rep1,rep2,rep3", "drug1,drug2,conc1,conc2,y R1,y R2,y R3",
              "drug1,drug2,conc1,conc2,Viability,Viability,Viability",
              "drug1,drug2,conc1,conc2,response,response.1,response.2"]  # fmt: skip


@pytest.mark.parametrize("head", REPLICATES)  # the first column alone, or refused
def test_several_columns_under_one_head_are_replicates(tmp_path, head):
    plates = read(write(tmp_path, lines_of(head.replace("y R", "viability R"), 1, -1)))
    block = the_block(plates)
    assert block.replicates == 3
    np.testing.assert_allclose(
        block.viability, pair(*np.meshgrid(block.conc_1, block.conc_2, indexing="ij")), atol=1e-4
    )
    assert "replicates: 3 columns of values are read as replicates" in plates.messages


def test_the_same_column_twice_is_one(tmp_path):
    assert (
        the_block(read(write(tmp_path, lines_of("drug1,drug2,conc1,conc2,response,response", 0)))).replicates
        == 1
    )


def test_a_head_of_doses_over_two_columns_that_differ_is_refused(tmp_path):  # the first was taken
    path = write(tmp_path, lines_of("drug1,drug2,conc1,conc2,response,conc1", 7))
    with pytest.raises(InputError, match="'conc1' stands over two columns that differ"):
        read_plates(path)


def test_a_comment_above_the_head_is_no_part_of_it(tmp_path):  # the name of drug 1 was lost
    is_the_plate(read(write(tmp_path, "# note\n" + plate().to_csv(index=False))))
    padded = "Plan;;;;\n# note;;;;\n" + plate().to_csv(index=False, sep=";")
    is_the_plate(read(write(tmp_path, padded)))


def test_units_under_a_head_in_two_rows_are_read(tmp_path):  # a row left out, doses without a unit
    head = "Drug 1,,Drug 2,,Readout\nName,Dose,Name,Dose,Viability\n-,uM,-,uM,%\n"
    rows = [f"alpha,{x},beta,{y},{v:.4f}" for x, y, v in zip(plate().conc1, plate().conc2, plate().response)]
    is_the_plate(read(write(tmp_path, head + "\n".join(rows))), 1e3, 1e3)


def test_a_column_of_numbers_without_a_head_is_named_as_ignored(tmp_path):
    block = the_block(read(write(tmp_path, lines_of("drug1,drug2,conc1,conc2,response,", 7))))
    assert block.reading["ignored_columns"] == "column 6 without a head"
