"""The examples in `configs/`: each is a screen that `herscreen plan` accepts, and runs when made small."""

import json
from pathlib import Path

import pytest

from screen import runner
from screen.config.screen import load_config
from tests.cli.conftest import ROOT, inside
from tests.cubes import data_of
from tests.paths import tracked

EXAMPLES = tracked("configs", "*.yaml")


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_plan_accepts_every_example(path: Path, tmp_path: Path) -> None:
    ended = inside("plan", str(path), "--json", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    facts = json.loads(ended.stdout)
    assert facts["simulations"] > 0
    assert facts["seconds"] < 60


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_says_what_it_asks(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert load_config(path).description


@pytest.mark.slow
def test_the_example_of_schedules_runs(tmp_path: Path) -> None:
    small = ["cell_lines=[BT474-HR20]", "doses.points=3", "combinations.partners=[linsitinib]"]
    config = load_config(
        ROOT / "configs" / "schedules.yaml",
        [*small, "schedules.6.drugs={linsitinib: {half_life: 5 h, every: 12 h}}"],
    )
    cube = runner.open_cube(runner.run(config, tmp_path / "schedules.h5"))
    viability = cube["viability"].isel(cell_line=0, combination=0, dose_1=2, dose_2=2, time=-1)
    by_name = dict(zip(cube["schedule"].values, viability.values))
    assert by_name["concurrent"] == min(by_name.values())
    assert by_name["Herceptin first"] != by_name["partner first"]
    assert cube["controls"]["passed"].values.all()
    said = inside("plan", str(ROOT / "configs" / "schedules.yaml"), cwd=tmp_path).stdout
    assert "Herceptin first" in said
    assert "from 48 h" in said


@pytest.mark.slow
def test_the_example_of_heterogeneity_runs(tmp_path: Path) -> None:
    from screen.analysis.cubes.verify import verify

    path = ROOT / "configs" / "heterogeneity.yaml"
    config = load_config(path, ["doses.points=3", "combinations.partners=[linsitinib]"])
    cube = tmp_path / "heterogeneity.h5"
    tree = runner.open_cube(runner.run(config, cube))
    share = tree["share_BT474-HR20"].isel(combination=0, dose_2=0, time=-1)
    few = share.sel(cell_line="BT474 with 5 % resistant").values
    assert few[0] == pytest.approx(0.05, abs=0.001), "they stay few without the drug"
    assert few[2] > 1.2 * few[0], "and grow out under Herceptin"
    assert share.sel(cell_line=["BT474", "BT474-HR20"]).values.tolist() == [[0, 0, 0], [1, 1, 1]]
    tree.close()
    assert verify(cube, points=12, seed=3).passed, "the file says what the clones are"
    said = inside("plan", str(path), cwd=tmp_path).stdout
    assert "0.95 BT474, 0.05 BT474-HR20" in said


@pytest.mark.slow
def test_the_example_of_noisy_plates_runs_to_scores_of_its_replicates(tmp_path: Path) -> None:
    import pandas as pd

    small = ["cell_lines=[BT474-HR20]", "combinations.partners=[linsitinib]", "doses.points=6"]
    config = load_config(ROOT / "configs" / "noisy-plate.yaml", small)
    runner.run(config, tmp_path / "noisy.h5")
    assert inside("export", "noisy.h5", "--plates", "-o", "plates.csv", cwd=tmp_path).returncode == 0
    table = pd.read_csv(tmp_path / "plates.csv")
    assert len(table) == 3 * 6 * 6
    assert table["response"].between(-10, 130).all()
    asked = "score plates.csv --models bliss --bootstrap 20 --against noisy.h5 -o s.csv"
    ended = inside(*asked.split(), cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    scores = pd.read_csv(tmp_path / "s.csv").iloc[0]
    assert scores["replicates"] == 3
    assert scores["bliss_low"] < scores["bliss"] < scores["bliss_high"]
    assert abs(scores["bliss"] - scores["sim_bliss"]) < 6


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_a_configuration_can_ask_for_goes_together(tmp_path: Path) -> None:
    """Mixtures, schedules, expressions, draws, virtual plates and GR scores in one screen, triples too."""
    (tmp_path / "all.yaml").write_text(
        """
cell_lines:
  - {name: mixed, mixture: {BT474: 0.9, BT474-HR20: 0.1}}
combinations: {anchor: trastuzumab, partners: [linsitinib, alpelisib], triples: all}
doses: {points: 2}
times: [12 h, 24 h]
readouts: [share_BT474-HR20, pAKT_S473 / AKT, {name: x, expression: viability * pERK / vehicle(pERK)}]
schedules:
  - concurrent
  - {name: tablets, partner: {half_life: 6 h, every: 12 h}}
ensemble: 2
replicates: {number: 2, seeding: 300}
scored: gr_value
synergy: [bliss]
"""
    )
    for command in (
        "run all.yaml -o all.h5",
        "run all.yaml -o parts.h5 -j 2 --set shard_simulations=8",
        "verify all.h5 --points 3 --seed 1",
        "report all.h5 --explain 0",
        "export all.h5 -o all.csv",
        "export all.h5 --plates -o plates.csv",
    ):
        ended = inside(*command.split(), cwd=tmp_path)
        assert ended.returncode == 0, f"{command}: {ended.stderr}"
    whole, parts = data_of(tmp_path / "all.h5"), data_of(tmp_path / "parts.h5")
    assert whole == parts, "the same to the last bit in one shard and in many"
    page = (tmp_path / "all.html").read_text(encoding="utf-8")
    assert "When order matters" in page
    assert "Bliss (GR value)" in page
    assert (tmp_path / "plates.csv").read_text().count("virtual plate") == 3 * 2 * 2 * 4 * 2
