"""The list of a run's jobs, `jobs.jsonl`: what was submitted, what of it still stands in the queue, why the rest
ended, and how much memory the next turn gets.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from screen.runner.clusters.schedulers.registry import SCHEDULERS
from screen.runner.clusters.schedulers.scheduler import OUT_OF_MEMORY, Queue
from screen.runner.clusters.scripts import Script
from screen.runner.results.provenance import now

MEMORY_FACTOR = 2.0
TAIL_BYTES = 4000

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
    return run_folder / "jobs"


def log_of(folder: Path, task: str) -> Path:
    """The log of a task or of a single job."""
    return folder / "logs" / f"{task}.log"


def submitted(folder: Path) -> list[Submitted]:
    """The arrays and merges submitted so far, oldest first."""
    try:
        lines = (folder / "jobs.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = [json.loads(line) for line in lines if line.strip()]
    return [Submitted(**{**one, "parts": tuple(one["parts"])}) for one in found]


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
    with (folder / "jobs.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(job)) + "\n")


def queued_shards(queue: Queue, jobs: Sequence[Submitted], shards: int) -> set[int]:
    """Those of the shards 0 to `shards` - 1 that a job still in the queue will do."""
    waiting = queue.waiting([one.job for one in jobs])
    return {
        shard for one in jobs for shard in range(shards) if one.does(shard) and one.task_of(shard) in waiting
    }


def ended(folder: Path, jobs: Sequence[Submitted], shards: Sequence[int]) -> dict[int, Ended]:
    """Why the last job of each shard ended, where it has a log: by the scheduler's memory, else by the log."""
    last = {shard: one for one in jobs for shard in shards if one.does(shard)}
    tasks = {shard: one.task_of(shard) for shard, one in last.items()}
    reasons = _reasons(folder, {tasks[shard]: one.scheduler for shard, one in last.items()})
    return {shard: (reasons[task], log_of(folder, task)) for shard, task in tasks.items() if task in reasons}


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
