"""Rows that a file takes out itself, and words for no dose on the sides of a matrix."""

import pandas as pd
import pytest

from screen.errors import InputError
from tests.synergy.plates.table_of_cases import CONC_1, CONC_2, plate
from tests.synergy.plates.test_spellings import is_the_plate, read, the_block, write


@pytest.mark.parametrize(("head", "no", "yes"), [("masked", "FALSE", "TRUE"), ("Exclude", None, "x")])
def test_masked_wells_are_left_out_and_told(head, no, yes):  # pooled, or refused
    odd = plate().iloc[[7, 12]].assign(response=500.0)
    plates = read(pd.concat([plate(**{head: no}), odd.assign(**{head: yes})]))
    is_the_plate(plates)
    assert any(
        words.startswith("left out: 2 of 27 rows: line 27 (and 1 more) is masked")
        for words in plates.messages
    )


def test_means_among_replicates_are_none():  # pooled with the wells
    parts = [
        plate(replicate=name, response=plate().response * scale)
        for name, scale in (("1", 1), ("2", 1), ("mean", 0.5))
    ]
    block = the_block(read(pd.concat(parts)))
    assert block.replicates == 2
    is_the_plate(read(pd.concat(parts)))


def test_a_matrix_may_say_dmso_for_no_dose(tmp_path):  # row and names lost
    grid = plate().pivot_table(index="conc1", columns="conc2", values="response").to_numpy()
    sides = [["DMSO", *(f"{dose:g}" for dose in side[1:])] for side in (CONC_1, CONC_2)]
    lines = ["alpha\\beta," + ",".join(sides[1])]
    lines += [f"{dose}," + ",".join(f"{y:.4f}" for y in row) for dose, row in zip(sides[0], grid)]
    is_the_plate(read(write(tmp_path, "\n".join(lines))))


def test_growth_that_is_said_to_be_viability_is_told():  # Bliss 56.9 of two negative numbers, reason empty
    block = the_block(read(plate(response=1.95 * plate().response - 95), response="viability"))
    assert not block.growth
    assert "values far below 0, taken as viability as --response says (growth: as GR values)" in block.notes


def test_three_doses_by_equal_steps_are_told():
    table = plate()
    steps = dict(zip(CONC_1, (0, 1, 2, 3, 3)))
    notes = the_block(read(table[table.conc1 < 120].assign(conc1=table.conc1.map(steps)))).notes
    assert "drug 1: doses rise by equal steps (0, 1, 2, 3 ...)" in "; ".join(notes)


def test_controls_need_not_repeat_the_only_time_and_line():  # refused, without untreated wells
    table = plate(time=72, cell_line="ONE", response=200 * plate().response)
    controls = pd.DataFrame({"drug1": ["DMSO"] * 3, "response": [19_990.0, 20_000, 20_010]})
    plates = read(pd.concat([table[(table.conc1 > 0) | (table.conc2 > 0)], controls]))
    is_the_plate(plates)
    assert the_block(plates).time_h == 72.0


def test_a_well_blank_in_both_doses_is_untreated_where_other_blanks_are_0():  # left out
    table = plate().astype({"conc1": object, "conc2": object})
    table.loc[table.conc1 == 0, "conc1"], table.loc[table.conc2 == 0, "conc2"] = "-", ""
    is_the_plate(read(table))


def test_biological_and_technical_replicates_are_replicates():  # refused
    parts = [plate(BioRep=b, TechRep=k, response=plate().response + b) for b in (1, -1) for k in (1, 2)]
    assert the_block(read(pd.concat(parts))).replicates == 4


def test_texts_behind_some_values_are_refused():  # 1.2k read as 1.2 beside 976
    values = [f"{y / 10:.3f}k" if y > 50 else f"{100 * y:.0f}" for y in plate().response]
    with pytest.raises(InputError, match="found values with 'k', '' behind the number"):
        read(plate(response=values))


def test_bare_heads_name_the_first_drug():  # refused
    heads = {"drug1": "Drug", "conc1": "Dose", "drug2": "Drug 2", "conc2": "Dose 2"}
    is_the_plate(read(plate().rename(columns=heads)))


def test_two_units_of_one_dose_are_refused():
    table = plate().rename(columns={"conc1": "conc1 (nM)"})
    with pytest.raises(
        InputError, match=r"the unit 'nM' in the head 'conc1 \(nM\)' and 'uM' in the column of units"
    ):
        read(table.assign(unit1="uM"))


def test_a_unit_that_is_none_is_told_with_its_line_and_a_date_as_one():
    table = plate().astype({"conc2": object})
    table.loc[3, "conc2"] = "05-Jan"
    with pytest.raises(InputError, match=r"line \d+: found '05-Jan', unknown unit '-Jan' .* a date\?"):
        read(table)
