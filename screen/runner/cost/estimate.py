"""What a run takes, estimated from its plan before anything is simulated."""

from dataclasses import dataclass

from screen.runner.cost.control_seconds import controls_seconds
from screen.runner.cost.memory import memory_of, numbers_stored
from screen.runner.plan.plan import Design, Plan

SECONDS_A_SIMULATION = 3e-5  # one core, the built-in model over 120 h at rtol 1e-6
SECONDS_TO_START = 2.0
RESTART = 0.45  # of a simulation: what each further piece of an exposure costs
SUMMARIES = 1.1  # everything that is stored in addition to the numbers that every well has


@dataclass(frozen=True)
class Estimate:
    """Wall-clock seconds with `jobs` at a time, of which the shards take `shards`, and the controls, made beside them
    where there are several jobs, `controls`; bytes of memory at most and of disk.
    """

    seconds: float
    jobs: int
    memory: int
    disk: int
    shards: float = 0.0
    controls: float = 0.0


def estimate(plan: Plan, jobs: int) -> Estimate:
    """Estimate a run of `plan` on one machine."""
    jobs = min(jobs, len(plan.shards))
    rounds = -(-len(plan.shards) // jobs)
    per_shard = plan.design.simulations / len(plan.shards)
    whole = SECONDS_A_SIMULATION * max(1.0, max(plan.outputs.times) / 120) ** 0.5
    many = restarts(plan.design)
    shards = rounds * per_shard * whole * (1 + RESTART * many)
    controls = controls_seconds(plan, whole, RESTART, many)
    seconds = SECONDS_TO_START + (shards + controls if jobs == 1 else max(shards, controls))
    wells = plan.design.simulations // plan.design.repeats
    disk = int(2 * wells * (1 + SUMMARIES * 8 * numbers_stored(plan))) + 50_000 * len(plan.shards)
    return Estimate(seconds, jobs, memory_of(plan, jobs), disk, shards, controls)


def restarts(design: Design) -> float:
    """How often the solver restarts within a simulation, on the average of the wells."""
    wells, total = 0, 0
    for layer in design.layers:
        for together in layer.combinations:
            each = together.simulations // len(together.given)
            for rows in together.given:
                begins = {piece.begin_h for row in rows for piece in design.exposures[row].pieces}
                wells, total = wells + each, total + each * (len(begins) - 1)
    return total / wells


def seconds_of_part(plan: Plan, parts: int, jobs: int) -> float:
    """Wall-clock seconds of the largest of `parts` parts with `jobs` shards at a time."""
    shards = -(-len(plan.shards) // parts)
    whole = estimate(plan, 1)
    return SECONDS_TO_START + whole.shards / len(plan.shards) * -(-shards // jobs)
