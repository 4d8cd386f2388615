"""Slurm: job arrays for the parts of a run that are missing, a merge that waits for them, and what became of
earlier jobs: still queued, or out of memory and in need of more.
"""

import json
import logging
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from screen.errors import RunError
from screen.files import write_text
from screen.runner.clusters.scripts import Command, Resources, Scheduler, array_script, merge_script
from screen.runner.results.provenance import now

MEMORY_FACTOR = 2.0
OUT_OF_MEMORY = re.compile(r"exceeded memory limit|oom[-_ ]?kill|out[-_ ]of[-_ ]memory", re.IGNORECASE)
TIME_LIMIT = re.compile(r"DUE TO TIME LIMIT|walltime .*exceeded|TERM_RUNLIMIT", re.IGNORECASE)
TAIL_BYTES = 4000
TRIES = 5
DEFAULT_MAX_ARRAY = 1001

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Submitted:
    """An array in the run's list of jobs: task k of `job` does part `parts[k]` of `of_parts`. A merge has no
    parts.
    """

    job: str
    parts: tuple[int, ...]
    of_parts: int
    memory_MB: int
    when: str

    def does(self, shard: int) -> bool:
        """Whether one of the tasks does this shard."""
        return shard % self.of_parts in self.parts

    def log_of(self, folder: Path, part: int) -> Path:
        return folder / "logs" / f"{self.job}_{self.parts.index(part)}.log"


@dataclass(frozen=True)
class Script:
    """A script on disk and what it is for."""

    path: Path
    parts: tuple[int, ...]
    resources: Resources


def job_folder(run_folder: Path) -> Path:
    """Where a run's job scripts, their logs and the list of jobs stand."""
    return run_folder / "jobs"


