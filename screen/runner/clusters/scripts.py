"""Job scripts from one template for every scheduler: an array whose tasks each simulate a part of the screen, and
a merge that waits for them. Whatever the user named stands in the script quoted, and never in a directive.
"""

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from screen._version import __version__
from screen.files import write_text
from screen.runner.clusters.schedulers.scheduler import REQUEUE, Job, Resources, Scheduler
from screen.runner.store.run_folder import LOGS


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
        return " ".join(map(quoted, words))


@dataclass(frozen=True)
class Script:
    """A script on disk and what it is for."""

    path: Path
    parts: tuple[int, ...]
    resources: Resources


@dataclass(frozen=True)
class Division:
    """A run divided for a scheduler: the command of all its jobs, the parts that are to be done, each with the
    memory of its task in MB, of how many parts, and how many tasks one array holds.
    """

    scheduler: Scheduler
    command: Command
    memory_MB: Mapping[int, int]
    of_parts: int
    largest: int


def write_scripts(folder: Path, division: Division, resources: Resources) -> list[Script]:
    """Write array scripts for the parts of a division and the merge's, which has the memory of `resources`."""
    (folder / LOGS).mkdir(parents=True, exist_ok=True)
    for old in folder.glob("array-*.sh"):
        old.unlink()
    scripts: list[Script] = []
    scheduler, command, of_parts = division.scheduler, division.command, division.of_parts
    for memory in sorted(set(division.memory_MB.values())):
        chosen = sorted(part for part, needed in division.memory_MB.items() if needed == memory)
        for start in range(0, len(chosen), division.largest):
            block = tuple(chosen[start : start + division.largest])
            use = replace(resources, memory_MB=memory)
            path = folder / f"array-{len(scripts)}.sh"
            write_text(path, array_script(scheduler, command, block, of_parts, use))
            scripts.append(Script(path, block, use))
    write_text(folder / "merge.sh", merge_script(scheduler, command, resources))
    return scripts


def array_script(
    scheduler: Scheduler, command: Command, parts: Sequence[int], of_parts: int, resources: Resources
) -> str:
    """The script of an array that simulates the `parts` (I of I/N), one a task."""
    run = f'{command.line("run")} -j {resources.processors} --shard "$part/{of_parts}"'
    head = _head(scheduler, Job(job_name(command.name), len(parts), resources))
    return "\n".join(
        [
            "#!/bin/bash",
            *head,
            f"# Parts of a screen, one a task. Written by herscreen {__version__}, which may overwrite it.",
            "",
            f"parts=({ranges(parts)})",
            f"part=${{parts[{scheduler.index}]}}",
            "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1",
            f"cd {quoted(str(command.folder))} || exit 1",
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
            *scheduler.requeue(f'[ "$status" = {REQUEUE} ] && [ -n "$warned" ]'),
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
            *_head(scheduler, Job(f"{job_name(command.name)}-merge", 0, alone)),
            f"# Joins the shards of a screen. Written by herscreen {__version__}, which may overwrite it.",
            "",
            f"cd {quoted(str(command.folder))} || exit 1",
            f"exec {command.line('merge')}",
            "",
        ]
    )


def quoted(word: str) -> str:
    """A word for bash on one line: schedulers read lines that begin like a directive even inside quotes."""
    if word.isprintable():
        return shlex.quote(word)
    plain = word.replace("\\", "\\\\").replace("'", "\\'")
    encoded = (
        one if one.isprintable() else "".join(f"\\x{byte:02x}" for byte in os.fsencode(one)) for one in plain
    )
    return f"$'{''.join(encoded)}'"


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


def _head(scheduler: Scheduler, job: Job) -> list[str]:
    """The scheduler's own lines at the top of a script."""
    return [f"{scheduler.sign} {line}" for line in scheduler.directives(job) if line]
