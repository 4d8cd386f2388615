"""Variables as any netCDF reader sees them, and as h5netcdf would have written them."""

from pathlib import Path

import h5netcdf
import h5py
import numpy as np
import xarray as xr

from screen.cube.about import About
from screen.cube.digests import of_description, of_values
from screen.cube.netcdf import (
    Variable,
    add_dimensions,
    checksum,
    chunk_shape,
    declare,
    digests_as_written,
    read_whole,
    write,
    write_part,
)


def test_a_variable_is_written_below_h5netcdf_and_is_what_h5netcdf_would_have_made(tmp_path: Path) -> None:
    attributes = {"units": "nM", "quantile": 0.05, "flag_values": np.arange(2, dtype=np.int8)}
    with h5netcdf.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("inner")
        add_dimensions(group, [("x", 4), ("y", 2)])
        found = declare(group, "v", ("x", "y"), np.dtype(float), attributes)
        assert type(found) is h5py.Dataset
        found[1:3, 0] = [1.0, 2.0]
        made = group.create_variable(
            "w", ("x", "y"), dtype=float, fillvalue=np.nan, chunks=(4, 2), fletcher32=True
        )
        for key, value in attributes.items():
            made.attrs[key] = value
    with h5py.File(tmp_path / "a.h5") as file:
        ours, theirs = file["inner/v"], file["inner/w"]
        assert list(ours.attrs) == list(theirs.attrs)
        for key in set(ours.attrs) - {"DIMENSION_LIST"}:
            one, other = (
                np.atleast_1d(ours.attrs[key]),
                np.atleast_1d(theirs.attrs[key]),
            )  # older ones: of one number
            np.testing.assert_array_equal(one, other, strict=True)
        for one in (ours, theirs):
            assert [axis[0].name for axis in one.dims] == ["/inner/x", "/inner/y"]
            assert (one.fletcher32, one.chunks, one.dtype) == (True, (4, 2), np.dtype(float))
    with xr.open_dataset(tmp_path / "a.h5", engine="h5netcdf", group="inner") as data:
        np.testing.assert_array_equal(data["v"][:, 0], [np.nan, 1.0, 2.0, np.nan])
        assert data["v"].attrs["units"] == "nM"


def test_parts_are_written_where_they_begin_and_read_as_a_whole(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("x", (3, 2, 2), "f8", fillvalue=np.nan)
        part = np.arange(4.0).reshape(1, 2, 2).transpose(0, 2, 1)
        write_part(data.id, (1,), part)
        one = file.create_dataset("n", (), "i4")
        write_part(one.id, (), np.array(7))
        expected = np.full((3, 2, 2), np.nan)
        expected[1:2] = part
        np.testing.assert_array_equal(read_whole(data.id), expected, strict=True)
        assert read_whole(one.id) == 7


def test_a_coordinate_may_come_after_the_variables_that_have_it(tmp_path: Path) -> None:
    with h5netcdf.File(tmp_path / "a.h5", "w") as file:
        add_dimensions(file, [("x", 2)])
        declare(file, "v", ("x",), np.dtype(float), {})[...] = 1.0
        write(file, {"x": Variable(("x",), ["a", "b"])})
    with xr.open_dataset(tmp_path / "a.h5", engine="h5netcdf") as data:
        assert float(data["v"].sel(x="b")) == 1.0


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


def test_what_is_digested_as_it_is_written_is_what_the_file_then_holds(tmp_path: Path) -> None:
    attributes = {"units": "nM", "quantile": 0.05, "flags": np.arange(2, dtype=np.int8), "names": ["a", "b"]}
    with h5netcdf.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("inner")
        numbers, texts, mark = np.arange(8.0).reshape(4, 2).T, ["é", "", "c"], np.array(7, np.int16)
        write(group, {"v": Variable(("x", "y"), numbers, attributes), "t": Variable(("z",), texts)})
        write(file, {"n": Variable((), mark), "w": Variable(("x",), np.ones(3, np.int32))})
        declare(file, "part", ("x",), np.dtype(float), {})[1:] = 1.0
        known = digests_as_written(group)
    with h5py.File(tmp_path / "a.h5") as file:
        assert set(known) == {"inner/v", "inner/t", "n", "w", "part"}
        for path, digests in known.items():
            data = file[path]
            again = [of_description(data, About.of(data, {})), of_values(data)]
            assert digests == (again[:1] if path == "part" else again)
