"""SBML mathematics (libSBML syntax trees) as nodes of an expression graph.

Trees are walked with an explicit stack, calls of function definitions are expanded once per list of
arguments, and recursion among them is refused, so that hostile mathematics costs bounded time.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from screen.kinetics.errors import InvalidModel, UnsupportedModel
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.expressions.mathml_names import MATHML
from screen.kinetics.sbml import libsbml

MOST_NESTED_CALLS = 64
MOST_CALLS = 20_000
"""Calls of functions with arguments of their own: chains of functions that call one another twice have 2 ** n."""

Lookup = Callable[[str], Node | None]


class MathReader:
    """Turns syntax trees into nodes. `functions` maps function ids to lambdas; `time` is the node of time; values of
    the past stand behind the `parameters`, in the order of `delays`.
    """

    def __init__(
        self, graph: Graph, functions: Mapping[str, Any], time: Node, parameters: int | None = None
    ) -> None:
        self.graph = graph
        self.time = time
        self.functions = functions
        self.parameters = parameters
        self.delays: dict[tuple[Node, Node], Node] = {}
        self._expanded: dict[tuple[str, tuple[Node, ...]], Node] = {}
        self._calling: list[str] = []
        self._calls = 0

    def read(self, tree: Any, lookup: Lookup, where: str) -> Node:
        """The node of a tree; `lookup` gives the node of a symbol, `where` names the element in errors."""
        if tree is None:
            raise InvalidModel(f"{where}: no mathematics given")
        frames: list[tuple[Any, list[Node]]] = [(tree, [])]
        while True:
            current, done = frames[-1]
            if len(done) < current.getNumChildren() and current.getType() not in _leaves():
                frames.append((current.getChild(len(done)), []))
                continue
            node = self._build(current, done, lookup, where)
            frames.pop()
            if current.getType() == libsbml.AST_FUNCTION_RATE_OF and any(
                _is_delay(tree) for tree, _ in frames
            ):
                before = self.graph.compare("lt", self.time, self.graph.zero)
                node = self.graph.select(before, self.graph.zero, node)  # before the start all stood still
            if not frames:
                return node
            frames[-1][1].append(node)

    def _build(self, tree: Any, arguments: list[Node], lookup: Lookup, where: str) -> Node:
        kind = tree.getType()
        if kind in _numbers():
            return self.graph.constant(tree.getValue())
        if kind == libsbml.AST_NAME:
            found = lookup(tree.getName())
            if found is None:
                raise InvalidModel(f"{where}: unknown symbol '{tree.getName()}'")
            return found
        if kind == libsbml.AST_NAME_TIME:
            return self.time
        if _is_delay(tree) and len(arguments) == 2:
            return self._delayed(*arguments)
        if kind == libsbml.AST_FUNCTION_RATE_OF:
            return self._rate_of(tree, lookup, where)
        if kind == libsbml.AST_FUNCTION and (
            tree.getName() in self.functions or tree.getName() not in MATHML
        ):
            return self._call(tree.getName(), tuple(arguments), where)
        return self._element(tree, arguments, where)

    def _element(self, tree: Any, arguments: list[Node], where: str) -> Node:
        """An element of MathML: a constant, a function, an operator. libSBML knows the elements by type; a
        function without one, that the model does not define either, goes by its name.
        """
        kind = tree.getType()
        name = tree.getName() if kind == libsbml.AST_FUNCTION else element_names().get(kind)
        if name is None:
            found = tree.getName() or tree.getOperatorName()
            raise UnsupportedModel(f"{where}: {found or f'element of type {kind}'}() is not supported")
        element = MATHML[name]
        if len(arguments) not in element.takes:
            raise InvalidModel(f"{where}: '{name}' with {len(arguments)} arguments")
        if not element.logical:
            arguments = [self.graph.number(node) for node in arguments]
        return element.make(self.graph, *arguments)

    @staticmethod
    def _rate_of(tree: Any, lookup: Lookup, where: str) -> Node:
        name = rate_key(tree)
        found = lookup(name)
        if found is None:
            raise UnsupportedModel(f"{where}: {name} is not supported; only rates of plain symbols are")
        return found

    def _delayed(self, value: Node, ago: Node) -> Node:
        """What a formula was worth some time ago; at the start (without `parameters`) that is what it is worth."""
        value, ago = self.graph.number(value), self.graph.number(ago)
        if self.parameters is None or ago == self.graph.zero:
            return value
        new = self.graph.delayed(self.parameters + len(self.delays))
        return self.delays.setdefault((value, ago), new)

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
            self._calls += 1
            if self._calls > MOST_CALLS:
                raise InvalidModel(f"{where}: functions call one another more than {MOST_CALLS} times")
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


@cache
def element_names() -> dict[int, str]:
    """The names of MathML's elements by libSBML's types."""
    families = ("AST_", "AST_CONSTANT_", "AST_FUNCTION_", "AST_LOGICAL_", "AST_NAME_", "AST_RELATIONAL_")
    return {
        getattr(libsbml, family + name.upper()): name
        for name in MATHML
        for family in families
        if hasattr(libsbml, family + name.upper())
    }


def _is_delay(tree: Any) -> bool:
    return bool(tree.getType() == libsbml.AST_FUNCTION_DELAY)


@cache
def _leaves() -> tuple[int, ...]:
    return libsbml.AST_LAMBDA, libsbml.AST_FUNCTION_RATE_OF


@cache
def _numbers() -> tuple[int, ...]:
    return libsbml.AST_INTEGER, libsbml.AST_REAL, libsbml.AST_REAL_E, libsbml.AST_RATIONAL


def rate_key(tree: Any) -> str:
    """`rateOf(x)`, the name under which the rate of a symbol is looked up."""
    return f"rateOf({tree.getChild(0).getName() if tree.getNumChildren() else ''})"


def holds_time(tree: Any) -> bool:
    """Whether a tree names the time."""
    stack = [tree] if tree is not None else []
    while stack:
        current = stack.pop()
        if current.getType() == libsbml.AST_NAME_TIME:
            return True
        stack.extend(current.getChild(k) for k in range(current.getNumChildren()))
    return False


def names_in(tree: Any) -> set[str]:
    """The plain symbols that a tree names, and `rateOf(x)` for rates."""
    found: set[str] = set()
    stack = [tree] if tree is not None else []
    while stack:
        current = stack.pop()
        if current.getType() == libsbml.AST_NAME:
            found.add(current.getName())
        if current.getType() == libsbml.AST_FUNCTION_RATE_OF:
            found.add(rate_key(current))
            continue
        stack.extend(current.getChild(k) for k in range(current.getNumChildren()))
    return found
