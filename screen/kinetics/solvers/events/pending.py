"""What the reference solver remembers of events on the way, and when a trigger first differs within a step."""

from collections.abc import Callable
from dataclasses import dataclass, field

LOOKS_PER_STEP = 8  # at the triggers, between the ends of a step


@dataclass
class Pending:
    """A triggered event that waits: due time, values fixed at the trigger time if the event says so."""

    index: int
    due: float
    values: list[float] | None


@dataclass
class Watch:
    """The triggers' last values, those of all that is looked at for changes, and the queue of pending events."""

    triggers: list[bool]
    seen: list[bool] = field(default_factory=list)
    queue: list[Pending] = field(default_factory=list)
    executed: int = 0


def first_change(changed: Callable[[float], bool], before: float, after: float) -> float | None:
    """The first time in (before, after] at which something has changed, as far as some looks on the way tell."""
    low = before
    for k in range(1, LOOKS_PER_STEP + 1):
        high = after if k == LOOKS_PER_STEP else before + (after - before) * k / LOOKS_PER_STEP
        if changed(high):
            while True:
                middle = 0.5 * (low + high)
                if not low < middle < high:
                    return high
                low, high = (low, middle) if changed(middle) else (middle, high)
        low = high
    return None
