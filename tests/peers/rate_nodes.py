"""The rates of an engine as nodes of its graph, for peers that are given them as source text."""

from dataclasses import dataclass

from screen.kinetics import Engine
from screen.kinetics.expressions.graph import VARYING, Graph, Node


@dataclass(frozen=True)
class RateNodes:
    """`roots`, a rate a state in the engine's own order; `nodes`, all that they need, each after what it needs; `kept`,
    those that parameters alone decide and that the others use; `place`, the engine's number of each state.
    """

    graph: Graph
    place: dict[int, int]
    roots: list[Node]
    nodes: list[Node]
    kept: list[Node]

    def again(self, node: Node) -> bool:
        """Whether a node is computed at every call."""
        return self.graph.depends[node] == VARYING or self.graph.op[node] in CONSTANTS


CONSTANTS = ("const", "true", "false")


def rate_nodes(engine: Engine) -> RateNodes:
    """The nodes of an engine's rates."""
    network = engine.model.network
    g = network.graph
    place = {old: new for new, old in enumerate(engine.layout.states)}
    roots = [network.rates[old] for old in engine.layout.states]
    nodes = list(g.reachable(roots))
    users = [a for n in nodes if g.depends[n] == VARYING for a in g.args[n]] + roots
    kept = sorted({n for n in users if g.depends[n] < VARYING and g.op[n] not in CONSTANTS})
    return RateNodes(g, place, roots, nodes, kept)
