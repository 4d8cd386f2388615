"""Cubes as AnnData and as zarr hold the numbers of the cube."""

from pathlib import Path

import numpy as np
import pytest

from screen.cube.tree import open_cube
from screen.errors import InputError
from screen.report.tables import array_files
from tests.report.conftest import build


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    build(failures=False).to_netcdf(tmp_path / "one.h5", engine="h5netcdf")
    return tmp_path / "one.h5"


def test_anndata_has_lines_by_wells(cube: Path, tmp_path: Path) -> None:
    kit = pytest.importorskip("anndata", reason="anndata is not installed")
    found = kit.read_h5ad(array_files.write_arrays(cube, tmp_path / "one.h5ad"))
    root = open_cube(cube)
    assert list(found.obs_names) == list(root["cell_line"].values)
    line, well = str(root["cell_line"].values[1]), found.var.iloc[7]
    grid = root["viability"].sel(cell_line=line, combination=well["combination"])
    doses = root["concentration_2"].sel(combination=well["combination"]).values
    two = int(np.flatnonzero(doses == well["concentration_2_nM"])[0])
    first = root["concentration_1"].sel(combination=well["combination"]).values
    one = int(np.flatnonzero(first == well["concentration_1_nM"])[0])
    expected = grid.sel(time=well["time_h"]).isel(dose_1=one, dose_2=two).item()
    assert found[line].X[0, 7] == pytest.approx(expected)
    assert found.n_vars == root["viability"][0].size
    assert set(found.layers) == set(root.to_dataset().data_vars) & set(found.layers)
    scores = root["scores"]["bliss"].sel(cell_line=line).values
    assert found.obsm["bliss"].loc[line].to_numpy() == pytest.approx(scores.reshape(-1))


def test_mudata_has_responses_scores_and_panel_of_the_same_lines(cube: Path, tmp_path: Path) -> None:
    kit = pytest.importorskip("mudata", reason="mudata is not installed")
    found = kit.read_h5mu(array_files.write_arrays(cube, tmp_path / "one.h5mu"))
    root = open_cube(cube)
    assert set(found.mod) == {"responses", "scores", "panel"}
    for part in found.mod.values():
        assert list(part.obs_names) == list(root["cell_line"].values)
    line, pair = str(root["cell_line"].values[1]), str(root["combination"].values[0])
    time = float(root["time"].values[-1])
    scores = found["scores"]
    expected = root["scores"]["bliss"].sel(cell_line=line, combination=pair, time=time).item()
    assert scores[line, f"bliss: {pair} {time:g} h"].X.item() == pytest.approx(expected)
    panel = found["panel"]
    assert panel[line, "IGF2_nM"].X.item() == pytest.approx(root["panel"]["IGF2"].sel(cell_line=line).item())


def test_zarr_has_every_group(cube: Path, tmp_path: Path) -> None:
    pytest.importorskip("zarr", reason="zarr is not installed")
    import xarray as xr

    again = xr.open_datatree(array_files.write_arrays(cube, tmp_path / "one.zarr"), engine="zarr")
    root = open_cube(cube)
    assert set(again.groups) == set(root.groups)
    np.testing.assert_array_equal(again["viability"].values, root["viability"].values)


def test_without_the_library_there_is_one_line(
    cube: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "anndata", None)
    with pytest.raises(InputError, match="herscreen\\[arrays\\]"):
        array_files.write_arrays(cube, tmp_path / "one.h5ad")
