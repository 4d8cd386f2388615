"""Expressions with other nodes in place of some, made again by the graph's own rules."""

from collections.abc import Callable, Iterable, Mapping

from screen.kinetics.expressions.arithmetic import COMPARISONS, CONNECTIVES
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.expressions.operators import OPERATORS


def substituted(g: Graph, roots: Iterable[Node], table: Mapping[Node, Node]) -> dict[Node, Node]:
    """What becomes of every node that the roots need when those of `table` are replaced."""
    found: dict[Node, Node] = {}
    for node in g.reachable(roots):
        if node in table:
            found[node] = table[node]
            continue
        arguments = tuple(found[a] for a in g.args[node])
        found[node] = node if arguments == g.args[node] else _made(g, g.op[node], arguments)
    return found


def _made(g: Graph, op: str, arguments: tuple[Node, ...]) -> Node:
    if op in COMPARISONS:
        return g.compare(op, *arguments)
    if op in CONNECTIVES:
        return g.connect(op, arguments)
    rules: dict[str, Callable[..., Node]] = {
        "add": g.add, "sub": g.sub, "neg": g.neg, "mul": g.mul, "div": g.div, "pow": g.pow, "not": g.negate,
        "select": g.select, "powd": g.power_slope, "within": g.within_tolerance,
    }  # fmt: skip
    return rules[op](*arguments) if op in rules else g.apply(op, OPERATORS[op].value, *arguments)
