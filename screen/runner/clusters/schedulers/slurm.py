"""Slurm, its queue included: jobs are submitted by `sbatch`, asked for by `squeue`, and `sacct`, where a cluster
keeps accounts, remembers why they ended.
"""

import logging
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from screen.errors import RunError
from screen.runner.clusters.schedulers.scheduler import (
    MOST_REQUEUES,
    OUT_OF_MEMORY,
    TIME_LIMIT,
    Job,
    Scheduler,
    clock,
    optional,
)

TRIES = 5
SUBMIT_SECONDS = 300
ANSWER_SECONDS, REMEMBER_SECONDS = 60, 10  # for what must be known, and for what is good to know
DEFAULT_MAX_ARRAY = 1001
MEMORY_WORDS = re.compile(r"exceeded memory limit|oom[-_ ]?kill|out[-_ ]of[-_ ]memory", re.IGNORECASE)
TIME_WORDS = re.compile(r"DUE TO TIME LIMIT", re.IGNORECASE)
BUSY = re.compile(r"temporarily|timed out|Socket|try again|Unable to contact", re.IGNORECASE)
UNREACHABLE = re.compile(
    r"configuration source|fetch_config|Unable to contact|Unable to resolve|Connection refused", re.IGNORECASE
)
ELSEWHERE = "--scheduler names another than Slurm, and without --submit jobs are written and not submitted"
SURE = {"OUT_OF_MEMORY": OUT_OF_MEMORY, "TIMEOUT": TIME_LIMIT}
LIKELY = {  # what a log may know better: Slurm cancels, for example, what has exceeded its memory
    "BOOT_FAIL": "its node did not start",
    "CANCELLED": "cancelled",
    "DEADLINE": "its deadline passed",
    "NODE_FAIL": "its node failed",
    "PREEMPTED": "preempted",
}
ENDED = {*SURE, *LIKELY, "COMPLETED", "FAILED", "REVOKED"}

log = logging.getLogger(__name__)


def directives(job: Job) -> list[str]:
    """A task is told of its end in time (`--signal`) and requeued when a node is lost."""
    use = job.resources
    return [
        f"--job-name={job.name}",
        f"--array=0-{job.tasks - 1}{optional('%', use.throttle)}" if job.tasks else "",
        "--nodes=1",
        "--ntasks=1",
        f"--cpus-per-task={use.processors}",
        f"--time={clock(use.seconds)}",
        f"--mem={use.memory_MB}M",
        optional("--partition=", use.partition),
        optional("--account=", use.account),
        f"--output=logs/{'%A_%a' if job.tasks else '%j'}.log",
        "--open-mode=append",
        f"--signal=B:USR1@{use.warning}" if job.tasks else "",
        "--requeue",
    ]


def requeue(wanted: str) -> list[str]:
    """A task requeues itself, so many times at most."""
    return [
        f'if {wanted} && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {MOST_REQUEUES} ]; then',
        '  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"',
        "fi",
    ]


class SlurmQueue:
    """Slurm's commands on this machine; see `Queue`."""

    def submit(self, script: Path, after: Sequence[str] = ()) -> str:
        """Submit a script in its folder; a busy scheduler is asked again."""
        waits = [f"--dependency=afterany:{':'.join(after)}"] if after else []
        words = ["sbatch", "--parsable", *waits, script.name]
        for attempt in range(TRIES):
            try:
                ended = subprocess.run(
                    words, cwd=script.parent, capture_output=True, text=True, timeout=SUBMIT_SECONDS
                )
            except FileNotFoundError:
                raise RunError(_absent("sbatch")) from None
            except subprocess.TimeoutExpired:
                raise RunError(
                    f"sbatch: no answer within {SUBMIT_SECONDS} s; squeue says whether it took"
                ) from None
            if ended.returncode == 0:
                return ended.stdout.strip().split(";")[0]
            if not BUSY.search(ended.stderr) or attempt == TRIES - 1:
                break
            log.warning("sbatch: %s; trying again", ended.stderr.strip())
            time.sleep(2**attempt)
        if UNREACHABLE.search(ended.stderr):
            raise RunError(_unreachable(script, ended.stderr))
        raise RunError(f"sbatch refused {script}: {' '.join(ended.stderr.split())}")

    def waiting(self, jobs: Sequence[str]) -> set[str]:
        """The tasks that `squeue` shows in any state but an end."""
        return {task for task, state in _queued(jobs).items() if state not in ENDED} if jobs else set()

    def why_ended(self, logs: Mapping[str, str]) -> dict[str, str]:
        """By the state that Slurm gives them where it is sure, by the log, by any other state."""
        states = _remembered(list(dict.fromkeys(task.partition("_")[0] for task in logs)))
        said = {task: _reason(states.get(task, ""), end) for task, end in logs.items()}
        return {task: reason for task, reason in said.items() if reason}

    def largest_array(self) -> int:
        """MaxArraySize, which caps the index, which counts from 0."""
        try:
            found = re.search(r"^MaxArraySize\s*=\s*(\d+)", _ask("scontrol", "show", "config"), re.MULTILINE)
        except RunError:
            found = None
        return int(found[1]) if found else DEFAULT_MAX_ARRAY


