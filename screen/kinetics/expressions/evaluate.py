"""Expressions as plain Python: an interpreter for single evaluations and a generator of scalar functions.

Independent of the vector code, so that the two can be held against each other.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from screen.kinetics.expressions.arithmetic import COMPARISONS, UNARY, divide, power, safe
from screen.kinetics.expressions.graph import Graph, Node

Scalar = Callable[[float, Sequence[float], Sequence[float]], list[float]]

_OPERATOR = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


def power_slope(p: float, x: float, n: float) -> float:
    """`x**n / x` with its limit at 0 (0 where the slope is unbounded)."""
    if x != 0:
        return p / x
    return 1.0 if n == 1 else 0.0


def _minimum(a: float, b: float) -> float:
    return math.nan if a != a or b != b else min(a, b)


def _maximum(a: float, b: float) -> float:
    return math.nan if a != a or b != b else max(a, b)


def scalar_function(graph: Graph, outputs: Sequence[Node]) -> Scalar:
    """A function `(time, state (S,), parameters (P,)) -> [outputs]` made of straight-line Python."""
    lines = ["def generated(t, y, p):"]
    for node in graph.reachable(outputs):
        lines.append(f"    v{node} = {_source(graph, node)}")
    lines.append("    return [" + ", ".join(f"v{node}" for node in outputs) + "]")
    scope: dict[str, Any] = {f"f_{name}": _guard(function) for name, function in UNARY.items()}
    scope.update(div=divide, powr=power, powd=power_slope, nan=math.nan, inf=math.inf)
    scope.update(minimum=_minimum, maximum=_maximum, rem=_guard(math.fmod))
    exec(compile("\n".join(lines), "<generated>", "exec"), scope)
    generated: Scalar = scope["generated"]
    return generated


def _guard(function: Callable[..., float]) -> Callable[..., float]:
    return lambda *arguments: safe(function, *arguments)


def _source(g: Graph, node: Node) -> str:
    op, args = g.op[node], [f"v{a}" for a in g.args[node]]
    if op == "const":
        return repr(float(g.value[node]))
    if op in ("parameter", "state"):
        return f"{'p' if op == 'parameter' else 'y'}[{int(g.value[node])}]"
    if op == "time":
        return "t"
    if op in ("true", "false"):
        return "True" if op == "true" else "False"
    if op in ("add", "sub", "mul"):
        return f"{args[0]} {'+' if op == 'add' else '-' if op == 'sub' else '*'} {args[1]}"
    if op == "neg":
        return f"-{args[0]}"
    if op in COMPARISONS:
        return f"{args[0]} {_OPERATOR[op]} {args[1]}"
    if op in ("and", "or"):
        return f"{args[0]} {op} {args[1]}"
    if op == "xor":
        return f"{args[0]} != {args[1]}"
    if op == "not":
        return f"not {args[0]}"
    if op == "select":
        return f"{args[1]} if {args[0]} else {args[2]}"
    name = {"div": "div", "pow": "powr", "powd": "powd", "min": "minimum", "max": "maximum", "rem": "rem"}
    return f"{name.get(op, 'f_' + op)}({', '.join(args)})"


def evaluate(
    graph: Graph,
    outputs: Sequence[Node],
    parameters: Sequence[float],
    state: Sequence[float] = (),
    time: float = 0.0,
) -> list[float]:
    """The values of nodes at one point."""
    return scalar_function(graph, outputs)(time, state, parameters)
