"""Designs that leave out a part of each grid: rays of fixed ratio, and adaptive ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from screen.config.screen import load_config
from screen.cube.reader import CubeReader
from screen.errors import InputError
from screen.pathway import load_pathway
from screen.runner import merge, open_cube, run, run_part
from screen.runner.plan.plan import make_plan
from tests.cubes import data_of
from tests.paths import ROOT
from tests.runner.conftest import small

PATHWAY = load_pathway()
CONFIGS = ROOT / "configs"
NOT_SIMULATED = 3
ADAPTIVE = {"points": 16, "adaptive": {"wells": 40}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"doses": {"rays": [0]}}, "doses.rays: found a ray of ratio 0, which holds one drug"),
        ({"doses": {"rays": [1, 1]}}, "doses.rays: found 1, 1, expected ratios without repeats"),
        ({"doses": {"rays": []}}, "doses.rays: found nothing"),
        ({"doses": {"rays": [1], "adaptive": {}}}, "doses: found rays together with adaptive"),
        (
            {"doses": {"rays": [1], "drugs": {"alpelisib": [1, 2]}}},
            "doses.rays: found doses in no fixed ratio",
        ),
        ({"doses": {"rays": [1], "drugs": {"alpelisib": [1, 2, 9]}}}, "doses.rays: .*no fixed ratio"),
        (
            {"doses": {"rays": [1]}, "combinations": {"triples": [["linsitinib", "alpelisib", "MK-2206"]]}},
            "doses.rays: found rays with the triple linsitinib",
        ),
        (
            {"doses": {"points": 6, "adaptive": {"wells": 40}}},
            "adaptive.wells: found 40 wells for the grid of 6 x 6",
        ),
        (
            {"doses": {"points": 32, "adaptive": {"wells": 25}}},
            "adaptive.wells: found 25, expected at least 28",
        ),
        ({"doses": ADAPTIVE, "schedules": ["concurrent"]}, "doses.adaptive: .*with schedules"),
    ],
)
def test_a_bad_design_is_one_line_with_its_place(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        make_plan(small(**changes), PATHWAY)
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_a_ray_is_the_diagonal_and_the_edges_of_the_grid(assay: type, home: Path) -> None:
    whole = open_cube(run(small(name="whole"))).to_dataset()
    path = run(small(doses={"points": 4, "rays": [1]}))
    assert all(check.passed for check in CubeReader.open(path).checks)
    cube = open_cube(path)
    simulated = cube["status"].values[0, 0] != NOT_SIMULATED
    expected = np.eye(4, dtype=bool)
    expected[0], expected[:, 0] = True, True
    assert (simulated == expected).all()
    for name in ("viability", "gr_value", "pAKT_S473"):
        values = cube[name].values
        assert (values[:, :, expected] == whole[name].values[:, :, expected]).all()
        assert np.isnan(values[:, :, ~expected]).all()
    assert (cube["scores"]["bliss_reason"] == "").all()


@pytest.mark.slow
def test_the_status_tells_what_failed_from_what_was_not_asked_for(assay: type, home: Path) -> None:
    assay.fail = lambda line, doses: 3 * ((doses["trastuzumab"] > 500) & (doses["linsitinib"] > 5000))
    status = open_cube(run(small(doses={"points": 4, "rays": [1]})))["status"]
    assert (status.values[:, 0, 3, 3] == 2).all()
    assert (status.values[:, 0, 3, 2] == NOT_SIMULATED).all()
    assert status.attrs["flag_meanings"].split()[3] == "not_simulated"


@pytest.mark.slow
def test_rays_of_other_ratios_have_doses_of_their_own(assay: type, home: Path) -> None:
    cube = open_cube(run(small(doses={"points": 4, "rays": [0.5, 1]})))
    one, two = cube["concentration_1"].values[0], cube["concentration_2"].values[0]
    ratio = two[-1] / one[-1]
    cells = np.argwhere(cube["status"].values[0, 0, 1:, 1:] != NOT_SIMULATED) + 1
    found = np.array([two[j] / one[i] for i, j in cells]) / ratio
    assert sorted(np.round(found, 9)) == [0.5] * 3 + [1.0] * 3
    assert list(cube["scores"]["ray"].values) == [0.5, 1.0]
    assert cube["scores"]["ray_bliss"].dims == ("cell_line", "combination", "time", "ray")


@pytest.mark.slow
@pytest.mark.parametrize("doses", [{"points": 4, "rays": [1]}, ADAPTIVE])
def test_parts_joined_are_the_whole_run_bit_for_bit(assay: type, home: Path, doses: dict[str, Any]) -> None:
    config = small(doses=doses)
    whole = data_of(run(config, home / "whole.h5"))
    for part in range(2):
        run_part(config, (part, 2), home / "parts.h5")
    assert data_of(merge(config, home / "parts.h5")) == whole
    other = data_of(run(small(doses=doses, shard_simulations=100_000), home / "one.h5"))
    assert other["viability"] == whole["viability"]
    assert other["scores/bliss"] == whole["scores/bliss"]
    with open_cube(merge(config, home / "parts.h5", virtual=True)) as linked:
        assert linked["scores"]["bliss"].values.tobytes() == whole["scores/bliss"]


@pytest.mark.slow
def test_an_adaptive_design_has_its_number_of_wells_in_each_line_and_pair(assay: type, home: Path) -> None:
    whole = open_cube(run(small(name="whole", doses={"points": 16})))
    cube = open_cube(run(small(doses=ADAPTIVE)))
    simulated = cube["status"].values != NOT_SIMULATED
    assert (simulated.sum(axis=(2, 3)) == 40).all()
    assert (cube["viability"].values[simulated] == whole["viability"].values[simulated]).all()
    assert (cube["pAKT_S473"].values[simulated] == whole["pAKT_S473"].values[simulated]).all()
    gap = np.abs(cube["scores"]["bliss"] - whole["scores"]["bliss"])
    assert gap.max() < 0.3
    assert (cube["scores"]["mean_error"] < 0.3).all()
    assert cube["scores"]["bliss_excess"].notnull().all()


@pytest.mark.slow
def test_lines_may_differ_in_what_is_added(tmp_path: Path) -> None:
    lines = "cell_lines=[SKBR3, BT474-HR20]"
    path = run(load_config(CONFIGS / "adaptive.yaml", [lines, "synergy=[bliss]"]), tmp_path / "x.h5")
    with xr.open_dataset(path, engine="h5netcdf") as cube:
        simulated = cube["status"].values != NOT_SIMULATED
    assert (simulated.sum(axis=(2, 3)) == 40).all()
    assert (simulated[0] != simulated[1]).any()
    assert all(check.passed for check in CubeReader.open(path).checks)


@pytest.mark.slow
def test_rays_of_the_example_have_an_index(tmp_path: Path) -> None:
    config = load_config(CONFIGS / "rays.yaml", ["cell_lines=[SKBR3]", "synergy=[bliss, ci]"])
    scores = open_cube(run(config, tmp_path / "x.h5"))["scores"]
    assert np.isfinite(scores["ray_ci50"].values[0, 0]).all()
    assert (scores["ray_ci50"].values[0, 0] < 1).all()
    assert scores["ray_ci"].attrs["units"] == "percent points of inhibition"
