"""A cube with three drugs: what its page and its tables say."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.page.html import is_wide, render
from screen.report.sections.triples import SECTION
from screen.report.tables.long_tables import write_tables

NAMES = ["trastuzumab+linsitinib+<b>alpelisib", "trastuzumab+linsitinib+everolimus"]


@pytest.fixture
def tree(make_cube: Callable[..., xr.DataTree]) -> xr.DataTree:
    """Two lines x two triples; the second line's first triple is strongest beyond its pairs."""
    plain = make_cube(
        lines=["SKBR3", "BT474-HR20"], partners=("linsitinib", "alpelisib"), size=4, failures=False
    )
    times = plain["time"].values
    dims = ("cell_line", "triple", "triple_dose_1", "triple_dose_2", "triple_dose_3", "time")
    shape = (2, 2, 3, 3, 2, len(times))
    doses = np.array([0.0, 10.0, 1000.0])
    root = xr.Dataset(
        {
            "viability": (dims, np.linspace(1, 0.1, np.prod(shape)).reshape(shape), {"units": "1"}),
            "pAKT_S473": (dims, np.ones(shape), {"units": "nM"}),
            "status": (dims[:-1], np.zeros(shape[:-1], np.int8)),
        },
        coords={
            "triple": NAMES,
            **{f"drug_{k}": ("triple", [name.split("+")[k - 1] for name in NAMES]) for k in (1, 2, 3)},
            "concentration_1": (("triple", "triple_dose_1"), [doses, doses]),
            "concentration_2": (("triple", "triple_dose_2"), [doses, doses]),
            "concentration_3": (("triple", "triple_dose_3"), [[0.0, 20.0], [0.0, np.nan]]),
        },
    )
    summary = ("cell_line", "triple", "time")
    beyond = np.zeros((2, 2, len(times)))
    beyond[1, 0] = 12.5
    hsa = np.zeros(shape)
    hsa[1, 0, 1, 2, 1, -1] = 33.0
    scores = xr.Dataset(
        {
            "bliss": (summary, beyond + 3),
            "bliss_beyond": (summary, beyond),
            "bliss_reason": (summary, np.full(beyond.shape, "", dtype=object)),
            "hsa": (summary, beyond),
            "hsa_beyond": (summary, beyond),
            "hsa_beyond_excess": (dims, hsa),
        }
    )
    groups = {name: child.to_dataset(inherit=False) for name, child in plain.children.items()}
    return xr.DataTree.from_dict(
        {"/": plain.to_dataset(), **groups, "triples": root, "triples/scores": scores}
    )


def test_the_section_says_where_a_third_drug_adds_most(tree: xr.DataTree) -> None:
    section = SECTION.make(Findings(read_screen(tree)))
    assert section is not None
    beyond, third = section.sentences
    assert "in 1 of 4 cases" in beyond
    assert "most in BT474-HR20 with trastuzumab+linsitinib+<b>alpelisib, +12.5 points" in beyond
    assert "33 points more at 10\u00a0nM, 1\u00a0µM and 20\u00a0nM" in third
    assert section.table[0] == (
        "cell line",
        "combination",
        "HSA",
        "HSA, beyond",
        "Bliss",
        "Bliss, beyond",
    )
    assert section.table[1][:2] == ("BT474-HR20", NAMES[0])
    assert "<b>" not in section.pictures[0][1]
    assert "What a third drug adds" in render(Findings(read_screen(tree)))


def test_the_picture_holds_its_last_column_and_stands_over_the_whole_page(tree: xr.DataTree) -> None:
    section = SECTION.make(Findings(read_screen(tree)))
    assert section is not None
    picture = section.pictures[0][1]
    width = float(re.search(r'viewBox="0 0 (\d+)', picture)[1])
    heads = re.findall(r'translate\(([\d.]+),[\d.]+\) rotate\(-38\)"[^>]*>([^<]+)<', picture)
    assert heads
    assert all(float(x) + 4.7 * len(name) < width for x, name in heads)
    assert is_wide(picture) == (width > 580)


def test_a_cube_without_triples_has_no_such_section(cube: xr.DataTree) -> None:
    assert SECTION.make(Findings(read_screen(cube))) is None


def test_tables_of_three_drugs_stand_beside_those_of_pairs(tree: xr.DataTree, tmp_path: Path) -> None:
    written = write_tables(tree, tmp_path / "out.csv")
    assert [path.name for path in written[-2:]] == ["out_triples.csv", "out_triples_scores.csv"]
    wells, scores = pd.read_csv(written[-2]), pd.read_csv(written[-1])
    times = tree.sizes["time"]
    assert len(wells) == 2 * times * (18 + 9)
    assert set(wells["status"]) == {"solved"}
    assert "pAKT_S473_nM" in wells
    assert list(wells.columns[:9]) == [
        "cell_line", "combination", "drug_1", "drug_2", "drug_3",
        "concentration_1_nM", "concentration_2_nM", "concentration_3_nM", "time_h",
    ]  # fmt: skip
    assert len(scores) == 4 * times
    assert scores["bliss_beyond"].max() == 12.5
