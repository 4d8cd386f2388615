"""Tables of measured numbers are read as they are; what the model lacks is named, what was not reached is censored."""

import math
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.skill.dose_ranges import USUAL, DoseRange, stated_range
from screen.analysis.skill.measured_table import MeasuredTable, read_measured
from screen.errors import InputError
from screen.pathway import load_pathway

HEAD = "source,cell_line,drug_1,drug_2,metric,value,unit,max_concentration_1_nM,max_concentration_2_nM,time_h,note\n"


def read(tmp_path: Path, *rows: str, head: str = HEAD) -> MeasuredTable:
    path = tmp_path / "measured.csv"
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return read_measured(path, load_pathway())


def test_names_are_matched_as_everywhere_and_strangers_are_counted(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "lab,sk-br-3,Herceptin,,GRmax,0.4,1,,,72,",
        "lab,HeLa,lapatinib,,GRmax,0.4,1,,,72,",
        "lab,SKBR3,unobtainium,,GRmax,0.4,1,,,72,",
        "lab,SKBR3,unobtainium,,GR50,4,nM,,,72,",
    )
    [cell] = found.cells
    assert (cell.line, cell.drugs) == ("SKBR3", ("trastuzumab",))
    assert found.skipped == {
        "cell line HeLa is not in the model": 1,
        "drug unobtainium is not in the model": 2,
    }


def test_what_is_not_reached_lies_beyond_the_doses(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "lab,SKBR3,lapatinib,,GR50,inf,nM,,,72,",
        "lab,BT474,lapatinib,,GR50,-inf,nM,1000,,72,",
        "lab,HCC1954,lapatinib,,IC50,1000,nM,1000,,72,capped at it",
        "lab,AU565,lapatinib,,IC50,1000,nM,,,72,max dose 3.0 uM; capped at it",
        "lab,JIMT-1,lapatinib,,IC50,250,nM,,,72,",
    )
    assert [cell.side for cell in found.cells] == [1, -1, 1, 0, 0]
    assert [round(cell.value, 2) for cell in found.cells] == [4.0, -1.0, 3.0, 3.0, 2.4]


def test_replicates_are_one_cell_and_poor_fits_weigh_little(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "lab,SKBR3,lapatinib,,GR_AOC,0.2,1,,,72,fit r2 0.9",
        "lab,SKBR3,lapatinib,,GR_AOC,0.3,1,,,72,fit r2 0.95",
        "lab,SKBR3,lapatinib,,GR_AOC,2.0,1,,,72,fit r2 -0.4",
    )
    [cell] = found.cells
    assert cell.replicates == 3
    assert cell.value == 0.3
    assert 0.5 < cell.weight < 0.7


