"""Plates written from a cube say the same to `herscreen score` as the cube does."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.tables.plates import plates, write_plates
from screen.synergy import score_cube
from screen.synergy.plates.read_plates import read_plates
from screen.synergy.plates.score_plates import score_blocks
from screen.synergy.potency.cube_potency import strength


def test_blocks_are_lines_pairs_and_times(cube: xr.DataTree, tmp_path: Path) -> None:
    table = pd.read_csv(write_plates(read_screen(cube), tmp_path / "plates.csv"))
    assert table["block_id"].nunique() == 8 * 4 * 2
    assert len(table) == 8 * 4 * 2 * 64 - 2
    chosen = table[(table.cell_line == "SKBR3-pool2") & (table.drug_col == "MK-2206") & (table.time_h == 120)]
    assert chosen["block_id"].nunique() == 1
    grid = chosen.pivot(index="conc_r", columns="conc_c", values="response").to_numpy()
    np.testing.assert_allclose(grid, 100 * cube["viability"].values[2, 2, :, :, 1], rtol=1e-6)
    assert set(table["conc_r_unit"]) == {"nM"}


MODELS = ("hsa", "bliss", "loewe", "zip", "braid")


@pytest.mark.slow
def test_a_round_trip_through_score_gives_the_same_scores(
    make_cube: Callable[..., xr.DataTree], tmp_path: Path
) -> None:
    cube = make_cube(lines=["SKBR3", "JIMT-1"], size=6, failures=False)
    cube["viability"] = cube["viability"] ** 3  # no longer a sigmoid, so that a fitted curve would miss it
    path = write_plates(read_screen(cube), tmp_path / "plates.csv")
    measured = read_plates(path)
    assert any("blocks are simulated" in message for message in measured.messages)
    summary, _ = score_blocks(measured.blocks, MODELS)
    root = cube.to_dataset()
    expected = score_cube(root, MODELS).merge(strength(root, "viability"), combine_attrs="override")
    for name in (*MODELS, *(f"{model}_max" for model in MODELS), "ci50", "ic50_2", "css"):
        np.testing.assert_allclose(summary[name], expected[name].values.reshape(-1), atol=1e-5, err_msg=name)


@pytest.mark.slow
def test_fitted_curves_would_not_give_the_cube_s_loewe(
    make_cube: Callable[..., xr.DataTree], tmp_path: Path
) -> None:
    cube = make_cube(lines=["JIMT-1"], size=6, failures=False)
    cube["viability"] = cube["viability"] ** 3
    blocks = read_plates(write_plates(read_screen(cube), tmp_path / "plates.csv")).blocks
    simulated, _ = score_blocks(blocks, ("loewe",))
    fitted, _ = score_blocks(blocks, ("loewe",), single_agent="fit")
    assert np.abs(simulated["loewe"] - fitted["loewe"]).max() > 1e-3


def test_a_cube_with_draws_is_plates_of_its_nominal_responses(make_cube: Callable[..., xr.DataTree]) -> None:
    screen = read_screen(make_cube(draws=3, failures=False, size=4))
    table = plates(screen)
    assert len(table) == screen.readouts["viability"].values.size
