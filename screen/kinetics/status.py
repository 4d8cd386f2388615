"""How a trajectory ended: one small integer each, with the remedy in words."""

from enum import IntEnum


class Status(IntEnum):
    """How one trajectory ended. `ok`, `retried` and `reference` hold numbers; the others hold NaN."""

    ok = 0
    retried = 1
    reference = 2
    max_steps = 3
    step_too_small = 4
    not_finite = 5
    negative_beyond_tolerance = 6
    oscillates = 7
    grows = 8
    slow = 9
    driven = 10

    @property
    def solved(self) -> bool:
        """Whether the trajectory holds numbers."""
        return self <= Status.reference

    @property
    def remedy(self) -> str:
        """What to do about it, in one sentence."""
        return _REMEDY[self]


_REMEDY = {
    Status.ok: "Nothing to do.",
    Status.retried: "Solved at tighter settings after a first failure; nothing to do.",
    Status.reference: "Solved by the reference solver (SciPy) after the batched one failed; nothing to do.",
    Status.max_steps: "The step limit was reached: raise max_steps, shorten the time span, or look for a "
    "fast oscillation in the model.",
    Status.step_too_small: "The step size fell below rounding: look for a discontinuity or a singularity in "
    "the rate laws, or loosen rtol and atol.",
    Status.not_finite: "A rate became infinite or not a number: look for a division by zero, a power of a "
    "negative number, or a missing parameter value.",
    Status.negative_beyond_tolerance: "A species became negative beyond the tolerance: check that every rate "
    "that consumes it vanishes with it, or tighten atol.",
    Status.oscillates: "There is no steady state to reach: the states go round. Simulate it, or average over a "
    "period; where it should fade, raise max_steps.",
    Status.grows: "There is no steady state to reach: a state grows on. If it only counts what was made, name it in "
    "`fixed`.",
    Status.slow: "It still moves towards rest after the longest time: raise `longest`, or begin closer with `start`.",
    Status.driven: "There is no steady state to reach: the rates go on changing with time. Simulate it, or set its "
    "input constant.",
}
