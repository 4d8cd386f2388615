"""The page of a comparison: what changed stands on it, names are text, and it needs nothing else."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from screen.report.comparison.comparison_page import render, write_comparison
from screen.report.comparison.measured import MeasuredComparison, measured_comparison
from screen.report.comparison.pictures import answers_picture, pairs_pictures
from screen.report.findings.panels.compare import Comparison, compare
from screen.synergy.plate_scores import PlateScores


@pytest.fixture(scope="module")
def compared(make_cube: Callable[..., xr.DataTree], tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """A screen with draws and one of other lines' answers, beside each other."""
    folder = tmp_path_factory.mktemp("two")
    small = {"size": 4, "times": (72.0,), "failures": False}
    for name, cube in (("one <b>", make_cube(seed=7, **small)), ("two", make_cube(seed=8, draws=4, **small))):
        cube.to_netcdf(folder / f"{name}.h5", engine="h5netcdf")
    return compare(folder / "one <b>.h5", folder / "two.h5")


def measured(sim: float = 4.0) -> MeasuredComparison:
    rows = {
        "block_id": ["1", "<i>2"], "drug_row": ["trastuzumab"] * 2, "drug_col": ["linsitinib", "alpelisib"],
        "cell_line": ["BT474", ""], "bliss": [5.0, -2.0], "bliss_low": [3.0, -4.0], "bliss_high": [7.0, 0.0],
        "sim_bliss": [sim, np.nan], "sim_reason": ["", "no cell line '' in the cube"],
    }  # fmt: skip
    scores = PlateScores(pd.DataFrame(rows), pd.DataFrame(), ("bliss",), ())
    return measured_comparison(scores, "cube.h5", "plates.csv")


@pytest.mark.slow
def test_names_on_the_page_are_text_and_nothing_is_loaded(
    compared: Comparison, nasty_names: list[str]
) -> None:
    text = render([compared, measured()])
    assert "<script>alert(" not in text
    assert "<b>" not in text
    assert "<i>2" not in text
    assert "&lt;script&gt;alert(" in text
    assert not re.search(r'(src|href)="(?!#|data:)', text)
    assert "default-src &#39;none&#39;" in text


@pytest.mark.slow
def test_it_says_what_changed(compared: Comparison) -> None:
    text = render([compared])
    assert "setting" in str(compared.stated)
    assert "<td>4</td>" in text  # parameter sets of the second
    for sentence in compared.sentences:
        assert sentence.split(" (")[0][:40] in text
    assert len(compared.lines) == 6
    moved = [line.moved for line in compared.lines]
    assert moved == sorted(moved, reverse=True)
    assert text.count("<h3") == 3 + bool(compared.markers)


@pytest.mark.slow
def test_pictures_show_every_line_and_pair_that_both_have(compared: Comparison) -> None:
    drawn = answers_picture(compared)
    assert drawn.count("<g>") == len([line for line in compared.lines if None not in line.answers])
    (_, shares), (words, scores) = pairs_pictures(compared)
    assert scores.count("<circle") == len(compared.pairs)
    assert shares.count("<circle") == sum(bool(np.isfinite(pair.change)) for pair in compared.pairs)
    assert "Bliss" in words


def test_a_measured_block_is_within_its_interval_or_not() -> None:
    (block, other) = measured().blocks
    assert block.within is True
    assert other.within is None
    assert "1 of 1 within the measured interval" in measured().sentences[0]
    assert measured(9.0).blocks[0].within is False
    assert "no cell line" in render([measured()])


@pytest.mark.slow
def test_a_page_of_three_has_a_part_for_each(compared: Comparison, tmp_path: Path) -> None:
    path = write_comparison([compared, compared], tmp_path / "three.html")
    text = path.read_text(encoding="utf-8")
    assert 'id="with-2"' in text
    assert "and 2 others" in text
