"""What events and jumps of the rates do to sensitivities. At a time that moves with a parameter, dT/dp, a state that
becomes h(y) takes its derivative from s to h_y s + h_p + (h_y f + h_t - f+) dT/dp, f and f+ being the rates before and
after; dT/dp is that of the comparison that has just changed, -(g_y s + g_p) / (g_y f + g_t) (Galan, Feehery and
Barton 1999, doi:10.1016/S0168-9274(98)00125-1). Where none has, an event at the same time has set this one off, and
its dT/dp is that one's. An event with a delay is two, see `undelayed`, and backwards some more, see `in_slots`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from screen.kinetics.expressions.derivatives import TIME, gradients, of_parameter
from screen.kinetics.expressions.graph import VARYING, Node
from screen.kinetics.expressions.network import Event, Network
from screen.kinetics.expressions.operators import call
from screen.kinetics.expressions.substitution import substituted

SLOTS = 4  # executions of one event that may wait at a time, backwards
ORDERED = ("lt", "le", "gt", "ge")
CLOSE = (
    1e-6  # of the time reached: how near a comparison must be to its change to be the one that has changed
)


@dataclass(frozen=True)
class Jump:
    """What happens at a time that may move: an event, or a jump of the rates, which is an event that sets nothing and
    goes before others. The `rates` before it; `values` of the states that are set; `gains` of states for each unit of
    time by which it comes later, but those that are zero; one of some `conditions`, comparisons, decides when.
    """

    event: Event
    rates: tuple[Node, ...]
    values: dict[int, Node]
    gains: dict[int, Node]
    conditions: tuple[Node, ...]
    is_event: bool
    reads: bool  # states, to know when it comes, so that another event may set it off
    hangs: bool  # on an order of states, so that its time is unknown where none has changed and no event was there
    hands_on: bool = (
        False  # what it finds at its trigger to another event, after a delay; by itself it changes nothing
    )
    after: tuple[Node, ...] = ()  # the rates behind a jump of them

    @property
    def follows(self) -> bool:
        """Whether its time may be that of an event that has set it off; one knows the rates after it, so that jumps of
        the rates have nothing to add.
        """
        return self.is_event and self.reads


def undelayed(network: Network) -> tuple[Network, dict[str, Node]]:
    """The network with two events for each that has a delay, and the comparison, by the second one's name, that decides
    when it comes. The first one sets, after the delay, states of its own to what was so at its trigger: when it would
    be, and the values, where they are those of that time. The second one follows at once and does what the event does.
    Executions that wait so have each their own time and values.
    """
    g, states, events = network.graph, list(network.states), list[Event]()
    decides: dict[str, Node] = {}
    for event in network.events:
        if event.delay is None:
            events.append(event)
            continue
        early = {k: v for k, v in event.assignments if event.from_trigger_time and k not in event.late}
        first = len(states)
        states += [f"{what} of event {len(events)}" for what in ("turn", "time", *map(str, early))]
        place = {k: g.state(n) for n, k in enumerate(early, first + 2)}
        found = (
            (first, g.one),
            (first + 1, g.add(g.time(), event.delay)),
            *enumerate(early.values(), first + 2),
        )
        events.append(replace(event, from_trigger_time=True, assignments=found, late=frozenset()))
        name, turn = f"{event.name}, second part of {len(events)}", g.compare("gt", g.state(first), g.zero)
        does = ((first, g.zero), *((k, place.get(k, value)) for k, value in event.assignments))
        events.append(Event(name, turn, False, True, None, g.constant(float("inf")), False, does))
        decides[name] = g.compare("ge", g.time(), g.state(first + 1))
    more = [g.zero] * (len(states) - len(network.states))
    whole = replace(
        network,
        events=tuple(events),
        states=tuple(states),
        is_species=network.is_species + (False,) * len(more),
        rates=(*network.rates, *more),
        initial=(*network.initial, *more),
    )
    return whole, decides


def in_slots(network: Network) -> Network:
    """The network with events without delay in place of each that has one, so that there is a way back: its trigger
    notes, in one of some slots that is free, when it will be and values of that time; from there the slot's own event
    comes by the clock. Where none is free a state that is there for that becomes not a number.
    """
    if all(event.delay is None for event in network.events):
        return network
    g, states, events = network.graph, [*network.states, "too many events that wait"], list[Event]()
    first, overflow = g.constant(float("inf")), len(network.states)

    def state(name: str) -> Node:
        states.append(name)
        return g.state(len(states) - 1)

    def to(node: Node, value: Node) -> tuple[int, Node]:
        return int(g.value[node]), value

    for number, event in enumerate(network.events):
        if event.delay is None:
            events.append(event)
            continue
        early = {k: v for k, v in event.assignments if event.from_trigger_time and k not in event.late}
        full, noted, turns = g.true, list[tuple[int, Node]](), list[Node]()
        for slot in range(SLOTS):
            turn, due, *values = (
                state(f"{what} {number} {slot}") for what in ("turn", "time", *map(str, early))
            )
            mine = g.connect("and", [full, g.compare("lt", turn, g.constant(0.5))])
            now = (g.one, g.add(g.time(), event.delay), *early.values())
            noted += [
                to(there, g.select(mine, value, there)) for there, value in zip((turn, due, *values), now)
            ]
            full = g.connect("and", [full, g.compare("ge", turn, g.constant(0.5))])
            turns.append(turn)
            trigger = g.connect(
                "and", [g.compare("gt", turn, g.constant(0.5)), g.compare("ge", g.time(), due)]
            )
            kept = dict(zip(early, values))
            does = (to(turn, g.zero), *((k, kept.get(k, value)) for k, value in event.assignments))
            events.append(
                Event(f"{event.name} {slot}", trigger, False, True, None, event.priority, False, does)
            )
        noted.append((overflow, g.select(full, g.constant(float("nan")), g.state(overflow))))
        notes = Event(event.name, event.trigger, event.initial_value, True, None, first, False, tuple(noted))
        events.append(notes)
        if not event.persistent:
            none = tuple(to(turn, g.zero) for turn in turns)
            events.append(Event(event.name, g.negate(event.trigger), True, True, None, first, False, none))
    more = [g.zero] * (len(states) - len(network.states))
    return replace(
        network,
        events=tuple(events),
        states=tuple(states),
        is_species=network.is_species + (False,) * len(more),
        rates=(*network.rates, g.state(overflow), *more[1:]),
        initial=(*network.initial, *more),
    )


class Jumps:
    """All jumps of a network, and how their times move with states and with parameters in the columns `chosen`.
    `network` is the one without delays.
    """

    def __init__(self, network: Network, chosen: Sequence[int]) -> None:
        network, self._decides = undelayed(network)
        self.network, self.g, self.chosen = network, network.graph, chosen
        g = self.g
        roots = [*network.rates, *(event.trigger for event in network.events)]
        roots += [node for event in network.events for _, node in event.assignments]
        compared = [node for node in g.reachable([*roots, *self._decides.values()]) if g.op[node] in ORDERED]
        self.margins = {node: g.sub(*g.args[node]) for node in compared}
        self.slopes = gradients(g, [*roots, *self.margins.values()], set(chosen))
        conditions = set(g.reachable(network.rates))
        found = [self._of_event(event) for event in network.events]
        for node in self.margins:
            if node in conditions and g.depends[node] == VARYING:
                found += self._of_rates(node)
        self.all = tuple(found)

    def _flow(self, node: Node, rates: Sequence[Node]) -> Node:
        """The derivative by time along some rates."""
        slope = self.slopes.get(node, {})
        parts = [self.g.mul(d, rates[k]) for k, d in slope.items() if k >= 0]
        return self.g.sum([*parts, slope.get(TIME, self.g.zero)])

    def decided(self, jump: Jump) -> Node:
        """Whether one of a jump's comparisons has just changed, or time begins."""
        g, nearest = self.g, self.g.constant(CLOSE)
        for node in jump.conditions:
            away, _ = self._away(jump, node)
            nearest = g.select(g.compare("lt", away, nearest), away, nearest)
        changed = g.compare("lt", nearest, g.constant(CLOSE))
        return g.connect("or", [changed, g.compare("le", g.time(), g.zero)])

    def moved(self, jump: Jump, by: Callable[[Node], Node]) -> Node:
        """How the time of a jump moves with what its comparisons' margins depend on as `by` says. Where no comparison
        has just changed it is 0 if the jump reads states, else not a number.
        """
        g = self.g
        if all(by(self.margins[node]) == g.zero for node in jump.conditions):
            return g.zero
        nearest, moved = g.constant(CLOSE), g.constant(0.0 if jump.reads else float("nan"))
        for node in jump.conditions:
            away, flow = self._away(jump, node)
            closer = g.compare("lt", away, nearest)
            shift = g.neg(g.div(by(self.margins[node]), flow))
            if jump.after:  # which may drive the states back to where it jumps, and hold them there
                back = g.mul(flow, self._flow(self.margins[node], jump.after))
                shift = g.select(g.compare("lt", back, g.zero), g.constant(float("nan")), shift)
            moved = g.select(closer, shift, moved)
            nearest = g.select(closer, away, nearest)
        return g.select(g.compare("le", g.time(), g.zero), g.zero, moved)

    def _away(self, jump: Jump, condition: Node) -> tuple[Node, Node]:
        """How far a comparison is from its change, in time relative to the time reached, and how fast it moves."""
        g, margin = self.g, self.margins[condition]
        flow = self._flow(margin, jump.rates)
        scale = g.add(g.one, call(g, "abs", g.time()))
        return call(g, "abs", g.div(margin, g.mul(flow, scale))), flow

    def _of_event(self, event: Event) -> Jump:
        g, before = self.g, self.network.rates
        values = dict(event.assignments)
        rates = substituted(g, before, {g.state(k): node for k, node in values.items()})
        moving = [self._flow(values[k], before) if k in values else f for k, f in enumerate(before)]
        gains = {k: g.sub(moves, rates[f]) for k, (moves, f) in enumerate(zip(moving, before))}
        read = g.reachable([self._decides.get(event.name, event.trigger)])
        compared = [node for node in read if node in self.margins]
        flowing = tuple(node for node in compared if self._flow(self.margins[node], before) != g.zero)
        reads, hangs = any(g.op[node] == "state" for node in read), any(map(self._reads, compared))
        if event.name in self._decides:
            reads = hangs = False
        delayed = event.delay is not None
        return Jump(event, before, values, self._but_zeros(gains), flowing, True, reads, hangs, delayed)

    def _of_rates(self, condition: Node) -> Iterator[Jump]:
        """A comparison in the rates turns true, and false. Where events alone move it, they know what that does."""
        g, network, margin = self.g, self.network, self.slopes.get(self.margins[condition], {})
        on = substituted(g, network.rates, {condition: g.true})
        off = substituted(g, network.rates, {condition: g.false})
        reads = self._reads(condition)
        by_chosen = any(of_parameter(column) in margin for column in self.chosen)
        for trigger, before, after in ((condition, off, on), (g.negate(condition), on, off)):
            rates = tuple(before[rate] for rate in network.rates)
            gains = self._but_zeros({k: g.sub(before[f], after[f]) for k, f in enumerate(network.rates)})
            flows = self._flow(self.margins[condition], rates) != g.zero
            if gains and flows and (reads or by_chosen):
                event = Event("jump", trigger, True, True, None, g.constant(float("inf")), False, ())
                behind = tuple(after[rate] for rate in network.rates)
                yield Jump(event, rates, {}, gains, (condition,), False, reads, False, after=behind)

    def _reads(self, condition: Node) -> bool:
        """Whether a comparison depends on states."""
        return any(key >= 0 for key in self.slopes.get(self.margins[condition], {}))

    def _but_zeros(self, nodes: dict[int, Node]) -> dict[int, Node]:
        return {k: node for k, node in nodes.items() if node != self.g.zero}


