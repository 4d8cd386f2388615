"""One plate as laboratories spell it: heads, units, controls, numbers, layouts and maps that must all give the same
blocks as the plainest table. What each was before stands in the comments: nearly all were refused or gave more blocks.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from screen.errors import InputError
from screen.pathway import known_drug
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.read_plates import Plates, ReadingOptions, read_plates
from tests.synergy.plates.table_of_cases import CONC_1, CONC_2, alone, pair, plate

WELLS = [f"{'ABC'[k // 12]}{k % 12 + 1}" for k in range(25)]
VIABILITY = pair(*np.meshgrid(CONC_1, CONC_2, indexing="ij"))


def write(folder: Path, text: str, name: str = "plate.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def read(source, **reading) -> Plates:
    return read_plates(source, drugs=4, reading=ReadingOptions(**reading))


def the_block(plates: Plates) -> PlateBlock:
    assert [block.name for block in plates.blocks] == [plates.blocks[0].name], plates.messages
    return plates.blocks[0]


def is_the_plate(
    plates: Plates, factor_1: float = 1.0, factor_2: float = 1.0, names=("alpha", "beta")
) -> None:
    block = the_block(plates)
    assert block.drugs == names
    np.testing.assert_allclose(block.conc_1, factor_1 * CONC_1, rtol=1e-9)
    np.testing.assert_allclose(block.conc_2, factor_2 * CONC_2, rtol=1e-9)
    np.testing.assert_allclose(block.viability, VIABILITY, atol=2e-4)


def under(head: str, factor: float = 1.0, inhibition: bool = False) -> pd.DataFrame:
    """The plate with its values under another head."""
    table = plate()
    values = table.pop("response")
    return table.assign(**{head: factor * (100 - values if inhibition else values)})


INHIBITION = ["Cytotoxicity (%)", "% kill", "percent_killing", "cell death %"]  # all refused
VALUES = ["% DMSO", "CTG viability (%)", "mean viability", "Relative cell viability (%)"]  # all refused
SIGNALS = [
    "CellTiter-Glo",
    "RLUs",
    "nuclei count",
    "live cells",
    "A450",
    "normalized RLU",
    "MTT",
]  # all refused


@pytest.mark.parametrize("head", INHIBITION)
def test_words_for_death_are_inhibition(head):
    is_the_plate(read(under(head, inhibition=True)))


@pytest.mark.parametrize(("head", "inhibition"), [("Fa", True), ("Fu", False)])
def test_fractions_affected_and_unaffected(head, inhibition):
    is_the_plate(read(under(head, 0.01, inhibition)))


@pytest.mark.parametrize("head", VALUES)
def test_heads_of_values_in_other_words(head):
    is_the_plate(read(under(head)))


@pytest.mark.parametrize("head", SIGNALS)
def test_signals_by_the_name_of_their_assay(head):
    plates = read(under(head, 57.0))
    is_the_plate(plates)
    assert the_block(plates).reading["scale"] == "raw (column name)"


@pytest.mark.parametrize("head", ["pct_inhibition", "Percentage inhibition", "inhibition_percent"])
def test_a_percent_in_the_head_is_taken_at_its_word(head):
    block = the_block(read(under(head, 0.01, inhibition=True)))  # of 0 to 1 percent: a fraction by size
    assert block.reading["scale"] == "percent (% sign)"
    np.testing.assert_allclose(block.viability, 1 - (1 - VIABILITY) / 100, atol=2e-6)


def test_a_spread_beside_the_values_is_not_taken_for_them():
    table = under("mean viability").assign(**{"sd viability": 3.0})
    is_the_plate(read(table))


PARTNERS = ["Vehicle (DMSO)", "CTL", "Ctr", "H2O", "Control 1", "UNT", "No inhibitor", "mock-treated", "0.9% NaCl",
            "n.a.", "carrier", "untr.", "—", "Media only"]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("word", PARTNERS)  # each gave four blocks, three without a score
def test_a_partner_that_never_has_a_dose_is_no_drug(word):
    table = plate().astype({"drug1": object, "drug2": object})
    table.loc[table.conc2 == 0, "drug2"] = word
    table.loc[table.conc1 == 0, "drug1"] = word
    plates = read(table)
    is_the_plate(plates)
    assert word in " ".join(map(str, plates.messages))


@pytest.mark.parametrize("one", ["gamma", "alpha"])  # two and three blocks
def test_a_drug_alone_beside_any_name_at_dose_0(one):
    table = plate()
    other = "beta" if one == "alpha" else "gamma"
    table.loc[(table.conc2 == 0) & (table.conc1 > 0), "drug2"] = one
    table.loc[(table.conc1 == 0) & (table.conc2 > 0), "drug1"] = other
    is_the_plate(read(table))


def test_a_killing_control_without_a_dose_is_left_out_and_said():
    control = pd.DataFrame({"drug1": ["staurosporine"] * 3, "response": [2.0, 3.0, 1.0]})
    plates = read(pd.concat([plate(), control]))
    is_the_plate(plates)
    assert any("'staurosporine' has no dose and its 3 wells are at 2" in words for words in plates.messages)


WITHOUT = ["Untreated cells", "solvent ctrl", "Neg. ctrl wells", "media + DMSO", "drug-free control", "-"]


@pytest.mark.parametrize("place", ["drug1", "role"])  # refused or read as a sample
@pytest.mark.parametrize("word", WITHOUT)
def test_controls_in_words_of_their_own_hold_no_drug(word, place):
    table = plate(response=200 * plate().response)
    controls = pd.DataFrame({place: [word] * 3, "response": [19_990.0, 20_000, 20_010]})
    if place == "drug1":
        controls = controls.assign(drug2=word)
    is_the_plate(read(pd.concat([table[(table.conc1 > 0) | (table.conc2 > 0)], controls])))


@pytest.mark.parametrize("place", ["drug1", "role"])
@pytest.mark.parametrize("word", ["pos. ctrl", "staurosporine", "100% kill", "Triton X-100"])
def test_controls_that_kill_are_left_out_and_make_no_block(word, place):  # a block of nothing, or refused
    killed = pd.DataFrame({place: [word] * 3, "response": [150.0, 160, 140]})
    if place == "drug1":
        killed = killed.assign(drug2=word)
    plates = read(pd.concat([plate(response=200 * plate().response), killed]))
    is_the_plate(plates)
    assert "role: 3 wells of other roles are left out" in plates.messages


def test_wells_without_cells_are_said_once():
    none = pd.DataFrame({"drug1": ["no cells"] * 3, "response": [500.0] * 3})
    plates = read(pd.concat([plate(response=500 + 200 * plate().response), none]))
    is_the_plate(plates)
    assert not any("left out" in words for words in plates.messages)


def test_rows_of_means_at_the_foot_of_a_table_are_no_wells(tmp_path):
    text = plate().to_csv(index=False) + "\nMean,,,,52.1\nSD,,,,30\n"
    plates = read(write(tmp_path, text))
    is_the_plate(plates)
    assert "'Mean' is a summary of other rows: left out" in plates.messages


def test_brands_and_aliases_are_their_drug():  # four blocks of scattered wells
    rows = np.arange(25)
    one, two = np.where(rows % 2, "Herceptin", "trastuzumab"), np.where(rows % 3, "GW-572016", "Tykerb")
    plates = read(plate(drug1=one, drug2=two), drug_name=known_drug)
    is_the_plate(plates, names=("trastuzumab", "Tykerb"))
    assert "'trastuzumab' is 'Herceptin' too" in plates.messages[0]
    is_the_plate(read(plate(drug1="Herceptin"), drug_name=known_drug), names=("Herceptin", "beta"))


def test_a_drug_combined_with_itself_keeps_its_names():
    block = the_block(read(plate(drug2="alpha")))
    assert block.drugs == ("alpha", "alpha")
    np.testing.assert_allclose(block.viability, VIABILITY, atol=2e-4)


UNITS = {"[uM]": 1e3, "(nM)": 1.0, "u M": 1e3, "umol L^-1": 1e3, "µmol l-1": 1e3, "pmol/mL": 1.0, "nmol/µL": 1e6,
         "ng/µl": 1.0, "ug/uL": 1e3, "MCG/ML": 1.0}  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)  # refused as unknown
def test_units_in_other_spellings(unit):
    is_the_plate(read(plate(conc_unit=unit)), UNITS[unit], UNITS[unit])


@pytest.mark.parametrize("unit", ["nmol", "umol", "% v/v", "xIC50", "cells/ml", "log10(uM)"])
def test_what_is_no_concentration_is_refused(unit):
    with pytest.raises(InputError, match=r"unknown unit|logarithms"):
        read(plate(conc_unit=unit))


DOSES = {
    "conc1 (uM)": ("{} (uM)", "conc"),
    "Concentration 1 in uM": ("Concentration {} in uM", ""),
    "uM drug1": ("uM drug{}", ""),
    "drug1 (uM)": ("drug{} (uM)", ""),
    "Dose of drug 1, uM": ("Dose of drug {} (uM)", ""),
    "drugA Conc (µM)": ("drug{} Conc (µM)", "AB"),
}


@pytest.mark.parametrize("head", DOSES)  # refused
def test_heads_of_doses_in_other_words(head):
    pattern, letters = DOSES[head]
    numbers = letters if letters == "AB" else (["conc1", "conc2"] if letters else "12")
    table = plate().rename(columns={f"conc{k}": pattern.format(n) for k, n in zip((1, 2), numbers)})
    is_the_plate(read(table.rename(columns={"drug1": "Drug A name", "drug2": "Drug B name"})), 1e3, 1e3)


def test_doses_under_the_names_of_their_drugs():  # refused
    table = plate().drop(columns=["drug1", "drug2"])
    is_the_plate(read(table.rename(columns={"conc1": "alpha (uM)", "conc2": "beta (nM)"})), 1e3)


@pytest.mark.parametrize(
    ("one", "two"), [("Library Name", "Anchor Name"), ("NSC1", "NSC2"), ("Inhibitor A", "Inhibitor B")]
)
def test_names_of_drugs_in_other_words(one, two):  # refused or ignored
    is_the_plate(read(plate().rename(columns={"drug1": one, "drug2": two})))


def test_units_in_a_row_of_their_own(tmp_path):  # the row was dropped: doses of uM taken as nM
    text = "drug1,drug2,conc1,conc2,response\n,,uM,nM,%\n" + plate().to_csv(index=False, header=False)
    is_the_plate(read(write(tmp_path, text)), 1e3)


@pytest.mark.parametrize(
    "spell",
    [
        lambda dose: f"{100 * dose:,.0f}".replace(",", "'"),
        lambda dose: f"{dose / 10:.3g}x10^3",
        lambda dose: f"{1e5 * dose:.0f}*10^-3",
        lambda dose: f"{100 * dose:.2E}".replace(".", ","),
        lambda dose: f"'{100 * dose:g}",
        lambda dose: f'="{100 * dose:g}"',
    ],
)
def test_numbers_in_other_spellings(spell):  # refused: the rest of the number was taken for a unit
    is_the_plate(read(plate(conc1=plate().conc1.map(spell))), 100.0)


def test_points_of_thousands_are_told_from_decimals_by_one_with_two(tmp_path):  # left out, or 884.454
    counts = plate().response.map(lambda y: f"{50_000 * y:,.0f}".replace(",", "."))
    plates = read(under("RLU").assign(RLU=counts))
    is_the_plate(plates)
    assert "response: '5.000.000' is read as 5000000" in plates.messages


def test_counts_with_points_of_thousands_beside_bare_ones():  # 12.340 counts beside 976
    counts = plate().response.map(lambda y: f"{1000 * y:,.0f}".replace(",", "."))
    block = the_block(read(under("RLU").assign(RLU=counts)))
    np.testing.assert_allclose(block.viability, VIABILITY, atol=1e-4)
    percent = plate().response.map(lambda y: f"{y:.3f}".removesuffix(".000"))
    is_the_plate(read(under("viability").assign(viability=percent)))


def test_rows_that_begin_with_a_missing_name_are_no_comments():  # left out without a word
    table = plate().astype({"drug1": object, "conc1": object})
    table.loc[table.conc1 == 0, ["drug1", "conc1"]] = "#N/A"
    is_the_plate(read(table))


def test_logarithms_with_a_stand_in_for_0_are_refused():  # every untreated well was left out as negative
    with pytest.raises(InputError, match="looks like logarithms"):
        read(plate(conc1=np.log(plate().conc1.replace(0, 0.01))))
    with pytest.raises(InputError, match="'logconc1' looks like logarithms"):
        read(plate().rename(columns={"conc1": "logconc1"}))


def test_a_percent_sign_over_fractions_is_refused():  # Bliss -0.16 of a viability of 1 %
    with pytest.raises(InputError, match="--scale fraction reads them as fractions"):
        read(under("Viability (%)", 0.01))
    is_the_plate(read(under("Viability (%)", 0.01), scale="fraction"))


@pytest.mark.parametrize("times", [("day 1", "day 3"), ("T24", "T72"), ("D1", "D3")])
def test_times_in_other_spellings(times):  # refused
    found = read(pd.concat([plate(timepoint=time) for time in times])).blocks
    assert [block.time_h for block in found] == [24.0, 72.0]


@pytest.mark.parametrize("head", ["Assay Plate ID", "PlateBarcode", "plate index", "MTP"])
def test_plates_under_other_names_are_normalised_each_by_its_own(head):  # refused
    parts = [
        plate(block_id="b", response=scale * plate().response, **{head: f"P{scale}"}) for scale in (200, 910)
    ]
    plates = read(pd.concat(parts))
    is_the_plate(plates)
    assert the_block(plates).replicates == 2


@pytest.mark.parametrize("head", ["Replicate plate", "rep. plate no", "Technical replicate no"])
def test_replicates_under_other_names_are_of_one_block(head):  # refused
    parts = [plate(response=scale * plate().response, **{head: k}) for k, scale in enumerate((200, 910))]
    plates = read(pd.concat(parts))
    is_the_plate(plates)
    assert the_block(plates).replicates == 2


@pytest.mark.parametrize("head", ["Assay timepoint", "Elapsed (h)", "Cancer cell line", "Cell Line ID"])
def test_heads_in_words_of_their_own_part_blocks(head):  # refused
    assert len(read(pd.concat([plate(**{head: "24"}), plate(**{head: "72"})])).blocks) == 2


@pytest.mark.parametrize("head", ["Day", "dosing schedule", "patient_id", "COSMIC_ID", "drug pair", "Donor"])
def test_columns_that_part_blocks_under_other_names(head):  # refused
    found = read(pd.concat([plate(**{head: "1"}), plate(**{head: "2"})])).blocks
    assert len(found) == 2


def test_a_cross_with_replicates_is_a_cross():  # 9 of 16 cells 'missing'
    table = plate()
    table = table[(table.conc1 == 0) | (table.conc2 == 0) | (table.conc1 == 8) | (table.conc2 == 5)]
    block = the_block(read(pd.concat([table, table.assign(response=table.response + 1)])))
    assert block.reading["design"] == "cross"


@pytest.mark.parametrize(("separator", "encoding"), [(" ", "utf-8"), (",", "utf-32")])
def test_files_of_other_kinds(tmp_path, separator, encoding):  # refused
    text = plate().to_csv(index=False, sep=separator)
    (tmp_path / "plate.txt").write_text(text, encoding=encoding)
    is_the_plate(read(tmp_path / "plate.txt"))


def matrix(corner: str = "", indent: str = "") -> list[str]:
    grid = 100 * VIABILITY
    head = [indent + corner + "," + ",".join(f"{dose:g}" for dose in CONC_2)]
    return [*head, *(f"{indent}{x:g}," + ",".join(f"{y:.4f}" for y in row) for x, row in zip(CONC_1, grid))]


@pytest.mark.parametrize("corner", ["alpha x beta", "alpha vs beta", "alpha + beta"])  # drug 1 and drug 2
def test_both_names_in_the_corner_of_a_matrix(tmp_path, corner):
    is_the_plate(read(write(tmp_path, "\n".join(matrix(corner)))))


def test_names_over_and_left_of_a_matrix(tmp_path):  # refused
    first, *rest = matrix(indent=",")
    lines = ["Experiment 7", "", ",,beta (nM)", first, "alpha (uM)" + rest[0], *rest[1:]]
    is_the_plate(read(write(tmp_path, "\n".join(lines))), 1e3)


def test_replicates_of_a_matrix_under_each_other(tmp_path):  # two blocks
    lines = ["Replicate 1", *matrix("a\\b"), "", "Replicate 2", *matrix("a\\b")]
    assert the_block(read(write(tmp_path, "\n".join(lines)))).replicates == 2


def block_of_wells(texts: list[str], title: str = "", corner: str = "") -> str:
    texts = [*texts, *[""] * (96 - len(texts))]
    lines = [*([title] if title else []), corner + "," + ",".join(map(str, range(1, 13)))]
    return "\n".join(lines + ["ABCDEFGH"[k] + "," + ",".join(texts[12 * k : 12 * k + 12]) for k in range(8)])


def signals() -> list[str]:
    return [f"{120 * y:.4f}" for y in plate().response]


def facts(unit: str = "") -> dict[str, list[str]]:
    table, behind = plate(), f" ({unit})" if unit else ""
    return {
        "drug1": list(table.drug1),
        f"conc1{behind}": [f"{dose:g}" for dose in table.conc1],
        "drug2": list(table.drug2),
        f"conc2{behind}": [f"{dose:g}" for dose in table.conc2],
    }


def drawn_under_titles(folder: Path) -> Path:
    return write(
        folder, "\n\n".join(block_of_wells(texts, name) for name, texts in facts("uM").items()), "map.csv"
    )


def drawn_with_names_in_corners(folder: Path) -> Path:
    blocks = [block_of_wells(texts, corner=name) for name, texts in facts("uM").items()]
    return write(folder, "\n\n".join(blocks), "map.csv")


def drawn_on_sheets(folder: Path) -> Path:
    with pd.ExcelWriter(folder / "map.xlsx") as book:
        for name, texts in facts("uM").items():
            rows = [line.split(",") for line in block_of_wells(texts).split("\n")]
            sheet = name.replace(" (uM)", " uM")
            pd.DataFrame(rows).to_excel(book, sheet_name=sheet, header=False, index=False)
    return folder / "map.xlsx"


def drawn_by_drug(folder: Path) -> Path:
    """A block of doses under the name of each drug."""
    table = plate()
    doses = {"alpha (uM)": table.conc1, "beta (uM)": table.conc2}
    blocks = [block_of_wells([f"{dose:g}" for dose in one], name) for name, one in doses.items()]
    return write(folder, "\n\n".join(blocks), "map.csv")


def drawn_as_texts(folder: Path) -> Path:
    """`alpha 2 uM + beta 1 uM` in each well."""
    cells = []
    for one, two in zip(plate().conc1, plate().conc2):
        parts = [f"{name} {dose:g} uM" for name, dose in (("alpha", one), ("beta", two)) if dose > 0]
        cells.append(" + ".join(parts) or "0.1% DMSO")
    return write(folder, block_of_wells(cells), "map.csv")


def a_row_a_drug(folder: Path) -> Path:
    rows = ["Well,Compound,Concentration (uM)"]
    for well, one, two in zip(WELLS, plate().conc1, plate().conc2):
        given = [f"{well},{name},{dose:g}" for name, dose in (("alpha", one), ("beta", two)) if dose > 0]
        rows += given or [f"{well},DMSO,0"]
    return write(folder, "\n".join(rows), "map.csv")


def a_table_under_a_title(folder: Path) -> Path:
    table = plate(well=WELLS, conc_unit="uM").drop(columns="response")
    return write(folder, "Map of plate 7\n\n" + table.to_csv(index=False), "map.csv")


MAPS: list[Callable[[Path], Path]] = [drawn_under_titles, drawn_with_names_in_corners, drawn_on_sheets, drawn_by_drug,
                                      drawn_as_texts, a_row_a_drug, a_table_under_a_title]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("drawn", MAPS)  # all refused
def test_maps_of_wells_in_every_form(tmp_path, drawn):
    reader = write(tmp_path, block_of_wells(signals()), "reader.csv")
    is_the_plate(read(reader, map=drawn(tmp_path)), 1e3, 1e3)


def test_a_drawn_map_with_roles(tmp_path):
    roles = [*["sample"] * 25, *[""] * 68, *["blank"] * 3]
    drawn = {**facts(), "role": roles}
    text = "\n\n".join(block_of_wells(texts, name) for name, texts in drawn.items())
    values = [*(f"{300 + 120 * y:.4f}" for y in plate().response), *[""] * 68, *["300"] * 3]
    reader = write(tmp_path, block_of_wells(values), "reader.csv")
    plates = read(reader, map=write(tmp_path, text, "map.csv"))
    is_the_plate(plates)
    assert "3 wells without cells (at 300) subtracted" in the_block(plates).notes[0]


def test_a_block_of_numbers_without_a_name_is_refused(tmp_path):
    drawn = write(tmp_path, block_of_wells(facts()["conc1"]), "map.csv")
    reader = write(tmp_path, block_of_wells(signals()), "reader.csv")
    with pytest.raises(InputError, match="a block of numbers without a name over it"):
        read(reader, map=drawn)


def softmax(folder: Path) -> Path:
    rows = [["ABC"[k // 12] for k in range(25)], signals()]
    lines = [
        "##BLOCKS= 1",
        "Plate:\tPlate1\t1.3\tPlateFormat\tEndpoint",
        "\tTemperature(C)\t" + "\t".join(map(str, range(1, 13))),
    ]
    padded = [*rows[1], *[""] * 71]
    lines += [("\t25.0\t" if k == 0 else "\t\t") + "\t".join(padded[12 * k : 12 * k + 12]) for k in range(8)]
    return write(folder, "\n".join([*lines, "~End", "Original Filename: x"]), "reader.txt")


def rows_and_columns(folder: Path) -> Path:
    lines = ["User: X", "Test name: CTG", "", "Well Row,Well Col,Content,Raw Data (lens)"]
    lines += [f"{well[0]},{well[1:]},Sample X1,{value}" for well, value in zip(WELLS, signals())]
    return write(folder, "\n".join(lines), "reader.csv")


def a_list_with_the_clock(folder: Path) -> Path:
    lines = ["Plate,Repeat,Well,Type,Time,Luminescence (CPS)"]
    lines += [f"1,1,{well},M,00:00:12.1,{value}" for well, value in zip(WELLS, signals())]
    return write(folder, "\n".join(lines), "reader.csv")


def raw_beside_calculated_and_a_layout(folder: Path) -> Path:
    twice = [f"{2 * float(value):.3f}" for value in signals()]
    parts = [block_of_wells(twice, "Calculated results: crosstalk correction"),
             block_of_wells(signals(), "Results for US LUM 96 (CPS)").replace(",1,2,3", ",01,02,03"),
             block_of_wells(["- "] * 96, "Platemap:")]  # fmt: skip
    return write(
        folder, "Plate information\nPlate,Repeat,Barcode\n1,1,\n\n" + "\n\n".join(parts), "reader.csv"
    )


READERS: list[Callable[[Path], Path]] = [
    softmax,
    rows_and_columns,
    a_list_with_the_clock,
    raw_beside_calculated_and_a_layout,
]


@pytest.mark.parametrize("exported", READERS)  # refused; the last one pooled both readings
def test_exports_as_readers_write_them(tmp_path, exported):
    plate(well=WELLS).drop(columns="response").to_csv(tmp_path / "map.csv", index=False)
    is_the_plate(read(exported(tmp_path), map=tmp_path / "map.csv"))


def test_a_flat_partner_named_by_a_word_that_is_no_vehicle_keeps_its_wells():
    table = plate(response=100 * alone(plate().conc1, 12), drug2="inert")
    assert the_block(read(table)).drugs == ("alpha", "inert")
