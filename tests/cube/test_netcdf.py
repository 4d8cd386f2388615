"""Variables as any netCDF reader sees them, and the one private part of h5netcdf that writing rests on."""

from pathlib import Path

import h5netcdf
import h5py
import numpy as np
import xarray as xr

from screen.cube.netcdf import Variable, add_dimensions, checksum, chunk_shape, dataset, declare, write


def test_a_variables_data_set_is_h5pys_own_because_h5netcdf_is_too_slow_to_fill_part_by_part(
    tmp_path: Path,
) -> None:
    with h5netcdf.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("inner")
        add_dimensions(group, [("x", 4)])
        declare(group, "v", ("x",), np.dtype(float), {"units": "nM"})
        found = dataset(group, "v")
        assert type(found) is h5py.Dataset, "h5netcdf's Variable._h5ds has changed: see cube/netcdf.dataset"
        found[1:3] = [1.0, 2.0]
    with xr.open_dataset(tmp_path / "a.h5", engine="h5netcdf", group="inner") as data:
        np.testing.assert_array_equal(data["v"], [np.nan, 1.0, 2.0, np.nan])
        assert data["v"].attrs["units"] == "nM"


def test_each_group_has_its_own_dimensions_and_reads_alone(tmp_path: Path) -> None:
    with h5netcdf.File(tmp_path / "a.h5", "w") as file:
        write(file, {"x": Variable(("x",), np.arange(2.0))})
        write(file.create_group("inner"), {"x": Variable(("x",), np.arange(3.0))})
    with xr.open_dataset(tmp_path / "a.h5", engine="h5netcdf", group="inner") as data:
        assert data.sizes["x"] == 3


def test_numbers_are_checksummed_and_texts_have_no_filter(tmp_path: Path) -> None:
    with h5netcdf.File(tmp_path / "a.h5", "w") as file:
        write(file, {"n": Variable(("x",), np.arange(2.0)), "t": Variable(("x",), ["a", "b"])})
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["n"].fletcher32
        assert not file["t"].fletcher32
        assert file["t"].chunks is None


def test_chunks_keep_trailing_axes_whole() -> None:
    assert chunk_shape((1000, 100, 100), 8) == (12, 100, 100)


def test_a_checksum_knows_names_types_shapes_and_contents() -> None:
    values = np.arange(6.0)
    sums = {
        checksum(arrays)
        for arrays in (
            {"a": values},
            {"b": values},
            {"a": values.astype(np.float32)},
            {"a": values.reshape(2, 3)},
            {"a": values + 1},
        )
    }
    assert len(sums) == 5
