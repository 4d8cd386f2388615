"""Plates scored as a whole: what options may be, and what is left out of blocks of three drugs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import screen
from screen.errors import InputError
from screen.synergy.plate_scores import PlateOptions, score_plates
from screen.synergy.plate_tables import columns_of, compact, drawn, printed, scored_words
from screen.synergy.plates.read_plates import read_plates
from tests.synergy.plates.table_of_cases import CONC_1, plate


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"response": "death"}, "--response: expected viability, inhibition, growth or gr, found 'death'"),
        ({"scale": "log"}, "--scale: expected percent, fraction or raw, found 'log'"),
        ({"baseline": "some"}, "--baseline: expected none, part or all, found 'some'"),
        ({"single_agent": "hill"}, "--single-agent: expected fit or monotone, found 'hill'"),
        ({"fit": "lm"}, "--fit: expected drc or least-squares, found 'lm'"),
        ({"bootstrap": 1}, "--bootstrap: one round tells no spread"),
    ],
)
def test_an_option_that_means_nothing_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        PlateOptions(**options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (PlateOptions(bootstrap=100), "--bootstrap: for plates"),
        (PlateOptions(fit="drc"), "--fit: for plates, found a cube"),
        (PlateOptions(baseline="all"), "--baseline: for plates, found a cube"),
    ],
)
def test_an_option_of_plates_is_refused_for_a_cube(options: PlateOptions, words: str) -> None:
    with pytest.raises(InputError, match=words):
        options.for_plates_only()


def test_what_a_cube_may_have_is_not_refused() -> None:
    PlateOptions(models=("bliss",), jobs=2).for_plates_only()


def test_every_block_and_every_dose_pair_has_a_row(shared: Path) -> None:
    plates = read_plates(shared / "plates" / "mathews-viability.csv", drugs=3)
    found = score_plates(plates, PlateOptions(models=("hsa",)))
    assert list(found.summary.block_id) == [block.name for block in plates.blocks]
    assert len(found.cells) == sum(block.viability.size for block in plates.blocks)
    assert found.models == ("hsa",)
    assert "ic50, ec50, css and the like are left out, as hsa fit no curve" in found.notes[0]


@pytest.mark.slow
def test_a_table_in_python_is_scored_as_its_file_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = plate(conc_unit="uM", cell_line="ONE")
    table.to_csv(tmp_path / "plate.csv", index=False)
    of_file = screen.score_plates(tmp_path / "plate.csv", ["bliss", "loewe"])
    told = capsys.readouterr().err
    of_table = screen.score_plates(table, "bliss,loewe", quiet=True)
    of_plates = screen.score_plates(screen.read_plates(table), ["bliss", "loewe"], quiet=True)
    assert not capsys.readouterr().err
    for found in (of_table, of_plates):
        pd.testing.assert_frame_equal(found, of_file)
    assert told.splitlines() == list(of_file.attrs["messages"])
    assert "viability, percent" in told
    cells = screen.score_plates(table, ["bliss"], cells=True, quiet=True)
    assert cells.bliss_excess.max() == pytest.approx(5.0)


def test_a_pivoted_table_is_a_matrix() -> None:
    table = plate().pivot_table(index="conc1", columns="conc2", values="response")
    table.index.name, table.columns.name = "alpha (uM)", "beta (nM)"
    (block,) = screen.read_plates(table).blocks
    assert (block.drug_1, block.drug_2, block.unit) == ("alpha", "beta", "nM")
    np.testing.assert_allclose(block.conc_1, 1000 * CONC_1)
    assert "percent viability; drug 1 down, drug 2 across" in str(screen.read_plates(table))


def test_wells_and_their_map_may_be_tables() -> None:
    table = plate()
    wells = [f"{'ABC'[k // 12]}{k % 12 + 1}" for k in range(25)]
    values = pd.DataFrame({"Well": wells, "RLU": 500 * table.response})
    found = screen.score_plates(
        values, ["bliss"], map=table.drop(columns="response").assign(well=wells), quiet=True
    )
    assert found.bliss[0] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: screen.score_plates(plate(), bootstraps=10),
            "no option 'bootstraps'; did you mean 'bootstrap'",
        ),
        (lambda: screen.score_plates(screen.read_plates(plate()), scale="raw"), "expected it in read_plates"),
        (lambda: screen.read_plates(pd.DataFrame()), "DataFrame without a row"),
        (lambda: screen.read_plates(plate().drop(columns="response")), "no column 'response'"),
        (lambda: screen.fit_line(plate(), around="AU565"), "unknown drug 'alpha'"),
    ],
)
def test_what_python_may_not_ask_is_told(call: Callable[[], object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


@pytest.mark.slow
def test_the_compact_table_has_sensible_digits_and_every_column_a_meaning(shared: Path) -> None:
    plates = read_plates(shared / "plates" / "mathews-viability.csv", drugs=3)
    found = score_plates(plates)
    short = compact(found.summary)
    assert list(short.columns[:4]) == ["block_id", "drug_row", "drug_col", "hsa"]
    assert short.hsa.tolist() == [20.2, -41.42]
    assert "hsa_max" not in short
    assert short.reason.tolist() == found.summary.reason.tolist()
    about = columns_of({"scores": found.summary, "cells": found.cells})
    assert about.column[about.meaning == ""].tolist() == []


def test_the_line_of_plates_that_name_none_may_be_said_and_no_other() -> None:
    bare = plate().drop(columns="cell_line", errors="ignore")
    assert [block.cell_line for block in screen.read_plates(bare, line="SKBR3").blocks] == ["SKBR3"]
    with pytest.raises(
        InputError, match=r"--line: .* names its cell lines \(BT474\), expected plates that name none"
    ):
        screen.read_plates(bare.assign(cell_line="BT474"), line="SKBR3")


def test_a_drug_with_itself_is_remarked() -> None:
    table = screen.score_plates(plate(drug_row="OSI-906", drug_col="linsitinib"), ["hsa"], quiet=True)
    assert "with itself: by Loewe it cannot be synergistic" in table.reason[0]


def test_scores_are_drawn_a_row_a_block_and_with_intervals_a_row_a_model() -> None:
    summary = pd.DataFrame({"block_id": [1], "drug_row": ["a"], "drug_col": ["b"], "hsa": [12.516], "bliss": [np.nan],
                            "reason": ["few wells"]})  # fmt: skip
    models = ("hsa", "bliss")
    head, rows, reasons = drawn(printed(summary, models), models)
    assert (head, rows) == (["block", "drugs", "hsa"], [["1", "a + b", "12.5"]])
    assert reasons == ["1: few wells"]
    ends = summary.assign(bliss=5.0, hsa_low=11.0, hsa_high=13.0, hsa_q=3.7e-10)
    head, rows, _ = drawn(printed(ends, models), models)
    assert head == ["block", "drugs", "model", "mean", "95 % interval", "q"]
    assert rows == [
        ["1", "a + b", "hsa", "12.5", "11.0 to 13.0", "3.7e-10"],
        ["", "", "bliss", "5.0", "", ""],
    ]


def test_a_block_without_a_score_is_not_counted_as_scored() -> None:
    summary = pd.DataFrame({"hsa": [1.0, np.nan], "bliss": [np.nan, np.nan]})
    assert scored_words(summary, ("hsa", "bliss")) == "1 of 2 blocks scored; reason says why not"
    assert scored_words(summary[:1], ("hsa", "bliss")) == "1 block scored"
