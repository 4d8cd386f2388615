"""A run from configuration to cube: shards that are missing are simulated and scored, and all are joined."""

import logging
from dataclasses import replace
from pathlib import Path

from screen.config.screen import ScreenConfig
from screen.errors import RunError
from screen.runner.cost.memory import jobs_within
from screen.runner.execution.options import RunOptions
from screen.runner.execution.pool import can_fork
from screen.runner.execution.prepared import (
    Prepared,
    check_manifest,
    hold_cube_lock,
    is_finished,
    make_folder,
    prepare,
    remove_shards,
)
from screen.runner.execution.shards import finish
from screen.runner.merging import computed_blocks, existing_blocks, join
from screen.runner.plan.ensemble_draws import same_potency_as_words
from screen.runner.results.provenance import RunClock
from screen.runner.results.write_cube import cube_identity

log = logging.getLogger(__name__)


def run(
    config: ScreenConfig,
    output: str | Path | None = None,
    options: RunOptions | None = None,
    restart: bool = False,
) -> Path:
    """Simulate and score what is missing, merge, and return the path of the finished cube.

    A cube that is already there for this configuration, model and version is returned as it is; `restart`
    makes it again. Raises `InputError` for bad input and for a screen that does not fit, `RunError` for failed
    shards, `Stopped` when asked to stop.
    """
    clock = RunClock()
    prepared, options = _ready(config, output, options)
    if is_finished(prepared, restart):
        return prepared.files.cube
    with hold_cube_lock(prepared.files):
        if restart:
            remove_shards(prepared.files)
        check_manifest(prepared)
        join(prepared, clock, computed_blocks(prepared, clock, options), host=options.host)
    return prepared.files.cube


def run_part(
    config: ScreenConfig,
    part: tuple[int, int],
    output: str | Path | None = None,
    options: RunOptions | None = None,
) -> list[Path]:
    """Simulate and score the shards k with k mod N = I of `part` (I, N) that are missing; returns the part's
    shard files.
    """
    number, parts = part
    prepared, options = _ready(config, output, options)
    mine = [shard for shard in prepared.plan.shards if shard.index % parts == number]
    paths = [prepared.files.shard(shard.index) for shard in mine]
    if is_finished(prepared, restart=False):
        return []
    make_folder(prepared.files)
    check_manifest(prepared)
    outcomes = finish(prepared, mine, RunClock(), options)
    if elsewhere := sum(outcome.elsewhere for outcome in outcomes):
        log.warning("%d shards are being simulated by other processes", elsewhere)
    return paths


def merge(
    config: ScreenConfig,
    output: str | Path | None = None,
    options: RunOptions | None = None,
    virtual: bool = False,
) -> Path:
    """Join the shards into the cube, one at a time; `virtual` leaves responses and excess in the shard files
    and links them. Raises `RunError` naming what is missing.
    """
    prepared, options = _ready(config, output, options)
    if is_finished(prepared, restart=False) and (virtual or not _is_virtual(prepared)):
        return prepared.files.cube
    if not prepared.files.manifest.exists():
        raise RunError(f"{prepared.files.folder}: no shards there yet, expected {len(prepared.plan.shards)}")
    with hold_cube_lock(prepared.files):
        check_manifest(prepared)
        clock = RunClock()
        join(prepared, clock, existing_blocks(prepared, clock, options), virtual, options.host)
    return prepared.files.cube


def _ready(
    config: ScreenConfig, output: str | Path | None, options: RunOptions | None
) -> tuple[Prepared, RunOptions]:
    """The run, and its options with as many jobs as its memory allows."""
    options = options or RunOptions()
    prepared = prepare(config, output, options.memory_limit)
    if same := prepared.plan.design.same_potency:
        log.warning("ensemble: %s", same_potency_as_words(same))
    jobs = jobs_within(prepared.plan, options.jobs, options.memory_limit, can_fork())
    return prepared, replace(options, jobs=jobs)


def _is_virtual(prepared: Prepared) -> bool:
    """Whether the finished cube's responses stand in the shards."""
    return (cube_identity(prepared.files.cube) or {}).get("virtual") == "true"
