"""`herscreen learn` as a user has it: plates in, a folder out, a screen from it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from screen.pathway.tables.learnt_draws import read_learnt
from tests.cli.conftest import inside

SETTINGS = """\
plates: plates.csv
around: {MINE: BT474}
members: 32
steps: 2
draws: 8
folds: 2
"""
SCREEN = """\
cell_lines: [MINE]
combinations: {anchor: trastuzumab, partners: [lapatinib]}
doses: {points: 2}
ensemble: {from: results/mine/learnt.h5, draws: 8}
"""


def write_plates(path: Path) -> None:
    """Two lines, the second resistant; two replicates."""
    rng, rows = np.random.default_rng(1), []
    for block, (line, left) in enumerate([("SKBR3", 0.4), ("MINE", 0.9)], 1):
        for one in (0, 10, 100):
            for two in (0, 100, 1000):
                mean = left ** (np.log10(1 + one) / 2) * 0.7 ** (np.log10(1 + two) / 3)
                rows += [
                    {"block_id": block, "drug_row": "trastuzumab", "drug_col": "lapatinib", "conc_r": one,
                     "conc_c": two,
                     "conc_r_unit": "nM", "conc_c_unit": "nM", "cell_line": line, "time_h": 72,
                     "viability": mean + 0.03 * rng.standard_normal()}
                    for _ in range(2)
                ]  # fmt: skip
    pd.DataFrame(rows).to_csv(path, index=False)


@pytest.mark.slow
def test_plates_in_a_folder_out_and_a_screen_from_it(tmp_path: Path) -> None:
    write_plates(tmp_path / "plates.csv")
    (tmp_path / "mine.yaml").write_text(SETTINGS)
    ended = inside("learn", "mine.yaml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    folder = tmp_path / "results" / "mine"
    record = json.loads((folder / "record.json").read_text())
    assert record["lines_learnt"] == ["MINE", "SKBR3"]
    assert len(record["miss_by_step"]) == 3
    assert 0 < min(record["miss_by_step"]) < 0.5
    wells = pd.read_csv(folder / "wells.csv")
    assert len(wells) == 18
    assert (wells.low <= wells.predicted).all()
    assert set(pd.read_csv(folder / "gains.csv").by) == {"plates", "lines"}
    posterior = pd.read_csv(folder / "lines.tsv", sep="\t")
    assert {"SKBR3", "MINE"} == set(posterior.line)
    learnt = read_learnt(folder / "learnt.h5")
    assert len(learnt.draws) == 8
    assert json.loads(learnt.record)["settings"]["seed"] == 0
    again = inside("learn", "mine.yaml", cwd=tmp_path)
    assert again.stdout == ended.stdout
    (tmp_path / "screen.yaml").write_text(SCREEN)
    screened = inside("run", "screen.yaml", "-j", "1", cwd=tmp_path)
    assert screened.returncode == 0, screened.stderr
    assert "MINE" in screened.stdout
    changed = inside("learn", "mine.yaml", "--set", "seed=3", cwd=tmp_path)
    assert changed.returncode == 2
    assert "expected another name" in changed.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("plates: nothing.csv\n", "line 1: plates: "),
        ("plates: plates.csv\nmembers: 2\n", "line 2: members: "),
        ("plates: plates.csv\n", "unknown cell line 'MINE'"),
        (
            "plates: plates.csv\naround: {MINE: BT474}\nensemble: {from: mine.yaml}\n",
            "expected draw and parameters",
        ),
        (
            "plates: plates.csv\nplan: mine.yaml\naround: {MINE: BT474}\n",
            "expected a plan of `herscreen next`",
        ),
        ("around: {MINE: BT474}\n", "plates"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, settings: str, said: str) -> None:
    write_plates(tmp_path / "plates.csv")
    (tmp_path / "mine.yaml").write_text(settings)
    ended = inside("learn", "mine.yaml", cwd=tmp_path)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) <= 2


def test_a_screen_refuses_an_ensemble_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "screen.yaml").write_text(SCREEN.replace("MINE", "SKBR3"))
    ended = inside("plan", "screen.yaml", cwd=tmp_path)
    assert ended.returncode == 2
    assert "line 4: ensemble.from: " in ended.stderr
    both = SCREEN.replace("MINE", "SKBR3").replace("from:", "table: a.tsv, from:")
    (tmp_path / "screen.yaml").write_text(both)
    assert "expected one of them" in inside("plan", "screen.yaml", cwd=tmp_path).stderr
