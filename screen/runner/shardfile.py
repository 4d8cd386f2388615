"""A shard on disk: a small cube of its own, with the identity of its run and a checksum of its contents."""

from pathlib import Path
from typing import Any

import numpy as np

from screen import __version__
from screen.runner.files import finished
from screen.runner.layout import DIMS, coordinates, panel_texts, readout_attributes, status_attributes
from screen.runner.netcdf import Variable, checksum, write
from screen.runner.plan import Plan, Shard
from screen.runner.simulate import Block


class BadShard(Exception):
    """A shard file that is not what the plan wants; the text says why."""


def write_shard(
    path: Path, plan: Plan, model_sha256: str, shard: Shard, block: Block, seconds: float
) -> None:
    """Write a shard's file whole and flushed, or not at all."""
    import h5netcdf

    root = coordinates(plan, shard.lines, shard.combinations) | _responses(plan, block)
    panel = panel_texts(plan, shard.lines) | _baseline(plan, block)
    with finished(path) as unfinished, h5netcdf.File(unfinished, "w") as file:
        write(file, root)
        write(file.create_group("panel"), panel)
        attributes = _identity(plan, model_sha256, shard) | {
            "checksum": _contents(root, panel),
            "seconds": seconds,
            "steps": block.steps,
            "simulations": block.wells,
        }
        for name, value in attributes.items():
            file.attrs[name] = value


def check_shard(path: Path, plan: Plan, model_sha256: str, shard: Shard) -> None:
    """Raise `BadShard` unless the file opens and says that it is this shard of this plan; quick, reads no
    data.
    """
    import h5py

    try:
        with h5py.File(path, "r", locking=False) as file:
            found = {name: _plain(file.attrs.get(name)) for name in _identity(plan, model_sha256, shard)}
            whole = "checksum" in file.attrs
    except (OSError, RuntimeError, KeyError) as error:
        raise BadShard(f"it cannot be read ({_short(error)})") from None
    for name, expected in _identity(plan, model_sha256, shard).items():
        if found[name] != expected:
            raise BadShard(f"{name.replace('_', ' ')} is {found[name]}, expected {expected}")
    if not whole:
        raise BadShard("it was not finished")


def read_shard(path: Path, plan: Plan, model_sha256: str, shard: Shard) -> tuple[Block, float]:
    """A shard's responses and the seconds it took, every byte checked; raises `BadShard`."""
    import h5py

    check_shard(path, plan, model_sha256, shard)
    root = coordinates(plan, shard.lines, shard.combinations)
    try:
        with h5py.File(path, "r", locking=False) as file:
            readouts = {name: Variable(DIMS, file[name][...]) for name in plan.readouts}
            status = Variable(DIMS[:4], file["status"][...])
            panel = panel_texts(plan, shard.lines)
            numbers = {
                name: Variable(("cell_line",), file["panel"][name][...])
                for name in (*plan.markers, "growth_rate", "status")
            }
            expected, seconds = file.attrs["checksum"], float(_plain(file.attrs["seconds"]))
            steps, wells = int(_plain(file.attrs["steps"])), int(_plain(file.attrs["simulations"]))
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise BadShard(f"it cannot be read ({_short(error)})") from None
    if _contents(root | readouts | {"status": status}, panel | numbers) != expected:
        raise BadShard("its checksum does not match its contents")
    baseline = {name: variable.values for name, variable in numbers.items()}
    block = Block(
        {name: variable.values for name, variable in readouts.items()},
        status.values,
        baseline,
        baseline.pop("status"),
        steps,
        wells,
    )
    return block, seconds


def _responses(plan: Plan, block: Block) -> dict[str, Variable]:
    responses = {
        name: Variable(DIMS, values, readout_attributes(plan, name))
        for name, values in block.readouts.items()
    }
    return responses | {"status": Variable(DIMS[:4], block.status, status_attributes())}


def _baseline(plan: Plan, block: Block) -> dict[str, Variable]:
    numbers = {
        name: Variable(("cell_line",), values, baseline_attributes(plan, name))
        for name, values in block.baseline.items()
    }
    return numbers | {"status": Variable(("cell_line",), block.baseline_status, status_attributes())}


def baseline_attributes(plan: Plan, name: str) -> dict[str, str]:
    """Units and label of an untreated line's marker."""
    units, label = plan.labels[name]
    return {"units": units, "long_name": f"{label}, untreated"}


def _identity(plan: Plan, model_sha256: str, shard: Shard) -> dict[str, Any]:
    """What a shard's file must say of itself to be used."""
    return {
        "version": __version__,
        "plan_sha256": plan.identity,
        "model_source_sha256": model_sha256,
        "shard": shard.index,
        "of_shards": len(plan.shards),
    }


def _contents(root: dict[str, Variable], panel: dict[str, Variable]) -> str:
    return checksum(root | {f"panel/{name}": variable for name, variable in panel.items()})


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic | np.ndarray) else value


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 120 else text[:117] + "..."
