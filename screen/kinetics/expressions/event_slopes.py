"""What events and jumps of the rates do to sensitivities. At a time that moves with a parameter, dT/dp, a state that
becomes h(y) takes its derivative from s to h_y s + h_p + (h_y f + h_t - f+) dT/dp, f and f+ being the rates before and
after; dT/dp is that of the comparison that has just changed, -(g_y s + g_p) / (g_y f + g_t) (Galan, Feehery and
Barton 1999, doi:10.1016/S0168-9274(98)00125-1).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from screen.kinetics.errors import UnsupportedModel
from screen.kinetics.expressions.derivatives import TIME, gradients, of_parameter
from screen.kinetics.expressions.graph import VARYING, Node
from screen.kinetics.expressions.network import Event, Network
from screen.kinetics.expressions.operators import call
from screen.kinetics.expressions.substitution import substituted

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


class Jumps:
    """All jumps of a network, and how their times move with states and with parameters in the columns `chosen`."""

    def __init__(self, network: Network, chosen: Sequence[int]) -> None:
        self.network, self.g, self.chosen = network, network.graph, chosen
        g = self.g
        roots = [*network.rates, *(event.trigger for event in network.events)]
        roots += [node for event in network.events for _, node in event.assignments]
        compared = [node for node in g.reachable(roots) if g.op[node] in ORDERED]
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

    def moved(self, jump: Jump, by: Callable[[Node], Node]) -> Node:
        """How the time of a jump moves with what its comparisons' margins depend on as `by` says; not a number where no
        comparison has just changed.
        """
        g = self.g
        if all(by(self.margins[node]) == g.zero for node in jump.conditions):
            return g.zero
        nearest, moved = g.constant(CLOSE), g.constant(float("nan"))
        scale = g.add(g.one, call(g, "abs", g.time()))
        for node in jump.conditions:
            margin = self.margins[node]
            flow = self._flow(margin, jump.rates)
            if flow == g.zero:
                continue
            away = call(g, "abs", g.div(margin, g.mul(flow, scale)))
            closer = g.compare("lt", away, nearest)
            moved = g.select(closer, g.neg(g.div(by(margin), flow)), moved)
            nearest = g.select(closer, away, nearest)
        return g.select(g.compare("le", g.time(), g.zero), g.zero, moved)

    def _of_event(self, event: Event) -> Jump:
        g = self.g
        if event.delay is not None:
            raise UnsupportedModel(f"event '{event.name}': sensitivities through a delay are not supported")
        values = dict(event.assignments)
        rates = substituted(g, self.network.rates, {g.state(k): node for k, node in values.items()})
        before = self.network.rates
        moving = [self._flow(values[k], before) if k in values else f for k, f in enumerate(before)]
        gains = {k: g.sub(moves, rates[f]) for k, (moves, f) in enumerate(zip(moving, before))}
        conditions = tuple(node for node in g.reachable([event.trigger]) if node in self.margins)
        return Jump(
            event, before, values, {k: gain for k, gain in gains.items() if gain != g.zero}, conditions
        )

    def _of_rates(self, condition: Node) -> Iterator[Jump]:
        """A comparison in the rates turns true, and false."""
        g, network = self.g, self.network
        on = substituted(g, network.rates, {condition: g.true})
        off = substituted(g, network.rates, {condition: g.false})
        for trigger, before, after in ((condition, off, on), (g.negate(condition), on, off)):
            gains = {k: g.sub(before[rate], after[rate]) for k, rate in enumerate(network.rates)}
            event = Event("jump", trigger, True, True, None, g.constant(float("inf")), False, ())
            rates = tuple(before[rate] for rate in network.rates)
            jump = Jump(
                event, rates, {}, {k: gain for k, gain in gains.items() if gain != g.zero}, (condition,)
            )
            margin = self.slopes.get(self.margins[condition], {})
            if jump.gains and (
                any(k >= 0 for k in margin) or any(of_parameter(c) in margin for c in self.chosen)
            ):
                yield jump


class EventSlopes(Jumps):
    """Adds what happens to the sensitivities, block by block behind the states, to a network's events."""

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
        added: list[tuple[int, Node]] = []
        for block in range(len(self.chosen)):
            moved = self.moved(jump, partial(self._by, block=block))
            for k in sorted({*jump.values, *jump.gains}):
                place = size * (block + 1) + k
                value = self._by(jump.values[k], block) if k in jump.values else g.state(place)
                jumped = g.add(value, g.mul(jump.gains.get(k, g.zero), moved))
                if jumped != g.state(place) or (k in jump.values and jump.event.from_trigger_time):
                    added.append(
                        (place, jumped)
                    )  # also what stays, lest a value of an earlier time go unseen
        late = frozenset(place for place, _ in added)
        return replace(jump.event, assignments=(*jump.event.assignments, *added), late=late)
