"""Job scripts for Slurm, PBS, SGE and LSF from one template: an array whose tasks each simulate a part of the
screen, and a merge that waits for them. Whatever the user named stands in the script quoted, and never in a
directive.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from screen._version import __version__
from screen.errors import InputError

Scheduler = Literal["slurm", "pbs", "sge", "lsf"]
SCHEDULERS: tuple[Scheduler, ...] = ("slurm", "pbs", "sge", "lsf")
WARNING_SECONDS = 120  # before the end of the allotment, or half of a short one
MOST_REQUEUES = 50
REQUEUE = 75

INDEX = {  # the task's place in the list of parts, from 0
    "slurm": "$SLURM_ARRAY_TASK_ID",
    "pbs": "${PBS_ARRAY_INDEX:-${PBS_ARRAYID:-0}}",
    "sge": "$((SGE_TASK_ID - 1))",
    "lsf": "$((LSB_JOBINDEX - 1))",
}
SUBMIT = {"slurm": "sbatch", "pbs": "qsub", "sge": "qsub", "lsf": "bsub <"}


@dataclass(frozen=True)
class Resources:
    """What one task may use. `throttle` is how many tasks run at a time, None for no limit."""

    seconds: int
    memory_MB: int
    processors: int = 1
    partition: str | None = None
    account: str | None = None
    throttle: int | None = None

    def __post_init__(self) -> None:
        for key in ("partition", "account"):
            value = getattr(self, key)
            if value is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.,:@+-]*", value):
                raise InputError(
                    f"--{key}: found {value!r}, expected a name of letters, digits and _ . , : @ + -"
                )

    @property
    def warning(self) -> int:
        """Seconds before the end at which a task is told to come to one."""
        return min(WARNING_SECONDS, self.seconds // 2)

    def more(self, factor: float) -> "Resources":
        """The same with more memory."""
        return replace(self, memory_MB=int(self.memory_MB * factor))


@dataclass(frozen=True)
class Command:
    """The herscreen call of a job: its interpreter, working folder, and arguments common to all tasks."""

    python: str
    folder: Path
    name: str
    config: Path
    output: Path
    settings: tuple[str, ...] = ()

    def line(self, verb: str) -> str:
        """The quoted command of `run` or `merge`."""
        options = [part for setting in self.settings for part in ("--set", setting)]
        words = [self.python, "-m", "screen.cli", verb, str(self.config), "-o", str(self.output), *options]
        return " ".join(shlex.quote(word) for word in words)


def array_script(
    scheduler: Scheduler, command: Command, parts: Sequence[int], of_parts: int, resources: Resources
) -> str:
    """The script of an array that simulates the `parts` (I of I/N), one a task."""
    run = f'{command.line("run")} -j {resources.processors} --shard "$part/{of_parts}"'
    head = _directives(scheduler, job_name(command.name), len(parts), resources)
    return "\n".join(
        [
            "#!/bin/bash",
            *head,
            f"# Parts of a screen, one a task. Written by herscreen {__version__}, which may write it anew.",
            "",
            f"parts=({ranges(parts)})",
            f"part=${{parts[{INDEX[scheduler]}]}}",
            "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1",
            f"cd {shlex.quote(str(command.folder))} || exit 1",
            "",
            "# A warning before the end goes on to herscreen, which finishes the shards in hand.",
            "warned=",
            f"{run} &",
            "child=$!",
            "trap 'warned=1; kill -USR1 $child 2>/dev/null' USR1 USR2",
            "trap 'kill -TERM $child 2>/dev/null' TERM",
            "while true; do",
            "  wait $child",
            "  status=$?",
            "  kill -0 $child 2>/dev/null || break",
            "done",
            *_requeue(scheduler),
            "exit $status",
            "",
        ]
    )


def merge_script(scheduler: Scheduler, command: Command, resources: Resources) -> str:
    """The script of the job that joins the shards once the arrays have ended."""
    alone = replace(resources, throttle=None)
    return "\n".join(
        [
            "#!/bin/bash",
            *_directives(scheduler, f"{job_name(command.name)}-merge", 0, alone),
            f"# Joins the shards of a screen. Written by herscreen {__version__}, which may write it anew.",
            "",
            f"cd {shlex.quote(str(command.folder))} || exit 1",
            f"exec {command.line('merge')}",
            "",
        ]
    )


def job_name(name: str) -> str:
    """A job's name that no scheduler trips over."""
    return "hs-" + (re.sub(r"[^A-Za-z0-9_.-]+", "_", name)[:40] or "screen")


