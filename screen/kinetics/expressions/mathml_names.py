"""What each element of MathML becomes in the graph, one row each. A function of one variable that needs vector code of
its own has its row in `operators` instead.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.expressions.operators import FUNCTIONS, call

AVOGADRO = 6.02214179e23  # the value that SBML Level 3 fixes for its csymbol
MANY = 1 << 30


@dataclass(frozen=True)
class MathElement:
    """An element that takes `takes` arguments; `make` gives its node from a graph and theirs. Arguments are
    numbers (a truth value counts as 0 or 1) unless it is `logical`.
    """

    make: Callable[..., Node]
    takes: range
    logical: bool = False


CONSTANT, ONE, TWO, ONE_OR_TWO = range(1), range(1, 2), range(2, 3), range(1, 3)


def _product(g: Graph, *factors: Node) -> Node:
    product = g.one
    for factor in factors:
        product = g.mul(product, factor)
    return product


def _minus(g: Graph, a: Node, b: Node | None = None) -> Node:
    return g.neg(a) if b is None else g.sub(a, b)


def _root(g: Graph, *degree_and_x: Node) -> Node:
    degree, x = degree_and_x if len(degree_and_x) == 2 else (g.constant(2.0), *degree_and_x)
    return g.pow(x, g.div(g.one, degree))


def _log(g: Graph, *base_and_x: Node) -> Node:
    base, x = base_and_x if len(base_and_x) == 2 else (g.constant(10.0), *base_and_x)
    return g.div(call(g, "log", x), call(g, "log", base))


def _extreme(name: str, g: Graph, first: Node, *others: Node) -> Node:
    for other in others:
        first = call(g, name, first, other)
    return first


def _quotient(g: Graph, a: Node, b: Node) -> Node:
    ratio = g.div(a, b)
    below = g.compare("lt", ratio, g.zero)
    return g.select(below, g.neg(call(g, "floor", g.neg(ratio))), call(g, "floor", ratio))


def _piecewise(g: Graph, *pieces: Node) -> Node:
    value = pieces[-1] if len(pieces) % 2 else g.constant(math.nan)
    for k in range(len(pieces) // 2 - 1, -1, -1):
        value = g.select(g.truth(pieces[2 * k + 1]), pieces[2 * k], value)
    return value


def _constant(value: float) -> MathElement:
    return MathElement(lambda g: g.constant(value), CONSTANT)


def _function(name: str) -> MathElement:
    return MathElement(lambda g, x: call(g, name, x), ONE)


def _reciprocal_of(name: str) -> MathElement:
    return MathElement(lambda g, x: g.inv(call(g, name, x)), ONE)


def _of_reciprocal(name: str) -> MathElement:
    return MathElement(lambda g, x: call(g, name, g.inv(x)), ONE)


def _relation(name: str, takes: range = range(2, MANY)) -> MathElement:
    """True where it holds between every two neighbours."""
    return MathElement(lambda g, *a: g.connect("and", [g.compare(name, x, y) for x, y in pairwise(a)]), takes)


def _connective(name: str) -> MathElement:
    return MathElement(lambda g, *a: g.connect(name, a), range(MANY), logical=True)


MATHML = {
    "e": _constant(math.e),
    "pi": _constant(math.pi),
    "avogadro": _constant(AVOGADRO),
    "true": MathElement(lambda g: g.true, CONSTANT),
    "false": MathElement(lambda g: g.false, CONSTANT),
    "plus": MathElement(lambda g, *a: g.sum(a), range(MANY)),
    "minus": MathElement(_minus, ONE_OR_TWO),
    "times": MathElement(_product, range(MANY)),
    "divide": MathElement(Graph.div, TWO),
    "power": MathElement(Graph.pow, TWO),
    "root": MathElement(_root, ONE_OR_TWO),
    "log": MathElement(_log, ONE_OR_TWO),
    "min": MathElement(partial(_extreme, "min"), range(1, MANY)),
    "max": MathElement(partial(_extreme, "max"), range(1, MANY)),
    "rem": MathElement(lambda g, a, b: call(g, "rem", a, b), TWO),
    "quotient": MathElement(_quotient, TWO),
    "piecewise": MathElement(_piecewise, range(MANY), logical=True),
    "sec": _reciprocal_of("cos"),
    "csc": _reciprocal_of("sin"),
    "cot": _reciprocal_of("tan"),
    "sech": _reciprocal_of("cosh"),
    "csch": _reciprocal_of("sinh"),
    "coth": _reciprocal_of("tanh"),
    "arcsec": _of_reciprocal("acos"),
    "arccsc": _of_reciprocal("asin"),
    "arccot": _of_reciprocal("atan"),
    "arcsech": _of_reciprocal("acosh"),
    "arccsch": _of_reciprocal("asinh"),
    "arccoth": _of_reciprocal("atanh"),
    "lt": _relation("lt"),
    "leq": _relation("le"),
    "gt": _relation("gt"),
    "geq": _relation("ge"),
    "eq": _relation("eq"),
    "neq": _relation("ne", TWO),
    "and": _connective("and"),
    "or": _connective("or"),
    "xor": _connective("xor"),
    "not": MathElement(Graph.negate, ONE, logical=True),
    "implies": MathElement(lambda g, a, b: g.connect("or", [g.negate(a), b]), TWO, logical=True),
    **{name: _function(row.name) for name, row in FUNCTIONS.items()},
}
"""Elements of MathML by name (of its constants and csymbols: libSBML's)."""
