"""Derivatives of every node of a graph with respect to states and time, by one forward pass."""

from collections.abc import Collection, Iterable

from screen.kinetics.expressions.graph import VARYING, Graph, Node

TIME = (
    -1
)  # the key of the derivative with respect to time; states have their index, parameters `of_parameter`

STEEP = 0.6  # a tangent of a lower power throws a solver further from zero than it was, or nearly

Gradient = dict[int, Node]


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
    op, args = g.op[node], g.args[node]
    if op == "const":
        return {}
    if op == "state":
        return {int(g.value[node]): g.one}
    if op == "time":
        return {TIME: g.one}
    inner = [known.get(a, {}) for a in args]
    if op in ("add", "sub"):
        join = g.add if op == "add" else g.sub
        keys = dict.fromkeys([*inner[0], *inner[1]])
        return {k: join(inner[0].get(k, g.zero), inner[1].get(k, g.zero)) for k in keys}
    if op == "neg":
        return {k: g.neg(d) for k, d in inner[0].items()}
    if op == "mul":
        a, b = args
        keys = dict.fromkeys([*inner[0], *inner[1]])
        return {k: g.add(g.mul(inner[0].get(k, g.zero), b), g.mul(a, inner[1].get(k, g.zero))) for k in keys}
    if op == "div":
        a, b = args
        reciprocal = g.inv(b)
        keys = dict.fromkeys([*inner[0], *inner[1]])
        return {
            k: g.mul(g.sub(inner[0].get(k, g.zero), g.mul(node, inner[1].get(k, g.zero))), reciprocal)
            for k in keys
        }
    if op == "select":
        keys = dict.fromkeys([*inner[1], *inner[2]])
        return {k: g.select(args[0], inner[1].get(k, g.zero), inner[2].get(k, g.zero)) for k in keys}
    if op in ("min", "max"):
        first = g.compare("le" if op == "min" else "ge", args[0], args[1])
        keys = dict.fromkeys([*inner[0], *inner[1]])
        return {k: g.select(first, inner[0].get(k, g.zero), inner[1].get(k, g.zero)) for k in keys}
    if op == "pow":
        return _of_power(g, node, inner, damped)
    if op == "powd":
        _, x, n = args
        less = g.sub(n, g.one)
        plain = g.mul(less, g.power_slope(node, x, less))
        over_n = g.select(g.compare("gt", x, g.zero), g.mul(node, g.call("log", x)), g.zero)
        keys = dict.fromkeys([*inner[1], *inner[2]])
        return {
            k: g.add(g.mul(plain, inner[1].get(k, g.zero)), g.mul(over_n, inner[2].get(k, g.zero)))
            for k in keys
        }
    if op == "rem":
        whole = g.sub(args[0], node)
        ratio = g.div(whole, args[1])
        keys = dict.fromkeys([*inner[0], *inner[1]])
        return {k: g.sub(inner[0].get(k, g.zero), g.mul(ratio, inner[1].get(k, g.zero))) for k in keys}
    if op == "sqrt":
        half = g.constant(0.5)
        factor = _damped(g, args[0], half) if damped else half
        slope = g.mul(factor, g.power_slope(node, args[0], half))
    else:
        slope = _slope(g, op, node, args[0])
    return {k: g.mul(slope, d) for k, d in inner[0].items()}


def _damped(g: Graph, x: Node, n: Node) -> Node:
    """The factor of the chord's slope in the tangent's, `n`; at least 1 where x is within the tolerance."""
    chord = g.select(g.compare("lt", n, g.constant(STEEP)), g.one, n)
    return g.within_tolerance(x, chord, n)


def _of_power(g: Graph, node: Node, inner: list[Gradient], damped: bool) -> Gradient:
    x, n = g.args[node]
    over_x = g.mul(_damped(g, x, n) if damped else n, g.power_slope(node, x, n)) if inner[0] else g.zero
    over_n = (
        g.select(g.compare("gt", x, g.zero), g.mul(node, g.call("log", x)), g.zero) if inner[1] else g.zero
    )
    keys = dict.fromkeys([*inner[0], *inner[1]])
    return {
        k: g.add(g.mul(over_x, inner[0].get(k, g.zero)), g.mul(over_n, inner[1].get(k, g.zero))) for k in keys
    }


def _slope(g: Graph, op: str, node: Node, x: Node) -> Node:
    """The derivative of a function of one variable, given the node of its value."""
    one = g.one
    square = g.mul(x, x)
    if op == "exp":
        return node
    if op == "log":
        return g.inv(x)
    if op == "abs":
        return g.select(g.compare("lt", x, g.zero), g.constant(-1.0), one)
    if op == "sin":
        return g.call("cos", x)
    if op == "cos":
        return g.neg(g.call("sin", x))
    if op == "tan":
        return g.add(one, g.mul(node, node))
    if op == "asin":
        return g.inv(g.call("sqrt", g.sub(one, square)))
    if op == "acos":
        return g.neg(g.inv(g.call("sqrt", g.sub(one, square))))
    if op == "atan":
        return g.inv(g.add(one, square))
    if op == "sinh":
        return g.call("cosh", x)
    if op == "cosh":
        return g.call("sinh", x)
    if op == "tanh":
        return g.sub(one, g.mul(node, node))
    if op == "asinh":
        return g.inv(g.call("sqrt", g.add(square, one)))
    if op == "acosh":
        return g.inv(g.call("sqrt", g.sub(square, one)))
    if op == "atanh":
        return g.inv(g.sub(one, square))
    return g.zero  # floor, ceil, factorial: constant between their jumps