def submitted(folder: Path) -> list[Submitted]:
    """The arrays and merges submitted so far, oldest first."""
    try:
        lines = (folder / "jobs.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = [json.loads(line) for line in lines if line.strip()]
    return [Submitted(**{**one, "parts": tuple(one["parts"])}) for one in found]


def parts_with(shards: Sequence[int], of_parts: int) -> list[int]:
    """The parts that hold any of the shards."""
    return sorted({shard % of_parts for shard in shards})


def queued_shards(jobs: Sequence[Submitted], shards: int) -> set[int]:
    """Shards that a job still in the queue will do."""
    by_id = {one.job: one for one in jobs}
    if not by_id:
        return set()
    found = set()
    for line in _ask(
        ["squeue", "-h", "-r", "-t", "all", "-j", ",".join(by_id), "-o", "%F %K %T"]
    ).splitlines():
        job, index, state = [*line.split(), "", "", ""][:3]
        if (
            job in by_id
            and index.isdecimal()
            and state in ("PENDING", "RUNNING", "REQUEUED", "CONFIGURING", "COMPLETING")
        ):
            one = by_id[job]
            found |= set(range(one.parts[int(index)], shards, one.of_parts))
    return found


def ends(folder: Path, jobs: Sequence[Submitted], shards: Sequence[int]) -> dict[int, tuple[str, Path]]:
    """Why the last job of each shard ended, where its log says so: words and the log's path."""
    found: dict[int, tuple[str, Path]] = {}
    for shard in shards:
        for one in reversed(jobs):
            if one.does(shard):
                path = one.log_of(folder, shard % one.of_parts)
                if path.exists():
                    found[shard] = _reason(path), path
                break
    return found


def memory_needed(
    folder: Path, jobs: Sequence[Submitted], shards: Sequence[int], usual: int
) -> dict[int, int]:
    """MB for each shard whose last job ran out of memory: twice what it had, or `usual` if that is more."""
    needed = {}
    for shard, (reason, _) in ends(folder, jobs, shards).items():
        if reason == "out of memory":
            had = next(one.memory_MB for one in reversed(jobs) if one.does(shard))
            needed[shard] = max(usual, int(had * MEMORY_FACTOR))
    return needed


def merge_memory(folder: Path, jobs: Sequence[Submitted], usual: int) -> int:
    """MB for the merge: `usual`, or twice what the last one had if it ran out of memory."""
    last = next((one for one in reversed(jobs) if not one.parts), None)
    path = folder / "logs" / f"{last.job}.log" if last else None
    if last and path and path.exists() and _reason(path) == "out of memory":
        return max(usual, int(last.memory_MB * MEMORY_FACTOR))
    return usual


def write_scripts(
    folder: Path,
    scheduler: Scheduler,
    command: Command,
    parts: dict[int, int],
    of_parts: int,
    resources: Resources,
    largest: int,
) -> list[Script]:
    """Write array scripts for the parts, each with its memory in MB, and the merge's; none holds over
    `largest` tasks.
    """
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    for old in folder.glob("array-*.sh"):
        old.unlink()
    scripts: list[Script] = []
    for memory in sorted(set(parts.values())):
        chosen = sorted(part for part in parts if parts[part] == memory)
        for start in range(0, len(chosen), largest):
            block = tuple(chosen[start : start + largest])
            use = Resources(**{**asdict(resources), "memory_MB": memory})
            path = folder / f"array-{len(scripts)}.sh"
            write_text(path, array_script(scheduler, command, block, of_parts, use))
            scripts.append(Script(path, block, use))
    write_text(folder / "merge.sh", merge_script(scheduler, command, resources))
    return scripts


def submit(folder: Path, scripts: Sequence[Script], of_parts: int, merge_MB: int) -> list[str]:
    """Submit the arrays and the merge that waits for them; the job ids, the merge's last."""
    jobs = []
    for script in scripts:
        job = _sbatch([script.path.name], folder)
        _record(folder, Submitted(job, script.parts, of_parts, script.resources.memory_MB, now()))
        jobs.append(job)
    known = _known(folder)
    waiting = [one.job for one in submitted(folder) if one.parts and one.job in known]
    after = [f"--dependency=afterany:{':'.join(dict.fromkeys([*waiting, *jobs]))}"] if jobs or waiting else []
    merge = _sbatch([*after, "merge.sh"], folder)
    _record(folder, Submitted(merge, (), 1, merge_MB, now()))
    return [*jobs, merge]


def _record(folder: Path, job: Submitted) -> None:
    with (folder / "jobs.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(job)) + "\n")


def max_array_tasks() -> int:
    """Tasks that one array may hold: Slurm's MaxArraySize caps the index, which counts from 0."""
    try:
        found = re.search(r"^MaxArraySize\s*=\s*(\d+)", _ask(["scontrol", "show", "config"]), re.MULTILINE)
    except RunError:
        found = None
    return int(found[1]) if found else DEFAULT_MAX_ARRAY


def _known(folder: Path) -> set[str]:
    """Ids of the run's arrays that still stand in the queue."""
    ids = [one.job for one in submitted(folder)]
    if not ids:
        return set()
    return set(_ask(["squeue", "-h", "-j", ",".join(ids), "-o", "%F"]).split())


def _reason(path: Path) -> str:
    """Why a task ended, from the end of its log."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read().decode("utf-8", "replace")
    if OUT_OF_MEMORY.search(tail):
        return "out of memory"
    if TIME_LIMIT.search(tail):
        return "time limit"
    last = tail.strip().splitlines()
    return last[-1] if last else "its log is empty"


def _sbatch(arguments: Sequence[str], folder: Path) -> str:
    """Submit a script in its folder; a busy scheduler is asked again."""
    words = ["sbatch", "--parsable", *arguments]
    for attempt in range(TRIES):
        ended = subprocess.run(words, cwd=folder, capture_output=True, text=True)
        if ended.returncode == 0:
            return ended.stdout.strip().split(";")[0]
        busy = re.search(
            r"temporarily|timed out|Socket|try again|Unable to contact", ended.stderr, re.IGNORECASE
        )
        if not busy or attempt == TRIES - 1:
            break
        log.warning("sbatch: %s; trying again", ended.stderr.strip())
        time.sleep(2**attempt)
    raise RunError(f"sbatch refused {folder / arguments[-1]}: {' '.join(ended.stderr.split())}")


def _ask(words: Sequence[str]) -> str:
    """What a Slurm command prints; nothing for jobs that Slurm has forgotten."""
    try:
        ended = subprocess.run(words, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        raise RunError(f"{words[0]}: not found; Slurm's commands are needed on this machine") from None
    except subprocess.TimeoutExpired:
        raise RunError(f"{words[0]}: no answer within a minute") from None
    if ended.returncode and "Invalid job id" not in ended.stderr:
        raise RunError(f"{words[0]}: {' '.join(ended.stderr.split())}")
    return ended.stdout
