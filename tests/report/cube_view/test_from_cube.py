"""A cube reads the same from a file and from memory, whatever it leaves out; bad files get one clear line."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from screen.errors import InputError
from screen.report.cube_view.from_cube import read_screen


@pytest.mark.slow
def test_file_and_tree_read_the_same(cube: xr.DataTree, cube_file: Path) -> None:
    memory, disk = read_screen(cube), read_screen(cube_file)
    assert memory.lines == disk.lines
    assert memory.partners == ("linsitinib", "alpelisib", "MK-2206", "lapatinib")
    assert memory.peak_nM == disk.peak_nM
    assert memory.peak_nM["MK-2206"] == 180
    np.testing.assert_array_equal(memory.readouts["viability"].values, disk.readouts["viability"].values)
    np.testing.assert_allclose(memory.models[1].mean, disk.models[1].mean)
    assert [model.label for model in disk.models] == ["HSA", "Bliss", "Loewe", "ZIP"]
    assert disk.title == "synthetic"


def test_parents_come_from_the_panel(cube: xr.DataTree) -> None:
    screen = read_screen(cube)
    assert screen.parents[screen.lines.index("SKBR3-pool2")] == screen.lines.index("SKBR3")
    assert screen.parents[screen.lines.index("JIMT-1")] is None


def test_a_cube_without_optional_groups(cube: xr.DataTree) -> None:
    screen = read_screen(xr.DataTree(cube.to_dataset()))
    assert screen.models == ()
    assert screen.main_model is None
    assert not screen.markers
    assert not screen.peak_nM


def test_scores_given_stand_in_for_the_cubes_own(cube: xr.DataTree) -> None:
    scores = cube["scores"].to_dataset().drop_vars(["loewe_excess", "zip_excess"])
    assert [model.name for model in read_screen(cube, scores).models] == ["hsa", "bliss"]


def test_draws_that_are_kept_stand_in_the_interval_of_the_cube(make_cube: Callable[..., xr.DataTree]) -> None:
    screen = read_screen(make_cube(draws=5, failures=False))
    viability = screen.readouts["viability"]
    assert viability.draws is not None
    assert viability.draws.shape[-1] == 5
    found = viability.load_bounds(-1)
    assert found is not None
    for end, share in zip(found, (0.05, 0.95), strict=True):
        kept = np.quantile(viability.draws[..., -1, :], share, axis=-1)
        np.testing.assert_allclose(end, kept, rtol=1e-5)
    assert set(screen.readouts) == {"viability", "gr_value", "pAKT_S473"}
    assert (screen.ensemble.draws, screen.ensemble.level) == (5, "90\u00a0%")


def test_grids_that_differ_by_line(cube: xr.DataTree) -> None:
    root = cube.to_dataset()
    factor = xr.DataArray(np.arange(1, 9), dims="cell_line")
    root = root.assign_coords(concentration_1=(root.concentration_1 * factor).transpose("cell_line", ...))
    screen = read_screen(xr.DataTree(root))
    assert screen.concentration_1.shape == (8, 4, 8)
    assert screen.concentration_1[3, 0, 1] == pytest.approx(4 * 0.067)


def test_a_schedule_is_named_as_left_out(cube: xr.DataTree) -> None:
    root = cube.to_dataset()
    both = xr.concat([root.viability, root.viability], dim="schedule")
    root = root.drop_vars("viability").assign(viability=both).assign_coords(schedule=["one", "other"])
    screen = read_screen(xr.DataTree(root))
    assert any("2 schedules" in note for note in screen.left_out)


def test_factors_of_the_panel_keep_apart_from_readouts(cube: xr.DataTree) -> None:
    panel = cube["panel"].to_dataset()
    factor = xr.DataArray(np.ones((8, 2)), dims=("cell_line", "quantity"))
    panel = panel.assign(factor=factor, status=("cell_line", np.zeros(8, np.int8)))
    panel = panel.assign_coords(quantity=["IGF2", "PIK3CA_H1047R"])
    groups = {"/": cube.to_dataset(), "/panel": panel}
    markers = read_screen(xr.DataTree.from_dict(groups)).markers
    assert {"IGF2", "IGF2 (factor)", "PIK3CA_H1047R (factor)"} <= markers.keys()
    assert "status" not in markers


def test_shared_partners_are_named_by_their_combination(cube: xr.DataTree) -> None:
    root = cube.to_dataset()
    root = root.assign_coords(
        drug_1=("combination", ["trastuzumab", "trastuzumab", "trastuzumab", "alpelisib"]),
        combination=[
            "trastuzumab+linsitinib",
            "trastuzumab+alpelisib",
            "trastuzumab+MK-2206",
            "alpelisib+MK-2206",
        ],
    )
    assert read_screen(xr.DataTree(root)).partners[3] == "alpelisib+MK-2206"


def test_missing_and_foreign_files_are_input_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_screen(tmp_path / "absent.h5")
    (tmp_path / "text.h5").write_text("not HDF5")
    with pytest.raises(InputError, match=r"text\.h5: found no HDF5 file"):
        read_screen(tmp_path / "text.h5")
    xr.Dataset({"a": 1}).to_netcdf(tmp_path / "other.h5", engine="h5netcdf")
    with pytest.raises(InputError, match="not a cube of herscreen"):
        read_screen(tmp_path / "other.h5")


def test_a_cube_without_viability_lists_what_it_has(cube: xr.DataTree) -> None:
    with pytest.raises(InputError, match="gr_value, pAKT_S473"):
        read_screen(xr.DataTree(cube.to_dataset().drop_vars("viability")))


def test_a_pair_is_named_by_its_partner_or_by_both_drugs(cube: xr.DataTree) -> None:
    assert read_screen(cube).pair_name(0) == "linsitinib"
    root = cube.to_dataset().assign_coords(
        drug_1=("combination", ["trastuzumab", "trastuzumab", "trastuzumab", "alpelisib"])
    )
    mixed = read_screen(xr.DataTree(root))
    assert [mixed.pair_name(column) for column in (0, 3)] == [
        "trastuzumab + linsitinib",
        "alpelisib + lapatinib",
    ]
