"""A run from configuration to cube: shards that are missing are simulated and scored, and all are joined."""

import logging
from pathlib import Path

from screen.config.screen import ScreenConfig
from screen.errors import RunError
from screen.runner.cost.memory import jobs_within
from screen.runner.execution.prepared import (
    Prepared,
    Progress,
    alone,
    claim,
    clear,
    is_finished,
    make_folder,
    prepare,
)
from screen.runner.execution.shards import finish
from screen.runner.execution.stop import Stop
from screen.runner.merging import join, made_blocks, standing_blocks
from screen.runner.results.provenance import Clock
from screen.runner.results.write_cube import cube_identity

log = logging.getLogger(__name__)


def run(
    config: ScreenConfig,
    output: str | Path | None = None,
    jobs: int = 1,
    restart: bool = False,
    progress: Progress | None = None,
    stop: Stop | None = None,
    dask: str | None = None,
    memory_limit: int | None = None,
) -> Path:
    """Simulate and score what is missing, merge, and return the path of the finished cube.

    A cube that is already there for this configuration, model and version is returned as it is; `restart`
    makes it anew. Within `memory_limit` bytes fewer than `jobs` shards may be in hand at a time. Raises
    `InputError` for bad input and for a screen that does not fit, `RunError` for failed shards, `Stopped`
    when asked to stop.
    """
    clock = Clock()
    prepared = prepare(config, output, memory_limit)
    if is_finished(prepared, restart):
        return prepared.files.cube
    jobs = jobs_within(prepared.plan, jobs, memory_limit)
    with alone(prepared.files):
        if restart:
            clear(prepared.files)
        claim(prepared)
        join(prepared, clock, made_blocks(prepared, clock, jobs, progress, stop, dask))
    return prepared.files.cube


def run_part(
    config: ScreenConfig,
    part: tuple[int, int],
    output: str | Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
    dask: str | None = None,
    memory_limit: int | None = None,
) -> list[Path]:
    """Simulate and score the shards k with k mod N = I of `part` (I, N) that are missing; returns the part's
    shard files.
    """
    number, parts = part
    prepared = prepare(config, output, memory_limit)
    mine = [shard for shard in prepared.plan.shards if shard.index % parts == number]
    paths = [prepared.files.shard(shard.index) for shard in mine]
    if is_finished(prepared, restart=False):
        return []
    jobs = jobs_within(prepared.plan, jobs, memory_limit)
    make_folder(prepared.files)
    claim(prepared)
    outcomes = finish(prepared, mine, Clock(), jobs, progress, stop, dask)
    if elsewhere := sum(outcome.elsewhere for outcome in outcomes):
        log.warning("%d shards are being simulated by other processes", elsewhere)
    return paths


def merge(
    config: ScreenConfig,
    output: str | Path | None = None,
    progress: Progress | None = None,
    virtual: bool = False,
    memory_limit: int | None = None,
) -> Path:
    """Join the shards into the cube, one at a time; `virtual` leaves responses and excess in the shard files
    and links them. Raises `RunError` naming what is missing.
    """
    prepared = prepare(config, output, memory_limit)
    if is_finished(prepared, restart=False) and (virtual or not _is_virtual(prepared)):
        return prepared.files.cube
    if not prepared.files.manifest.exists():
        raise RunError(f"{prepared.files.folder}: no shards there yet, expected {len(prepared.plan.shards)}")
    with alone(prepared.files):
        claim(prepared)
        clock = Clock()
        join(prepared, clock, standing_blocks(prepared, clock, progress), virtual)
    return prepared.files.cube


def _is_virtual(prepared: Prepared) -> bool:
    """Whether the finished cube's responses stand in the shards."""
    return (cube_identity(prepared.files.cube) or {}).get("virtual") == "true"
