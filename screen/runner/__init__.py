"""From a configuration to a cube: the plan (grid, shards), the parallel runner and the cube file."""

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
