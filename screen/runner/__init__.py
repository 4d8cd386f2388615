"""From a configuration to a cube: the plan (grid, shards), the parallel runner and the cube file."""

from screen.runner.cube import add_scores, open_cube
from screen.runner.errors import RunError, Stopped
from screen.runner.plan import Combination, Plan, Shard, make_plan
from screen.runner.running import merge, run, run_part
from screen.runner.state import Status, status
from screen.runner.stop import Stop

__all__ = [
    "Combination",
    "Plan",
    "RunError",
    "Shard",
    "Status",
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
