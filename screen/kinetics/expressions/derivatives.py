"""Derivatives of every node of a graph with respect to states and time, by one forward pass."""

from collections.abc import Collection, Iterable

from screen.kinetics.expressions.graph import VARYING, Graph, Node
from screen.kinetics.expressions.operators import OPERATORS, Gradient

TIME = -1
"""The key of the derivative with respect to time; states have their index, parameters `of_parameter`."""


def of_parameter(index: int) -> int:
    """The key of the derivative with respect to a parameter."""
    return -2 - index


def gradients(
    graph: Graph, roots: Iterable[Node], parameters: Collection[int] = (), damped: bool = False
) -> dict[Node, Gradient]:
    """For every node that the roots need: {state index or TIME: node of the partial derivative}; with respect
    to the chosen `parameters` (indices) too.

    Entries that vanish identically are left out. At kinks (`abs`, `min`, `select`) one side's slope is given.
    `damped` is for a solver's Jacobian: where the base of a low power is within the tolerance of zero, the
    slope is that of the chord to zero. The tangent would throw a solver to the other side, and further away
    for powers below 1/2, so that it would stay at zero in minute steps.
    """
    result: dict[Node, Gradient] = {}
    for node in graph.reachable(roots):
        if graph.is_boolean(node) or (graph.depends[node] < VARYING and not parameters):
            continue
        if graph.op[node] == "parameter":
            index = int(graph.value[node])
            gradient = {of_parameter(index): graph.one} if index in parameters else {}
        else:
            gradient = _gradient(graph, node, result, damped)
        result[node] = {key: slope for key, slope in gradient.items() if slope != graph.zero}
    return result


def _gradient(g: Graph, node: Node, known: dict[Node, Gradient], damped: bool) -> Gradient:
    op = g.op[node]
    if op == "state":
        return {int(g.value[node]): g.one}
    if op == "time":
        return {TIME: g.one}
    row = OPERATORS.get(op)
    rule = row and ((row.damped if damped else None) or row.gradient)
    return rule(g, node, [known.get(a, {}) for a in g.args[node]]) if rule else {}
