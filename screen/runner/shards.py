"""The shards that are missing, simulated side by side; each is written as it is done, or leaves a note of
why not.
"""

import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screen.runner.dask import on_dask
from screen.runner.errors import RunError, Stopped
from screen.runner.files import RunFiles, disk_trouble, write_text
from screen.runner.lock import Locked, locked
from screen.runner.parallel import each
from screen.runner.plan import Shard
from screen.runner.prepared import Prepared, Progress
from screen.runner.provenance import Clock
from screen.runner.shardfile import BadShard, check_shard, write_shard
from screen.runner.simulate import simulate_shard
from screen.runner.stop import Stop

if TYPE_CHECKING:
    from screen.pathway import Assay

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How one shard ended: `error` is empty when its file stands; `elsewhere` when another process has it."""

    index: int
    error: str = ""
    elsewhere: bool = False


def is_done(prepared: Prepared, shard: Shard) -> bool:
    path = prepared.files.shard(shard.index)
    if not path.exists():
        return False
    try:
        check_shard(path, prepared.plan, prepared.model_sha256, shard)
    except BadShard as problem:
        log.warning("%s: %s; simulating it again", path, problem)
        return False
    return True


def simulate_missing(
    prepared: Prepared,
    wanted: Sequence[Shard],
    clock: Clock,
    jobs: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
    dask: str | None = None,
) -> int:
    """Compile the model and simulate those of the `wanted` shards that do not stand, `jobs` at a time in
    threads, or on Dask (an address, or `local`). Returns how many another process has in hand.

    Raises `Stopped` when asked to stop, or `RunError` for failed shards, once those that could be done are.
    """
    missing = [shard for shard in wanted if not is_done(prepared, shard)]
    if not missing:
        return 0
    stop = stop or Stop()
    begun = time.perf_counter()
    assay = prepared.assay
    clock.add("compile", time.perf_counter() - begun)
    begun, sizes = time.perf_counter(), prepared.simulations
    done = sum(sizes.values()) - sum(sizes[shard.index] for shard in missing)
    if progress:
        progress("simulate", done, prepared.plan.simulations)
    failed: list[Outcome] = []
    elsewhere = 0
    if dask is None:
        outcomes = each(one_shard, ((prepared, assay, shard) for shard in missing), jobs, stop)
    else:
        outcomes = on_dask(prepared, missing, dask, jobs, stop)
    for outcome in outcomes:
        if outcome.error:
            failed.append(outcome)
            _note(prepared.files, outcome)
            continue
        elsewhere += outcome.elsewhere
        done += sizes[outcome.index]
        if progress:
            progress("simulate", done, prepared.plan.simulations)
    clock.add("simulate", time.perf_counter() - begun)
    if stop.asked:
        raise Stopped(stop.exit_status)
    if failed:
        first = min(failed, key=lambda outcome: outcome.index)
        raise RunError(
            f"{len(failed)} of {len(prepared.plan.shards)} shards failed; shard {first.index}: {first.error} "
            f"(see {prepared.files.shard_failure(first.index)})"
        )
    return elsewhere


def one_shard(prepared: Prepared, assay: "Assay", shard: Shard) -> Outcome:
    """Simulate one shard and write its file, unless another process has it in hand or has just done so."""
    files = prepared.files
    try:
        with locked(files.shard_lock(shard.index)):
            if is_done(prepared, shard):
                return Outcome(shard.index)
            begun = time.perf_counter()
            block = simulate_shard(assay, prepared.plan, shard)
            seconds = time.perf_counter() - begun
            write_shard(files.shard(shard.index), prepared.plan, prepared.model_sha256, shard, block, seconds)
            files.shard_failure(shard.index).unlink(missing_ok=True)
            return Outcome(shard.index)
    except Locked:
        return Outcome(shard.index, elsewhere=True)
    except OSError as error:
        if trouble := disk_trouble(error):
            raise RunError(f"{files.folder}: {trouble}; the same command resumes") from None
        return _failed(files, shard, error)
    except Exception as error:
        return _failed(files, shard, error)


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
