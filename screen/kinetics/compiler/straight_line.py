"""Expression nodes as straight-line vector code: each node once, loads where they are used, products fused
into sums as explicit fma, so that the result never depends on the compiler's choice or the width.
"""

from collections.abc import Iterable, Mapping

from screen.codegen.ir import Function, Value
from screen.kinetics.compiler.numerics.reciprocals import grouped, reciprocals
from screen.kinetics.expressions.graph import VARYING, Graph, Node
from screen.kinetics.expressions.operators import OPERATORS, Operator

BELOW_ZERO = 100.0  # times atol: how far below zero the base of a real power may be by the solver's error
NEAR_ZERO = 3.0  # times atol: where a power below one counts as close to its steep end at zero
LONGEST_BLOCK = 500  # instructions; keeps the code generator's work near linear


class StraightLine:
    """Writes nodes of a graph into a function.

    `stored` maps nodes to (pointer, index) of vectors in memory that hold their values; they are loaded, not
    computed. With `exact_division` false, a / b is a * (1 / b), which shares reciprocals, and several reciprocals
    share a division. `floor` is where a vector stands that says how far below zero the base of a real power or root
    may be, by the solver's error, and count as zero.
    """

    def __init__(
        self,
        f: Function,
        graph: Graph,
        stored: Mapping[Node, tuple[Value, int]],
        roots: Iterable[Node],
        exact_division: bool,
        floor: tuple[Value, int] | None = None,
    ) -> None:
        self.f = f
        self.g = graph
        self.stored = stored
        self.exact_division = exact_division
        self.floor = floor
        self._value: dict[Node, Value] = {}
        self._reciprocal: dict[Node, Value] = {}
        self._loaded: set[Node] = set()
        self._fused: dict[Node, Node] = {}
        self._group: dict[Node, tuple[Node, ...]] = {}
        self._plan(list(roots))

    def _plan(self, roots: list[Node]) -> None:
        """Which products are used once, by a sum, and so become part of a fma."""
        g, uses, needed = self.g, dict.fromkeys(roots, 1), set(roots)
        stack = list(needed)
        while stack:
            node = stack.pop()
            if node in self.stored:
                continue
            for argument in g.args[node]:
                uses[argument] = uses.get(argument, 0) + 1
                if argument not in needed:
                    needed.add(argument)
                    stack.append(argument)
        for node in sorted(needed):
            if g.op[node] not in ("add", "sub") or node in self.stored:
                continue
            for argument in reversed(g.args[node]):
                if g.op[argument] == "mul" and uses[argument] == 1 and argument not in self.stored:
                    self._fused[node] = argument
                    break
        if not self.exact_division:
            self._group = grouped(g, self._in_order(roots), self.stored)

    def _in_order(self, roots: Iterable[Node]) -> list[Node]:
        """What is loaded or computed for the roots, arguments first, one root after the other."""
        found: dict[Node, None] = {}
        stack = [(root, False) for root in reversed(list(roots))]
        while stack:
            node, known = stack.pop()
            if known:
                found[node] = None
            elif node not in found:
                stack.append((node, True))
                if node not in self.stored:
                    stack += [(argument, False) for argument in reversed(self.g.args[node])]
        return list(found)

    def value(self, root: Node) -> Value:
        """The register that holds a node, computing what is missing."""
        found = self._value.get(root)
        if found is not None:
            return found
        stack = [root]
        while stack:
            node = stack[-1]
            if node in self._value:
                stack.pop()
                continue
            missing = [a for a in self._operands(node) if a not in self._value]
            if missing:
                stack.extend(reversed(missing))
                continue
            self._value[node] = self._write(node)
            stack.pop()
            if self.f.split(LONGEST_BLOCK):
                for loaded in self._loaded - set(stack):
                    self._value.pop(loaded, None)
                self._loaded.clear()
        return self._value.get(root) or self._write(root)

    def _operands(self, node: Node) -> list[Node]:
        if node in self.stored:
            return []
        fused = self._fused.get(node)
        if fused is None:
            arguments = list(self.g.args[node])
            if self.g.op[node] == "div" and arguments[1] not in self._reciprocal:
                arguments += self._group.get(arguments[1], ())
            return arguments
        a, b = self.g.args[node]
        other = a if fused == b else b
        return [*self.g.args[fused], other]

    def _write(self, node: Node) -> Value:
        f, g = self.f, self.g
        if node in self.stored:
            pointer, index = self.stored[node]
            self._loaded.add(node)
            value = f.load(pointer, index)
            return f.compare("une", value, f.splat(0.0)) if g.is_boolean(node) else value
        op = g.op[node]
        if op == "const":
            return f.splat(g.value[node])
        if op in ("true", "false"):
            return "<" + ", ".join([f"i1 {op}"] * f.width) + ">"
        if node in self._fused:
            return self._fma(node)
        a = [self._value[argument] for argument in g.args[node]]
        if op == "div":
            return self._divide(node, a)
        if op == "within":
            return self._within_tolerance(*a)
        row = OPERATORS[op]
        return self._odd_below_zero(row, a) if row.odd and self.floor is not None else row.emit(f, *a)

    def _fma(self, node: Node) -> Value:
        f, g = self.f, self.g
        product = self._fused[node]
        x, y = (self._value[argument] for argument in g.args[product])
        first, second = g.args[node]
        if g.op[node] == "add":
            return f.fma(x, y, self._value[second if product == first else first])
        if product == second:
            return f.fma(f.neg(x), y, self._value[first])
        return f.fma(x, y, f.neg(self._value[second]))

    def _divide(self, node: Node, a: list[Value]) -> Value:
        f, (top, bottom) = self.f, self.g.args[node]
        if self.exact_division and top != self.g.one:
            return f.div(a[0], a[1])
        if bottom not in self._reciprocal:
            group = self._group.get(bottom, (bottom,))
            self._reciprocal |= zip(group, reciprocals(f, [self._value[node] for node in group]))
        if top == self.g.one:
            return self._reciprocal[bottom]
        return f.mul(a[0], self._reciprocal[bottom])

    def _odd_below_zero(self, row: Operator, a: list[Value]) -> Value:
        """Down to -floor, -|x|**n instead of NaN: what error pushed below zero is pushed back."""
        f = self.f
        assert self.floor is not None
        floor = f.neg(f.load(*self.floor))
        below = f.and_(f.compare("olt", a[0], f.splat(0.0)), f.compare("oge", a[0], floor))
        value = row.emit(f, f.select(below, f.neg(a[0]), a[0]), *a[1:])
        return f.select(below, f.neg(value), value)

    def _within_tolerance(self, x: Value, a: Value, b: Value) -> Value:
        f = self.f
        assert self.floor is not None
        tolerance = f.mul(f.load(*self.floor), f.splat(NEAR_ZERO / BELOW_ZERO))
        return f.select(f.compare("olt", x, tolerance), a, b)


def hoisted(graph: Graph, roots: Iterable[Node]) -> list[Node]:
    """The nodes that depend on parameters alone and are used by varying ones (or are roots themselves)."""
    found: dict[Node, None] = {}
    for root in roots:
        if graph.depends[root] < VARYING and not _trivial(graph, root):
            found[root] = None
    for node in graph.reachable(roots):
        if graph.depends[node] == VARYING:
            for argument in graph.args[node]:
                if graph.depends[argument] < VARYING and not _trivial(graph, argument):
                    found[argument] = None
    return list(found)


def _trivial(graph: Graph, node: Node) -> bool:
    return graph.op[node] in ("const", "true", "false")
