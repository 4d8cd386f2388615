"""What a cluster's scheduler is to this project: how a job asks for its resources, where a task of an array finds
its number, how it gets another turn, and, where jobs can be submitted, a queue.

One file a scheduler, ending in its `SCHEDULER`, which `registry.py` finds.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from screen.errors import InputError

WARNING_SECONDS = 120  # before the end of the allotment, or half of a short one
MOST_REQUEUES = 50
REQUEUE = 75  # the exit status of a run that wants another turn
UNKNOWN_LARGEST = 1000  # tasks of an array where no queue says how many it takes


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


@dataclass(frozen=True)
class Job:
    """A job as its script asks for it: an array of `tasks`, or a single job where `tasks` is 0."""

    name: str
    tasks: int
    resources: Resources


class Queue(Protocol):
    """A scheduler's own commands, on a machine that has them. A task is named `JOB_INDEX`, a single job `JOB`."""

    def submit(self, script: Path, after: Sequence[str] = ()) -> str:
        """Submit a script in its folder, to begin when the jobs `after` have ended; its id. Raises `RunError`."""

    def waiting(self, jobs: Sequence[str]) -> set[str]:
        """The tasks of these jobs that wait or run. Raises `RunError` where the scheduler does not answer."""

    def why_ended(self, logs: Mapping[str, str]) -> dict[str, str]:
        """Why tasks ended, by what the scheduler remembers and the ends of their logs; without those of which
        neither says. `OUT_OF_MEMORY` gets more memory in the next turn. Raises nothing.
        """

    def largest_array(self) -> int:
        """How many tasks one array may hold."""


OUT_OF_MEMORY, TIME_LIMIT = "out of memory", "time limit"


@dataclass(frozen=True)
class Scheduler:
    """A scheduler: `sign` begins a line of its own in a script, `submit` is the command that takes a script.

    `variables` are the environment variables that may hold a task's number, each with the number of the first
    task; `index` is that number counted from 0 as a shell expression. `directives` are a job's own lines, an empty
    one for what it does not ask for; `requeue` makes, of the shell's condition that a task wants another turn, the
    lines that give it one.
    """

    name: str
    title: str
    sign: str
    submit: str
    variables: Mapping[str, int]
    index: str
    directives: Callable[[Job], list[str]]
    requeue: Callable[[str], list[str]]
    queue: Queue | None = None
    """None where this project has no way to submit: its user does."""


def optional(option: str, value: object | None) -> str:
    """An option with its value, or nothing."""
    return "" if value is None else f"{option}{value}"


def clock(seconds: int) -> str:
    """Seconds as hours:minutes:seconds."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
