"""What a field of a measured table says: units, bounds, blanks, weights."""

import math
from pathlib import Path

import pytest

from screen.analysis.skill.measured_table import MeasuredTable, read_measured
from screen.analysis.skill.measured_values import LEAST_WEIGHT, weight_of
from screen.errors import InputError
from screen.pathway import load_pathway

HEAD = "source,cell_line,drug_1,drug_2,metric,value,unit,max_concentration_1_nM,max_concentration_2_nM,time_h,note\n"
PATHWAY = load_pathway()


def read(tmp_path: Path, *rows: str) -> MeasuredTable:
    path = tmp_path / "measured.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return read_measured(path, PATHWAY)


@pytest.mark.parametrize(
    ("value", "unit", "nM"),
    [("50", "nM", 50), ("50", "", 50), ("0.05", "uM", 50), ("0.05", "µmol/L", 50), ("5e-8", "M", 50)],
)
def test_a_concentration_is_read_in_its_unit(tmp_path: Path, value: str, unit: str, nM: float) -> None:
    [cell] = read(tmp_path, f"lab,SKBR3,lapatinib,,IC50,{value},{unit},,,72,").cells
    assert 10**cell.value == pytest.approx(nM)


def test_a_mass_is_made_molar_by_the_drugs_own_mass(tmp_path: Path) -> None:
    [cell] = read(tmp_path, "lab,SKBR3,trastuzumab,,IC50,1.48,ug/mL,,,72,").cells
    assert 10**cell.value == pytest.approx(10)


def test_a_percentage_is_a_fraction(tmp_path: Path) -> None:
    cells = read(
        tmp_path, "lab,SKBR3,lapatinib,,Emax,40,%,,,72,", "lab,BT474,lapatinib,,Emax,0.4,1,,,72,"
    ).cells
    assert [cell.value for cell in cells] == pytest.approx([0.4, 0.4])


def test_a_concentration_may_be_written_as_a_bound(tmp_path: Path) -> None:
    cells = read(
        tmp_path,
        "lab,SKBR3,lapatinib,,IC50,> 10000,nM,10000,,72,",
        "lab,BT474,lapatinib,,IC50,<0.001,uM,10000,,72,",
        "lab,AU565,lapatinib,,IC50,≥3,uM,,,72,",
    ).cells
    assert [(round(10**cell.value, 6), cell.side) for cell in cells] == [(10_000, 1), (1, -1), (3000, 1)]


def test_blanks_as_r_writes_them_are_no_values_and_no_doses(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "lab,SKBR3,lapatinib,NA,IC50,NA,nM,10000,,72,",
        "lab,BT474,lapatinib,NA,IC50,10,nM,NA,NA,72,NA",
    )
    [cell] = found.cells
    assert math.isnan(cell.top_nM[0])
    assert found.skipped == {"no value": 1}


def test_metrics_are_matched_as_names_are(tmp_path: Path) -> None:
    rows = [f"lab,SKBR3,lapatinib,,{name},0.3,,,,72," for name in ("GR_max", "GR AOC", "gr50", "E_max")]
    assert [cell.metric for cell in read(tmp_path, *rows).cells] == ["GRmax", "GR_AOC", "GR50", "Emax"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("lab,SKBR3,lapatinib,,IC50,-7.3,log10 M,,,72,", "unit: found 'log10 M', expected a concentration's"),
        ("lab,SKBR3,lapatinib,,IC50,12,1,,,72,", "unit: found '1', expected a concentration's"),
        ("lab,SKBR3,lapatinib,,GRmax,40,nM,,,72,", "unit: found 'nM', expected 1 (a fraction) or %"),
        ("lab,SKBR3,lapatinib,,IC50,12,nM,0,,72,", "max_concentration_1_nM: found '0', expected nM above 0"),
        ("lab,SKBR3,lapatinib,,IC50,12,nM,-5,,72,", "max_concentration_1_nM: found '-5'"),
        ("lab,SKBR3,lapatinib,,IC50,12,nM,inf,,72,", "max_concentration_1_nM: found 'inf'"),
        ("lab,SKBR3,lapatinib,MK-2206,synergy,2,,9,ten,72,", "max_concentration_2_nM: found 'ten'"),
        ("lab,SKBR3,lapatinib,,GRmax,0.4,1,,,,", "time_h: found '', expected hours above 0"),
        ("lab,SKBR3,lapatinib,,GRmax,>0.4,1,,,72,", "value: found '>0.4', expected a number"),
    ],
)
def test_what_cannot_be_meant_is_one_line(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, row)
    assert f"line 2: {words}" in str(caught.value)


def test_the_r2_of_a_fit_is_read_however_it_is_written() -> None:
    notes = ("fit r2 0.9.", "R2=0.5; day 3", "r² .25", "r2 -1.5", "r2: 1e-3", "r2 -inf")
    assert [weight_of(note) for note in notes] == [0.9, 0.5, 0.25, LEAST_WEIGHT, LEAST_WEIGHT, LEAST_WEIGHT]
    assert [weight_of(note) for note in ("", "r2 unknown", "QA 1", "QA -1")] == [1, 1, 1, LEAST_WEIGHT]
