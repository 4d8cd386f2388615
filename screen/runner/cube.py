"""The cube file: built from finished shards one at a time, scored a few lines at a time, so that memory stays
bounded; opened again as an `xarray.DataTree`.
"""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen import __version__
from screen.errors import InputError
from screen.runner.layout import (
    baseline_attributes,
    chunks,
    coordinate_names,
    coordinates,
    exposure_variables,
    panel_texts,
    readout_attributes,
    status_attributes,
)
from screen.runner.memory import SCORE_BYTES
from screen.runner.netcdf import Variable, add_dimensions, declare, write
from screen.runner.plan import Layer, Plan, Shard
from screen.runner.scored import WORTH_SECONDS, Kept
from screen.runner.simulate import Block

if TYPE_CHECKING:
    import h5netcdf
    import xarray as xr

SCORED = "viability"
TRIPLES = "triples"
IN_TREE = {"combination": "triple"} | {f"dose_{k}": f"triple_dose_{k}" for k in (1, 2, 3)}


def open_cube(path: str | Path) -> "xr.DataTree":
    """The cube at `path` as a lazily read `xarray.DataTree`; raises `InputError` if it is none.

    In a tree, dimensions of one name are one thing throughout: those of the group `/triples` that the pairs
    have too are called `triple`, `triple_dose_1`, ... in it; `triples_of` gives them their own names.
    """
    import xarray as xr

    if not Path(path).is_file():
        raise InputError(f"{path}: no such file, expected a cube made by `herscreen run`")
    try:
        groups = xr.open_groups(path, engine="h5netcdf")
        tree = xr.DataTree.from_dict(
            {name: _renamed(data) if _of_triples(name) else data for name, data in groups.items()}
        )
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: cannot be read as a cube ({' '.join(str(error).split())})") from None
    for name, data in groups.items():
        tree[name].set_close(data.close)
    return tree


def triples_of(cube: "xr.DataTree", group: str = "") -> "xr.Dataset | None":
    """The triples of an open cube, or a `group` of theirs such as `scores`, with the names that their
    dimensions have in the file; None where there are none.
    """
    import xarray as xr

    path = f"{TRIPLES}/{group}".rstrip("/")
    if path not in cube:
        return None
    node = cube[path]
    assert isinstance(node, xr.DataTree)
    data = node.to_dataset(inherit=False)
    return data.rename({name: own for own, name in IN_TREE.items() if name in {*data.variables, *data.dims}})


def _of_triples(name: str) -> bool:
    return name.strip("/").split("/")[0] == TRIPLES


def _renamed(data: "xr.Dataset") -> "xr.Dataset":
    return data.rename({own: name for own, name in IN_TREE.items() if own in {*data.variables, *data.dims}})


def write_responses(
    file: "h5netcdf.File", plan: Plan, shards: Iterator[tuple[Shard, Block]], virtual: bool = False
) -> None:
    """Fill the root group and `/panel` of a new file from the blocks of the shards; `virtual` leaves the
    responses themselves out.
    """
    panel = file.create_group("panel")
    targets = [_declare_layer(file, plan, layer, virtual) for layer in plan.layers]
    write(panel, panel_texts(plan))
    if plan.schedules:
        write(file.create_group("schedules"), exposure_variables(plan))
    markers = (*plan.markers, "growth_rate")
    baseline = {name: np.full(len(plan.lines), np.nan) for name in markers}
    baseline_status = np.zeros(len(plan.lines), np.int8)
    for shard, block in shards:
        lines, part = slice(*shard.lines), (slice(*shard.lines), slice(*shard.combinations))
        responses = block.readouts | {"status": block.status}
        for name, target in targets[shard.layer].items():
            target[part] = responses[name]
        for name in markers:
            baseline[name][lines] = block.baseline[name]
        baseline_status[lines] = block.baseline_status
    panel_numbers = {
        name: Variable(("cell_line",), values, baseline_attributes(plan, name))
        for name, values in baseline.items()
    }
    write(panel, panel_numbers | {"status": Variable(("cell_line",), baseline_status, status_attributes())})
    file.attrs["Conventions"] = "CF-1.11"
    file.attrs["title"] = f"herscreen: {plan.name}"
    file.attrs["source"] = f"herscreen {__version__}"


def _declare_layer(file: "h5netcdf.File", plan: Plan, layer: Layer, virtual: bool) -> dict[str, Any]:
    """Write a layer's coordinates and declare its responses; they are returned as h5py's datasets, for
    h5netcdf's own indexing takes a millisecond a variable.
    """
    group = file.create_group(layer.group) if layer.group else file
    write(group, coordinates(plan, layer))
    add_dimensions(group, zip(layer.dims, plan.shape_of(layer), strict=True))
    if virtual:
        return {}
    dims = layer.dims
    for name in plan.readouts:
        attributes = readout_attributes(plan, name, layer)
        declare(group, name, dims, np.float64, attributes, chunks(plan, layer, 8, len(dims)))
    declare(group, "status", dims[:-1], np.int8, status_attributes(), chunks(plan, layer, 1, len(dims) - 1))
    return {name: group[name]._h5ds for name in (*plan.readouts, "status")}


