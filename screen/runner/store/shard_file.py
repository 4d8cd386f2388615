"""A shard on disk: the responses of a part of the screen and their scores, the identity of its run and a
checksum of its contents. Plain HDF5; the netCDF dressing is the cube's.
"""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screen._version import __version__
from screen.arrays import Array
from screen.cube.digests import FORMAT
from screen.cube.netcdf import Variable, checksum, make, read_whole, write_part
from screen.files import atomic_write
from screen.pathway.tables.line_table import names_of
from screen.runner.plan.cube_variables import panel_names
from screen.runner.plan.plan import Plan, Shard
from screen.runner.simulate.simulated_part import Block
from screen.runner.store.shard_packing import pack, place_of, unpack

if TYPE_CHECKING:
    import h5py

SCORES, ABOUT = "scores", "about"
SCORED_BY = "synergy_models"
BASELINE, BASELINE_STATUS, GR50, STATUS = "baseline", "baseline_status", "gr50", "status"


READING = (OSError, RuntimeError, LookupError, TypeError, ValueError, AttributeError)
"""What reading a damaged file may raise."""


class BadShard(Exception):
    """A shard file that is not what the plan wants; the text says why."""


def write_shard(
    path: Path, plan: Plan, model_sha256: str, shard: Shard, block: Block, seconds: float
) -> None:
    """Write a shard's file whole and flushed, or not at all. HDF5 never sees the disk, which may be full."""
    import h5py

    stacks, variables = pack(_variables(block, plan.design.layer_of(shard).dims))
    contents = _of_lines(block) | stacks
    about = json.dumps({"names": _names(plan, shard), "variables": variables, "arrays": list(contents)})
    image = io.BytesIO()  # not the driver `core`, whose image HDF5 1.12 and older write with a wrong checksum
    with h5py.File(image, "w", libver=FORMAT) as file:
        file.create_dataset(ABOUT, data=about, dtype=h5py.string_dtype())
        for name, values in contents.items():
            chunks = (
                (1, *values.shape[1:]) if name in stacks else values.shape
            )  # of a row, for a virtual cube
            made = make(h5py, file, name, values.shape, values.dtype, {"chunks": chunks})
            write_part(made, (), values)
        attributes = _identity(plan, model_sha256, shard) | {
            "dims": " ".join(plan.design.layer_of(shard).dims),
            "checksum": checksum({ABOUT: [about]} | contents),
            SCORED_BY: "" if block.scores is None else plan.outputs.scoring,
            "seconds": seconds,
            "steps": block.steps,
            "simulations": block.wells,
            "by_reference": block.by_reference,
            "failed": block.failed,
        }
        for name, value in attributes.items():
            file.attrs[name] = value
    with atomic_write(path) as unfinished:
        unfinished.write_bytes(image.getbuffer())


def check_shard(path: Path, plan: Plan, model_sha256: str, shard: Shard) -> bool:
    """Raise `BadShard` unless the file opens and says that it is this shard of this plan; whether it is
    scored by the plan's reference models too. Quick, reads no data.
    """
    try:
        with _opened(path) as file:
            return _checked(file, plan, model_sha256, shard)
    except READING as error:
        raise BadShard(f"it cannot be read ({_short(error)})") from None


def _checked(file: "h5py.File", plan: Plan, model_sha256: str, shard: Shard) -> bool:
    """What `check_shard` says of an open file."""
    for name, expected in _identity(plan, model_sha256, shard).items():
        if (found := _plain(file.attrs.get(name))) != expected:
            raise BadShard(f"{name.replace('_', ' ')} is {found}, expected {expected}")
    if "checksum" not in file.attrs:
        raise BadShard("it was not finished")
    scored_by = file.attrs.get(SCORED_BY)
    if plan.design.draws and scored_by != plan.outputs.scoring:
        raise BadShard(f"its draws, which are not kept, are scored by {scored_by}")
    return bool(scored_by == plan.outputs.scoring)


