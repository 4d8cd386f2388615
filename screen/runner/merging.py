"""Shards joined into the cube as they are finished, each checked to the last byte. What the plan alone
decides is done once the first is there, while others simulate the rest; what the responses decide, last.
"""

import contextlib
import itertools
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from screen.cube import schema
from screen.cube.digests import seal
from screen.cube.disk_guard import hdf5_to_change, netcdf_file, netcdf_to_change
from screen.cube.netcdf import digests_as_written
from screen.cube.reader import Check
from screen.errors import RunError
from screen.files import atomic_write
from screen.runner.controls.controls import write_controls
from screen.runner.controls.reference_lines import write_reference_lines
from screen.runner.execution.options import RunOptions
from screen.runner.execution.prepared import Prepared
from screen.runner.execution.shards import finish
from screen.runner.plan.plan import Shard
from screen.runner.results.provenance import RunClock, Told, write_course, write_provenance
from screen.runner.results.virtual_cube import link_responses
from screen.runner.results.write_cube import write_blocks
from screen.runner.simulate.simulated_part import Block
from screen.runner.store.shard_file import BadShard, check_shard, read_shard

if TYPE_CHECKING:
    import h5netcdf

log = logging.getLogger(__name__)
Blocks = Iterator[tuple[Shard, Block]]
NOTHING = (
    "; wells of a line also count as failed where nothing that counts as viability is left without drugs"
)
"""As of an agonist's effect in a model of one's own."""


def join(
    prepared: Prepared, clock: RunClock, blocks: Blocks, virtual: bool = False, host: bool = True
) -> None:
    """Write the cube from the blocks of all shards, which may still be in the making; with `virtual` what has
    doses stays in the shards, and without `host` the cube does not say where it was made.
    """
    plan, counts = (
        prepared.plan,
        {"simulations": prepared.plan.design.simulations, "steps": 0, "wells_simulated": 0},
    )
    counts |= {"reference": 0, "failed": 0}
    checks: list[Check] = []
    blocks = itertools.chain([next(blocks)], blocks)  # from here on the others are made during what follows

    def counted() -> Blocks:
        for shard, block in blocks:
            counts["steps"] += block.steps
            counts["wells_simulated"] += block.wells
            counts["reference"] += block.by_reference
            counts["failed"] += block.failed
            begun = time.perf_counter()
            yield shard, block
            clock.add("merge", time.perf_counter() - begun)

    def write_static_parts(file: "h5netcdf.File") -> None:
        begun = time.perf_counter()
        with contextlib.suppress(Exception):  # asked for again below: a shard that fails says more
            _ = prepared.controls, prepared.reference_lines
        clock.add("controls", time.perf_counter() - begun)
        told = Told(prepared.files.cube.parent, host)
        write_provenance(file, prepared.config, plan, prepared.model_sha256, prepared.assay.sbml, told)
        file["provenance"].attrs["virtual"] = str(virtual).lower()

    def evaluate(file: "h5netcdf.File") -> None:
        begun = time.perf_counter()
        checks.extend(write_controls(file, plan, prepared.controls, counts))
        write_reference_lines(file, plan, prepared.reference_lines)
        clock.add("controls", time.perf_counter() - begun)
        write_course(file, clock, counts)

    with atomic_write(prepared.files.cube) as unfinished:
        with netcdf_file(unfinished) as file:
            write_static_parts(file)
            left = write_blocks(file, plan, counted(), virtual)
            if not virtual:
                evaluate(file)
            digests = dict(digests_as_written(file))
        if virtual:
            link_responses(unfinished, plan, prepared.files, left)
            with netcdf_to_change(unfinished) as file:
                evaluate(file)
                digests |= digests_as_written(file)
        with hdf5_to_change(unfinished, virtual) as raw:
            seal(raw, schema.PROVENANCE.attributes("checksums"), written=digests)
    if counts["failed"]:
        log.warning(
            "%d of %d simulations failed: their readouts are NaN%s",
            counts["failed"],
            plan.design.simulations,
            "" if prepared.pathway.protocol.logarithmic else NOTHING,
        )
    for check in checks:
        if not check.passed and check.name != "status":
            log.warning("control failed: %s", check.sentence)


def computed_blocks(prepared: Prepared, clock: RunClock, options: RunOptions) -> Blocks:
    """The blocks of all shards as they stand or are made; a shard that turns out bad is made once more."""
    elsewhere, bad = 0, []
    for outcome in finish(prepared, prepared.plan.shards, clock, options):
        if outcome.elsewhere:
            elsewhere += 1
            continue
        shard = prepared.plan.shards[outcome.index]
        path = prepared.files.shard(shard.index)
        try:
            block = read_shard(path, prepared.plan, prepared.model_sha256, shard)[0]
        except BadShard as problem:
            log.warning("%s: %s; simulating it again", path, problem)
            path.unlink(missing_ok=True)
            bad.append(shard)
            continue
        yield shard, block
    if elsewhere:
        others = f"other processes have {elsewhere} shards in hand"
        raise RunError(f"{prepared.files.folder}: {others}; the same command resumes")
    for outcome in finish(prepared, bad, clock, replace(options, progress=None)):
        yield _read(prepared, prepared.plan.shards[outcome.index])


def existing_blocks(prepared: Prepared, clock: RunClock, options: RunOptions) -> Blocks:
    """The blocks of all shards, which must stand; those scored by other reference models are scored again.

    Raises `RunError` naming what is missing or bad.
    """
    plan = prepared.plan
    _all_there(prepared)
    for done, outcome in enumerate(finish(prepared, plan.shards, clock, replace(options, progress=None)), 1):
        yield _read(prepared, plan.shards[outcome.index])
        options.report("merge", done, len(plan.shards))


def _all_there(prepared: Prepared) -> None:
    """Raise `RunError` naming the shards that are missing or of another run."""
    bad = []
    for shard in prepared.plan.shards:
        try:
            check_shard(prepared.files.shard(shard.index), prepared.plan, prepared.model_sha256, shard)
        except BadShard as problem:
            there = prepared.files.shard(shard.index).exists()
            bad.append(f"{shard.index} ({problem})" if there else str(shard.index))
    if bad:
        named = ", ".join(bad[:10]) + (f" and {len(bad) - 10} more" if len(bad) > 10 else "")
        found = f"{len(bad)} of {len(prepared.plan.shards)} shards missing or bad: {named}"
        raise RunError(f"{prepared.files.folder}: {found}; `herscreen run` simulates them")


def _read(prepared: Prepared, shard: Shard) -> tuple[Shard, Block]:
    """A shard with its block; `RunError` for a bad one."""
    path = prepared.files.shard(shard.index)
    try:
        return shard, read_shard(path, prepared.plan, prepared.model_sha256, shard)[0]
    except BadShard as problem:
        raise RunError(f"{path}: {problem}; `herscreen run` simulates it again") from None
