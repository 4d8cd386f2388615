"""The shards that are missing, simulated and scored side by side; each is written as it is done, or leaves a
note of why not.
"""

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from screen.errors import RunError, Stopped
from screen.runner.execution.dask import on_dask
from screen.runner.execution.parallel import each
from screen.runner.execution.prepared import Prepared, Progress
from screen.runner.execution.stop import Stop
from screen.runner.plan.plan import Shard
from screen.runner.results.provenance import Clock
from screen.runner.simulate.ensemble import with_ensemble
from screen.runner.simulate.scoring import score_block
from screen.runner.simulate.shard import Block, simulate_shard
from screen.runner.store.lock import Locked, locked
from screen.runner.store.run_folder import RunFiles, disk_trouble, write_text
from screen.runner.store.shard_file import BadShard, check_shard, read_shard, write_shard

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How one shard ended: `error` is empty when its file stands; `elsewhere` when another process has it."""

    index: int
    error: str = ""
    elsewhere: bool = False


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


def finish(
    prepared: Prepared,
    wanted: Sequence[Shard],
    clock: Clock,
    jobs: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
    dask: str | None = None,
) -> Iterator[Outcome]:
    """Simulate those of the `wanted` shards that do not stand and score those that are not, `jobs` at a time
    on this machine, or on Dask (an address, or `local`). How each ended, those that stand already first;
    failed ones are left out.

    Raises `Stopped` when asked to stop, or `RunError` for failed shards, once those that could be done are.
    """
    states = {shard.index: state_of(prepared, shard) for shard in wanted}
    yield from (Outcome(index) for index, state in states.items() if state == "done")
    todo = [shard for shard in wanted if states[shard.index] != "done"]
    if not todo:
        return
    stop = stop or Stop()
    begun = time.perf_counter()
    if "missing" in states.values():
        _ = prepared.assay  # compiled once, before there are threads
        clock.add("compile", time.perf_counter() - begun)
    begun, sizes = time.perf_counter(), prepared.simulations
    done = sum(sizes[index] for index, state in states.items() if state == "done")
    if dask is None:  # before there is a progress bar, which has a thread
        tasks = [partial(one_shard, prepared, shard) for shard in todo]
        outcomes = each(tasks, jobs, stop, lambda k, reason: Outcome(todo[k].index, error=reason))
    else:
        outcomes = on_dask(prepared, todo, dask, jobs, stop)
    if progress:
        progress("simulate", done, sum(sizes[index] for index in states))
    failed: list[Outcome] = []
    for outcome in outcomes:
        clock.add("simulate", time.perf_counter() - begun)
        if outcome.error:
            failed.append(outcome)
            _note(prepared.files, outcome)
        else:
            done += sizes[outcome.index]
            if progress:
                progress("simulate", done, sum(sizes[index] for index in states))
            yield outcome
        begun = time.perf_counter()
    clock.add("simulate", time.perf_counter() - begun)
    if stop.asked:
        raise Stopped(stop.exit_status)
    if failed:
        first = min(failed, key=lambda outcome: outcome.index)
        raise RunError(
            f"{len(failed)} of {len(prepared.plan.shards)} shards failed; shard {first.index}: {first.error} "
            f"(see {prepared.files.shard_failure(first.index)})"
        )


def one_shard(prepared: Prepared, shard: Shard) -> Outcome:
    """Simulate and score one shard and write its file, unless another process has it in hand or has just done
    so. One that stands with scores by other reference models is only scored.
    """
    files = prepared.files
    try:
        with locked(files.shard_lock(shard.index)):
            if (state := state_of(prepared, shard)) == "done":
                return Outcome(shard.index)
            files.shard_failure(shard.index).unlink(missing_ok=True)  # says why an attempt before failed
            path, begun = files.shard(shard.index), time.perf_counter()
            block = _responses(prepared, shard, state)
            block = replace(block, scores=score_block(prepared.plan, shard, block))
            if prepared.plan.draws:
                block = with_ensemble(prepared.assay, prepared.plan, shard, block)
            seconds = time.perf_counter() - begun
            write_shard(path, prepared.plan, prepared.model_sha256, shard, block, seconds)
            return Outcome(shard.index)
    except Locked:
        return Outcome(shard.index, elsewhere=True)
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


def _note(files: RunFiles, outcome: Outcome) -> None:
    """Leave a note for a shard that could leave none itself."""
    path = files.shard_failure(outcome.index)
    if not path.exists():
        with contextlib.suppress(OSError):
            write_text(path, outcome.error + "\n")


def _failed(files: RunFiles, shard: Shard, error: Exception) -> Outcome:
    """Leave a note of why a shard failed, with the traceback, for `herscreen status`."""
    import traceback

    reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
    log.debug("shard %d failed", shard.index, exc_info=error)
    with contextlib.suppress(OSError):
        write_text(
            files.shard_failure(shard.index), reason + "\n\n" + "".join(traceback.format_exception(error))
        )
    return Outcome(shard.index, error=reason)
