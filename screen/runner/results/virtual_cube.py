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

if TYPE_CHECKING:
    import h5py


def link_responses(path: Path, plan: Plan, files: RunFiles, parts: Mapping[str, Variable]) -> None:
    """Add variables to the cube at `path`, which has their dimensions, as views of the shards next to it;
    `parts` are one shard's by their path in the cube, which is that in the shard below the layer's group.
    """
    import h5py

    with h5py.File(path, "r+", locking=False, libver=FORMAT) as file:
        for name, part in parts.items():
            layer = next(one for one in reversed(plan.design.layers) if name.startswith(one.group))
            made = _link(file, plan, layer, files, name, part)
            for key, value in {**part.attributes, "coordinates": coordinate_names(layer)}.items():
                made.attrs[key] = value


def _link(
    file: "h5py.File", plan: Plan, layer: Layer, files: RunFiles, name: str, part: Variable
) -> "h5py.Dataset":
    """One virtual variable over the shards of a layer; what is missing reads as NaN, a missing status as
    failed.
    """
    import h5py

    sizes = {
        **dict(zip(layer.dims, plan.shape_of(layer), strict=True)),
        "draw": len(plan.design.draws),
        "ray": len(plan.design.rays),
    }
    whole, kind = tuple(sizes[dim] for dim in part.dims), np.asarray(part.values).dtype
    layout = h5py.VirtualLayout(whole, kind)
    for shard in (shard for shard in plan.shards if plan.design.layer_of(shard) is layer):
        place = (slice(*shard.lines), slice(*shard.combinations))
        shape = (shard.lines[1] - shard.lines[0], shard.combinations[1] - shard.combinations[0], *whole[2:])
        source = f"{files.folder.name}/{files.shard(shard.index).name}"
        layout[place] = h5py.VirtualSource(source, name.removeprefix(f"{layer.group}/"), shape, kind)
    fill = np.nan if kind.kind == "f" else FAILED
    made = file.create_virtual_dataset(name, layout, fillvalue=fill)
    if kind.kind == "f":
        made.attrs["_FillValue"] = np.array([np.nan])
    for axis, dim in enumerate(part.dims):
        made.dims[axis].attach_scale(made.parent[dim])
    return made
