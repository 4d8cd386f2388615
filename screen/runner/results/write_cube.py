"""The cube file, built from finished shards one at a time, so that memory stays bounded."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen._version import __version__
from screen.cube import schema
from screen.cube.digests import digests_of, seal
from screen.cube.disk_guard import hdf5_to_change, netcdf_to_change
from screen.cube.netcdf import Variable, add_dimensions, as_array, declare, write, write_part
from screen.cube.reader import CubeReader
from screen.cube.status import flags
from screen.cube.tree import TRIPLES
from screen.errors import InputError
from screen.files import atomic_write, occupied
from screen.runner.plan.cube_variables import (
    baseline_attributes,
    chunks,
    coordinate_names,
    coordinates,
    exposure_variables,
    panel_centres,
    panel_names,
    panel_texts,
    readout_attributes,
    status_attributes,
)
from screen.runner.plan.plan import Layer, Plan, Shard
from screen.runner.simulate.reference_wells import GROUP as REFERENCE
from screen.runner.simulate.simulated_part import Block
from screen.runner.simulate.virtual_plates import replicates_of

if TYPE_CHECKING:
    import h5netcdf
    import h5py
    import xarray as xr


def write_blocks(
    file: "h5netcdf.File", plan: Plan, blocks: Iterator[tuple[Shard, Block]], virtual: bool = False
) -> dict[str, Variable]:
    """Fill the root group, `/panel` and `/scores` of a new file from the blocks of the shards, in any order.

    `virtual` leaves out what has doses and returns it: a block's part of each variable by its path.
    """
    panel, groups = file.create_group("panel"), [_group_of(file, plan, layer) for layer in plan.design.layers]
    names = [group.name for group in groups]
    write(panel, panel_texts(plan))
    if plan.design.schedules:
        write(file.create_group("schedules"), exposure_variables(plan))
    baseline = {name: np.full(len(plan.design.lines), np.nan) for name in panel_names(plan)}
    baseline_status = np.zeros(len(plan.design.lines), np.int8)
    gr50 = (
        np.full((len(plan.design.lines), len(plan.design.centred)), np.nan) if plan.design.centred else None
    )
    if gr50 is None:
        _write_coordinates(plan, groups)
    targets: dict[str, h5py.Dataset] = {}
    left: dict[str, Variable] = {}
    for shard, block in blocks:
        lines, pairs = slice(*shard.lines), slice(*shard.combinations)
        layer, group = plan.design.layer_of(shard), groups[shard.layer]
        for name, variable in (variables_of(plan, layer, block) | replicates_of(plan, shard, block)).items():
            place = f"{names[shard.layer]}/{name}".strip("/")
            if virtual and "dose_1" in variable.dims and "replicate" not in variable.dims:
                left[place] = variable
                continue
            if place not in targets:
                targets[place] = _declared(group, plan, layer, name, variable)
            values = as_array(variable.values)
            if values.dtype.kind == "O":
                targets[place][lines, pairs] = values
            else:
                write_part(targets[place].id, (shard.lines[0], shard.combinations[0]), values)
        for name, values in block.baseline.items():
            baseline[name][lines] = values
        baseline_status[lines] = block.baseline_status
        if gr50 is not None:
            gr50[lines] = block.gr50
    panel_numbers = {
        name: Variable(("cell_line",), values, baseline_attributes(plan, name))
        for name, values in baseline.items()
    }
    if gr50 is not None:
        _write_coordinates(plan, groups, gr50)
        write(panel, panel_centres(plan, gr50))
    write(panel, panel_numbers | schema.PANEL.variables({"status": baseline_status}, more=flags()))
    file.attrs["Conventions"] = "CF-1.11"
    file.attrs["title"] = f"herscreen: {plan.name}"
    file.attrs["source"] = f"herscreen {__version__}"
    return left


def _group_of(file: "h5netcdf.File", plan: Plan, layer: Layer) -> "h5netcdf.Group":
    """A layer's group, with those of its scores, kept draws and replicates in it, all with their
    dimensions.
    """
    group = file.create_group(layer.group) if layer.group else file
    group.create_group("scores")
    if layer is plan.design.layers[0]:
        wells = group.create_group(REFERENCE)
        if plan.design.draws:
            write(wells, schema.REFERENCE.variables({"draw": np.array(list(plan.design.draws))}))
    if plan.outputs.keep_draws:
        rows = np.array(list(plan.design.draws))
        write(group.create_group("ensemble"), schema.ENSEMBLE.variables({"draw": rows}))
    if plan.outputs.replicates is not None:
        plates = np.arange(1, plan.outputs.replicates.number + 1)
        write(group.create_group("replicates"), schema.REPLICATES.variables({"replicate": plates}))
    for part in _parts(group):
        add_dimensions(part, zip(layer.dims, plan.shape_of(layer), strict=True))
        add_dimensions(part, [("ray", len(plan.design.rays))] if plan.design.rays else [])
    return group


def _write_coordinates(
    plan: Plan, groups: "list[h5netcdf.Group]", gr50: "np.ndarray[Any, Any] | None" = None
) -> None:
    for layer, group in zip(plan.design.layers, groups, strict=True):
        for part in _parts(group):
            write(part, coordinates(plan, layer, gr50=gr50))


def _parts(group: "h5netcdf.Group") -> "list[h5netcdf.Group]":
    """A layer's group and those in it that have its coordinates too."""
    return [
        group,
        *(group[name] for name in ("scores", "ensemble", "replicates", REFERENCE) if name in group.groups),
    ]


