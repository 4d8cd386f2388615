"""A cube whose responses stay in the shard files: an HDF5 virtual dataset for each variable that has doses.
Quick and small, but it is worth nothing without its run folder, and a shard that goes missing later reads as
NaN.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from screen.cube.digests import FORMAT
from screen.cube.netcdf import Variable
from screen.cube.status import FAILED
from screen.runner.plan.cube_variables import coordinate_names
from screen.runner.plan.plan import Layer, Plan
from screen.runner.store.run_folder import RunFiles
from screen.runner.store.shard_file import stacked

if TYPE_CHECKING:
    import h5py


def link_responses(path: Path, plan: Plan, files: RunFiles, parts: Mapping[str, Variable]) -> None:
    """Add variables to the cube at `path`, which has their dimensions, as views of the shards next to it;
    `parts` are one shard's by their path in the cube, which is that in the shard below the layer's group.
    """
    import h5py

    layers = {
        name: next(one for one in reversed(plan.design.layers) if name.startswith(one.group))
        for name in parts
    }
    layouts = {
        name: h5py.VirtualLayout(_shape(plan, layers[name], part), np.asarray(part.values).dtype)
        for name, part in parts.items()
    }
    for shard in plan.shards:
        layer, places = plan.design.layer_of(shard), stacked(files.shard(shard.index))
        source = f"{files.folder.name}/{files.shard(shard.index).name}"
        for name, layout in layouts.items():
            if layers[name] is layer:
                place, shape, row = places[name.removeprefix(f"{layer.group}/")]
                view = h5py.VirtualSource(source, place, shape, layout.dtype)[row]
                layout[slice(*shard.lines), slice(*shard.combinations)] = view
    with h5py.File(path, "r+", locking=False, libver=FORMAT) as file:
        for name, part in parts.items():
            made, layer = _linked(file, name, part, layouts[name]), layers[name]
            for key, value in {**part.attributes, "coordinates": coordinate_names(layer)}.items():
                made.attrs[key] = value


def _shape(plan: Plan, layer: Layer, part: Variable) -> tuple[int, ...]:
    """The whole screen's shape of a variable."""
    sizes = {
        **dict(zip(layer.dims, plan.shape_of(layer), strict=True)),
        "draw": len(plan.design.draws),
        "ray": len(plan.design.rays),
    }
    return tuple(sizes[dim] for dim in part.dims)


def _linked(file: "h5py.File", name: str, part: Variable, layout: "h5py.VirtualLayout") -> "h5py.Dataset":
    """One virtual variable; what is missing reads as NaN, a missing status as failed."""
    real = layout.dtype.kind == "f"
    made = file.create_virtual_dataset(name, layout, fillvalue=np.nan if real else FAILED)
    if real:
        made.attrs["_FillValue"] = np.array([np.nan])
    for axis, dim in enumerate(part.dims):
        made.dims[axis].attach_scale(made.parent[dim])
    return made
