"""Expressions as one hash-consed graph: equal expressions are one node, a node is an integer, and a node's
arguments always have smaller numbers, so that a plain loop over numbers is a topological order.

Products are kept as (part that depends on parameters alone) x (the rest), so that the first part can be
computed once per trajectory. Division stays a node of its own; the code generator decides how to do it.
"""

import math
from collections.abc import Callable, Iterable, Sequence

from screen.kinetics.expressions.arithmetic import COMPARISONS, CONNECTIVES, divide, power, square_root

Node = int

CONSTANT, PARAMETER, VARYING = 0, 1, 2  # what a node depends on: nothing, parameters, or states and time

BOOLEAN = frozenset([*COMPARISONS, *CONNECTIVES, "not", "true", "false"])


class Graph:
    """A store of expressions. Every method that makes a node returns the number of an equal node if one
    exists.
    """

    def __init__(self) -> None:
        self.op: list[str] = []
        self.args: list[tuple[Node, ...]] = []
        self.value: list[float] = []  # of constants; index of symbols
        self.depends: list[int] = []
        self._index: dict[tuple[object, ...], Node] = {}
        self.zero = self.constant(0.0)
        self.one = self.constant(1.0)
        self.true = self._intern("true", (), 0.0, CONSTANT)
        self.false = self._intern("false", (), 0.0, CONSTANT)

    def _intern(self, op: str, args: tuple[Node, ...], value: float = 0.0, depends: int = -1) -> Node:
        key = (op, args, value if value == value else "nan", math.copysign(1.0, value))
        node = self._index.get(key)
        if node is None:
            node = len(self.op)
            self._index[key] = node
            self.op.append(op)
            self.args.append(args)
            self.value.append(value)
            self.depends.append(
                max((self.depends[a] for a in args), default=CONSTANT) if depends < 0 else depends
            )
        return node

    # ---- leaves -------------------------------------------------------------------------------------
    def constant(self, value: float) -> Node:
        return self._intern("const", (), float(value), CONSTANT)

    def parameter(self, index: int) -> Node:
        return self._intern("parameter", (), float(index), PARAMETER)

    def state(self, index: int) -> Node:
        return self._intern("state", (), float(index), VARYING)

    def time(self) -> Node:
        return self._intern("time", (), 0.0, VARYING)

    def delayed(self, index: int) -> Node:
        """A value of the past, which the solver hands in behind the parameters, at a given place."""
        return self._intern("delayed", (), float(index), VARYING)

    def is_constant(self, node: Node) -> bool:
        return self.op[node] == "const"

    def is_boolean(self, node: Node) -> bool:
        return self.op[node] in BOOLEAN

    def number(self, node: Node) -> Node:
        """A boolean as 1 or 0; a number as it is."""
        return self.select(node, self.one, self.zero) if self.is_boolean(node) else node

    def truth(self, node: Node) -> Node:
        """A number as `!= 0`; a boolean as it is."""
        return node if self.is_boolean(node) else self.compare("ne", node, self.zero)

    # ---- arithmetic ---------------------------------------------------------------------------------
    def add(self, a: Node, b: Node) -> Node:
        op, value = self.op, self.value
        if op[a] == "const" and op[b] == "const":
            return self.constant(value[a] + value[b])
        if a == self.zero:
            return b
        if b == self.zero:
            return a
        if op[b] == "neg":
            return self.sub(a, self.args[b][0])
        if op[a] == "neg":
            return self.sub(b, self.args[a][0])
        return self._intern("add", (a, b) if a < b else (b, a))

    def sub(self, a: Node, b: Node) -> Node:
        op, value = self.op, self.value
        if op[a] == "const" and op[b] == "const":
            return self.constant(value[a] - value[b])
        if b == self.zero:
            return a
        if a == self.zero:
            return self.neg(b)
        if a == b:
            return self.zero
        if op[b] == "neg":
            return self.add(a, self.args[b][0])
        return self._intern("sub", (a, b))

    def neg(self, a: Node) -> Node:
        if self.op[a] == "const":
            return self.constant(-self.value[a])
        if self.op[a] == "neg":
            return self.args[a][0]
        if self.op[a] == "sub":
            return self._intern("sub", (self.args[a][1], self.args[a][0]))
        return self._intern("neg", (a,))

    def sum(self, terms: Iterable[Node]) -> Node:
        total = self.zero
        for term in terms:
            total = self.add(total, term)
        return total

    def mul(self, a: Node, b: Node) -> Node:
        op, value = self.op, self.value
        if op[a] == "const" and op[b] == "const":
            return self.constant(value[a] * value[b])
        if a in (self.zero, b) or b in (self.zero, a):
            return self.zero if self.zero in (a, b) else self._intern("mul", (a, a))
        if a == self.one:
            return b
        if b == self.one:
            return a
        negative = False
        if op[a] == "neg":
            a, negative = self.args[a][0], not negative
        if op[b] == "neg":
            b, negative = self.args[b][0], not negative
        product = self._product(a, b)
        return self.neg(product) if negative else product

    def _product(self, a: Node, b: Node) -> Node:
        fixed_a, rest_a = self._split(a)
        fixed_b, rest_b = self._split(b)
        fixed = self._pair(fixed_a, fixed_b)
        return self._pair(fixed, self._pair(rest_a, rest_b))

    def _split(self, node: Node) -> tuple[Node, Node]:
        """A node as (factor that depends on parameters alone, the rest)."""
        if self.depends[node] < VARYING:
            return node, self.one
        if self.op[node] == "mul":
            first, second = self.args[node]
            if self.depends[first] < VARYING:
                return first, second
        return self.one, node

    def _pair(self, a: Node, b: Node) -> Node:
        if a == self.one:
            return b
        if b == self.one:
            return a
        if self.op[a] == "const" and self.op[b] == "const":
            return self.constant(self.value[a] * self.value[b])
        order = (self.depends[a], a) < (self.depends[b], b)
        return self._intern("mul", (a, b) if order else (b, a))

    def inv(self, a: Node) -> Node:
        return self.div(self.one, a)

    def div(self, a: Node, b: Node) -> Node:
        op, value = self.op, self.value
        if op[a] == "const" and op[b] == "const":
            return self.constant(divide(value[a], value[b]))
        if b == self.one:
            return a
        if a == self.zero and op[b] == "const" and value[b] != 0:
            return self.zero
        if self.depends[b] < VARYING <= self.depends[a]:
            return self.mul(a, self._intern("div", (self.one, b)))
        if op[a] == "neg":
            return self.neg(self.div(self.args[a][0], b))
        return self._intern("div", (a, b))

    def pow(self, x: Node, n: Node) -> Node:
        op, value = self.op, self.value
        if op[n] == "const":
            if op[x] == "const":
                return self.constant(power(value[x], value[n]))
            special = self._special_power(x, value[n])
            if special is not None:
                return special
        if x == self.one:
            return self.one
        return self._intern("pow", (x, n))

    def _special_power(self, x: Node, n: float) -> Node | None:
        if n == 0:
            return self.one
        if abs(n) <= 32 and n == int(n):
            whole = self._integer_power(x, int(abs(n)))
            return whole if n > 0 else self.inv(whole)
        if abs(n) <= 8 and 2 * n == int(2 * n):
            root = self.apply("sqrt", square_root, x)
            half = int(abs(n))
            whole = self.mul(self._integer_power(x, half), root) if half else root
            return whole if n > 0 else self.inv(whole)
        return None

    def _integer_power(self, x: Node, n: int) -> Node:
        if n == 1:
            return x
        half = self._integer_power(x, n // 2)
        square = self.mul(half, half)
        return self.mul(square, x) if n % 2 else square

    def apply(self, name: str, value: Callable[..., float], *arguments: Node) -> Node:
        """A function that is an operator of its own; where all arguments are constants, its `value` there."""
        if all(self.op[a] == "const" for a in arguments):
            return self.constant(value(*(self.value[a] for a in arguments)))
        return self._intern(name, arguments)

    def power_slope(self, p: Node, x: Node, n: Node) -> Node:
        """`p / x` where `p = x ** n`: the slope over n, with its limit at x = 0."""
        return self._intern("powd", (p, x, n))

    def within_tolerance(self, x: Node, a: Node, b: Node) -> Node:
        """`a` where x is below the solver's absolute tolerance, else `b`; for vector code alone."""
        return a if a == b else self._intern("within", (x, a, b))

    # ---- logic --------------------------------------------------------------------------------------
    def compare(self, name: str, a: Node, b: Node) -> Node:
        if self.op[a] == "const" and self.op[b] == "const":
            return self.true if COMPARISONS[name](self.value[a], self.value[b]) else self.false
        return self._intern(name, (a, b))

    def connect(self, name: str, items: Sequence[Node]) -> Node:
        result = {"and": self.true, "or": self.false, "xor": self.false}[name]
        for item in items:
            result = self._connect(name, result, self.truth(item))
        return result

    def _connect(self, name: str, a: Node, b: Node) -> Node:
        constants = {self.true: True, self.false: False}
        if a in constants and b in constants:
            return self.true if CONNECTIVES[name](constants[a], constants[b]) else self.false
        if a in constants:
            a, b = b, a
        if b in constants:
            flag = constants[b]
            if name == "and":
                return a if flag else self.false
            if name == "or":
                return self.true if flag else a
            return self.negate(a) if flag else a
        return self._intern(name, (a, b))

    def negate(self, a: Node) -> Node:
        a = self.truth(a)
        if a in (self.true, self.false):
            return self.false if a == self.true else self.true
        return self._intern("not", (a,))

    def select(self, condition: Node, a: Node, b: Node) -> Node:
        if condition == self.true or a == b:
            return a
        if condition == self.false:
            return b
        if self.is_boolean(a) or self.is_boolean(b):
            a, b = self.truth(a), self.truth(b)
            return self.connect(
                "or", [self.connect("and", [condition, a]), self.connect("and", [self.negate(condition), b])]
            )
        return self._intern("select", (condition, a, b))

    # ---- queries ------------------------------------------------------------------------------------
    def reachable(self, roots: Iterable[Node]) -> list[Node]:
        """Every node that the roots need, in ascending (topological) order."""
        seen: set[Node] = set()
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(self.args[node])
        return sorted(seen)
