"""One shard, from its number to its file: the one task that local workers, Dask and arrays of jobs carry out.
A process on another machine prepares the run from its configuration first.
"""

import contextlib
import json
import logging
import time
import traceback
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from screen.config.screen import parse_config
from screen.errors import RunError
from screen.files import write_text
from screen.runner.execution.prepared import Prepared, prepare
from screen.runner.plan.plan import Shard
from screen.runner.simulate.ensemble import with_ensemble
from screen.runner.simulate.scoring import score_block
from screen.runner.simulate.shard import simulate_shard
from screen.runner.simulate.simulated_part import Block
from screen.runner.store.lock import Locked, locked
from screen.runner.store.run_folder import RunFiles, disk_trouble
from screen.runner.store.shard_file import BadShard, check_shard, read_shard, write_shard

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ShardOutcome:
    """How one shard ended: `error` is empty when its file stands; `elsewhere` when another process has it."""

    index: int
    error: str = ""
    elsewhere: bool = False


@dataclass(frozen=True)
class Run:
    """What a process needs to prepare a run by itself: the resolved configuration as JSON, and the cube's
    path. It must see the same folder.
    """

    config: str
    output: str

    @staticmethod
    def of(prepared: Prepared) -> "Run":
        return Run(prepared.config.model_dump_json(), str(prepared.files.cube.absolute()))


@lru_cache(maxsize=1)
def prepared_run(run: Run) -> Prepared:
    """The run with its compiled model, kept by a process between shards."""
    return prepare(parse_config(json.loads(run.config)), run.output)


def shard_of_run(run: Run, index: int) -> ShardOutcome:
    """`one_shard` in a process that was given a run by its configuration."""
    return one_shard(prepared_run(run), index)


State = Literal["missing", "unscored", "done"]


def state_of(prepared: Prepared, shard: Shard) -> State:
    """What of a shard stands: its responses and their scores, those by other reference models, or nothing."""
    path = prepared.files.shard(shard.index)
    if not path.exists():
        return "missing"
    try:
        scored = check_shard(path, prepared.plan, prepared.model_sha256, shard)
    except BadShard as problem:
        log.warning("%s: %s; simulating it again", path, problem)
        return "missing"
    return "done" if scored else "unscored"


def one_shard(prepared: Prepared, index: int) -> ShardOutcome:
    """Simulate and score one shard and write its file, unless another process has it in hand or has just done
    so. One that stands with scores by other reference models is only scored.
    """
    files, shard = prepared.files, prepared.plan.shards[index]
    try:
        with locked(files.shard_lock(shard.index)):
            if (state := state_of(prepared, shard)) == "done":
                return ShardOutcome(shard.index)
            files.shard_failure(shard.index).unlink(missing_ok=True)  # says why an attempt before failed
            path, begun = files.shard(shard.index), time.perf_counter()
            block = _responses(prepared, shard, state)
            if prepared.plan.design.draws:
                block = with_ensemble(prepared.assay, prepared.plan, shard, block)
            else:
                block = replace(block, scores=score_block(prepared.plan, shard, block))
            seconds = time.perf_counter() - begun
            write_shard(path, prepared.plan, prepared.model_sha256, shard, block, seconds)
            return ShardOutcome(shard.index)
    except Locked:
        return ShardOutcome(shard.index, elsewhere=True)
    except OSError as error:
        if trouble := disk_trouble(error):
            raise RunError(f"{files.folder}: {trouble}; the same command resumes") from None
        return _failed(files, shard, error)
    except Exception as error:
        return _failed(files, shard, error)


def _responses(prepared: Prepared, shard: Shard, state: State) -> Block:
    """A shard's responses: those that stand, if they are whole, else simulated."""
    if state == "unscored":
        path = prepared.files.shard(shard.index)
        try:
            return read_shard(path, prepared.plan, prepared.model_sha256, shard)[0]
        except BadShard as problem:
            log.warning("%s: %s; simulating it again", path, problem)
    return simulate_shard(prepared.assay, prepared.plan, shard)


def _failed(files: RunFiles, shard: Shard, error: Exception) -> ShardOutcome:
    """Leave a note of why a shard failed, with the traceback, for `herscreen status`."""
    reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
    log.debug("shard %d failed", shard.index, exc_info=error)
    with contextlib.suppress(OSError):
        write_text(
            files.shard_failure(shard.index), reason + "\n\n" + "".join(traceback.format_exception(error))
        )
    return ShardOutcome(shard.index, error=reason)