def variables_of(plan: Plan, layer: Layer, block: Block) -> dict[str, Variable]:
    """The variables of a layer for a block's part of the screen, by their path below the layer's group."""
    found = {
        name: Variable(layer.dims, values, readout_attributes(plan, name, layer))
        for name, values in block.readouts.items()
    }
    found["status"] = Variable(layer.dims[:-1], block.status, status_attributes(layer.partial))
    scores = {f"scores/{name}": variable for name, variable in (block.scores or {}).items()}
    return {**found, **block.drawn, **scores}


def _declared(
    group: "h5netcdf.Group", plan: Plan, layer: Layer, path: str, variable: Variable
) -> "h5py.Dataset":
    """The whole screen's variable, of which `variable` is a part, made empty at a path below the group."""
    kind, dims = as_array(variable.values).dtype, variable.dims
    *within, name = path.split("/")
    for step in within:
        group = group[step]
    attributes = {**variable.attributes, "coordinates": coordinate_names(layer)}
    return declare(group, name, dims, kind, attributes, chunks(plan, layer, kind.itemsize, dims))


def add_scores(path: str | Path, scores: "xr.Dataset", triples: "xr.Dataset | None" = None) -> None:
    """Replace the group `/scores` of a cube, and `/triples/scores`, by another scoring of it; the cube stays
    whole if this fails.
    """
    path = Path(path)
    groups = {"scores": scores} | ({} if triples is None else {f"{TRIPLES}/scores": triples})
    with atomic_write(path) as unfinished:
        shutil.copyfile(path, unfinished)
        with hdf5_to_change(unfinished) as raw:
            kept = digests_of(raw, path)
            for name in groups:
                if name in raw:
                    del raw[name]
        with netcdf_to_change(unfinished) as file:
            for name, found in groups.items():
                write(file.create_group(name), _variables(found))
        if kept is not None:
            with hdf5_to_change(unfinished) as raw:
                seal(raw, schema.PROVENANCE.attributes("checksums"), kept, tuple(groups))


def _variables(data: "xr.Dataset") -> dict[str, Variable]:
    return {
        str(name): Variable(
            tuple(str(dim) for dim in array.dims), array.values, _netcdf_attributes(array.attrs)
        )
        for name, array in data.variables.items()
    }


def _netcdf_attributes(attributes: Any) -> dict[str, Any]:
    return {str(key): int(value) if isinstance(value, bool) else value for key, value in attributes.items()}


def cube_identity(path: Path) -> dict[str, str] | None:
    """What the finished cube at `path` says of its run; None where there is no file.

    Raises `InputError` for a file that is no cube of herscreen: nobody asked to overwrite it.
    """
    if not os.path.lexists(path):
        return None
    try:
        with CubeReader.open(path) as cube:
            return cube.identity
    except InputError:
        raise occupied(path, "is no cube", force=False) from None
