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
        """`paths` as in `scale_paths`."""
        return cls(scale_paths(data, paths), attributes_of(data))


def scale_paths(data: "h5py.Dataset", paths: dict[tuple[int, int], str]) -> tuple[str, ...]:
    """The path of the first scale of each axis, empty where there is none. HDF5 finds a path by a search of the whole
    file, which takes a millisecond of a data set that was come to by a reference; `paths` keeps what was found, by the
    data set's address, and what stands in the group of a variable, where its scales are.
    """
    import h5py

    found = []
    for axis in range(data.ndim):
        scales: list[h5py.h5d.DatasetID] = []
        if not h5py.h5ds.get_num_scales(data.id, axis):
            found.append("")
            continue
        h5py.h5ds.iterate(data.id, axis, scales.append, 0)
        about = h5py.h5o.get_info(scales[0])
        place = about.fileno, about.addr
        if place not in paths:
            paths |= _places(data.parent)
        if place not in paths:
            paths[place] = h5py.h5i.get_name(scales[0]).decode()
        found.append(paths[place])
    return tuple(found)


def _places(group: "h5py.Group") -> dict[tuple[int, int], str]:
    """The paths of what stands in a group, by address."""
    import h5py

    start = group.name.rstrip("/")
    found = ((name, h5py.h5o.get_info(group.id, name.encode())) for name in group)
    return {(about.fileno, about.addr): f"{start}/{name}" for name, about in found}


def attributes_of(item: Any, skipped: tuple[str, ...] = POINTERS) -> dict[str, Any]:
    """The attributes of a group or variable but for the `skipped` ones, in their order."""
    found = item.attrs
    return {key: found[key] for key in found if key not in skipped}
