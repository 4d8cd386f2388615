"""`herscreen next` as a user has it, and the whole loop: next, virtual plates, score, learn, screen."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from screen.analysis.learn.promises import digest, read_plan
from screen.synergy.plates.read_plates import ReadingOptions, read_plates
from tests.cli.commands.test_learn import SETTINGS as LEARN
from tests.cli.commands.test_learn import write_plates
from tests.cli.conftest import inside
from tests.paths import ROOT

SETTINGS = """\
lines: [SKBR3, BT474]
drugs: {partners: [alpelisib, everolimus]}
offered:
  points: 2
  markers: [pAKT_S473]
  knock_downs: [IGF2]
budget: {plates: 2, markers: 2}
members: 64
"""
HYPOTHESIS = """\
about:
  name: PPP3CB lost carries the resistance
  line: SKBR3-pool2
  treatment: {Herceptin: 68 nM}
  perturbation: {PPP3CB: 4}
  changes: -0.055
lines: [SKBR3-pool2]
drugs: {partners: [linsitinib]}
offered: {points: 2, unit: well, knock_downs: [SRC]}
members: 64
"""


@pytest.mark.slow
def test_a_plan_is_plates_predictions_and_a_hash(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SETTINGS)
    ended = inside("next", "mine.yaml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    folder = tmp_path / "results" / "mine"
    plan = read_plan(folder / "plan.json")
    assert plan["sha256"] == digest(plan["registered"])
    assert plan["written"].startswith("20")
    assert plan["bits"] > 0
    assert 0 < plan["right_in"]["now"] <= 1
    for belief in plan["registered"]["beliefs"]:
        assert sum(belief["probability"].values()) == pytest.approx(1)
    for one in plan["registered"]["predictions"]:
        assert one["low"] < one["predicted"] < one["high"]
    wells = list(csv.DictReader((folder / "map.csv").open()))
    assert len(wells) <= 120
    assert len(list(csv.reader((folder / "d300.csv").open()))) > 1
    assert {"map", "plate 1", "predicted"} <= set(openpyxl.load_workbook(folder / "plates.xlsx").sheetnames)
    again = inside("next", "mine.yaml", cwd=tmp_path)
    assert again.returncode == 2, "what was registered stays"
    other = inside("next", "mine.yaml", "-o", "results/other", cwd=tmp_path)
    assert other.returncode == 0
    same = read_plan(tmp_path / "results" / "other" / "plan.json")
    assert same["sha256"] == plan["sha256"], "the same seed, the same plan"


@pytest.mark.slow
def test_the_maps_are_read_by_score_with_a_plate_reader_s_export(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SETTINGS.replace("  knock_downs: [IGF2]\n", ""))
    assert inside("next", "mine.yaml", cwd=tmp_path).returncode == 0
    folder = tmp_path / "results" / "mine"
    wells = pd.read_csv(folder / "map.csv")
    export = wells[["plate", "well"]].assign(
        value=[1000 if role == "vehicle" else 500 for role in wells.role]
    )
    export.to_csv(tmp_path / "counts.csv", index=False)
    export.assign(value=0.5).to_csv(tmp_path / "shares.csv", index=False)
    mapped = read_plates(
        tmp_path / "counts.csv", reading=ReadingOptions("viability", "raw", map=folder / "map.csv")
    )
    assert {block.cell_line for block in mapped.blocks} <= {"SKBR3", "BT474"}
    dosed = [block.viability[1:, 1:] for block in mapped.blocks]
    assert all(np.nanmax(np.abs(one - 0.5)) < 1e-9 for one in dosed), "vehicle wells are what the map says"
    listed = read_plates(
        tmp_path / "shares.csv", reading=ReadingOptions("viability", "fraction", map=folder / "d300.csv")
    )
    for read in (mapped, listed):
        drugs = {drug for block in read.blocks for drug in (block.drug_1, block.drug_2)}
        assert "trastuzumab" in drugs <= {"trastuzumab", "alpelisib", "everolimus"}


@pytest.mark.slow
def test_a_hypothesis_is_a_question(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").write_text(HYPOTHESIS)
    ended = inside("next", "loop.yaml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    plan = json.loads((tmp_path / "results" / "loop" / "plan.json").read_text())
    [belief] = plan["registered"]["beliefs"]
    assert belief["question"] == "PPP3CB lost carries the resistance"
    assert set(belief["probability"]) == {"true", "false"}
    assert {one["kind"] for one in plan["chosen"]} <= {"well", "knock-down"}


@pytest.mark.slow
def test_parameters_are_a_question(tmp_path: Path) -> None:
    asked = "about: parameters\nparameters: [K_lapatinib_HER2, 'SKBR3:k_birth']\nmembers: 256\n"
    text = SETTINGS.replace("members: 64\n", asked).replace("alpelisib", "lapatinib")
    (tmp_path / "mine.yaml").write_text(text)
    ended = inside("next", "mine.yaml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    plan = json.loads((tmp_path / "results" / "mine" / "plan.json").read_text())
    assert "lapatinib" in plan["chosen"][0]["experiment"]
    assert 0.1 < plan["bits_checked"] < plan["bits"] + 0.2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("alpelisib", "alpelisob"), "did you mean 'alpelisib'"),
        (("[IGF2]", "[IGF9]"), "offered.knock_downs"),
        (("[SKBR3, BT474]", "[SKBR3, MINE]"), "line 1: lines: unknown cell line 'MINE'"),
        (("members: 64", "members: 3"), "line 8: members"),
        (("members: 64", "about: parameters\nparameters: [nothing]"), "no parameter that members differ in"),
        (("[pAKT_S473]", "[pAKTT]"), "unknown observable"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    (tmp_path / "mine.yaml").write_text(SETTINGS.replace(*change))
    ended = inside("next", "mine.yaml", cwd=tmp_path)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_the_loop_from_a_plan_to_a_screen_of_what_was_learnt(tmp_path: Path) -> None:
    """The example in `configs/loop`, made small."""
    shutil.copytree(ROOT / "configs" / "loop", tmp_path / "configs" / "loop")
    few = ["--set", "members=48"]
    steps = [
        ["next", "configs/loop/next.yaml", "-j", "2", *few],
        ["run", "configs/loop/laboratory.yaml", "-j", "1"],
        ["export", "results/laboratory.h5", "--plates", "-o", "results/plates.csv"],
        ["score", "results/plates.csv", "-o", "results/scores.csv"],
        ["learn", "configs/loop/learn.yaml", "-j", "2", *few, "--set", "folds=0", "--set", "draws=16"],
        ["run", "configs/loop/screen.yaml", "-j", "1", "--set", "ensemble.draws=8", "--set", "doses.points=3"],
    ]  # fmt: skip
    for step in steps:
        ended = inside(*step, cwd=tmp_path)
        assert ended.returncode == 0, (step, ended.stderr)
    record = json.loads((tmp_path / "results" / "learn" / "record.json").read_text())
    [plan] = record["plans"]
    assert plan["registered"]
    assert plan["measured"] == plan["planned"] > 0
    assert plan["inside"] > 0.6 * plan["planned"], "the laboratory's truth is one that the ensemble allows"
    assert record["miss_by_step"][-1] < record["miss_of_prior"]
    assert (tmp_path / "results" / "screen.h5").exists()


@pytest.mark.slow
def test_markers_that_next_asks_for_are_read_by_learn_and_count_in_its_plan(tmp_path: Path) -> None:
    asked = "about: parameters\noffered: {points: 2, markers: [pAKT_S473]}\nbudget: {plates: 1, markers: 4}\n"
    (tmp_path / "mine.yaml").write_text(
        f"lines: [SKBR3, BT474]\ndrugs: {{partners: [MK-2206]}}\nmembers: 64\n{asked}"
    )
    ended = inside("next", "mine.yaml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    table = pd.read_csv(tmp_path / "results" / "mine" / "markers.csv")
    predicted = {
        (one["cell_line"], len(one["doses_nM"])): np.exp(one["predicted"])
        for one in read_plan(tmp_path / "results" / "mine" / "plan.json")["registered"]["predictions"]
        if one["readout"] != "viability"
    }
    table["ratio"] = [
        f"{predicted[line, len(doses.split(';'))]:.4f}"
        for line, doses in zip(table.cell_line, table.doses_nM)
    ]
    table.to_csv(tmp_path / "markers.csv", index=False)
    write_plates(tmp_path / "plates.csv")
    (tmp_path / "learn.yaml").write_text(
        LEARN.replace("folds: 2", "folds: 0") + "markers: markers.csv\nplan: results/mine/plan.json\n"
    )
    ended = inside("learn", "learn.yaml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "markers: means lie" in ended.stdout
    record = json.loads((tmp_path / "results" / "learn" / "record.json").read_text())
    assert record["marker_readings"] == len(table) > 0
    assert record["plans"][0]["inside"] >= len(table), "what was predicted is inside its interval"
    found = pd.read_csv(tmp_path / "results" / "learn" / "markers.csv")
    assert found.measured.tolist() == pytest.approx(table.ratio.astype(float).tolist(), rel=1e-3)
