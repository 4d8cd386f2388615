"""Memory: what a run needs at most, by measured sizes of its parts, and how many shards may be at work at a
time within a limit. Shards are fixed by the plan, so a limit never changes what is computed.
"""

import math

from screen.config.screen import ScreenConfig
from screen.errors import InputError
from screen.runner.plan.plan import BATCH_BYTES, Design, Plan, Shard

BASE_BYTES = 420_000_000  # Python, its libraries and the compiled model
LINE_BYTES = 6_000  # a cell line's values, in the plan and in the panel
WORKER_BYTES = 40_000_000  # what a worker process changes of the pages that it shares with its parent
SCORED_GRIDS = 1024  # grids scored at a time
SCORE_FACTOR = 22  # what scoring them takes in addition to their responses


def numbers_stored(plan: Plan) -> int:
    """Numbers that shards and cube hold of a well: readouts and excess at every time, their summaries, draws."""
    readouts, models, ensemble = (
        len(plan.outputs.readouts),
        len(plan.outputs.synergy),
        len(plan.design.draws) > 0,
    )
    kept = len(plan.design.draws) * readouts if plan.outputs.keep_draws else 0
    return len(plan.outputs.times) * (readouts + models + ensemble * (3 * readouts + 2 * models) + kept)


def bytes_of_shard(plan: Plan) -> int:
    """What the largest shard takes while it is simulated, scored and written."""
    largest = max(plan.shards, key=lambda shard: _wells(plan.design, shard))
    wells, grids = _wells(plan.design, largest), math.prod(plan.design.layer_of(largest).inner)
    times, readouts = len(plan.outputs.times), len(plan.outputs.readouts)
    arrays = 8 * wells * (3 * numbers_stored(plan) + 6 * times + 4)  # the block, HDF5's image of it, its copy
    batch = 2 * min(BATCH_BYTES, 32 * wells * (400 + times * len(plan.outputs.markers)))
    scoring = 8 * SCORE_FACTOR * grids * min(SCORED_GRIDS, wells // grids * times)
    draws = 8 * wells * times * len(plan.design.draws) * (readouts + len(plan.outputs.synergy) + 3)
    return arrays + draws + max(batch, scoring)


def bytes_of_join(plan: Plan) -> int:
    """What reading one shard takes while the cube is written."""
    return 8 * max(_wells(plan.design, shard) for shard in plan.shards) * 2 * numbers_stored(plan)


def _wells(design: Design, shard: Shard) -> int:
    """The wells of a shard's arrays, padding counted."""
    lines, together = (end - start for start, end in (shard.lines, shard.combinations))
    return lines * together * math.prod(design.layer_of(shard).inner)


def memory_of(plan: Plan, jobs: int, shared: bool = True) -> int:
    """Bytes at most of a run with `jobs` shards at a time, by workers that share the plan with their parent or
    have one of their own.
    """
    panel = BASE_BYTES + LINE_BYTES * len(plan.design.lines)
    workers = (WORKER_BYTES if shared else panel) * jobs if jobs > 1 else 0
    return panel + workers + jobs * bytes_of_shard(plan) + bytes_of_join(plan)


def jobs_within(plan: Plan, jobs: int, limit: int | None, shared: bool = True) -> int:
    """How many of `jobs` shards may be at work at a time; raises `InputError` if not even one may."""
    if limit is None:
        return jobs
    found = next((count for count in range(jobs, 0, -1) if memory_of(plan, count, shared) <= limit), 0)
    if found:
        return found
    panel = BASE_BYTES + LINE_BYTES * len(plan.design.lines)
    raise InputError(
        f"--memory-limit: found {_size(limit)}, expected at least {_size(memory_of(plan, 1))} for this "
        f"screen ({_size(panel)} for {len(plan.design.lines):,} cell lines, the rest for a shard or scores); "
        "shard_simulations makes smaller shards, fewer cell lines a smaller plan"
    )


def check_panel(config: ScreenConfig, limit: int | None) -> None:
    """Raise `InputError` for a panel whose lines alone are beyond the limit, before any is sampled."""
    lines = sum(line.sample or 1 for line in config.cell_lines)
    needed = BASE_BYTES + LINE_BYTES * lines
    if limit is not None and needed > limit:
        raise InputError(
            f"--memory-limit: found {_size(limit)}, expected at least {_size(needed)} "
            f"for {lines:,} cell lines; screen them in several runs, or raise the limit"
        )


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{math.ceil(count / 1e6)} MB"
