"""A cube whose responses stay in the shard files: an HDF5 virtual dataset for each. Quick and small, but it
is worth nothing without its run folder, and a shard that goes missing later reads as NaN.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.runner.files import RunFiles
from screen.runner.layout import readout_attributes, status_attributes
from screen.runner.plan import Layer, Plan
from screen.runner.simulate import FAILED

if TYPE_CHECKING:
    import h5py


def link_responses(path: Path, plan: Plan, files: RunFiles) -> None:
    """Add the responses to the cube at `path`, which has its dimensions, as views of the shards beside it."""
    import h5py

    with h5py.File(path, "r+", locking=False) as file:
        for layer in plan.layers:
            for name in plan.readouts:
                made = _link(file, plan, layer, files, name, layer.dims, np.float64, np.nan)
                made.attrs["_FillValue"] = np.array([np.nan])
                _label(made, readout_attributes(plan, name, layer))
            status = _link(file, plan, layer, files, "status", layer.dims[:-1], np.int8, FAILED)
            _label(status, status_attributes())


def _link(
    file: "h5py.File",
    plan: Plan,
    layer: Layer,
    files: RunFiles,
    name: str,
    dims: tuple[str, ...],
    dtype: Any,
    fill: float,
) -> "h5py.Dataset":
    """One virtual variable over the shards of a layer; what is missing reads as `fill`."""
    import h5py

    whole = plan.shape_of(layer)[: len(dims)]
    layout = h5py.VirtualLayout(whole, dtype)
    for shard in (shard for shard in plan.shards if plan.layer_of(shard) is layer):
        part = (slice(*shard.lines), slice(*shard.combinations))
        shape = (shard.lines[1] - shard.lines[0], shard.combinations[1] - shard.combinations[0])
        source = f"{files.folder.name}/{files.shard(shard.index).name}"
        layout[part] = h5py.VirtualSource(source, name, (*shape, *whole[2:]), dtype)
    group = file[layer.group] if layer.group else file
    made = group.create_virtual_dataset(name, layout, fillvalue=fill)
    for axis, dim in enumerate(dims):
        made.dims[axis].attach_scale(group[dim])
    return made


def _label(variable: "h5py.Dataset", attributes: dict[str, Any]) -> None:
    for key, value in attributes.items():
        variable.attrs[key] = value
