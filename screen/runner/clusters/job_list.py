"""The list of a run's jobs, `jobs.jsonl`: what was submitted, what of it still stands in the queue, why the rest
ended, and how much memory the next turn gets.
"""

import contextlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from screen.errors import RunError
from screen.files import read_bytes
from screen.runner.clusters.schedulers.registry import SCHEDULERS
from screen.runner.clusters.schedulers.scheduler import OUT_OF_MEMORY, Queue
from screen.runner.clusters.scripts import Script
from screen.runner.results.provenance import now
from screen.runner.store.run_folder import JOBS, LOGS

MEMORY_FACTOR = 2.0
LARGEST_LIST = 100_000_000  # bytes
TAIL_BYTES = 4000

log = logging.getLogger(__name__)
Ended = tuple[str, Path]
"""Why a task ended, and its log."""


@dataclass(frozen=True)
class Submitted:
    """An array in the list: task k of `job` does part `parts[k]` of `of_parts`. A merge has no parts."""

    job: str
    parts: tuple[int, ...]
    of_parts: int
    memory_MB: int
    when: str
    scheduler: str = "slurm"

    def does(self, shard: int) -> bool:
        """Whether one of the tasks does this shard."""
        return shard % self.of_parts in self.parts

    def task_of(self, shard: int) -> str:
        """The task that does the shard, as the scheduler names it."""
        return f"{self.job}_{self.parts.index(shard % self.of_parts)}"


def job_folder(run_folder: Path) -> Path:
    """Where a run's job scripts, their logs and the list of jobs stand."""
    return run_folder / JOBS


def log_of(folder: Path, task: str) -> Path:
    """The log of a task or of a single job."""
    return folder / LOGS / f"{task}.log"


def submitted(folder: Path) -> list[Submitted]:
    """The arrays and merges submitted so far, oldest first. A damaged line, as a full disk or a crash leaves one, is
    left out with a warning: its shards count as not submitted.
    """
    path = folder / "jobs.jsonl"
    if not path.exists():
        return []
    lines = read_bytes(path, LARGEST_LIST, "the list of a run's jobs").decode("utf-8", "replace").split("\n")
    known = [(number, _submitted(line)) for number, line in enumerate(lines, start=1) if line.strip()]
    for number, one in known:
        if one is None:
            log.warning("%s: line %d is damaged and left out; its jobs count as not submitted", path, number)
    return [one for _, one in known if one is not None]


def _submitted(line: str) -> Submitted | None:
    """What a line of the list says; None where that makes no sense."""
    try:
        found = json.loads(line)
        one = Submitted(**{**found, "parts": tuple(found["parts"])})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    numbers = (one.of_parts, one.memory_MB, *one.parts)
    plain = all(isinstance(value, int) and not isinstance(value, bool) for value in numbers)
    texts = all(isinstance(value, str) for value in (one.job, one.when, one.scheduler))
    return one if plain and texts and one.of_parts >= 1 and one.scheduler in SCHEDULERS else None


def submit(
    folder: Path, scheduler: str, scripts: Sequence[Script], of_parts: int, merge_MB: int
) -> list[str]:
    """Submit the arrays and the merge that waits for them; the job ids, the merge's last."""
    queue = SCHEDULERS[scheduler].queue
    assert queue is not None, scheduler
    arrays = []
    for script in scripts:
        job = queue.submit(script.path)
        _record(folder, Submitted(job, script.parts, of_parts, script.resources.memory_MB, now(), scheduler))
        arrays.append(job)
    earlier = [one.job for one in submitted(folder) if one.parts and one.scheduler == scheduler]
    known = {task.partition("_")[0] for task in queue.waiting(earlier)}
    after = [job for job in dict.fromkeys(earlier) if job in known or job in arrays]
    merge = queue.submit(folder / "merge.sh", after)
    _record(folder, Submitted(merge, (), 1, merge_MB, now(), scheduler))
    return [*arrays, merge]


def _record(folder: Path, job: Submitted) -> None:
    """Add a line to the list, in one piece and flushed, on a line of its own even where the last was cut."""
    with (folder / "jobs.jsonl").open("ab+") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
        cut = size > 0 and file.read(1) != b"\n"
        file.write(b"\n" * cut + json.dumps(asdict(job)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def queued_shards(queue: Queue, jobs: Sequence[Submitted], shards: int) -> set[int]:
    """Those of the shards 0 to `shards` - 1 that a job still in the queue will do."""
    waiting = queue.waiting([one.job for one in jobs])
    return {
        shard for one in jobs for shard in range(shards) if one.does(shard) and one.task_of(shard) in waiting
    }


def ended(folder: Path, jobs: Sequence[Submitted], shards: Sequence[int]) -> dict[int, Ended]:
    """Why the last job of each shard ended, where it has a log: by the scheduler's memory, else by the log. One that
    the scheduler has put back into its queue has not ended.
    """
    queued = _queued(jobs) if shards else set()
    last = {shard: one for one in jobs for shard in shards if one.does(shard)}
    last = {shard: one for shard, one in last.items() if one.task_of(shard) not in queued}
    tasks = {shard: one.task_of(shard) for shard, one in last.items()}
    reasons = _reasons(folder, {tasks[shard]: one.scheduler for shard, one in last.items()})
    return {shard: (reasons[task], log_of(folder, task)) for shard, task in tasks.items() if task in reasons}


def _queued(jobs: Sequence[Submitted]) -> set[str]:
    """The tasks that stand in a queue or run; none of a scheduler that does not answer."""
    found: set[str] = set()
    for name in dict.fromkeys(one.scheduler for one in jobs):
        queue = SCHEDULERS[name].queue
        with contextlib.suppress(RunError):
            found |= queue.waiting([one.job for one in jobs if one.scheduler == name]) if queue else set()
    return found


def memory_needed(
    folder: Path, jobs: Sequence[Submitted], shards: Sequence[int], usual: int
) -> dict[int, int]:
    """MB for each shard whose last job ran out of memory: twice what it had, or `usual` if that is more."""
    needed = {}
    for shard, (reason, _) in ended(folder, jobs, shards).items():
        if reason == OUT_OF_MEMORY:
            had = next(one.memory_MB for one in reversed(jobs) if one.does(shard))
            needed[shard] = max(usual, int(had * MEMORY_FACTOR))
    return needed


def merge_memory(folder: Path, jobs: Sequence[Submitted], usual: int) -> int:
    """MB for the merge: `usual`, or twice what the last one had if it ran out of memory."""
    last = next((one for one in reversed(jobs) if not one.parts), None)
    if last and _reasons(folder, {last.job: last.scheduler}).get(last.job) == OUT_OF_MEMORY:
        return max(usual, int(last.memory_MB * MEMORY_FACTOR))
    return usual


def _reasons(folder: Path, tasks: Mapping[str, str]) -> dict[str, str]:
    """Why tasks ended, of those that have a log; `tasks` names the scheduler of each."""
    logs = {task: _tail(log_of(folder, task)) for task in tasks if log_of(folder, task).exists()}
    found: dict[str, str] = {}
    for name in dict.fromkeys(tasks[task] for task in logs):
        queue = SCHEDULERS[name].queue
        ends = {task: end for task, end in logs.items() if tasks[task] == name}
        told = queue.why_ended(ends) if queue else {}
        found |= {task: told.get(task) or _last_line(end) for task, end in ends.items()}
    return found


def _tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        return file.read().decode("utf-8", "replace")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "its log is empty"
