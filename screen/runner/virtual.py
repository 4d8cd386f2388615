"""A cube whose responses stay in the shard files: an HDF5 virtual dataset for each. Quick and small, but it
is worth nothing without its run folder, and a shard that goes missing later reads as NaN.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.runner.files import RunFiles
from screen.runner.layout import DIMS, readout_attributes, status_attributes
from screen.runner.plan import Plan
from screen.runner.simulate import FAILED

if TYPE_CHECKING:
    import h5py


def link_responses(path: Path, plan: Plan, files: RunFiles) -> None:
    """Add the responses to the cube at `path`, which has its dimensions, as views of the shards beside it."""
    import h5py

    with h5py.File(path, "r+", locking=False) as file:
        for name in plan.readouts:
            made = _link(file, plan, files, name, DIMS, np.float64, np.nan)
            made.attrs["_FillValue"] = np.array([np.nan])
            _label(made, readout_attributes(plan, name))
        status = _link(file, plan, files, "status", DIMS[:4], np.int8, FAILED)
        _label(status, status_attributes())


def _link(
    file: "h5py.File", plan: Plan, files: RunFiles, name: str, dims: tuple[str, ...], dtype: Any, fill: float
) -> "h5py.Dataset":
    """One virtual variable over all shards; what is missing reads as `fill`."""
    import h5py

    layout = h5py.VirtualLayout(plan.shape[: len(dims)], dtype)
    for shard in plan.shards:
        part = (slice(*shard.lines), slice(*shard.combinations))
        shape = (shard.lines[1] - shard.lines[0], shard.combinations[1] - shard.combinations[0])
        source = f"{files.folder.name}/{files.shard(shard.index).name}"
        layout[part] = h5py.VirtualSource(source, name, (*shape, *plan.shape[2 : len(dims)]), dtype)
    made = file.create_virtual_dataset(name, layout, fillvalue=fill)
    for axis, dim in enumerate(dims):
        made.dims[axis].attach_scale(file[dim])
    return made


def _label(variable: "h5py.Dataset", attributes: dict[str, Any]) -> None:
    for key, value in attributes.items():
        variable.attrs[key] = value
