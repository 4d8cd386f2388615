"""Kernels that compute nodes of a graph on lanes, each from time, states and what depends on parameters alone (`q`)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from screen.codegen.ir import Function, Value
from screen.kinetics.compiler.straight_line import StraightLine
from screen.kinetics.expressions.graph import Graph, Node

PIECE = 1000  # roots of one function, where a kernel is in pieces


@dataclass(frozen=True)
class NodeKernels:
    """`stored` says where states, time and the hoisted nodes `kept` stand; `floor` as in `StraightLine`. With `pieces`
    kernels of many nodes are in several functions: LLVM's work grows faster than a function's length where values live
    across it. What later pieces read of an earlier one is kept in memory then.
    """

    g: Graph
    kept: Sequence[Node]
    stored: Mapping[Node, tuple[Value, int]]
    exact: bool
    width: int
    pieces: bool

    def function(self, name: str, *arguments: str) -> Function:
        """An empty function of some addresses."""
        return Function(name, dict.fromkeys(arguments, "ptr noalias"), self.width)

    def writer(
        self, f: Function, roots: Sequence[Node], more: Mapping[Node, tuple[Value, int]] | None = None
    ) -> StraightLine:
        """What writes the nodes into a function in which `more` of them are stored."""
        return StraightLine(
            f, self.g, {**self.stored, **(more or {})}, roots, self.exact, ("%q", len(self.kept))
        )

    def setup(self, parameters: int, initial: Sequence[Node]) -> Function:
        """The kernel that computes from parameters what depends on them alone, and the states' start."""
        f = self.function("setup", "p", "q", "y")
        stored = {self.g.parameter(k): ("%p", k) for k in range(parameters)}
        code = StraightLine(f, self.g, stored, [*self.kept, *initial], exact_division=True)
        for pointer, nodes in (("%q", self.kept), ("%y", initial)):
            for k, node in enumerate(nodes):
                f.store(self._number(f, node, code.value(node)), pointer, k)
        f.line("ret void")
        return f

    def outputs(self, name: str, nodes: Sequence[Node]) -> list[Function]:
        """A kernel that writes nodes one after the other."""
        return self.placed(name, dict(enumerate(nodes)))

    def placed(self, name: str, nodes: Mapping[int, Node]) -> list[Function]:
        """A kernel that writes nodes to given places; it is the last of the functions."""
        if self.pieces and len(nodes) > PIECE:
            return self._in_pieces(name, nodes)
        f = self.function(name, "t", "y", "q", "out")
        code = self.writer(f, list(nodes.values()))
        for k, node in nodes.items():
            f.store(code.value(node), "%out", k)
        f.line("ret void")
        return [f]

    def _in_pieces(self, name: str, nodes: Mapping[int, Node]) -> list[Function]:
        places, roots = list(nodes), list(nodes.values())
        shared: dict[Node, tuple[Value, int]] = {}
        functions = []
        for first in range(0, len(roots), PIECE):
            here, rest = roots[first : first + PIECE], roots[first + PIECE :]
            known = {*self.stored, *shared}
            own, _ = self._reached(here, known)
            _, read = self._reached(rest, known | own)
            new = sorted(node for node in read & own if self.g.args[node])
            f = self.function(f"{name}_{first // PIECE}", "t", "y", "q", "out", "shared")
            code = self.writer(f, [*here, *new], shared)
            for k, node in zip(places[first:], here):
                f.store(code.value(node), "%out", k)
            for k, node in enumerate(new, len(shared)):
                f.store(self._number(f, node, code.value(node)), "%shared", k)
                shared[node] = ("%shared", k)
            f.line("ret void")
            functions.append(f)
        whole = self.function(name, "t", "y", "q", "out")
        room = whole.compute(f"alloca [{len(shared) + 1} x {whole.vector}], align {8 * self.width}")
        for number in range(len(functions)):
            whole.line(f"call void @{name}_{number}(ptr %t, ptr %y, ptr %q, ptr %out, ptr {room})")
        whole.line("ret void")
        return [*functions, whole]

    def _reached(self, roots: Sequence[Node], ends: Collection[Node]) -> tuple[set[Node], set[Node]]:
        """What the roots need without `ends` and what only these need, and which of these they read."""
        seen: set[Node] = set()
        read: set[Node] = set()
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node in ends:
                read.add(node)
            elif node not in seen:
                seen.add(node)
                stack.extend(self.g.args[node])
        return seen, read

    def _number(self, f: Function, node: Node, value: Value) -> Value:
        return f.select(value, f.splat(1.0), f.splat(0.0)) if self.g.is_boolean(node) else value
