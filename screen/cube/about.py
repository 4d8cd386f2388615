"""What a data set of a cube says of itself, read once: its dimensions' scales and its attributes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import h5py

POINTERS = ("DIMENSION_LIST", "REFERENCE_LIST")
"""Attributes that hold addresses in the file; the names of the dimensions are digested instead."""


@dataclass(frozen=True)
class About:
    """What a data set says of itself, read once: the paths of its dimensions' scales (empty without one), and its
    attributes but for the pointers.
    """

    scales: tuple[str, ...]
    attributes: Mapping[str, Any]

    @classmethod
    def of(cls, data: "h5py.Dataset", paths: dict[tuple[int, int], str]) -> Self:
        """`paths` as in `path_of`."""
        scales = tuple(path_of(axis[0], paths) if len(axis) else "" for axis in data.dims)
        return cls(scales, attributes_of(data))


def path_of(data: "h5py.Dataset", paths: dict[tuple[int, int], str]) -> str:
    """The path of a data set in its file. HDF5 finds it by a search of the whole file, which takes a millisecond of
    a data set that was come to by a reference; `paths` keeps what was found, by the data set's address.
    """
    import h5py

    about = h5py.h5o.get_info(data.id)
    found = paths.get((about.fileno, about.addr))
    if found is None:
        found = paths[about.fileno, about.addr] = str(data.name)
    return found


def attributes_of(item: Any, skipped: tuple[str, ...] = POINTERS) -> dict[str, Any]:
    """The attributes of a group or variable but for the `skipped` ones, in their order."""
    found = item.attrs
    return {key: found[key] for key in found if key not in skipped}
