"""The shards that are missing, simulated and scored side by side; each is written as it is done, or leaves a
note of why not.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from screen.errors import RunError, Stopped
from screen.files import write_text
from screen.runner.execution.dask import on_dask
from screen.runner.execution.options import RunOptions
from screen.runner.execution.pool import each
from screen.runner.execution.prepared import Prepared
from screen.runner.execution.task import Run, ShardOutcome, one_shard, state_of
from screen.runner.plan.plan import Shard
from screen.runner.results.provenance import RunClock
from screen.runner.store.run_folder import RunFiles

log = logging.getLogger(__name__)


def finish(
    prepared: Prepared, wanted: Sequence[Shard], clock: RunClock, options: RunOptions
) -> Iterator[ShardOutcome]:
    """Simulate those of the `wanted` shards that do not stand and score those that are not, on this machine or
    on Dask. How each ended, those that stand already first; failed ones are left out.

    Raises `Stopped` when asked to stop, or `RunError` for failed shards, once those that could be done are.
    """
    states = {shard.index: state_of(prepared, shard) for shard in wanted}
    yield from (ShardOutcome(index) for index, state in states.items() if state == "done")
    todo = [index for index, state in states.items() if state != "done"]
    if not todo:
        return
    begun = time.perf_counter()
    if "missing" in states.values():
        _ = prepared.assay  # compiled once, for all workers
        clock.add("compile", time.perf_counter() - begun)
    begun, sizes = time.perf_counter(), prepared.simulations
    done = sum(sizes[index] for index, state in states.items() if state == "done")

    def report() -> None:
        options.report("simulate", done, sum(sizes[index] for index in states))

    report()
    failed: list[ShardOutcome] = []
    for outcome in _outcomes(prepared, todo, options, report):
        clock.add("simulate", time.perf_counter() - begun)
        if outcome.error:
            failed.append(outcome)
            _note(prepared.files, outcome)
        else:
            done += sizes[outcome.index]
            report()
            yield outcome
        begun = time.perf_counter()
    clock.add("simulate", time.perf_counter() - begun)
    if options.stop.asked:
        raise Stopped(options.stop.exit_status)
    if failed:
        first = min(failed, key=lambda outcome: outcome.index)
        raise RunError(
            f"{len(failed)} of {len(prepared.plan.shards)} shards failed; shard {first.index}: {first.error} "
            f"(see {prepared.files.shard_failure(first.index)})"
        )


def _outcomes(
    prepared: Prepared, todo: Sequence[int], options: RunOptions, tick: Callable[[], None]
) -> Iterator[ShardOutcome]:
    """How each shard ended, as they end."""
    if options.dask is not None:
        return on_dask(Run.of(prepared), todo, options)

    def lost(index: int, reason: str) -> ShardOutcome:
        return ShardOutcome(index, error=reason)

    return each(partial(one_shard, prepared), todo, options.jobs, options.stop, lost, tick)


def _note(files: RunFiles, outcome: ShardOutcome) -> None:
    """Leave a note for a shard that could leave none itself."""
    path = files.shard_failure(outcome.index)
    if not path.exists():
        with contextlib.suppress(OSError):
            write_text(path, outcome.error + "\n")