def ranges(parts: Sequence[int]) -> str:
    """Ascending numbers as bash words, runs of three or more as `{3..9}`."""
    words: list[str] = []
    start = 0
    for end in range(1, len(parts) + 1):
        if end == len(parts) or parts[end] != parts[end - 1] + 1:
            first, last = parts[start], parts[end - 1]
            words += (
                [f"{{{first}..{last}}}"] if last - first > 1 else [str(part) for part in parts[start:end]]
            )
            start = end
    return " ".join(words)


def clock(seconds: int) -> str:
    """Seconds as hours:minutes:seconds."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def _directives(scheduler: Scheduler, name: str, tasks: int, use: Resources) -> list[str]:
    """The scheduler's own lines; `tasks` 0 is a single job."""
    sign, lines = {
        "slurm": ("#SBATCH", _slurm),
        "pbs": ("#PBS", _pbs),
        "sge": ("#$", _sge),
        "lsf": ("#BSUB", _lsf),
    }[scheduler]
    return [f"{sign} {line}" for line in lines(name, tasks, use) if line]


def _slurm(name: str, tasks: int, use: Resources) -> list[str]:
    return [
        f"--job-name={name}",
        f"--array=0-{tasks - 1}{_at_once(use)}" if tasks else "",
        "--nodes=1",
        "--ntasks=1",
        f"--cpus-per-task={use.processors}",
        f"--time={clock(use.seconds)}",
        f"--mem={use.memory_MB}M",
        _given("--partition=", use.partition),
        _given("--account=", use.account),
        f"--output=logs/{'%A_%a' if tasks else '%j'}.log",
        "--open-mode=append",
        f"--signal=B:USR1@{use.warning}" if tasks else "",
        "--requeue",
    ]


def _pbs(name: str, tasks: int, use: Resources) -> list[str]:
    return [
        f"-N {name[:15]}",
        f"-J 0-{tasks - 1}{_at_once(use)}" if tasks > 1 else "",
        f"-l select=1:ncpus={use.processors}:mem={use.memory_MB}mb",
        f"-l walltime={clock(use.seconds)}",
        _given("-q ", use.partition),
        _given("-A ", use.account),
        "-j oe",
        "-o logs/",
        "-r y",
    ]


def _sge(name: str, tasks: int, use: Resources) -> list[str]:
    return [
        f"-N {name}",
        f"-t 1-{tasks}" if tasks else "",
        _given("-tc ", use.throttle),
        f"-pe smp {use.processors}",
        f"-l h_rt={use.seconds}",
        f"-l h_vmem={-(-use.memory_MB // use.processors)}M",
        _given("-q ", use.partition),
        _given("-P ", use.account),
        "-cwd",
        "-j y",
        "-o logs",
        "-notify",
        "-r y",
        "-S /bin/bash",
    ]


def _lsf(name: str, tasks: int, use: Resources) -> list[str]:
    minutes = -(-use.seconds // 60)
    return [
        f'-J "{name}[1-{tasks}]{_at_once(use)}"' if tasks else f'-J "{name}"',
        f"-n {use.processors}",
        '-R "span[hosts=1]"',
        f"-W {minutes // 60}:{minutes % 60:02d}",
        f"-M {use.memory_MB}MB",
        _given("-q ", use.partition),
        _given("-P ", use.account),
        f"-o logs/{'%J_%I' if tasks else '%J'}.log",
        f"-wa USR1 -wt {max(1, use.warning // 60)}" if tasks else "",
        f'-Q "{REQUEUE}"' if tasks else "",
    ]


def _given(option: str, value: object | None) -> str:
    """An option with its value, or nothing."""
    return "" if value is None else f"{option}{value}"


def _at_once(use: Resources) -> str:
    return _given("%", use.throttle)


def _requeue(scheduler: Scheduler) -> list[str]:
    """What turns exit status 75 after a warning into another turn; a job that was cancelled gets none."""
    asked = f'[ "$status" = {REQUEUE} ] && [ -n "$warned" ]'
    if scheduler == "slurm":
        return [
            f'if {asked} && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {MOST_REQUEUES} ]; then',
            '  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"',
            "fi",
        ]
    if scheduler == "sge":
        return [f"{asked} && exit 99  # SGE requeues a job that exits so"]
    if scheduler == "pbs":
        return [f'{asked} && qrerun "$PBS_JOBID"']
    return []
