"""Which part of a run a process does: `I/N` as given, or `auto/N` from the environment of a job array."""

import os
from collections.abc import Mapping

from screen.errors import InputError
from screen.runner.clusters.schedulers.registry import SCHEDULERS


def parse_part(text: str, environment: Mapping[str, str] | None = None) -> tuple[int, int]:
    """(I, N) of `I/N` or `auto/N`, 0 <= I < N. Raises `InputError`."""
    index, slash, count = text.partition("/")
    if not slash or not count.isdecimal() or not (index == "auto" or index.isdecimal()) or int(count) < 1:
        raise InputError(f"--shard {text}: expected I/N or auto/N, like 0/4")
    number = (
        _from(os.environ if environment is None else environment, text) if index == "auto" else int(index)
    )
    if number >= int(count):
        raise InputError(f"--shard {text}: found part {number}, expected one of 0 to {int(count) - 1}")
    return number, int(count)


def _from(environment: Mapping[str, str], text: str) -> int:
    """The part, counted from 0, that the scheduler gave this process."""
    variables = {name: first for one in SCHEDULERS.values() for name, first in one.variables.items()}
    for name, first in variables.items():
        value = environment.get(name, "")
        if value.isdecimal() and int(value) >= first:
            return int(value) - first
    raise InputError(
        f"--shard {text}: found no job array in the environment, expected one of {', '.join(variables)}"
    )
