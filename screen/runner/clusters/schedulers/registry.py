"""The schedulers that a run can be divided for, those first that it can be submitted to. A file of this folder that
ends in a value `SCHEDULER` is a scheduler, and no other place names it: `--scheduler`, its help and its errors, the
scripts and `--shard auto/N` follow.
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module

from screen.errors import InputError, nearest
from screen.runner.clusters import schedulers
from screen.runner.clusters.schedulers.scheduler import Scheduler


def _collected() -> dict[str, Scheduler]:
    names = (f"{schedulers.__name__}.{file.name}" for file in pkgutil.iter_modules(schedulers.__path__))
    modules = [import_module(name) for name in names]
    found: list[Scheduler] = [module.SCHEDULER for module in modules if hasattr(module, "SCHEDULER")]
    return {one.name: one for one in sorted(found, key=lambda one: (one.queue is None, one.name))}


SCHEDULERS: Mapping[str, Scheduler] = _collected()


def scheduler_of(name: str) -> Scheduler:
    """The scheduler of that name. Raises `InputError`."""
    if name not in SCHEDULERS:
        expected = f"expected one of {', '.join(SCHEDULERS)}{nearest(name, SCHEDULERS)}"
        raise InputError(f"--scheduler: found {name!r}, {expected}")
    return SCHEDULERS[name]
