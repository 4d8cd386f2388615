"""What the driver must know of a network's events and sensitivities, and where a trajectory keeps what is pending."""

from dataclasses import dataclass

SLOTS = 64
"""Executions that may be pending at one time."""


@dataclass(frozen=True)
class EventLayout:
    """One event: its trigger's value before the start, whether it stays scheduled when its trigger turns false,
    and the places of the states that it sets, with whether the value of each is that of the trigger time (`early`).
    """

    initial: bool
    persistent: bool
    early: tuple[bool, ...]
    targets: tuple[int, ...]


@dataclass(frozen=True)
class EventsLayout:
    """All events; `switches` comparisons of states decide them, in which the states `watched` stand.

    What a trajectory carries from one call to the next is a column of numbers: the triggers' last values, how many
    executions are pending, the state of the random choice, how many were executed, then a row for each pending one:
    event, due time, values.
    """

    events: tuple[EventLayout, ...]
    switches: int
    watched: tuple[int, ...]

    @property
    def firsts(self) -> tuple[int, ...]:
        """Where each event's values begin among those of all events."""
        found, total = [], 0
        for event in self.events:
            found.append(total)
            total += len(event.targets)
        return tuple(found)

    @property
    def values(self) -> int:
        """How many values all events set together."""
        return sum(len(event.targets) for event in self.events)

    @property
    def pending(self) -> int:
        """The row of the number of pending executions."""
        return len(self.events)

    @property
    def random(self) -> int:
        """The row of the state of the random choice."""
        return len(self.events) + 1

    @property
    def executed(self) -> int:
        """The row of the number of executions so far."""
        return len(self.events) + 2

    @property
    def queue(self) -> int:
        """The first row of pending executions."""
        return len(self.events) + 3

    @property
    def slot(self) -> int:
        """Rows of one pending execution."""
        return 2 + max((len(event.targets) for event in self.events), default=0)

    @property
    def carried(self) -> int:
        """Rows of all that is carried."""
        return self.queue + SLOTS * self.slot


MOST_SUMS = 8  # of readouts, followed backwards at once


Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class JumpLayout:
    """What one jump does to sensitivities: the states `values` that it sets, and the entries of these by state (`by`,
    (state, state)) and by parameter (`direct`, (parameter, state)); the states that gain by its being late (`gains`);
    the states and parameters that move it; whether it is an event, `follows` others where it does not come by itself,
    and then must have done so (`hangs`).
    """

    values: tuple[int, ...]
    by: Pairs
    direct: Pairs
    gains: tuple[int, ...]
    states: tuple[int, ...]
    parameters: tuple[int, ...]
    is_event: bool
    follows: bool
    hangs: bool

    @property
    def entries(self) -> int:
        """Numbers that its kernel writes: entries by state, by parameter, gains, how it moves with states and with
        parameters, then whether it comes by itself.
        """
        return 1 + sum(map(len, (self.by, self.direct, self.gains, self.states, self.parameters)))


@dataclass(frozen=True)
class SlopesLayout:
    """Sensitivities by `parameters` of them: the entries (state, state) of the exact Jacobian, those of the rates by
    parameter (`direct`, (parameter, state)), those of the `readouts` by state (readout, state) and by parameter
    (readout, parameter).
    """

    parameters: int
    readouts: int
    jacobian: Pairs
    direct: Pairs
    read: Pairs
    read_direct: Pairs
    adjoint: bool = False
    starts: bool = True  # whether the start depends on the parameters
    jumps: tuple[JumpLayout, ...] = ()  # one for each event, where they are followed backwards

    @property
    def entries(self) -> int:
        """Numbers that the kernel `tangent` writes: the Jacobian's, then those by parameter."""
        return len(self.jacobian) + len(self.direct)
