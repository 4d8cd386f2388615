"""Plates written from a cube say the same to `herscreen score` as the cube does."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from screen.report.plates import plates, write_plates
from screen.report.reading import read_screen


def test_blocks_are_lines_pairs_and_times(cube: xr.DataTree, tmp_path: Path) -> None:
    table = pd.read_csv(write_plates(read_screen(cube), tmp_path / "plates.csv"))
    assert table["block_id"].nunique() == 8 * 4 * 2
    assert len(table) == 8 * 4 * 2 * 64 - 2
    chosen = table[(table.cell_line == "SKBR3-pool2") & (table.drug_col == "MK-2206") & (table.time_h == 120)]
    assert chosen["block_id"].nunique() == 1
    grid = chosen.pivot(index="conc_r", columns="conc_c", values="response").to_numpy()
    np.testing.assert_allclose(grid, 100 * cube["viability"].values[2, 2, :, :, 1], rtol=1e-6)
    assert set(table["conc_r_unit"]) == {"nM"}


def test_a_round_trip_through_score_gives_the_same_scores(
    make_cube: Callable[..., xr.DataTree], tmp_path: Path
) -> None:
    reader = pytest.importorskip("screen.synergy.plates", reason="plates are not read yet")
    from screen.synergy.table import score_blocks

    cube = make_cube(lines=["SKBR3", "JIMT-1"], failures=False)
    path = write_plates(read_screen(cube), tmp_path / "plates.csv")
    summary, _ = score_blocks(reader.read_plates(path, "viability").blocks, ("hsa", "bliss"))
    for model in ("hsa", "bliss"):
        expected = cube[f"scores/{model}"].values.reshape(-1)
        found = summary.assign(order=summary["block_id"].astype(int)).sort_values("order")[model]
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_draws_are_plates_of_medians(make_cube: Callable[..., xr.DataTree]) -> None:
    screen = read_screen(make_cube(draws=3, failures=False, size=4))
    table = plates(screen)
    assert len(table) == screen.readouts["viability"].values.size
