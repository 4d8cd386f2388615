"""SBML mathematics (libSBML syntax trees) as nodes of an expression graph.

Trees are walked with an explicit stack, calls of function definitions are expanded once per list of
arguments, and recursion among them is refused, so that hostile mathematics costs bounded time.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

import libsbml as sbml

from screen.kinetics.errors import InvalidModel, UnsupportedModel
from screen.kinetics.expressions.graph import Graph, Node

AVOGADRO = 6.02214179e23  # the value that SBML Level 3 fixes for its csymbol
MOST_NESTED_CALLS = 64

_CONSTANTS = {
    sbml.AST_NAME_AVOGADRO: AVOGADRO,
    sbml.AST_CONSTANT_E: math.e,
    sbml.AST_CONSTANT_PI: math.pi,
}
_UNARY = {
    sbml.AST_FUNCTION_ABS: "abs",
    sbml.AST_FUNCTION_CEILING: "ceil",
    sbml.AST_FUNCTION_FLOOR: "floor",
    sbml.AST_FUNCTION_EXP: "exp",
    sbml.AST_FUNCTION_LN: "log",
    sbml.AST_FUNCTION_FACTORIAL: "factorial",
    sbml.AST_FUNCTION_SIN: "sin",
    sbml.AST_FUNCTION_COS: "cos",
    sbml.AST_FUNCTION_TAN: "tan",
    sbml.AST_FUNCTION_ARCSIN: "asin",
    sbml.AST_FUNCTION_ARCCOS: "acos",
    sbml.AST_FUNCTION_ARCTAN: "atan",
    sbml.AST_FUNCTION_SINH: "sinh",
    sbml.AST_FUNCTION_COSH: "cosh",
    sbml.AST_FUNCTION_TANH: "tanh",
    sbml.AST_FUNCTION_ARCSINH: "asinh",
    sbml.AST_FUNCTION_ARCCOSH: "acosh",
    sbml.AST_FUNCTION_ARCTANH: "atanh",
}
_RECIPROCAL_OF = {
    sbml.AST_FUNCTION_SEC: "cos",
    sbml.AST_FUNCTION_CSC: "sin",
    sbml.AST_FUNCTION_COT: "tan",
    sbml.AST_FUNCTION_SECH: "cosh",
    sbml.AST_FUNCTION_CSCH: "sinh",
    sbml.AST_FUNCTION_COTH: "tanh",
}
_OF_RECIPROCAL = {
    sbml.AST_FUNCTION_ARCSEC: "acos",
    sbml.AST_FUNCTION_ARCCSC: "asin",
    sbml.AST_FUNCTION_ARCSECH: "acosh",
    sbml.AST_FUNCTION_ARCCSCH: "asinh",
    sbml.AST_FUNCTION_ARCCOTH: "atanh",
}
_RELATIONS = {
    sbml.AST_RELATIONAL_LT: "lt",
    sbml.AST_RELATIONAL_LEQ: "le",
    sbml.AST_RELATIONAL_GT: "gt",
    sbml.AST_RELATIONAL_GEQ: "ge",
    sbml.AST_RELATIONAL_EQ: "eq",
    sbml.AST_RELATIONAL_NEQ: "ne",
}
_NUMBERS = (sbml.AST_INTEGER, sbml.AST_REAL, sbml.AST_REAL_E, sbml.AST_RATIONAL)
_LEAVES = (sbml.AST_LAMBDA, sbml.AST_FUNCTION_RATE_OF)

Lookup = Callable[[str], Node | None]


class MathReader:
    """Turns syntax trees into nodes. `functions` maps function ids to lambdas; `time` is the node of time."""

    def __init__(self, graph: Graph, functions: Mapping[str, Any], time: Node) -> None:
        self.graph = graph
        self.time = time
        self.functions = functions
        self._expanded: dict[tuple[str, tuple[Node, ...]], Node] = {}
        self._calling: list[str] = []

    def read(self, tree: Any, lookup: Lookup, where: str) -> Node:
        """The node of a tree; `lookup` gives the node of a symbol, `where` names the element in errors."""
        if tree is None:
            raise InvalidModel(f"{where}: no mathematics given")
        frames: list[tuple[Any, list[Node]]] = [(tree, [])]
        while True:
            current, done = frames[-1]
            if len(done) < current.getNumChildren() and current.getType() not in _LEAVES:
                frames.append((current.getChild(len(done)), []))
                continue
            node = self._build(current, done, lookup, where)
            frames.pop()
            if not frames:
                return node
            frames[-1][1].append(node)

    def _build(self, tree: Any, raw: list[Node], lookup: Lookup, where: str) -> Node:
        g, kind = self.graph, tree.getType()
        if kind == sbml.AST_FUNCTION_DELAY:
            raise UnsupportedModel(f"{where}: delay() is not supported")
        if kind == sbml.AST_FUNCTION_RATE_OF:
            return self._rate_of(tree, lookup, where)
        if kind in _NUMBERS:
            return g.constant(tree.getValue())
        if kind == sbml.AST_NAME:
            found = lookup(tree.getName())
            if found is None:
                raise InvalidModel(f"{where}: unknown symbol '{tree.getName()}'")
            return found
        if kind == sbml.AST_NAME_TIME:
            return self.time
        if kind in _CONSTANTS:
            return g.constant(_CONSTANTS[kind])
        if kind in (sbml.AST_CONSTANT_TRUE, sbml.AST_CONSTANT_FALSE):
            return g.true if kind == sbml.AST_CONSTANT_TRUE else g.false
        if kind == sbml.AST_FUNCTION:
            return self._call(tree.getName(), tuple(raw), where)
        if kind == sbml.AST_FUNCTION_PIECEWISE:
            return self._piecewise(raw)
        if tree.isLogical() or kind == getattr(sbml, "AST_LOGICAL_IMPLIES", -1):
            return self._logic(kind, raw, where)
        if kind in _RELATIONS:
            return self._relation(_RELATIONS[kind], [g.number(a) for a in raw], where)
        return self._arithmetic(tree, kind, [g.number(a) for a in raw], where)

    def _arithmetic(self, tree: Any, kind: int, a: list[Node], where: str) -> Node:
        g = self.graph
        if kind == sbml.AST_PLUS:
            return g.sum(a)
        if kind == sbml.AST_TIMES:
            product = g.one
            for factor in a:
                product = g.mul(product, factor)
            return product
        if kind == sbml.AST_MINUS and len(a) in (1, 2):
            return g.neg(a[0]) if len(a) == 1 else g.sub(a[0], a[1])
        if kind == sbml.AST_DIVIDE and len(a) == 2:
            return g.div(a[0], a[1])
        if kind in (sbml.AST_POWER, sbml.AST_FUNCTION_POWER) and len(a) == 2:
            return g.pow(a[0], a[1])
        if kind == sbml.AST_FUNCTION_ROOT and len(a) in (1, 2):
            degree, x = (g.constant(2.0), a[0]) if len(a) == 1 else (a[0], a[1])
            return g.pow(x, g.div(g.one, degree))
        if kind == sbml.AST_FUNCTION_LOG and len(a) in (1, 2):
            base, x = (g.constant(10.0), a[0]) if len(a) == 1 else (a[0], a[1])
            return g.div(g.call("log", x), g.call("log", base))
        if kind in _UNARY and len(a) == 1:
            return g.call(_UNARY[kind], a[0])
        if kind in _RECIPROCAL_OF and len(a) == 1:
            return g.inv(g.call(_RECIPROCAL_OF[kind], a[0]))
        if kind in _OF_RECIPROCAL and len(a) == 1:
            return g.call(_OF_RECIPROCAL[kind], g.inv(a[0]))
        if kind == sbml.AST_FUNCTION_ARCCOT and len(a) == 1:
            return g.call("atan", g.inv(a[0]))
        if kind in (sbml.AST_FUNCTION_MIN, sbml.AST_FUNCTION_MAX) and a:
            result = a[0]
            for item in a[1:]:
                result = g.binary("min" if kind == sbml.AST_FUNCTION_MIN else "max", result, item)
            return result
        if kind == sbml.AST_FUNCTION_REM and len(a) == 2:
            return g.binary("rem", a[0], a[1])
        if kind == sbml.AST_FUNCTION_QUOTIENT and len(a) == 2:
            ratio = g.div(a[0], a[1])
            return g.select(
                g.compare("lt", ratio, g.zero), g.neg(g.call("floor", g.neg(ratio))), g.call("floor", ratio)
            )
        name = tree.getName() or tree.getOperatorName() or f"element of type {kind}"
        raise UnsupportedModel(f"{where}: '{name}' with {len(a)} arguments is not supported")

    def _logic(self, kind: int, raw: list[Node], where: str) -> Node:
        g = self.graph
        names = {sbml.AST_LOGICAL_AND: "and", sbml.AST_LOGICAL_OR: "or", sbml.AST_LOGICAL_XOR: "xor"}
        if kind in names:
            return g.connect(names[kind], raw)
        if kind == sbml.AST_LOGICAL_NOT and len(raw) == 1:
            return g.negate(raw[0])
        if kind == sbml.AST_LOGICAL_IMPLIES and len(raw) == 2:
            return g.connect("or", [g.negate(raw[0]), raw[1]])
        raise InvalidModel(f"{where}: a logical operator has {len(raw)} arguments")

    def _relation(self, name: str, a: list[Node], where: str) -> Node:
        if len(a) < 2:
            raise InvalidModel(f"{where}: a comparison needs two arguments")
        return self.graph.connect("and", [self.graph.compare(name, x, y) for x, y in itertools.pairwise(a)])

    def _piecewise(self, raw: list[Node]) -> Node:
        g = self.graph
        value = raw[-1] if len(raw) % 2 else g.constant(math.nan)
        for k in range(len(raw) // 2 - 1, -1, -1):
            value = g.select(g.truth(raw[2 * k + 1]), raw[2 * k], value)
        return value

    @staticmethod
    def _rate_of(tree: Any, lookup: Lookup, where: str) -> Node:
        name = rate_key(tree)
        found = lookup(name)
        if found is None:
            raise UnsupportedModel(f"{where}: {name} is not supported; only rates of plain symbols are")
        return found

    def _call(self, name: str, arguments: tuple[Node, ...], where: str) -> Node:
        definition = self.functions.get(name)
        if definition is None:
            raise InvalidModel(f"{where}: unknown function '{name}'")
        if name in self._calling:
            raise InvalidModel(f"function '{name}' calls itself: {' -> '.join([*self._calling, name])}")
        if len(self._calling) >= MOST_NESTED_CALLS:
            raise InvalidModel(f"{where}: function calls nested more than {MOST_NESTED_CALLS} deep")
        key = (name, arguments)
        if key not in self._expanded:
            bound = definition.getNumChildren() - 1
            if bound != len(arguments):
                raise InvalidModel(
                    f"{where}: function '{name}' takes {bound} arguments, {len(arguments)} given"
                )
            values = {definition.getChild(k).getName(): node for k, node in enumerate(arguments)}
            self._calling.append(name)
            try:
                body = definition.getChild(bound)
                self._expanded[key] = self.read(body, values.get, f"function '{name}'")
            finally:
                self._calling.pop()
        return self._expanded[key]


def rate_key(tree: Any) -> str:
    """`rateOf(x)`, the name under which the rate of a symbol is looked up."""
    return f"rateOf({tree.getChild(0).getName() if tree.getNumChildren() else ''})"


def names_in(tree: Any) -> set[str]:
    """The plain symbols that a tree names, and `rateOf(x)` for rates."""
    found: set[str] = set()
    stack = [tree] if tree is not None else []
    while stack:
        current = stack.pop()
        if current.getType() == sbml.AST_NAME:
            found.add(current.getName())
        if current.getType() == sbml.AST_FUNCTION_RATE_OF:
            found.add(rate_key(current))
            continue
        stack.extend(current.getChild(k) for k in range(current.getNumChildren()))
    return found
