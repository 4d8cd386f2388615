"""Derivatives of rates, start, readouts and of what events do by states and chosen parameters, as nodes in the order of
the states.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from screen.kinetics.compiler.event_layouts import JumpLayout, SlopesLayout
from screen.kinetics.expressions.derivatives import gradients, of_parameter
from screen.kinetics.expressions.event_slopes import Jump, Jumps
from screen.kinetics.expressions.graph import Node
from screen.kinetics.expressions.network import Network

Entries = dict[tuple[int, int], Node]


class JumpTangents:
    """Of one jump, as `JumpLayout` has them."""

    def __init__(self, jumps: Jumps, jump: Jump, place: Mapping[int, int], keys: Mapping[int, int]) -> None:
        g, slopes = jumps.g, jumps.slopes
        by: Entries = {}
        direct: Entries = {}
        for old, value in jump.values.items():
            for key, node in slopes.get(value, {}).items():
                if key >= 0:
                    by[place[old], place[key]] = node
                elif key in keys:
                    direct[keys[key], place[old]] = node
        gains = {place[old]: node for old, node in jump.gains.items()}

        def slope(margin: Node, key: int) -> Node:
            return slopes.get(margin, {}).get(key, g.zero)

        # an event without gains of its own may have those of others that it sets off
        margins = [slopes.get(jumps.margins[node], {}) for node in jump.conditions]
        movers = sorted({key for margin in margins for key in margin})
        moved = {key: jumps.moved(jump, partial(slope, key=key)) for key in movers}
        states = {place[key]: node for key, node in moved.items() if key >= 0}
        parameters = {keys[key]: node for key, node in moved.items() if key in keys}
        entries = [by[pair] for pair in sorted(by)] + [direct[pair] for pair in sorted(direct)]
        self.nodes = entries + [table[k] for table in (gains, states, parameters) for k in sorted(table)]
        self.nodes.append(g.number(jumps.decided(jump)) if jump.follows else g.one)
        self.layout = JumpLayout(
            tuple(sorted(place[old] for old in jump.values)),
            tuple(sorted(by)),
            tuple(sorted(direct)),
            tuple(sorted(gains)),
            tuple(sorted(states)),
            tuple(sorted(parameters)),
            jump.is_event,
            jump.follows,
            jump.hangs,
        )


class Tangents:
    """`jacobian` (state, state), `direct` (parameter, state), `start` (parameter, state), `read` (readout, state) and
    `read_direct` (readout, parameter): entries that do not vanish.
    """

    def __init__(
        self,
        network: Network,
        readouts: Sequence[Node],
        place: Mapping[int, int],
        names: Sequence[str],
        jumps: Jumps | None = None,
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

        every = () if jumps is None else jumps.all
        self.jumps = [JumpTangents(jumps, jump, place, keys) for jump in every if jumps is not None]

    @property
    def nodes(self) -> list[Node]:
        """All of them."""
        tables = (self.jacobian, self.direct, self.start, self.read, self.read_direct)
        found = [node for table in tables for node in table.values()]
        return found + [node for jump in self.jumps for node in jump.nodes]

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
            tuple(jump.layout for jump in self.jumps),
        )

    def kernels(self) -> dict[str, dict[int, Node]]:
        """What each kernel writes, by place: `tangent` the Jacobian's entries, then those by parameter."""

        def listed(*tables: Entries) -> dict[int, Node]:
            return dict(enumerate(table[entry] for table in tables for entry in sorted(table)))

        start = {p * self.size + i: node for (p, i), node in self.start.items()}
        found = {"tangent": listed(self.jacobian, self.direct), "start_slopes": start}
        found["read_tangent"] = listed(self.read, self.read_direct)
        return found | {f"jump_tangent_{e}": dict(enumerate(jump.nodes)) for e, jump in enumerate(self.jumps)}
