"""The shards that are missing, simulated and scored side by side; each is written as it is done, or leaves a
note of why not.
"""

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from functools import partial

from screen.errors import RunError, Stopped
from screen.files import write_text
from screen.runner.execution.dask import on_dask
from screen.runner.execution.parallel import each
from screen.runner.execution.prepared import Prepared, Progress
from screen.runner.execution.stop import Stop
from screen.runner.execution.task import Outcome, one_shard, state_of
from screen.runner.plan.plan import Shard
from screen.runner.results.provenance import Clock
from screen.runner.store.run_folder import RunFiles

log = logging.getLogger(__name__)


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


def _note(files: RunFiles, outcome: Outcome) -> None:
    """Leave a note for a shard that could leave none itself."""
    path = files.shard_failure(outcome.index)
    if not path.exists():
        with contextlib.suppress(OSError):
            write_text(path, outcome.error + "\n")
