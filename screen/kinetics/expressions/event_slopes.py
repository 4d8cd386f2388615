"""What events and jumps of the rates do to sensitivities. At a time that moves with a parameter, dT/dp, a state that
becomes h(y) takes its derivative from s to h_y s + h_p + (h_y f + h_t - f+) dT/dp, f and f+ being the rates before and
after; dT/dp is that of the comparison that has just changed, -(g_y s + g_p) / (g_y f + g_t) (Galan, Feehery and
Barton 1999, doi:10.1016/S0168-9274(98)00125-1).
"""

from collections.abc import Sequence
from dataclasses import replace

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


class EventSlopes:
    """Adds what happens to the sensitivities, block by block behind the states, to a network's events; `chosen` are
    the columns of the parameters.
    """

    def __init__(self, network: Network, chosen: Sequence[int]) -> None:
        self.network, self.g, self.chosen = network, network.graph, chosen
        self.size = len(network.states)
        g = self.g
        roots = [*network.rates, *(event.trigger for event in network.events)]
        roots += [node for event in network.events for _, node in event.assignments]
        compared = [node for node in g.reachable(roots) if g.op[node] in ORDERED]
        self.margins = {node: g.sub(*g.args[node]) for node in compared}
        self.slopes = gradients(g, [*roots, *self.margins.values()], set(chosen))

    def events(self) -> tuple[Event, ...]:
        """The network's events with their effects on sensitivities, and one for each jump of the rates."""
        found = [self._extended(event) for event in self.network.events]
        conditions = set(self.g.reachable(self.network.rates))
        for node in self.margins:
            if node in conditions and self.g.depends[node] == VARYING:
                found += self._jumps(node)
        return tuple(found)

    def _flow(self, node: Node) -> Node:
        """The derivative by time along the rates."""
        slope = self.slopes.get(node, {})
        parts = [self.g.mul(d, self.network.rates[k]) for k, d in slope.items() if k >= 0]
        return self.g.sum([*parts, slope.get(TIME, self.g.zero)])

    def _by(self, node: Node, block: int) -> Node:
        """The derivative by a parameter at fixed time, through the states and directly."""
        g, slope = self.g, self.slopes.get(node, {})
        first = self.size * (block + 1)
        parts = [g.mul(d, g.state(first + k)) for k, d in slope.items() if k >= 0]
        return g.sum([*parts, slope.get(of_parameter(self.chosen[block]), g.zero)])

    def _moved(self, conditions: Sequence[Node], block: int) -> Node:
        """How the time moves at which one of some comparisons has just changed; not a number where none has."""
        g = self.g
        if all(self._by(self.margins[node], block) == g.zero for node in conditions):
            return g.zero
        nearest, moved = g.constant(CLOSE), g.constant(float("nan"))
        scale = g.add(g.one, call(g, "abs", g.time()))
        for node in conditions:
            margin = self.margins[node]
            flow = self._flow(margin)
            if flow == g.zero:
                continue
            away = call(g, "abs", g.div(margin, g.mul(flow, scale)))
            closer = g.compare("lt", away, nearest)
            moved = g.select(closer, g.neg(g.div(self._by(margin, block), flow)), moved)
            nearest = g.select(closer, away, nearest)
        return g.select(g.compare("le", g.time(), g.zero), g.zero, moved)

    def _extended(self, event: Event) -> Event:
        g, network = self.g, self.network
        if event.delay is not None:
            raise UnsupportedModel(f"event '{event.name}': sensitivities through a delay are not supported")
        conditions = [node for node in g.reachable([event.trigger]) if node in self.margins]
        after = dict(event.assignments)
        table = {g.state(k): node for k, node in after.items()}
        rates = substituted(g, network.rates, table)
        added: list[tuple[int, Node]] = []
        for block in range(len(self.chosen)):
            moved = self._moved(conditions, block)
            for k, rate in enumerate(network.rates):
                place = self.size * (block + 1) + k
                if k in after:
                    gain = g.sub(self._flow(after[k]), rates[rate])
                    value = self._by(after[k], block)
                else:
                    gain, value = g.sub(rate, rates[rate]), g.state(place)
                jumped = g.add(value, g.mul(gain, moved)) if gain != g.zero else value
                if jumped != g.state(place):
                    added.append((place, jumped))
        return replace(
            event, assignments=(*event.assignments, *added), late=frozenset(place for place, _ in added)
        )

    def _jumps(self, condition: Node) -> list[Event]:
        """The events in which a comparison in the rates turns true, and false."""
        g, network = self.g, self.network
        on = substituted(g, network.rates, {condition: g.true})
        off = substituted(g, network.rates, {condition: g.false})
        result = []
        for trigger, before, after in ((condition, off, on), (g.negate(condition), on, off)):
            added = []
            for block in range(len(self.chosen)):
                moved = self._moved([condition], block)
                if moved == g.zero:
                    continue
                for k, rate in enumerate(network.rates):
                    gain = g.sub(before[rate], after[rate])
                    if gain != g.zero:
                        place = self.size * (block + 1) + k
                        added.append((place, g.add(g.state(place), g.mul(gain, moved))))
            if added:
                late = frozenset(place for place, _ in added)
                result.append(Event("jump", trigger, True, True, None, None, False, tuple(added), late))
        return result
