"""Cross-validation: a fold never sees what it is asked about, and is compared with a predictor that can be
computed by hand.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.calibration.cross_validation import (
    HeldOut,
    cross_validate,
    drugs,
    families,
    score,
    write_held_out,
)
from screen.analysis.evidence.table import BUILT_IN, read_evidence
from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.pathway import Assay

QUICK = CalibrationConfig(candidates=4, starts=1, bursts=1, evaluations=2)
CHOSEN = {"E188", "E189", "E177", "E178", "E196", "E197", "E026"}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = tmp_path_factory.mktemp("few") / "few.csv"
    head, *rows = BUILT_IN.read_text().splitlines()
    table.write_text("\n".join([head, *(row for row in rows if row.split(",")[0] in CHOSEN)]))
    return table


def without(rows: list[HeldOut], name: str) -> HeldOut:
    return next(row for row in rows if row.id == name)


@pytest.mark.slow
def test_a_held_out_line_changes_nothing_in_its_own_prediction(
    assay: Assay, few: Path, tmp_path: Path
) -> None:
    """Other measured values of the line held out leave the held-out predictions bitwise the same."""
    settings = QUICK.model_copy(update={"evidence": str(few)})
    rows = cross_validate(assay.pathway, settings, "lines", tmp_path / "a")
    assert {row.fold for row in rows} == {"SKBR3", "BT474"}
    text = few.read_text().splitlines()
    moved = [line.replace("-0.856,-0.156", "-0.1,0.6") if line.startswith("E188") else line for line in text]
    assert moved != text
    few.with_name("moved.csv").write_text("\n".join(moved))
    settings = QUICK.model_copy(update={"evidence": str(few.with_name("moved.csv"))})
    other = cross_validate(assay.pathway, settings, "lines", tmp_path / "b")
    assert without(other, "E188").held_out == without(rows, "E188").held_out
    assert without(other, "E188").measured == 0.25
    assert without(other, "E177").held_out != without(rows, "E177").held_out
    np.testing.assert_allclose(without(rows, "E188").null, (-0.937 - 0.237) / 2)
    write_held_out(rows, tmp_path / "h.csv")
    assert [row["id"] for row in csv.DictReader((tmp_path / "h.csv").open())] == [row.id for row in rows]


def test_derivatives_and_combinations_leave_with_their_line_and_drug(assay: Assay) -> None:
    by_id = {s.id: s for s in read_evidence(BUILT_IN, assay.pathway)}
    assert families(by_id["E001"]) == {"SKBR3"}
    assert families(by_id["E055"]) == {"BT474"}
    assert drugs(by_id["E170"]) == {"lapatinib", "MK-2206"}
    assert "trastuzumab" in drugs(by_id["E015"])


def test_scores_of_predictors_are_those_computed_by_hand() -> None:
    rows = [
        HeldOut("a", "1", "L", "d", "gr_max", -0.1, 0.3, 0.1, 0.2, 0.5, 0.1),
        HeldOut("a", "2", "L", "d", "gr_max", 0.2, 0.6, 0.4, 0.8, 0.5, 0.4),
        HeldOut("a", "3", "L", "d", "gr_max", -np.inf, 0.0, np.nan, -1.0, 0.5, 0.2),
    ]
    found = score(rows, "held_out")
    assert (found.numbers, found.rows, found.hold) == (2, 3, 2)
    np.testing.assert_allclose(found.error, np.sqrt((0.01 + 0.16) / 2))
    assert score(rows, "null").hold == 1


def test_only_lines_or_drugs_can_be_held_out(assay: Assay, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found 'rows', expected lines or drugs"):
        cross_validate(assay.pathway, QUICK, "rows", tmp_path)
