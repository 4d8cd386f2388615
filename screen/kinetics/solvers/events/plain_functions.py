"""A network as plain Python functions, with its clock and what it must remember: what the reference path solves."""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Floats
from screen.kinetics.clock.program import ClockRows, clock_of
from screen.kinetics.clock.stops import find_stops
from screen.kinetics.clock.triggers import followed_switches
from screen.kinetics.expressions.derivatives import TIME, gradients
from screen.kinetics.expressions.evaluate import Scalar, scalar_function
from screen.kinetics.expressions.graph import Node
from screen.kinetics.expressions.network import Event, Network
from screen.kinetics.solvers.events.history import Delays


class PlainFunctions:
    """Rates, start, readouts, Jacobian, triggers and what events do, of (time, states, parameters)."""

    def __init__(self, network: Network, readouts: Sequence[str]) -> None:
        g = network.graph
        self.network = network
        self.size = len(network.states)
        self.rates = scalar_function(g, network.rates)
        self.start = scalar_function(g, network.initial)
        self.width = len(readouts)
        self.read = scalar_function(g, [network.readout(name) for name in readouts])
        slopes = gradients(g, network.rates)
        places, nodes = [], []
        for i, rate in enumerate(network.rates):
            for j, node in slopes.get(rate, {}).items():
                if j != TIME:
                    places.append((i, j))
                    nodes.append(node)
        self.places = tuple(np.array(places, dtype=int).reshape(-1, 2).T)
        self.slopes = scalar_function(g, nodes)
        self.triggers = scalar_function(g, [event.trigger for event in network.events])
        self.sides = scalar_function(g, self._sides())
        self.parts = [self._event_functions(event) for event in network.events]
        self.history = Delays(network) if network.delays else None
        self.clock = clock_of(network, [event.trigger for event in network.events])

    def _sides(self) -> list[Node]:
        """The comparisons in triggers that hold an equality, whose two sides meet for an instant."""
        g, triggers = self.network.graph, [event.trigger for event in self.network.events]
        if not any(g.op[node] == "eq" for node in g.reachable(triggers)):
            return []
        return followed_switches(self.network)

    def _event_functions(self, event: Event) -> tuple[Scalar, Scalar, Scalar]:
        g = self.network.graph
        return (
            scalar_function(g, [node for _, node in event.assignments]),
            scalar_function(g, [] if event.delay is None else [event.delay]),
            scalar_function(g, [] if event.priority is None else [event.priority]),
        )

    def stops(self, times: Floats, p: list[float]) -> list[tuple[float, float]]:
        """When rates or triggers change by the clock: (until when as before, from when as after)."""
        if self.clock is None or times[-1] <= 0:
            return []
        rows = ClockRows(np.array([p]), np.array([self.start(0.0, (), p)], dtype=float), 0.0)
        return [
            (float(stop), float(resume)) for stop, resume in find_stops(self.clock, rows, times).of_row(0)
        ]
