"""More of our own cases for the table *input, was, is, right*: files as laboratories hand them on."""

from pathlib import Path

import numpy as np
import pandas as pd

from tests.synergy.plates.own_cases import case
from tests.synergy.plates.table_of_cases import CONC_1, CONC_2, REFERENCE, UM, plate


def values(table: pd.DataFrame, name: str, factor: float = 1.0) -> pd.DataFrame:
    """The plate with its values under another head."""
    return table.drop(columns="response").assign(**{name: factor * table.response})


@case("refused", said=("% sign",))
def percent_of_control(_folder):
    return values(plate(), "% of control")


@case("refused", said=("raw (column name)", "at 62"))
def confluence_is_percent_of_an_area(_folder):
    return values(plate(), "% confluence", 0.62)


@case("untreated wells at 0.99, HSA -39.6", "values with a % sign .* look like fractions")
def percent_signs_on_some_of_the_values(_folder):
    table = plate()
    texts = [f"{y:.3f}%" if k % 2 else f"{y / 100:.5f}" for k, y in enumerate(table.response)]
    return table.assign(response=texts)


@case("inhibition: HSA -3.15", "fall from 0 without drug to -6.64")
def log_fold_changes(_folder):
    table = plate()
    return table.assign(response=np.log2(np.maximum(table.response, 1) / 100))


@case("the background ignored: Bliss 2.67", said=("median 400", "is subtracted from 25 of 25 rows"))
def a_column_of_background_signals(_folder):
    table = plate()
    return values(table, "ReadoutValue").assign(ReadoutValue=400 + 50 * table.response, BackgroundValue=400)


@case(
    "high and low controls pooled: Bliss 1.66",
    said=("the high control is at the level", "(at 1000) subtracted"),
)
def high_and_low_controls(_folder):
    table = plate(role="sample")
    table["response"] = 1000 + 80 * table.response
    ends = pd.DataFrame({"role": ["low control"] * 3 + ["high control"] * 3, "conc1": 0.0, "conc2": 0.0})
    return pd.concat([table, ends.assign(response=[990, 1000, 1010, 8990, 9000, 9010])])


@case("a block of their own", said=("the low control is at the level",))
def high_and_low_controls_of_inhibition_by_name(_folder):
    table = plate()
    table["response"] = 100 - table.response
    ends = pd.DataFrame({"drug1": ["Low Control"] * 3 + ["High Control"] * 3, "conc1": 0.0, "conc2": 0.0})
    return pd.concat([table, ends.assign(response=[-1, 0, 1, 99, 100, 101])])


@case("the block named beta+beta")
def each_drug_alone_listed_first(_folder):
    table = plate().astype({"drug1": object, "drug2": object})
    table.loc[table.conc2 == 0, ["drug2", "conc2"]] = np.nan
    second = table.conc1 == 0
    table.loc[second, ["drug1", "conc1"]] = table.loc[second, ["drug2", "conc2"]].to_numpy()
    table.loc[second, ["drug2", "conc2"]] = np.nan
    return table.fillna({"drug1": "untreated", "conc1": 0.0})


@case("a second block of nothing", said=("Cells only",))
def untreated_wells_named_cells_only(_folder):
    table = plate().astype({"drug1": object, "drug2": object})
    table.loc[(table.conc1 == 0) & (table.conc2 == 0), ["drug1", "drug2"]] = "Cells only"
    return table


@case("a second block of nothing, no untreated wells", said=("those of other rows of the line",))
def untreated_wells_outside_the_blocks(_folder):
    table = plate(block_id="first").astype({"block_id": object})
    table.loc[(table.conc1 == 0) & (table.conc2 == 0), "block_id"] = np.nan
    return table


@case("2 replicates without a word", said=("as if written twice",))
def rows_exported_twice(_folder):
    return pd.concat([plate(), plate()])


@case("unit ', nM' without a word", REFERENCE | {"ic50_2": 9000.0}, said=("doses of drug 1 without a unit",))
def a_unit_for_one_drug_alone(_folder):
    return plate(conc_unit2="uM")


def matrix(corner: str, above: tuple[str, ...] = ()) -> list[str]:
    """The plate as the lines of a matrix."""
    grid = plate().pivot_table(index="conc1", columns="conc2", values="response").to_numpy()
    head = [corner + "," + ",".join(f"{dose:g}" for dose in CONC_2)]
    return [*above, *head, *(f"{x:g}," + ",".join(f"{y:.4f}" for y in row) for x, row in zip(CONC_1, grid))]


