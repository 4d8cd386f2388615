"""A cube as one `xarray.DataTree`, read when asked: what `screen.open_cube` and `screen.run` give."""

from pathlib import Path
from typing import TYPE_CHECKING

from screen.cube import schema
from screen.cube.digests import check, digests_of
from screen.cube.stored import open_file, without_lock

if TYPE_CHECKING:
    import xarray as xr

TRIPLES = schema.TRIPLES.path
IN_TREE = {"combination": "triple"} | {f"dose_{k}": f"triple_dose_{k}" for k in (1, 2, 3)}


def open_cube(path: str | Path) -> "xr.DataTree":
    """The cube at `path` as a lazily read `xarray.DataTree`; raises `InputError` if it is none.

        tree = screen.cube.open_cube("results/quickstart.h5")
        tree["viability"]  # (cell_line, combination, dose_1, dose_2, time)

    In a tree, dimensions of one name are one thing throughout: those of the group `/triples` that the pairs
    have too are called `triple`, `triple_dose_1`, ... in it; `triples_of` gives them their own names.
    """
    import xarray as xr

    with open_file(path) as file:  # looks at what a stranger's file would do
        if digests := digests_of(file, path):
            check(file, digests, path)

    def opened(locking: bool | None) -> "tuple[dict[str, xr.Dataset], xr.DataTree]":
        found = xr.open_groups(path, engine="h5netcdf", driver_kwds={"locking": locking})
        named = {name: _renamed(data) if _of_triples(name) else data for name, data in found.items()}
        return found, xr.DataTree.from_dict(named)

    groups, tree = without_lock(path, opened)
    for name, data in groups.items():
        tree[name].set_close(data.close)
    return tree


def triples_of(cube: "xr.DataTree", group: str = "") -> "xr.Dataset | None":
    """The triples of an open cube, or a `group` of theirs such as `scores`, with the names that their
    dimensions have in the file; None where there are none.

        scores = screen.cube.triples_of(screen.open_cube("results/triples.h5"), "scores")
    """
    import xarray as xr

    try:
        node = cube[f"{TRIPLES}/{group}".rstrip("/")]
    except KeyError:
        return None
    assert isinstance(node, xr.DataTree)
    data = node.to_dataset()
    data = data.drop_vars([own for own in IN_TREE if own in data.variables])  # those of the pairs
    return data.rename({name: own for own, name in IN_TREE.items() if name in {*data.variables, *data.dims}})


def _of_triples(name: str) -> bool:
    return name.strip("/").split("/")[0] == TRIPLES


def _renamed(data: "xr.Dataset") -> "xr.Dataset":
    return data.rename({own: name for own, name in IN_TREE.items() if own in {*data.variables, *data.dims}})
