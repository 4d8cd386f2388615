"""Variables in HDF5 in the netCDF-4 data model: dimensions, units and fill values that every netCDF reader
understands, fletcher32 checksums on numbers, and strings without filters.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array
from screen.cube.about import About
from screen.cube.digests import description_digest, values_digest

if TYPE_CHECKING:
    import h5netcdf
    import h5py

CHUNK_BYTES = 1_000_000
MOST_IN_HEADER = 64
_HDF5 = attrgetter("_h5group")


@dataclass(frozen=True)
class Variable:
    """A named array's dimensions, values and attributes (`units`, `long_name`, ...)."""

    dims: tuple[str, ...]
    values: Any
    attributes: Mapping[str, Any] = field(default_factory=dict)


def write(group: "h5netcdf.Group", variables: Mapping[str, Variable]) -> None:
    """Write whole variables into a group, making the dimensions that are new."""
    for name, variable in variables.items():
        values = as_array(variable.values)
        add_dimensions(group, zip(variable.dims, values.shape, strict=True))
        chunks = chunk_shape(values.shape, values.dtype.itemsize)
        made = declare(group, name, variable.dims, values.dtype, variable.attributes, chunks)
        if values.dtype.kind == "O" or 0 in values.shape:
            made[...] = values
        else:
            write_part(made.id, (), values)
        if known := digests_as_written(group).get(made.name.removeprefix("/")):
            known.append(values_digest([values]))


def digests_as_written(group: "h5netcdf.Group") -> dict[str, list[str]]:
    """The digests of the variables declared so far in the open file of a group, by path: what a variable is, and its
    values where they came at once. They are kept with the file: to read 2,400 attributes again when the cube is sealed
    takes a third of a second.
    """
    while group.parent is not None:
        group = group.parent
    found: dict[str, list[str]] = vars(group).setdefault("digests_as_written", {})
    return found


def add_dimensions(group: "h5netcdf.Group", sizes: Iterable[tuple[str, int]]) -> None:
    """Make the dimensions that the group itself does not have yet: every group can be read alone."""
    own = set(group.dimensions)
    for dim, size in sizes:
        if dim not in own:
            group.dimensions[dim] = size
            own.add(dim)


def declare(
    group: "h5netcdf.Group",
    name: str,
    dims: tuple[str, ...],
    dtype: Any,
    attributes: Mapping[str, Any],
    chunks: tuple[int, ...] | None = None,
) -> "h5py.Dataset":
    """Make an empty variable: NaN-filled and checksummed if numeric, without filters if text or scalar. Its HDF5 data
    set, to fill part by part.

    Coordinates, to which other variables refer, are h5netcdf's; of the others, some 400 in a cube of an ensemble, it
    looks every dimension up again at every step, which takes five times as long as all that is done here.
    """
    import h5py

    text = np.dtype(dtype).kind in "OUS"
    raw, kind = hdf5_of(group), h5py.string_dtype() if text else np.dtype(dtype)
    scales = [h5py.h5d.open(raw.id, dim.encode()) for dim in dims if dim in group.dimensions]
    shape = tuple(scale.shape[0] for scale in scales)
    options: dict[str, Any] = {}
    if dims and not text:
        options = {"fletcher32": True, "chunks": chunks or chunk_shape(shape, kind.itemsize)}
    if kind.kind == "f" and dims != (name,):
        options["fillvalue"] = kind.type(np.nan)
    if name in dims or name in group.dimensions or 0 in shape:
        made = group.create_variable(name, dims, dtype=kind, **options)
        for key, value in attributes.items():
            made.attrs[key] = value
        return raw[name]
    written = h5py.Dataset(make(h5py, raw, name, shape, kind, options))
    for axis, scale in enumerate(scales):
        h5py.h5ds.attach_scale(written.id, scale, axis)
    numbers = np.empty(len(scales), np.int32)
    for place, scale in enumerate(scales):
        h5py.h5a.open(scale, b"_Netcdf4Dimid").read(numbers[place : place + 1].reshape(()))
    own = {"_Netcdf4Coordinates": numbers, "_Netcdf4Dimid": numbers[:1].reshape(())} if scales else {}
    own |= {"_FillValue": options["fillvalue"]} if "fillvalue" in options else {}
    stored = {key: _set_attribute(h5py, written, key, value) for key, value in {**own, **attributes}.items()}
    inside = raw.name.rstrip("/")
    about = About(tuple(f"{inside}/{dim}" for dim in dims), stored)
    digest = description_digest("text" if text else kind.str, shape, about)
    digests_as_written(group)[f"{inside}/{name}".removeprefix("/")] = [digest]
    return written


