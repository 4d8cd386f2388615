"""Machine code beyond the vectors of `codegen.ir`: arithmetic on single doubles, and loading what was
written.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from screen.codegen.elementary import elementary_functions
from screen.codegen.ir import Function, Value, number, preamble
from screen.codegen.target import compile_object, function_of, load_object

ATTRIBUTES = 'attributes #0 = { nounwind "prefer-vector-width"="512" "min-legal-vector-width"="512" }'
DECLARED = "declare double @llvm.fabs.f64(double)"


def load(name: str, arguments: Mapping[str, str], width: int, functions: Sequence[Function]) -> Any:
    """The function `name` of a module of `functions` and the elementary ones, ready to be called."""
    text = "\n".join(function.text() for function in functions)
    parts = [preamble(width), DECLARED, elementary_functions(width), text, ATTRIBUTES, ""]
    return function_of(_engine("\n".join(parts)), name, arguments)


@cache
def _engine(text: str) -> Any:
    """The machine code of IR text; it stays loaded."""
    return load_object(compile_object(text))


class Writer(Function):
    """A function with arithmetic on single doubles."""

    def add_up(self, *terms: Value) -> Value:
        total = terms[0]
        for term in terms[1:]:
            total = self.scalar("fadd", "double", total, term)
        return total

    def times(self, *factors: Value) -> Value:
        product = factors[0]
        for factor in factors[1:]:
            product = self.scalar("fmul", "double", product, factor)
        return product

    def minus(self, a: Value, b: Value) -> Value:
        return self.scalar("fsub", "double", a, b)

    def over(self, a: Value, b: Value) -> Value:
        return self.scalar("fdiv", "double", a, b)

    def size_of(self, a: Value) -> Value:
        return self.compute(f"call double @llvm.fabs.f64(double {a})")

    def holds(self, a: Value, predicate: str, b: Value) -> Value:
        return self.scalar(f"fcmp {predicate}", "double", a, b)

    def both_hold(self, a: Value, b: Value) -> Value:
        return self.scalar("and", "i1", a, b)

    def finite(self, a: Value) -> Value:
        return self.holds(self.size_of(a), "olt", number(math.inf))

    def memory(self, size: int, kind: str = "double") -> Value:
        return self.compute(f"alloca {kind}, i64 {size}, align 64")

    def row(self, pointer: Value, k: Value, size: Value | int) -> Value:
        return self.element("double", pointer, self.scalar("mul", "i64", k, size))

    def sum_of_lanes(self, vector: Value) -> Value:
        return self.add_up(
            *(self.compute(f"extractelement {self.vector} {vector}, i32 {k}") for k in range(self.width))
        )