def write_scores(file: "h5netcdf.File", plan: Plan, models: Sequence[str], kept: Kept) -> None:
    """Score the responses in `file` by blocks of cell lines and write the group `/scores`; blocks that an
    earlier merge has `kept` are taken from there.
    """
    group = file.create_group("scores")
    write(group, coordinates(plan))
    add_dimensions(group, zip(plan.dims, plan.shape, strict=True))
    per_line = 8 * int(np.prod(plan.shape[1:]))
    together = max(1, SCORE_BYTES // per_line)
    for start in range(0, len(plan.lines), together):
        part = slice(start, start + together)
        scores = kept.find(part)
        if scores is None:
            begun = time.perf_counter()
            scores = _score(_responses(file, plan, part), models)
            if time.perf_counter() - begun > WORTH_SECONDS:
                kept.keep(part, scores)
        _put(group, plan, scores, part)


def _responses(file: "h5netcdf.File", plan: Plan, lines: slice) -> "xr.Dataset":
    """The scored readout of some cell lines as a dataset laid out as the root group."""
    import xarray as xr

    labels = {
        name: (variable.dims, variable.values, dict(variable.attributes))
        for name, variable in coordinates(plan, lines=(lines.start, lines.stop)).items()
    }
    data = {
        SCORED: (plan.dims, file[SCORED][lines], {"units": "1"}),
        "status": (plan.dims[:-1], file["status"][lines]),
    }
    return xr.Dataset(data, coords=labels)


def _score(responses: "xr.Dataset", models: Sequence[str]) -> "xr.Dataset":
    from screen import synergy

    return synergy.score_cube(responses, models=tuple(models), readout=SCORED)


def _put(group: "h5netcdf.Group", plan: Plan, scores: "xr.Dataset", lines: slice) -> None:
    """Write the scores of some cell lines; the first block makes the variables."""
    known = coordinates(plan)
    for name, array in scores.variables.items():
        if name in known:
            continue
        name, dims, values = str(name), tuple(str(dim) for dim in array.dims), np.asarray(array.values)
        if name not in group.variables:
            add_dimensions(group, zip(dims, values.shape, strict=True))
            attributes = dict(array.attrs)
            if "combination" in dims:
                attributes["coordinates"] = coordinate_names(plan.layers[0])
            whole = dims == plan.dims
            declare(
                group,
                name,
                dims,
                values.dtype,
                attributes,
                chunks(plan, plan.layers[0], 8, len(dims)) if whole else None,
            )
        where = tuple(lines if dim == "cell_line" else slice(None) for dim in dims)
        group[name][where] = values.astype(object) if values.dtype.kind in "OUS" else values


def add_scores(path: str | Path, scores: "xr.Dataset") -> None:
    """Replace the group `/scores` of a cube by another scoring of it; the cube stays whole if this fails."""
    import shutil

    import h5netcdf
    import h5py

    from screen.runner.files import finished

    path = Path(path)
    with finished(path) as unfinished:
        shutil.copyfile(path, unfinished)
        with h5py.File(unfinished, "r+") as old:
            if "scores" in old:
                del old["scores"]
        with h5netcdf.File(unfinished, "r+") as file:
            group = file.create_group("scores")
            variables = {
                str(name): Variable(
                    tuple(str(dim) for dim in array.dims), array.values, _netcdf_attributes(array.attrs)
                )
                for name, array in scores.variables.items()
            }
            write(group, variables)


def _netcdf_attributes(attributes: Any) -> dict[str, Any]:
    return {str(key): int(value) if isinstance(value, bool) else value for key, value in attributes.items()}


def cube_identity(path: Path) -> dict[str, str] | None:
    """What the finished cube at `path` says of its run; None where there is no file.

    Raises `InputError` for a file that is no cube of herscreen: nobody asked to overwrite it.
    """
    import h5py

    if not os.path.lexists(path):
        return None
    try:
        with h5py.File(path, "r", locking=False) as file:
            return {str(name): str(value) for name, value in file["provenance"].attrs.items()}
    except (OSError, KeyError, RuntimeError):
        raise InputError(
            f"{path}: found a file that is not a cube, expected a new name or a cube to resume"
        ) from None


def provenance_text(path: Path, name: str) -> str:
    """A scalar text of `/provenance`."""
    import h5py

    with h5py.File(path, "r", locking=False) as file:
        return str(file["provenance"][name].asstr()[()])
