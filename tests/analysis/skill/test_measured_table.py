"""MeasuredTable tables are read as they are; what the model lacks is named, what was not reached is censored."""

from pathlib import Path

import numpy as np
import pytest

from screen.analysis.skill.measured_table import DECADES_OF, MeasuredTable, read_measured
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
        ("lab,SKBR3,lapatinib,,IC50,12,nM,,,0,", "line 2: time_h: found 0"),
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


def test_areas_of_a_source_run_over_the_doses_that_it_tested() -> None:
    """Published Hill fits of LJP (BT-20 under AT-7519 and SNS-032) give its published areas over these doses."""
    decades = DECADES_OF["LJP"]
    for half_uM, least, hill, published in (
        (0.32038, -0.40563, 1.3224, 0.86351),
        (0.092472, -0.29493, 2.6152, 1.0851),
    ):
        place = np.linspace(1 - decades, 1, 400)
        area = np.mean((1 - least) / (1 + (half_uM / 10**place) ** hill))
        assert area == pytest.approx(published, abs=0.01)
        over_four = np.mean((1 - least) / (1 + (half_uM / 10 ** np.linspace(-3, 1, 400)) ** hill))
        assert abs(over_four - published) > 0.3


def test_what_lies_below_all_doses_stands_at_the_lowest_of_its_source(tmp_path: Path) -> None:
    rows = [f"{source},SKBR3,lapatinib,,GR50,-inf,nM,,,72," for source in ("LJP", "lab")]
    found = {cell.source: cell for cell in read(tmp_path, *rows).cells}
    assert 10 ** found["LJP"].value == pytest.approx(40)
    assert 10 ** found["lab"].value == pytest.approx(1)
    assert found["LJP"].side == found["lab"].side == -1
