"""Shards joined into the cube, one at a time, each checked to the last byte; then scored."""

import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from screen.runner.controls import Check, write_controls
from screen.runner.cube import write_responses, write_scores
from screen.runner.errors import RunError
from screen.runner.files import finished
from screen.runner.guarded import netcdf_file
from screen.runner.model import model_sbml
from screen.runner.plan import Shard
from screen.runner.prepared import Prepared, Progress
from screen.runner.provenance import Clock, write_provenance
from screen.runner.scored import Kept
from screen.runner.shardfile import BadShard, check_shard, read_shard
from screen.runner.shards import simulate_missing
from screen.runner.simulate import Block
from screen.runner.virtual import link_responses

if TYPE_CHECKING:
    import h5netcdf

log = logging.getLogger(__name__)


def join(
    prepared: Prepared, clock: Clock, progress: Progress | None, mend: bool, virtual: bool = False
) -> None:
    """Write the cube from the shards; with `mend` a shard that turns out bad is simulated again, with
    `virtual` the responses stay in the shards.
    """
    import h5netcdf

    plan, counts = prepared.plan, {"simulations": prepared.plan.simulations, "steps": 0, "wells_simulated": 0}
    counts |= {"reference": 0, "failed": 0}
    checks: list[Check] = []
    kept = Kept(prepared.files, plan, prepared.model_sha256, plan.synergy)
    begun = time.perf_counter()
    if not mend:
        _all_there(prepared)

    def blocks() -> Iterator[tuple[Shard, Block]]:
        for shard in plan.shards:
            block = _read(prepared, shard, clock, mend)
            counts["steps"] += block.steps
            counts["wells_simulated"] += block.wells
            counts["reference"] += int((block.status == 1).sum())
            counts["failed"] += int((block.status == 2).sum())
            yield shard, block
            if progress:
                progress("merge", shard.index + 1, len(plan.shards))

    def evaluate(file: "h5netcdf.File") -> None:
        clock.add("merge", time.perf_counter() - begun)
        scoring = time.perf_counter()
        write_scores(file, plan, plan.synergy, kept)
        clock.add("score", time.perf_counter() - scoring)
        checking = time.perf_counter()
        checks.extend(write_controls(file, plan, prepared.assay, counts))
        clock.add("controls", time.perf_counter() - checking)
        sbml = model_sbml(prepared.pathway)
        write_provenance(file, prepared.config, plan, prepared.model_sha256, sbml, clock, counts)
        file["provenance"].attrs["virtual"] = str(virtual).lower()

    with finished(prepared.files.cube) as unfinished:
        with netcdf_file(unfinished) as file:
            write_responses(file, plan, blocks(), virtual)
            if not virtual:
                evaluate(file)
        if virtual:
            link_responses(unfinished, plan, prepared.files)
            with h5netcdf.File(unfinished, "r+") as file:
                evaluate(file)
    kept.clear()
    if counts["failed"]:
        log.warning("%d of %d simulations failed: their readouts are NaN", counts["failed"], plan.simulations)
    for check in checks:
        if not check.passed and check.name != "status":
            log.warning("control failed: %s", check.sentence)


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


def _read(prepared: Prepared, shard: Shard, clock: Clock, mend: bool) -> Block:
    """A shard's block; a bad one is simulated again when mending, else `RunError`."""
    path = prepared.files.shard(shard.index)
    try:
        return read_shard(path, prepared.plan, prepared.model_sha256, shard)[0]
    except BadShard as problem:
        if not mend:
            raise RunError(f"{path}: {problem}; `herscreen run` simulates it again") from None
        log.warning("%s: %s; simulating it again", path, problem)
        path.unlink(missing_ok=True)
        simulate_missing(prepared, [shard], clock)
        return read_shard(path, prepared.plan, prepared.model_sha256, shard)[0]
