"""Groups and variables of a cube as they are stored, whether in a file (h5py) or in a tree in memory (xarray): names
at once, dimensions, attributes and values when they are asked for.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from screen.arrays import Array
from screen.cube.about import About
from screen.cube.digests import (
    DAMAGE,
    LONGEST_WORDS,
    Digests,
    holds_text,
    is_bare_dimension,
    is_guarded,
)
from screen.cube.untrusted import check_cube, check_heaps
from screen.errors import InputError
from screen.files import ANY_SIZE, require_file

if TYPE_CHECKING:
    import h5py
    import xarray as xr

Opened = TypeVar("Opened")
HDF5_ATTRIBUTES = (
    "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates", "_FillValue",
    "_nc3_strict", "_NCProperties",
)  # fmt: skip


@dataclass(frozen=True)
class Description:
    """What a variable says of itself; `kind` is NumPy's of its numbers, `O` for texts."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    kind: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class StoredVariable:
    """A variable. `describe` gives what it says of itself, which takes half a millisecond of a file, when it is first
    asked for; `read` its values at a NumPy key, texts as `str`.
    """

    name: str
    describe: Callable[[], Description]
    read: Callable[[Any], Any]

    @cached_property
    def description(self) -> Description:
        """Dimensions, shape, kind and attributes, read once."""
        return self.describe()

    @property
    def dims(self) -> tuple[str, ...]:
        """The names of its dimensions, in order."""
        return self.description.dims

    @property
    def shape(self) -> tuple[int, ...]:
        """How long each dimension is."""
        return self.description.shape

    @property
    def kind(self) -> str:
        """NumPy's letter for what its values are."""
        return self.description.kind

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What the file says of it, by name."""
        return self.description.attributes

    def __getitem__(self, key: Any) -> Any:
        return self.read(key)

    @property
    def values(self) -> Array:
        """All of it, with `dims`."""
        return np.asarray(self.read(...))

    @property
    def texts(self) -> tuple[str, ...]:
        """All of a variable of texts, in order."""
        return tuple(str(text) for text in self.values.ravel())

    @property
    def units(self) -> str:
        """Its unit as the file has it; nothing where it has none."""
        return str(self.attributes.get("units", ""))

    def array(self, *dims: str, **at: int) -> Array:
        """The values with the axes `dims`; `at` picks places on other dimensions, and says nothing of those
        that the variable lacks. Raises `ValueError` where the two do not name every dimension.
        """
        left = [dim for dim in self.dims if dim not in at]
        if sorted(left) != sorted(dims):
            raise ValueError(f"{self.name}: found the dimensions {left}, expected {list(dims)}")
        found = np.asarray(self.read(tuple(at.get(dim, slice(None)) for dim in self.dims)))
        return np.asarray(found.transpose([left.index(dim) for dim in dims]), order="C")


@dataclass(frozen=True)
class StoredGroup:
    """A group: its attributes, and its variables by name."""

    where: str
    """The file and the group, for people."""
    attributes: Mapping[str, Any]
    names: tuple[str, ...]
    make: Callable[[str], StoredVariable]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __getitem__(self, name: str) -> StoredVariable:
        """Raises `InputError` where there is no such variable."""
        if name not in self.names:
            raise InputError(
                f"{self.where}: not a cube of this version, a part of the cube is not there: found no "
                f"variable '{name}'"
            )
        return self.make(name)

    def get(self, name: str) -> StoredVariable | None:
        """A variable by its name; None where it is missing."""
        return self.make(name) if name in self.names else None

    def size(self, dim: str) -> int:
        """The length of a dimension, 0 where no variable has it."""
        known = (self.make(name) for name in self.names)
        return next((each.shape[each.dims.index(dim)] for each in known if dim in each.dims), 0)


def open_file(path: str | Path) -> "h5py.File":
    """An HDF5 file to read; `InputError` where it is none, or one that would have other files read."""
    import h5py

    require_file(path, ANY_SIZE, "a cube made by `herscreen run`")

    def opened(locking: bool | None) -> "h5py.File":
        check_heaps(path)
        file = h5py.File(path, "r", locking=locking)
        try:
            check_cube(file, path)
        except BaseException:
            file.close()
            raise
        return file

    return without_lock(path, opened)


def without_lock(path: str | Path, opened: Callable[[bool | None], Opened]) -> Opened:
    """What `opened` gives with the first of HDF5's ways to lock that works: a file system may have no locks,
    and a file that is open in this process can be opened again in the same way only. Cubes are replaced
    whole, never changed, so that a lock guards nothing. `InputError` where the file is no cube.
    """
    problem: Exception | None = None
    for locking in (None, False, True):
        try:
            return opened(locking)
        except InputError:
            raise
        except DAMAGE as error:
            problem = problem or error  # what a flipped bit brings about is of many kinds
    words = " ".join(str(problem).split())[:LONGEST_WORDS]
    if "signature not found" in words:
        raise InputError(f"{path}: found no HDF5 file, expected a cube made by `herscreen run`")
    if "truncated file" in words:
        raise InputError(f"{path}: found a cube that is cut short, expected the cube as it was written")
    raise InputError(f"{path}: cannot be read as a cube ({words})")


def of_file(group: "h5py.Group", where: str, digests: Digests | None = None, path: str = "") -> StoredGroup:
    """A group of an open file at `path` in it; what `digests` say of it is checked as it is read, values as far as
    HDF5 itself does not guard them.
    """
    import h5py

    if digests is not None:
        digests.check_group(f"{path}/", group, where)
    items = {
        name: item
        for name, item in group.items()
        if isinstance(item, h5py.Dataset) and not is_bare_dimension(item)
    }
    start = f"{path}/" if path else ""
    checks = None if digests is None else (digests, start)

    @cache
    def make(name: str) -> StoredVariable:
        return _of_dataset(items[name], name, where, checks)

    return StoredGroup(where, _attributes(group.attrs), tuple(items), make)


@contextlib.contextmanager
def read_errors(where: str, name: str) -> Iterator[None]:
    """Make one line of what reading a damaged variable raises."""
    try:
        yield
    except InputError:
        raise
    except DAMAGE as error:
        words = " ".join(str(error).split())[:LONGEST_WORDS]
        raise InputError(f"{where}: the variable '{name}' cannot be read ({words})") from None


def _of_dataset(
    data: "h5py.Dataset", name: str, where: str, checks: tuple[Digests, str] | None
) -> StoredVariable:
    """A variable of a file: what it says of itself is checked before anything else of it is used, then its values,
    unless HDF5 guards them.
    """

    @cache
    def describe() -> Description:
        with read_errors(where, name):
            about = About.of(data, {} if checks is None else checks[0].paths)
            if checks is not None:
                checks[0].check_about(checks[1] + name, data, about, where)
            own = data.is_scale and data.ndim == 1
            dims = (name,) if own else tuple(path.rpartition("/")[2] for path in about.scales)
            kind = "O" if holds_text(data) else data.dtype.kind
            return Description(dims, data.shape, kind, _attributes(about.attributes))

    @cache
    def check() -> None:
        if checks is not None and not is_guarded(data):
            checks[0].check_values(checks[1] + name, data, where)

    def read(key: Any) -> Any:
        text = describe().kind == "O"
        with read_errors(where, name):
            check()
            return data.asstr()[key] if text else data[key]

    return StoredVariable(name, describe, read)


def of_dataset(data: "xr.Dataset", where: str) -> StoredGroup:
    """A group that is in memory, or read by xarray."""

    def make(name: str) -> StoredVariable:
        variable = data.variables[name]
        text = variable.dtype.kind in "OUST"

        def read(key: Any) -> Any:
            values = variable[key].values
            return (_texts(values) if text else values)[()]

        dims = tuple(map(str, variable.dims))
        kind = "O" if text else variable.dtype.kind
        attributes = {str(key): value for key, value in variable.attrs.items()}
        return StoredVariable(name, lambda: Description(dims, variable.shape, kind, attributes), read)

    names = tuple(map(str, data.variables))
    return StoredGroup(where, {str(key): value for key, value in data.attrs.items()}, names, make)


def _texts(values: Array) -> Array:
    """Texts as `str`, whatever they are stored as."""
    flat = [
        item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
        for item in np.asarray(values).ravel()
    ]
    return np.array(flat, object).reshape(np.shape(values))


def _attributes(found: Any) -> dict[str, Any]:
    """Attributes as people wrote them, without those of HDF5 and netCDF."""
    return {
        str(key): value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        for key, value in ((key, found[key]) for key in found if key not in HDF5_ATTRIBUTES)
    }