def test_a_pair_has_the_metric_of_a_pair(tmp_path: Path) -> None:
    row = "lab,SKBR3,lapatinib,MK-2206,synergy_loewe_sum,12,1,1000,3000,120,QA 1"
    [cell] = read(tmp_path, row).cells
    assert cell.is_pair
    assert cell.top_nM == (1000.0, 3000.0)
    assert cell.weight == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("lab,SKBR3,lapatinib,,EC90,12,nM,,,72,", "line 2: metric: found 'EC90', expected IC50"),
        ("lab,SKBR3,lapatinib,MK-2206,IC50,12,nM,,,72,", "line 2: found 2 drugs with the metric 'IC50'"),
        ("lab,SKBR3,lapatinib,,synergy_bliss,12,nM,,,72,", "line 2: found 1 drugs"),
        ("lab,SKBR3,lapatinib,,IC50,twelve,nM,,,72,", "line 2: value: found 'twelve', expected a number"),
        ("lab,SKBR3,lapatinib,,IC50,-12,nM,,,72,", "line 2: value: found -12"),
        ("lab,SKBR3,lapatinib,,GRmax,inf,nM,,,72,", "line 2: value: found inf, expected a number"),
        ("lab,SKBR3,lapatinib,,IC50,12,nM,,,0,", "line 2: time_h: found '0'"),
        ("lab,SKBR3,lapatinib,,IC50,12,nM,,,72,,,9", "line 2: found 13 values"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, row)
    assert words in str(caught.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column 'metric'; did you mean 'metrics'"):
        read(tmp_path, "a,b,c,1,72", head="cell_line,drug_1,metrics,value,time_h\n")


def test_a_value_that_is_missing_is_counted(tmp_path: Path) -> None:
    found = read(tmp_path, "lab,SKBR3,lapatinib,,IC50,,nM,,,72,")
    assert found.skipped == {"no value": 1}
    assert not found.cells


def area(tested: DoseRange, half_nM: float, least: float, hill: float) -> float:
    place = math.log10(tested.top_nM) + np.linspace(-tested.decades, 0, 400)
    return float(np.mean((1 - least) / (1 + (half_nM / 10**place) ** hill)))


@pytest.mark.parametrize(
    ("source", "drug", "published_fits"),
    [
        ("LJP", "", [(320.38, -0.40563, 1.3224, 0.86351), (92.472, -0.29493, 2.6152, 1.0851)]),
        ("MEP_LINCS", "erlotinib", [(14694.1, -0.5059, 1.3314, 0.1854), (12883.5, -0.4335, 2.0655, 0.1816)]),
        ("MEP_LINCS", "trametinib", [(3.73, -0.3425, 1.2572, 0.8816), (19.18, 0.2591, 1.1692, 0.3787)]),
        ("MEP_LINCS", "lapatinib", [(1832.1, 0.0736, 2.3169, 0.1499), (462.24, 0.1160, 1.3353, 0.2461)]),
    ],
)
def test_areas_of_a_source_run_over_the_doses_that_it_tested(
    source: str, drug: str, published_fits: list[tuple[float, float, float, float]]
) -> None:
    """Published Hill fits (half nM, least GR, slope) give the published areas over these doses: LJP in BT-20, MEP-LINCS
    in 184A1, AU565, BT-474 and 600MPE.
    """
    tested = stated_range(source, drug)
    assert tested is not None
    for *fit, published in published_fits:
        assert area(tested, *fit) == pytest.approx(published, abs=0.015)
        assert abs(area(USUAL, *fit) - published) > 0.02


def test_what_lies_beyond_known_doses_stands_at_their_ends(tmp_path: Path) -> None:
    rows = [
        *(f"{source},SKBR3,lapatinib,,GR50,-inf,nM,,,72," for source in ("LJP", "lab", "MEP_LINCS")),
        "MEP_LINCS,BT474,erlotinib,,GR50,269905,nM,,,72,",
        "lab,BT474,erlotinib,,GR50,269905,nM,,,72,",
        "GRAY_FallahiSichani2013,BT474,trametinib,,IC50,16699.4,nM,,,72,",
        "MEP_LINCS,AU565,erlotinib,,GR50,8692,nM,,,72,",
    ]
    found = read(tmp_path, *rows).cells
    assert [cell.side for cell in found] == [-1, -1, -1, 1, 0, 1, 0]
    assert [10**cell.value for cell in found] == pytest.approx(
        [40, 1, 0.0384, 66_700, 269_905, 16_700, 8692], rel=2e-3
    )


def test_a_note_states_the_top_dose_where_no_column_does(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "AZ_DREAM,SKBR3,sapitinib,,IC50,300,nM,,,120,max dose 0.3 uM; capped at it; plate of A.B",
        "AZ_DREAM,BT474,sapitinib,,IC50,300,nM,,,120,max dose 3.0 uM; capped at it; plate of A.B",
        "AZ_DREAM,BT474,sapitinib,,Emax,0.41,1,,,120,fitted Einf",
        "lab,BT474,sapitinib,,IC50,300,nM,,,120,max dose 3.0 uM",
        "lab,BT474,sapitinib,,Emax,0.41,1,5000,,120,max dose 3.0 uM",
    ).cells
    assert [cell.top_nM for cell in found] == [(300,), (3000,), (1000,), (3000,), (5000,)]
    assert [cell.side for cell in found] == [1, 0, 0, 0, 0]
    assert [cell.fitted for cell in found] == [True, True, True, False, False]


def test_a_source_whose_labelled_doses_cannot_be_right_is_left_out_and_counted(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "MEP_LINCS,SKBR3,vorinostat,,GR50,90000,nM,,,72,",
        "MEP_LINCS,SKBR3,vorinostat,,GRmax,-0.9,1,,,72,",
        "HMS_BRCA,SKBR3,vorinostat,,GR50,788,nM,,,72,",
    )
    assert [cell.source for cell in found.cells] == ["HMS_BRCA"]
    assert found.skipped == {"the doses of vorinostat in MEP_LINCS cannot be read": 2}