def _reason(state: str, end: str) -> str | None:
    """Why a task ended, of its state and the end of its log."""
    if state in SURE:
        return SURE[state]
    if MEMORY_WORDS.search(end):
        return OUT_OF_MEMORY
    return TIME_LIMIT if TIME_WORDS.search(end) else LIKELY.get(state)


def _queued(jobs: Sequence[str], seconds: float = ANSWER_SECONDS) -> dict[str, str]:
    """The states of tasks that `squeue` knows, ended ones for some minutes."""
    shown = _ask("squeue", "-h", "-r", "-t", "all", "-j", ",".join(jobs), "-o", "%F %K %T", seconds=seconds)
    found = {}
    for line in shown.splitlines():
        job, index, state = [*line.split(), "", "", ""][:3]
        if job in jobs:
            found[f"{job}_{index}" if index.isdecimal() else job] = state
    return found


def _remembered(jobs: Sequence[str]) -> dict[str, str]:
    """The states of tasks by `sacct`, and by `squeue`, which knows the last of them sooner; nothing where neither
    answers.
    """
    found: dict[str, str] = {}
    if not jobs:
        return found
    try:
        shown = _ask(
            "sacct", "-n", "-P", "-X", "-j", ",".join(jobs), "-o", "JobID,State", seconds=REMEMBER_SECONDS
        )
        for line in shown.splitlines():
            task, _, state = line.partition("|")
            found[task] = state.split(" ")[0]  # "CANCELLED by 1000"
    except RunError as error:
        log.debug("%s", error)
    try:
        found |= _queued(jobs, REMEMBER_SECONDS)
    except RunError as error:
        log.debug("%s", error)
    return found


def _ask(*words: str, seconds: float = ANSWER_SECONDS) -> str:
    """What a Slurm command prints; nothing for jobs that Slurm has forgotten."""
    try:
        ended = subprocess.run(words, capture_output=True, text=True, timeout=seconds)
    except FileNotFoundError:
        raise RunError(_absent(words[0])) from None
    except subprocess.TimeoutExpired:
        raise RunError(f"{words[0]}: no answer within {seconds} s") from None
    if ended.returncode and "Invalid job id" not in ended.stderr:
        raise RunError(f"{words[0]}: {' '.join(ended.stderr.split())}")
    return ended.stdout


def _absent(command: str) -> str:
    return f"{command}: not found; Slurm's commands are needed on this machine ({ELSEWHERE})"


def _unreachable(script: Path, said: str) -> str:
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "").strip()
    return (
        f"sbatch: no Slurm cluster answers on this machine; the scripts stand in {script.parent}; {ELSEWHERE}; "
        f"it said: {last}"
    )


SCHEDULER = Scheduler(
    name="slurm",
    title="Slurm",
    sign="#SBATCH",
    submit="sbatch",
    variables={"SLURM_ARRAY_TASK_ID": 0},
    index="$SLURM_ARRAY_TASK_ID",
    directives=directives,
    requeue=requeue,
    queue=SlurmQueue(),
)
