"""Predictions that were registered: a plan says what it said, or that it was changed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from screen.analysis.learn.noise import even
from screen.analysis.learn.promises import digest, kept, read_plan
from screen.analysis.learn.readings.plates import learn_plate
from screen.errors import InputError

DOSES = np.array([0.0, 10.0, 100.0]), np.array([0.0, 1.0])
PLATES = [learn_plate("a", "SKBR3", ("trastuzumab", "lapatinib"), DOSES, np.full((3, 2, 2), 0.5), 72.0)]


def plan(predicted: float, line: str = "SKBR3") -> dict[str, Any]:
    predictions = [
        {"cell_line": line, "doses_nM": {"trastuzumab": dose, "lapatinib": 1.0}, "time_h": 72.0, "readout": "viability",
         "predicted": predicted, "low": predicted - 0.1, "high": predicted + 0.1}
        for dose in (10.0, 100.0)
    ]  # fmt: skip
    registered = {"predictions": predictions}
    return {
        "kind": "herscreen next",
        "written": "2026-01-01",
        "sha256": digest(registered),
        "registered": registered,
    }


@pytest.mark.parametrize(
    ("predicted", "line", "words"),
    [(0.52, "skbr-3", "held"), (0.9, "SKBR3", "did not hold"), (0.5, "BT474", "not measured")],
)
def test_a_plan_holds_where_wells_are_inside_its_intervals(predicted: float, line: str, words: str) -> None:
    assert kept("p", plan(predicted, line), PLATES, even(PLATES)).words == words


def test_a_plan_changed_afterwards_says_so() -> None:
    changed = plan(0.9)
    for one in changed["registered"]["predictions"]:
        one["low"] = 0.0
    found = kept("p", changed, PLATES, even(PLATES))
    assert found.inside == found.measured == 2
    assert found.words == "changed after it was written"


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"kind": "herscreen next", "registered": {"predictions": [1]}}']
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(InputError, match="expected a plan"):
        read_plan(tmp_path / "plan.json")
    (tmp_path / "plan.json").write_text(json.dumps(plan(0.5)))
    assert read_plan(tmp_path / "plan.json")["registered"]
