"""Doses under caps: fronts of the model agree with a fine grid, and say what they rest on."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from screen.analysis.optimise.optimise import Optimum, Panel, Response, optimise
from screen.analysis.optimise.pareto import non_dominated
from screen.config.screen import ScreenConfig, parse_config
from screen.errors import InputError
from screen.pathway import Assay, load_pathway
from tests.cli.conftest import ROOT, inside

pytestmark = pytest.mark.slow

LINES = ["SKBR3-pool2", "HCC1569"]


def asked(**goal: Any) -> ScreenConfig:
    return parse_config(
        {
            "name": "asked",
            "cell_lines": [*LINES, "SKBR3"],
            "combinations": {"anchor": "trastuzumab", "partners": ["lapatinib"]},
            "times": "120 h",
            "optimise": {"reference_effect": 0.4, "caps": {"lapatinib": "1 uM"}} | goal,
        }
    )


@pytest.fixture(scope="module")
def optimum() -> Optimum:
    return optimise(asked(), load_pathway())


def test_only_resistant_lines_count_and_the_reference_does_not(optimum: Optimum) -> None:
    assert optimum.lines == {"trastuzumab+lapatinib": tuple(LINES)}
    assert {front.of for front in optimum.fronts} == {"worst case", "mean", *LINES}
    assert {front.against for front in optimum.fronts} == {"reference", "dose"}


def test_fronts_are_not_dominated_and_keep_to_caps_and_bound(optimum: Optimum) -> None:
    assert optimum.caps == {"trastuzumab": 1200.0, "lapatinib": 1000.0}
    for front in optimum.fronts:
        price = front.effect if front.against == "reference" else front.total
        assert non_dominated(np.stack([front.viability, price], axis=-1)).all()
        assert np.all(front.doses <= [1200.0, 1000.0])
        assert np.all(front.effect <= 0.4 + 1e-9)
        assert front.total == pytest.approx(front.doses[:, 0] / 1200 + front.doses[:, 1] / 4200)
        assert len(front.doses) <= 60


def test_the_worst_case_front_agrees_with_a_fine_grid(optimum: Optimum) -> None:
    pathway = load_pathway()
    lines = tuple(pathway.cell_line(name) for name in (*LINES, "MCF10A"))
    response = Response(Assay.compile(pathway, []), Panel(lines, ({}, {}, {})), 120.0)
    one, two = np.meshgrid(np.r_[0, np.geomspace(0.07, 1200, 28)], np.r_[0, np.geomspace(1, 1000, 28)])
    doses = np.stack([one.ravel(), two.ravel()], axis=-1)
    left = response(("trastuzumab", "lapatinib"), doses)
    fine = np.stack([left[:2].max(axis=0), 1 - left[2]], axis=-1)
    fine = fine[fine[:, 1] <= 0.4]
    front = next(f for f in optimum.fronts if (f.of, f.against) == ("worst case", "reference"))
    for viability, effect in fine[non_dominated(fine)]:
        assert front.viability[front.effect <= effect + 0.01].min() <= viability + 0.01
    again = response(("trastuzumab", "lapatinib"), front.doses)
    assert again[:2].max(axis=0) == pytest.approx(front.viability, abs=1e-5)
    assert 1 - again[2] == pytest.approx(front.effect, abs=1e-5)


def test_what_is_known_of_mcf10a_is_said(optimum: Optimum) -> None:
    assert any("MCF10A is a rough entry" in note for note in optimum.notes)


def test_a_tighter_bound_never_gives_a_better_dose(optimum: Optimum) -> None:
    tight = optimise(asked(reference_effect=0.1, against="reference", points=6, rounds=2), load_pathway())
    for front in tight.fronts:
        loose = next(f for f in optimum.fronts if (f.of, f.against) == (front.of, front.against))
        assert loose.viability.min() <= front.viability.min() + 1e-6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reference": "MCF-10B"}, "optimise.reference: unknown cell line 'MCF-10B'; did you mean 'MCF10A'"),
        ({"caps": {"alpelisib": 1.0}}, "optimise.caps.alpelisib: 'alpelisib' is in no combination"),
        ({"caps": {"lapatinb": 1.0}}, "optimise.caps.lapatinb: unknown drug 'lapatinb'; did you mean"),
        ({"lines": ["JIMT-1"]}, "optimise.lines: the screen has no cell line 'JIMT-1'"),
        ({"caps": {"lapatinib": -1}}, "optimise.caps.lapatinib: found -1, expected a fraction"),
        ({"caps": {"lapatinib": "0 nM"}}, "optimise.caps.lapatinib: found 0 nM, expected a dose above 0"),
        ({"against": "toxicity"}, "optimise.against.0: found 'toxicity', expected 'reference' or 'dose'"),
    ],
)
def test_goals_that_cannot_be_reached_are_one_line(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        optimise(asked(**change), load_pathway())
    assert "\n" not in str(raised.value)


def test_a_cap_needs_a_clinical_peak_or_a_concentration() -> None:
    config = asked(caps={}).model_copy(
        update={
            "combinations": parse_config(
                {"cell_lines": "all", "combinations": {"pairs": [["trastuzumab", "NVP-AEW541"]]}}
            ).combinations
        }
    )
    with pytest.raises(InputError, match=r"Cmax\) of NVP-AEW541 is known, expected a concentration"):
        optimise(config, load_pathway())


@pytest.mark.slow
def test_the_example_runs_and_is_written_whole(tmp_path: Path) -> None:
    changes = ("--set", "optimise.points=6", "--set", "optimise.rounds=2")
    found = inside("optimise", str(ROOT / "configs" / "optimise.yaml"), *changes, cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "MCF10A is a rough entry" in found.stderr
    table = pd.read_csv(tmp_path / "results" / "optimise-fronts.csv")
    assert set(table["of"]) >= {"worst case", "mean", "JIMT-1"}
    assert table["effect_on_reference"].max() <= 0.5 + 1e-6
    capped = table[table["drug_2"] == "alpelisib"]
    assert capped["of_peak_2"].max() <= 0.5 + 1e-6
    whole = json.loads((tmp_path / "results" / "optimise-fronts.json").read_text())
    assert sum(len(front["viability"]) for front in whole["fronts"]) == len(table)
    picture = (tmp_path / "results" / "optimise-fronts.svg").read_text()
    assert picture.startswith("<svg")
    assert "MCF10A cells lost" in picture
