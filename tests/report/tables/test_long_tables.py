"""Tables hold every number of the cube once, with units in their names, typed, and safe in a spreadsheet."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from screen.errors import InputError
from screen.report.cube_view.from_cube import read_screen
from screen.report.tables.columns import dictionary
from screen.report.tables.long_tables import responses, write_tables
from screen.report.tables.long_tables import scores as scores_table
from screen.report.tables.xlsx import DOSE, letters, write_workbook


def test_csv_round_trip(cube: xr.DataTree, tmp_path: Path) -> None:
    written = write_tables(cube, tmp_path / "out.csv")
    assert [path.name for path in written] == ["out.csv", "out_scores.csv", "out_panel.csv"]
    table = pd.read_csv(written[0])
    assert len(table) == cube["viability"].size
    np.testing.assert_allclose(table["viability"], cube["viability"].values.reshape(-1), rtol=1e-6)
    row = table.iloc[-1]
    assert row["concentration_1_nM"] == pytest.approx(670)
    assert row["time_h"] == 120
    assert set(table["status"]) == {"solved", "reference", "failed"}
    assert "pAKT_S473_nM" in table
    scores = pd.read_csv(written[1])
    np.testing.assert_allclose(scores["loewe"], cube["scores/loewe"].values.reshape(-1), rtol=1e-6)
    assert scores["resensitisation_dose_nM"].isin([np.inf]).any()
    panel = pd.read_csv(written[2])
    assert list(panel["cell_line"]) == [str(name) for name in cube["cell_line"].values]
    assert "growth_rate_per_h" in panel


def test_parquet_keeps_types(cube: xr.DataTree, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    table = pd.read_parquet(write_tables(cube, tmp_path / "out.parquet")[0])
    assert table["viability"].dtype == np.float32
    assert str(table["cell_line"].dtype) == "category"
    assert table["viability"].isna().sum() == np.isnan(cube["viability"].values).sum()


@pytest.mark.slow
def test_xlsx_has_a_sheet_a_table_with_a_frozen_header(cube: xr.DataTree, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    written = write_tables(cube, tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(written[0])
    assert book.sheetnames == ["read me", "answer", "responses", "scores", "panel", "columns"]
    assert book.active.title == "answer"
    sheet = book["responses"]
    assert sheet.freeze_panes == "B2"
    assert sheet.max_row == cube["viability"].size + 1
    assert isinstance(sheet["H2"].value, float | int)
    names = {cell.value for cell in book["panel"]["A"]}
    assert '<script>alert("line")</script>' in names


def test_a_long_table_is_split_over_sheets(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    write_workbook({"responses": pd.DataFrame({"a": range(5)})}, tmp_path / "split.xlsx", rows=2)
    book = openpyxl.load_workbook(tmp_path / "split.xlsx")
    assert book.sheetnames[1:] == ["responses 1", "responses 2", "responses 3"]
    assert [row[0].value for row in book["responses 3"]] == ["a", 4]


@pytest.mark.slow
def test_formulas_in_names_stay_text(make_cube: Callable[..., xr.DataTree], tmp_path: Path) -> None:
    cube = make_cube(lines=["=HYPERLINK(1)", "-5", "plain"], failures=False, size=4)
    table = pd.read_csv(write_tables(cube, tmp_path / "out.csv")[0], dtype=str)
    assert set(table["cell_line"]) == {"'=HYPERLINK(1)", "-5", "plain"}
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(write_tables(cube, tmp_path / "out.xlsx")[0])
    assert book["panel"]["A2"].value == "=HYPERLINK(1)"
    assert book["panel"]["A2"].data_type == "s"


def test_padding_is_left_out(make_cube: Callable[..., xr.DataTree]) -> None:
    from screen.report.cube_view.from_cube import read_screen

    tree = make_cube(failures=False, size=4)
    root = tree.to_dataset().copy(deep=True)
    root["concentration_2"].values[0, -1] = np.nan
    table = responses(read_screen(xr.DataTree(root)))
    assert len(table) == root["viability"].size - 8 * 4 * 2


def test_bad_endings_and_folders(cube: xr.DataTree, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv or \.parquet or \.xlsx"):
        write_tables(cube, tmp_path / "out.ods")
    with pytest.raises(InputError, match="does not exist"):
        write_tables(cube, tmp_path / "absent" / "out.csv")


def test_column_letters() -> None:
    assert [letters(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.slow
def test_every_column_of_a_workbook_is_explained(sure_cube: xr.DataTree, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(write_tables(sure_cube, tmp_path / "out.xlsx")[0])
    said = {row[:2]: row[2:] for row in book["columns"].iter_rows(min_row=2, values_only=True)}
    for name in ("responses", "scores", "panel"):
        assert book[name].freeze_panes == "B2"
        for cell in book[name][1]:
            assert said[name, cell.value][1], cell.value
    assert said["scores", "bliss_low"][0] == "percent points of inhibition"
    assert said["responses", "viability_high"][0] == "1"
    assert said["scores", "bliss_probability"][0] == "1"
    assert len(str(book["responses"]["H3"].value)) <= 10


def test_numbers_of_a_workbook_have_the_format_of_their_column(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    shown = {
        "gap_closed_percent": "0.0",
        "gap_closed_probability": "0.00",
        "bliss_max_low": "0.0",
        "sim_hsa": "0.0",
        "musyc_beta": "0.000",
        "hsa_q": "0.0E+00",
        "ic50_1": DOSE,
        "concentration_1_nM": DOSE,
        "viability": "0.000",
    }
    table = pd.DataFrame(
        {"cell_line": ["a", "b"], **{name: [0.1, 2000.25] for name in shown}, "doses_row": [5, 6]}
    )
    write_workbook({"scores": table}, tmp_path / "scores.xlsx", rows=10, readme=())
    head, *lines = openpyxl.load_workbook(tmp_path / "scores.xlsx")["scores"].iter_rows()
    names = [cell.value for cell in head]
    assert [[cell.value for cell in line[1:-1]] for line in lines] == [
        [0.1] * len(shown),
        [2000.25] * len(shown),
    ]
    formats = dict(zip(names, (cell.number_format for cell in lines[1])))
    assert formats == {"cell_line": "General", **shown, "doses_row": "General"}


def test_the_best_window_has_its_median_over_draws_as_the_page_has(sure_cube: xr.DataTree) -> None:
    groups = {name: child.to_dataset(inherit=False) for name, child in sure_cube.children.items()}
    scores = groups["scores"]
    groups["scores"] = scores.assign(
        bliss_median=scores["bliss"] + 0.5, bliss_max_median=scores["bliss_max"] + 1
    )
    view = read_screen(xr.DataTree.from_dict({"/": sure_cube.to_dataset(), **groups}))
    table = scores_table(view)
    known = np.isfinite(table["bliss_max"])
    np.testing.assert_allclose((table["bliss_max_median"] - table["bliss_max"])[known], 1)
    said = dictionary(view, {"scores": table}).set_index("column").loc["bliss_max_median"]
    assert said["meaning"].startswith(
        "median over parameter draws of best 3 x 3 window of mean excess over Bliss"
    )
