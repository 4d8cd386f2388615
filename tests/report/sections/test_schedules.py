"""A cube with schedules: what its page, its tables and its plates say."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_schedules, read_screen
from screen.report.findings.findings import Findings
from screen.report.page.html import render
from screen.report.sections.schedules import SECTION
from screen.report.tables.long_tables import write_tables
from screen.report.tables.plates import write_plates


@pytest.fixture
def tree(make_cube: Callable[..., xr.DataTree]) -> xr.DataTree:
    """Three schedules; under `partner <first>` the cells of the strongest pair do better than otherwise."""
    plain = make_cube(
        lines=["SKBR3", "BT474-HR20"], partners=("linsitinib", "alpelisib"), size=4, failures=False
    )
    names = ["concurrent", "anchor first", "partner <first>"]

    def repeated(data: xr.Dataset) -> xr.Dataset:
        dosed = [name for name in data.data_vars if "combination" in data[name].dims]
        for name in dosed:
            copies = [data[name]] * len(names)
            dims = list(data[name].dims)
            data[name] = xr.concat(copies, "schedule").transpose(*dims[:2], "schedule", *dims[2:])
        return data.assign_coords(schedule=names)

    root, scores = repeated(plain.to_dataset()), repeated(plain["scores"].to_dataset(inherit=False))
    root["viability"][1, 0, 2, 3, 2] = root["viability"][1, 0, 2, 3, 2] + 0.3
    scores["bliss"][0, 1, 1] = 77.7
    given = {"exposure_1": [0, 0, 1], "exposure_2": [0, 1, 0]}
    for name, rows in given.items():
        root[name] = (("combination", "schedule"), [rows, rows])
    groups = {name: child.to_dataset(inherit=False) for name, child in plain.children.items()}
    return xr.DataTree.from_dict({"/": root, **groups, "scores": scores})


def test_the_section_says_where_order_matters(tree: xr.DataTree) -> None:
    section = SECTION.make(Findings(read_screen(tree)))
    assert section is not None
    first, either = section.sentences
    assert "most in BT474-HR20 with trastuzumab+linsitinib" in first
    assert "30 points lower under “concurrent” than under “partner <first>”" in first
    assert either.startswith("The order alone (“anchor first” against “partner <first>”) changes viability")
    assert "in 1 of 4 pairs" in either
    assert section.table[1][:3] == ("BT474-HR20", "trastuzumab+linsitinib", "30.0")
    assert any("+77.7" in text for row in section.table for text in row)
    assert "partner &lt;first&gt;" in section.pictures[0][1]


def test_a_cube_without_schedules_has_no_such_section(make_cube: Callable[..., xr.DataTree]) -> None:
    assert SECTION.make(Findings(read_screen(make_cube(lines=["SKBR3"], partners=("linsitinib",))))) is None


def test_the_page_shows_the_first_schedule_and_says_so(tree: xr.DataTree) -> None:
    text = render(Findings(read_screen(tree)))
    assert "3 schedules are in the cube; the figures show “concurrent”" in text
    assert 'id="schedules"' in text
    assert "partner <first>" not in text


def test_tables_and_plates_hold_every_schedule(tree: xr.DataTree, tmp_path: Path) -> None:
    responses, scores, _ = (pd.read_csv(path) for path in write_tables(tree, tmp_path / "t.csv"))
    assert responses["schedule"].value_counts().tolist() == [2 * 2 * 16 * 2] * 3
    assert scores.groupby("schedule")["bliss"].max()["anchor first"] == 77.7
    plates = pd.read_csv(write_plates(read_schedules(tree), tmp_path / "p.csv"))
    assert plates["block_id"].nunique() == 2 * 2 * 2 * 3
    assert plates.groupby("block_id")["schedule"].nunique().max() == 1
    assert np.isfinite(plates["response"]).all()