class EventSlopes(Jumps):
    """Adds what happens to the sensitivities, block by block behind the states, to a network's events. Where events may
    set others off, one state more, behind all blocks, is the time of the last event, and one for each block how it
    moves.
    """

    @property
    def remembers(self) -> bool:
        """Whether there are these states."""
        return any(jump.follows for jump in self.all)

    def events(self) -> tuple[Event, ...]:
        """The network's events with their effects on sensitivities, and one for each jump of the rates."""
        return tuple(self._extended(jump) for jump in self.all)

    def _by(self, node: Node, block: int) -> Node:
        """The derivative by a parameter at fixed time, through the states and directly."""
        g, slope = self.g, self.slopes.get(node, {})
        first = len(self.network.states) * (block + 1)
        parts = [g.mul(d, g.state(first + k)) for k, d in slope.items() if k >= 0]
        return g.sum([*parts, slope.get(of_parameter(self.chosen[block]), g.zero)])

    def _extended(self, jump: Jump) -> Event:
        g, size = self.g, len(self.network.states)
        last = size * (len(self.chosen) + 1)
        added: list[tuple[int, Node]] = []
        for block in range(len(self.chosen)):
            moved = self.moved(jump, partial(self._by, block=block))
            if jump.follows:
                alone = g.constant(float("nan") if jump.hangs else 0.0)
                together = g.compare("eq", g.state(last), g.time())
                before = g.select(together, g.state(last + 1 + block), alone)
                moved = g.select(self.decided(jump), moved, before)
            for k in sorted({*jump.values, *jump.gains}):
                place = size * (block + 1) + k
                value = self._by(jump.values[k], block) if k in jump.values else g.state(place)
                jumped = g.add(value, g.mul(jump.gains.get(k, g.zero), moved))
                # also what stays, lest a value of an earlier time go unseen
                if jumped != g.state(place) or (k in jump.values and jump.event.from_trigger_time):
                    added.append((place, jumped))
            if self.remembers and jump.is_event and not jump.hands_on:
                added.append((last + 1 + block, moved))
        if self.remembers and jump.is_event and not jump.hands_on:
            added.append((last, g.time()))
        late = frozenset() if jump.hands_on else frozenset(place for place, _ in added)
        return replace(jump.event, assignments=(*jump.event.assignments, *added), late=late)
