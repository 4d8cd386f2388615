"""`herscreen slurm`: the name of `herscreen jobs` that scripts know."""

from functools import wraps
from typing import Any

from screen.cli.commands.jobs import jobs


@wraps(jobs, assigned=("__annotations__",))
def slurm(**options: Any) -> None:
    """The same as `jobs`, with the same options: the name that scripts know."""
    jobs(**options)
