"""From a configuration to a cube: the plan (grid, shards), the parallel runner and the cube file."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from screen.cube.tree import open_cube
    from screen.errors import RunError, Stopped
    from screen.runner.execution.options import RunOptions
    from screen.runner.execution.stop import Stop
    from screen.runner.plan.plan import Combination, Plan, Shard, make_plan
    from screen.runner.results.write_cube import add_scores
    from screen.runner.run_status import RunStatus, status
    from screen.runner.running import merge, run, run_part

__all__ = [
    "Combination",
    "Plan",
    "RunError",
    "RunOptions",
    "RunStatus",
    "Shard",
    "Stop",
    "Stopped",
    "add_scores",
    "make_plan",
    "merge",
    "open_cube",
    "run",
    "run_part",
    "status",
]
_HOMES = {
    "screen.cube.tree": ("open_cube",),
    "screen.errors": ("RunError", "Stopped"),
    "screen.runner.execution.options": ("RunOptions",),
    "screen.runner.execution.stop": ("Stop",),
    "screen.runner.plan.plan": ("Combination", "Plan", "Shard", "make_plan"),
    "screen.runner.results.write_cube": ("add_scores",),
    "screen.runner.run_status": ("RunStatus", "status"),
    "screen.runner.running": ("merge", "run", "run_part"),
}


def __getattr__(name: str) -> Any:
    """Loads a name's home when it is first used: a page asks for the readouts' formulas alone, and not for a run."""
    for home, names in _HOMES.items():
        if name in names:
            value = globals()[name] = getattr(import_module(home), name)
            return value
    raise AttributeError(f"module 'screen.runner' has no attribute '{name}'")
