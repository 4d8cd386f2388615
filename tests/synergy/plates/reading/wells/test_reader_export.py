"""What exports and maps hold beside the plain case: corrected values, several readings, bare blocks, columns that are
not known, wells that one of both lacks.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from screen.errors import InputError
from tests.synergy.plates.table_of_cases import plate
from tests.synergy.plates.test_spellings import (
    WELLS,
    block_of_wells,
    is_the_plate,
    read,
    signals,
    the_block,
    write,
)


@pytest.fixture
def wells(tmp_path: Path) -> Path:
    """A map of the wells of the plate."""
    plate(well=WELLS).drop(columns="response").to_csv(tmp_path / "map.csv", index=False)
    return tmp_path / "map.csv"


def with_blank() -> list[str]:
    return [f"{float(text) + 100:.4f}" for text in signals()]


def test_the_blank_corrected_of_two_columns_is_read(tmp_path, wells):  # Bliss 4.72, of the raw ones
    lines = ["User: X", "", "Well,Content,Raw Data (lens),Blank corrected based on Raw Data (lens)"]
    lines += [f"{well},Sample X1,{raw},{value}" for well, raw, value in zip(WELLS, with_blank(), signals())]
    plates = read(write(tmp_path, "\n".join(lines), "reader.csv"), map=wells)
    is_the_plate(plates)
    assert the_block(plates).reading["ignored_columns"] == "Raw Data (lens)"


def test_the_blank_corrected_of_two_blocks_is_read(tmp_path, wells):
    blocks = block_of_wells(with_blank(), "1. Raw Data"), block_of_wells(signals(), "2. Blank corrected")
    is_the_plate(read(write(tmp_path, "\n\n".join(blocks), "reader.csv"), map=wells))


def test_a_block_of_the_size_of_a_plate_needs_no_letters(tmp_path, wells):  # refused
    texts = [*signals(), *["0"] * 71]
    rows = [",".join(texts[12 * k : 12 * k + 12]) + "," for k in range(8)]
    is_the_plate(
        read(write(tmp_path, "\n".join(["Plate,Repeat", "1,1", "", *rows]), "reader.csv"), map=wells)
    )


def test_several_readings_under_each_letter_are_refused_by_name(tmp_path, wells):  # "found no block of wells"
    first, *rows = block_of_wells([*signals(), *["1"] * 71]).split("\n")
    lines = [
        first + ",",
        *(line for row in rows for line in (row + ",570", row.replace(row[0], "", 1) + ",650")),
    ]
    with pytest.raises(InputError, match=r"reader.csv: found 2 readings of each well \(570, 650\)"):
        read(write(tmp_path, "\n".join(lines), "reader.csv"), map=wells)


def test_wells_that_differ_in_a_column_of_the_map_are_no_replicates(tmp_path):  # pooled
    table = pd.concat([plate(Condition="normoxia"), plate(Condition="hypoxia")], ignore_index=True)
    table["well"] = [f"{'ABCDE'[k // 12]}{k % 12 + 1}" for k in range(50)]
    table.drop(columns="response").to_csv(tmp_path / "map.csv", index=False)
    reader = write(tmp_path, block_of_wells([*signals(), *signals()]), "reader.csv")
    with pytest.raises(InputError, match=r"'Condition' \(normoxia, hypoxia\)"):
        read(reader, map=tmp_path / "map.csv")
    table["Row"], table["Col"] = np.arange(50) // 12, np.arange(50) % 12
    table.drop(columns=["response", "Condition"]).to_csv(tmp_path / "map.csv", index=False)
    assert the_block(read(reader, map=tmp_path / "map.csv")).replicates == 2


def test_wells_of_the_map_that_the_export_lacks_are_told(tmp_path, wells):
    lines = ["Well,RLU", *(f"{well},{value}" for well, value in zip(WELLS[:20], signals()))]
    plates = read(write(tmp_path, "\n".join(lines), "reader.csv"), map=wells)
    assert "map: 5 of its wells are not in reader.csv (B10, B11, B12 ...)" in plates.messages


def test_a_dispensers_list_may_name_rows_and_columns(tmp_path):  # refused
    rows = ["Dispensed row,Dispensed col,Fluid name,Dispensed conc.,Conc. units"]
    for well, one, two in zip(WELLS, plate().conc1, plate().conc2):
        rows += [
            f"{well[0]},{well[1:]},{name},{dose:g},uM"
            for name, dose in (("alpha", one), ("beta", two))
            if dose
        ]
        rows += [f"{well[0]},{well[1:]},DMSO,0.5,%"]
    reader = write(tmp_path, block_of_wells(signals()), "reader.csv")
    is_the_plate(read(reader, map=write(tmp_path, "\n".join(rows), "d300.csv")), 1e3, 1e3)


def averaged(kind: str, values) -> pd.DataFrame:
    """A table as gDR averages it."""
    names = {"drug1": "DrugName", "conc1": "Concentration", "drug2": "DrugName_2", "conc2": "Concentration_2"}
    return (
        plate()
        .drop(columns="response")
        .rename(columns=names)
        .assign(normalization_type=kind, x=values, x_std=0.01)
    )


def test_gdrs_averaged_table_holds_relative_viability_beside_gr_values():  # refused
    table = pd.concat([averaged("RV", plate().response / 100), averaged("GR", plate().response / 50 - 1)])
    plates = read(table)
    is_the_plate(plates)
    assert (
        "rows of normalization_type RV are read, not the 25 others (--response gr asks for GR)"
        in plates.messages[0]
    )
    asked = the_block(read(table, response="gr"))
    assert asked.growth
    assert asked.viability.min() == pytest.approx(2 * -0.042494 - 1, abs=1e-5)


def test_rows_and_columns_of_wells_are_no_columns_to_tell_replicates_apart():  # refused
    table = pd.concat([plate(row="A"), plate(row="B", response=plate().response + 1)])
    table = table.assign(col=np.arange(50) % 25, well=[f"{row}{k % 25}" for k, row in enumerate(table.row)])
    assert the_block(read(table)).replicates == 2
