"""Expressions as plain Python: an interpreter for single evaluations and a generator of scalar functions.

Independent of the vector code, so that the two can be compared with each other.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.expressions.operators import OPERATORS

Scalar = Callable[[float, Sequence[float], Sequence[float]], list[float]]

LEAVES = {"time": "t", "true": "True", "false": "False"}


def scalar_function(graph: Graph, outputs: Sequence[Node]) -> Scalar:
    """A function `(time, state (S,), parameters (P,)) -> [outputs]` made of straight-line Python."""
    lines = ["def generated(t, y, p):"]
    for node in graph.reachable(outputs):
        lines.append(f"    v{node} = {_source(graph, node)}")
    lines.append("    return [" + ", ".join(f"v{node}" for node in outputs) + "]")
    scope: dict[str, Any] = {f"f_{name}": row.value for name, row in OPERATORS.items()}
    scope.update(nan=math.nan, inf=math.inf)
    exec(compile("\n".join(lines), "<generated>", "exec"), scope)
    generated: Scalar = scope["generated"]
    return generated


def _source(g: Graph, node: Node) -> str:
    """The node's value in plain Python, those of its arguments being variables."""
    op, args = g.op[node], [f"v{a}" for a in g.args[node]]
    if op == "const":
        return repr(float(g.value[node]))
    if op in ("parameter", "state", "delayed"):
        return f"{'y' if op == 'state' else 'p'}[{int(g.value[node])}]"
    if op in LEAVES:
        return LEAVES[op]
    return OPERATORS[op].python.format(*args) or f"f_{op}({', '.join(args)})"


def evaluate(
    graph: Graph,
    outputs: Sequence[Node],
    parameters: Sequence[float],
    state: Sequence[float] = (),
    time: float = 0.0,
) -> list[float]:
    """The values of nodes at one point."""
    return scalar_function(graph, outputs)(time, state, parameters)