def read_shard(path: Path, plan: Plan, model_sha256: str, shard: Shard) -> tuple[Block, float]:
    """A shard's responses, their scores if these are by the plan's reference models, and the seconds it took,
    every byte checked; raises `BadShard`.
    """
    try:
        with _opened(path) as file:
            scored = _checked(file, plan, model_sha256, shard)
            about, found = _whole(file)
            seconds = float(file.attrs["seconds"])
            counts = [int(file.attrs[name]) for name in ("steps", "simulations", "by_reference", "failed")]
    except READING as error:
        raise BadShard(f"it cannot be read ({_short(error)})") from None
    names = about["names"]
    if names != _names(plan, shard):
        raise BadShard("it holds other cell lines, combinations or markers than the plan")
    variables = unpack(found, about["variables"])
    baseline = dict(zip(names["marker"], found[BASELINE].T, strict=True))
    readouts = {name: variables.pop(name).values for name in plan.outputs.readouts}
    status, of_lines = variables.pop(STATUS).values, found[BASELINE_STATUS]
    steps, wells, by_reference, failed = counts
    block = Block(readouts, status, baseline, of_lines, steps, wells, by_reference, failed)
    inside = f"{SCORES}/"
    scores = {name.removeprefix(inside): each for name, each in variables.items() if name.startswith(inside)}
    drawn = {name: each for name, each in variables.items() if not name.startswith(inside)}
    scores_found = scores if scored else None
    return replace(block, scores=scores_found, drawn=drawn, gr50=found.get(GR50)), seconds


def stacked(path: Path) -> dict[str, tuple[str, tuple[int, ...], int]]:
    """Where a shard's file has each variable: in which data set, of which shape, and as which row of it."""
    with _opened(path) as file:
        places = place_of(json.loads(file[ABOUT][()])["variables"])
        return {name: (place, file[place].shape, row) for name, (place, row) in places.items()}


def check_whole(path: Path) -> None:
    """Raise `BadShard` unless a shard's file holds what was written, whatever its run."""
    try:
        with _opened(path) as file:
            _whole(file)
    except READING as error:
        raise BadShard(f"it cannot be read ({_short(error)})") from None


def _opened(path: Path) -> "h5py.File":
    import h5py

    return h5py.File(path, "r", locking=False)


def _whole(file: "h5py.File") -> tuple[dict[str, Any], dict[str, Array]]:
    """What an open shard says of its arrays, and these, every byte checked; raises `BadShard`."""
    import h5py

    text = str(file[ABOUT].asstr()[()])
    about = json.loads(text)
    found = {name: read_whole(h5py.h5d.open(file.id, name.encode())) for name in about["arrays"]}
    if checksum({ABOUT: [text]} | found) != file.attrs["checksum"]:
        raise BadShard("its checksum does not match its contents")
    return about, found


def _names(plan: Plan, shard: Shard) -> dict[str, list[str]]:
    """What the axes of a shard's arrays hold."""
    return {
        "cell_line": names_of(plan.design.lines[slice(*shard.lines)]),
        "combination": [together.name for together in plan.design.combinations_of(shard)],
        "marker": list(panel_names(plan)),
    }


def _variables(block: Block, dims: tuple[str, ...]) -> dict[str, Variable]:
    """What a block has by dose or by score, by its path below the layer's group; `dims` are the layer's."""
    readouts = {name: Variable(dims, values) for name, values in block.readouts.items()}
    scores = {f"{SCORES}/{name}": variable for name, variable in (block.scores or {}).items()}
    return {**readouts, STATUS: Variable(dims[:-1], block.status), **scores, **block.drawn}


def _of_lines(block: Block) -> dict[str, Array]:
    """A block's arrays by line, by their names in the file; the baseline's is (cell_line, marker)."""
    return {
        BASELINE: np.stack(list(block.baseline.values()), axis=1),
        BASELINE_STATUS: block.baseline_status,
        **({} if block.gr50 is None else {GR50: block.gr50}),
    }


def _identity(plan: Plan, model_sha256: str, shard: Shard) -> dict[str, Any]:
    """What a shard's file must say of itself to be used."""
    return {
        "version": __version__,
        "plan_sha256": plan.identity,
        "model_source_sha256": model_sha256,
        "shard": shard.index,
        "of_shards": len(plan.shards),
    }


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 120 else text[:117] + "..."