def make(
    h5: Any,
    group: "h5py.Group",
    name: str,
    shape: tuple[int, ...],
    kind: np.dtype[Any],
    options: Mapping[str, Any],
) -> "h5py.h5d.DatasetID":
    """What `create_dataset` makes of these, in half of the time: attributes keep their order, times are not kept. Its
    attributes stand in its header, not in a tree of their own as more than eight would. `h5` is h5py; groups on the
    way to a `name` with a slash are made.
    """
    way = h5.h5p.create(h5.h5p.LINK_CREATE)
    way.set_create_intermediate_group(True)
    about = h5.h5p.create(h5.h5p.DATASET_CREATE)
    about.set_obj_track_times(False)
    about.set_attr_phase_change(MOST_IN_HEADER, MOST_IN_HEADER)
    about.set_attr_creation_order(h5.h5p.CRT_ORDER_TRACKED | h5.h5p.CRT_ORDER_INDEXED)
    if "chunks" in options:
        about.set_chunk(options["chunks"])
        about.set_fletcher32()
    if "fillvalue" in options:
        about.set_fill_value(np.array(options["fillvalue"]))
    space = h5.h5s.create_simple(shape) if shape else h5.h5s.create(h5.h5s.SCALAR)
    return h5.h5d.create(group.id, name.encode(), h5.h5t.py_create(kind, logical=True), space, about, way)


def _set_attribute(h5: Any, data: "h5py.Dataset", name: str, value: Any) -> Any:
    """A new attribute: words, or numbers, a single one as a list of one, as netCDF-4 has them. What is stored."""
    text = isinstance(value, str)
    values = np.array(value, object if text else None, ndmin=int(np.isscalar(value) and not text))
    if values.dtype.kind in "US" or (values.dtype.kind == "O" and not text):
        data.attrs[name] = value
        return value
    stored, held = _text_types() if text else (h5.h5t.py_create(values.dtype, logical=True), None)
    space = h5.h5s.create_simple(values.shape) if values.ndim else h5.h5s.create(h5.h5s.SCALAR)
    h5.h5a.create(data.id, name.encode(), stored, space).write(values, held)
    return values


@cache
def _text_types() -> "tuple[h5py.h5t.TypeID, h5py.h5t.TypeID]":
    """HDF5's types of texts in a file and in memory, which take as long to make as a text to write."""
    import h5py

    return h5py.h5t.py_create(h5py.string_dtype(), logical=True), h5py.h5t.py_create(h5py.string_dtype())


def write_part(data: "h5py.h5d.DatasetID", first: tuple[int, ...], values: Array) -> None:
    """Write numbers into the part of a data set that begins at `first`, the axes after it whole: a third of the time
    that `data[...] = values` takes to look at the key.
    """
    place, held = data.get_space(), data.get_space()
    if values.ndim:
        place.select_hyperslab(first + (0,) * (values.ndim - len(first)), values.shape)
        held.set_extent_simple(values.shape)
    data.write(held, place, np.ascontiguousarray(values))


def read_whole(data: "h5py.h5d.DatasetID") -> Array:
    """All numbers of a data set."""
    values, place = np.empty(data.shape, data.dtype), data.get_space()
    data.read(place, place, values)
    return values


def hdf5_of(group: "h5netcdf.Group") -> "h5py.Group":
    """The HDF5 group of a netCDF group. The only use of a private part of h5netcdf, for which pyproject.toml bounds its
    version above.
    """
    return _HDF5(group)


def as_array(values: Any) -> Array:
    """An array that netCDF can hold: text as objects, truth values as int8."""
    array = np.asarray(values)
    if array.dtype.kind in "US":
        return array.astype(object)
    return array.astype(np.int8) if array.dtype.kind == "b" else array


def chunk_shape(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Chunks of at most about a megabyte: trailing axes whole, leading axes divided."""
    chunks, size = [], itemsize
    for length in reversed(shape):
        part = max(1, min(length, CHUNK_BYTES // size))
        chunks.append(part)
        size *= part
    return tuple(reversed(chunks))


def checksum(arrays: Mapping[str, Any]) -> str:
    """SHA-256 over the names, types, shapes and contents of arrays, in order of name."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        values = as_array(arrays[name])
        digest.update(f"{name} {values.dtype.kind}{values.dtype.itemsize} {values.shape}\n".encode())
        if values.dtype.kind == "O":
            for text in values.ravel():
                encoded = str(text).encode()
                digest.update(len(encoded).to_bytes(8, "little") + encoded)
        else:
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