@case("refused", blocks=2)
def matrices_beside_each_other(folder: Path):
    pairs = zip(matrix("alpha\\beta"), matrix("gamma\\beta"))
    (folder / "plate.csv").write_text("\n".join(f"{one},,{two}" for one, two in pairs))
    return folder / "plate.csv"


@case("drug 1 and drug 2 without a unit", UM, said=("alpha", "beta"))
def a_matrix_with_a_name_over_its_columns(folder: Path):
    lines = matrix("alpha (uM)", ("Experiment 12,,,,,", ",,,,,", ",beta (uM),,,,"))
    (folder / "plate.csv").write_text("\n".join(lines))
    return folder / "plate.csv"


@case("pooled without a word", {"bliss": 4.938}, said=("1 blocks stand on several",))
def replicates_on_sheets(folder: Path):
    with pd.ExcelWriter(folder / "plate.xlsx") as book:
        plate().to_excel(book, sheet_name="rep 1", index=False)
        plate(response=plate().response + 2).to_excel(book, sheet_name="rep 2", index=False)
    return folder / "plate.xlsx"


@case("a second block of nothing")
def a_head_written_again(folder: Path):
    lines = plate().to_csv(index=False).splitlines()
    (folder / "plate.csv").write_text("\n".join([*lines[:13], lines[0], *lines[13:]]))
    return folder / "plate.csv"


def reader_list(folder: Path, **columns: object) -> pd.DataFrame:
    """A list of wells with their signal, and the map of its wells in `folder`."""
    wells = [f"{'ABC'[k // 12]}{k % 12 + 1}" for k in range(25)]
    plate().drop(columns="response").assign(well=wells).to_csv(folder / "map.csv", index=False)
    return pd.DataFrame({"Well": wells, "RLU": 500 * plate().response} | columns)


def in_folder(folder: Path) -> Path:
    return folder / "map.csv"


@case("24 and 72 h pooled", {"bliss": 5.0, "time_h": np.array([24.0, 72.0])}, blocks=2, map=in_folder)
def two_times_in_a_readers_list(folder: Path):
    first = reader_list(folder, Time=24)
    return pd.concat([first, first.assign(Time=72, RLU=2 * first.RLU)])


@case("the first taken: Bliss 0.00", "several columns of values \\(RLU_0h, RLU_72h\\)", map=in_folder)
def two_signals_in_a_readers_list(folder: Path):
    table = reader_list(folder)
    return table.rename(columns={"RLU": "RLU_72h"}).assign(RLU_0h=100)[["Well", "RLU_0h", "RLU_72h"]]


@case("HSA 17.11", "well A3 stands twice", map=in_folder)
def a_well_twice_in_the_map(folder: Path):
    table = reader_list(folder)
    mapped = pd.read_csv(folder / "map.csv")
    mapped.loc[3, "well"] = "A03"
    mapped.to_csv(folder / "map.csv", index=False)
    return table


@case("vehicle: Bliss 9,989", said=("(at 500) subtracted",))
def wells_of_medium_alone_beside_untreated_cells(_folder):
    table = values(plate(), "RLU", 100)
    none = pd.DataFrame({"drug1": ["media"] * 3, "drug2": ["media"] * 3, "conc1": 0.0, "conc2": 0.0})
    return pd.concat([table.assign(RLU=table.RLU + 500), none.assign(RLU=[490, 500, 510])])


@case("normalised to wells without cells", "untreated wells at a .* of the lowest doses")
def untreated_wells_without_cells(_folder):
    table = values(plate(), "RLU", 100)
    table.loc[(table.conc1 == 0) & (table.conc2 == 0), "RLU"] = 100
    return table


@case("refused", said=("raw (column name)",))
def a_wavelength_in_the_head(_folder):
    return values(plate(), "OD570", 0.012)


@case("left out, no scores", said=("detected: untreated wells at 100",))
def words_for_no_dose(_folder):
    table = plate()
    words = {"conc1": "none", "conc2": "DMSO"}
    return table.assign(
        **{k: table[k].map(lambda x, w=w: w if x == 0 else f"{x:g}") for k, w in words.items()}
    )


@case("the second block named P1 again", "P2: found raw values .* no untreated wells on its plate")
def a_plate_without_untreated_wells_beside_one_with(_folder):
    first, second = plate(plate="P1"), plate(plate="P2")
    second = second[(second.conc1 > 0) | (second.conc2 > 0)]
    return pd.concat([first, second]).assign(response=lambda table: 300 * table.response)
