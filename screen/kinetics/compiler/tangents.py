"""Derivatives of rates, start and readouts by states and chosen parameters, as nodes in the order of the states."""

from collections.abc import Mapping, Sequence

from screen.kinetics.compiler.event_layouts import SlopesLayout
from screen.kinetics.expressions.derivatives import gradients, of_parameter
from screen.kinetics.expressions.graph import Node
from screen.kinetics.expressions.network import Network

Entries = dict[tuple[int, int], Node]


class Tangents:
    """`jacobian` (state, state), `direct` (parameter, state), `start` (parameter, state), `read` (readout, state) and
    `read_direct` (readout, parameter): entries that do not vanish.
    """

    def __init__(
        self, network: Network, readouts: Sequence[Node], place: Mapping[int, int], names: Sequence[str]
    ) -> None:
        keys = {of_parameter(network.parameters.index(name)): k for k, name in enumerate(names)}
        chosen = {network.parameters.index(name) for name in names}
        found = gradients(network.graph, [*network.rates, *network.initial, *readouts], chosen)
        self.size, self.parameters, self.readouts = len(network.states), len(names), len(readouts)
        self.jacobian: Entries = {}
        self.direct: Entries = {}
        self.start: Entries = {}
        self.read: Entries = {}
        self.read_direct: Entries = {}
        for old, new in place.items():
            for key, node in found.get(network.rates[old], {}).items():
                if key >= 0:
                    self.jacobian[new, place[key]] = node
                elif key in keys:
                    self.direct[keys[key], new] = node
            for key, node in found.get(network.initial[old], {}).items():
                if key in keys:
                    self.start[keys[key], new] = node
        for r, root in enumerate(readouts):
            for key, node in found.get(root, {}).items():
                if key >= 0:
                    self.read[r, place[key]] = node
                elif key in keys:
                    self.read_direct[r, keys[key]] = node

    @property
    def nodes(self) -> list[Node]:
        """All of them."""
        tables = (self.jacobian, self.direct, self.start, self.read, self.read_direct)
        return [node for table in tables for node in table.values()]

    def layout(self, adjoint: bool) -> SlopesLayout:
        """Where they stand."""
        return SlopesLayout(
            self.parameters,
            self.readouts,
            tuple(sorted(self.jacobian)),
            tuple(sorted(self.direct)),
            tuple(sorted(self.read)),
            tuple(sorted(self.read_direct)),
            adjoint,
            bool(self.start),
        )

    def of_rates(self) -> dict[int, Node]:
        """What the kernel `tangent` writes, by place: the Jacobian's entries, then those by parameter."""
        entries = [self.jacobian[entry] for entry in sorted(self.jacobian)]
        return dict(enumerate([*entries, *(self.direct[entry] for entry in sorted(self.direct))]))

    def of_start(self) -> dict[int, Node]:
        """What the kernel `start_slopes` writes."""
        return {p * self.size + i: node for (p, i), node in self.start.items()}

    def of_readouts(self) -> dict[int, Node]:
        """What the kernel `read_tangent` writes."""
        entries = [self.read[entry] for entry in sorted(self.read)]
        entries += [self.read_direct[entry] for entry in sorted(self.read_direct)]
        return dict(enumerate(entries))
