"""What a run takes, estimated from its plan before anything is simulated."""

from dataclasses import dataclass

from screen.runner.memory import memory_of
from screen.runner.plan import Plan

SECONDS_A_SIMULATION = 3e-5  # one core, the built-in model over 120 h at rtol 1e-6
SECONDS_TO_START = 2.0
SCORES = 1.2  # the size of the scores beside one readout, per reference model


@dataclass(frozen=True)
class Estimate:
    """Wall-clock seconds with `jobs` at a time; bytes of memory at most and of disk."""

    seconds: float
    jobs: int
    memory: int
    disk: int


def estimate(plan: Plan, jobs: int) -> Estimate:
    """Estimate a run of `plan` on one machine."""
    jobs = min(jobs, len(plan.shards))
    rounds = -(-len(plan.shards) // jobs)
    per_shard = plan.simulations / len(plan.shards)
    seconds = (
        SECONDS_TO_START + rounds * per_shard * SECONDS_A_SIMULATION * max(1.0, max(plan.times) / 120) ** 0.5
    )
    responses = 8 * len(plan.times) * len(plan.readouts)
    cube = plan.simulations * (responses + 1 + 8 * SCORES * len(plan.synergy) * len(plan.times))
    disk = int(cube + plan.simulations * responses) + 50_000 * len(plan.shards)
    return Estimate(seconds, jobs, memory_of(plan, jobs), disk)


def seconds_of_part(plan: Plan, parts: int, jobs: int) -> float:
    """Wall-clock seconds of the largest of `parts` parts with `jobs` shards at a time."""
    shards = -(-len(plan.shards) // parts)
    whole = estimate(plan, 1)
    return SECONDS_TO_START + (whole.seconds - SECONDS_TO_START) / len(plan.shards) * -(-shards // jobs)
