"""Machine code beyond the vectors of `codegen.ir`: arithmetic on single doubles, and loading what was
written.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from screen.arrays import Floats
from screen.codegen.elementary import elementary_functions
from screen.codegen.ir import ATTRIBUTES, Function, Value, number, preamble
from screen.codegen.target import compile_object, function_of, load_object
from screen.kinetics.compiler.cache import load_entry, store_entry, text_key

DECLARED = "declare double @llvm.fabs.f64(double)"


def load(
    name: str,
    arguments: Mapping[str, str],
    width: int,
    functions: Sequence[Function],
    elementary: Callable[[int], str] = elementary_functions,
) -> Any:
    """The function `name` of a module of `functions` and the `elementary` ones, ready to be called."""
    text = "\n".join(function.text() for function in functions)
    parts = [preamble(width), DECLARED, elementary(width), text, ATTRIBUTES, ""]
    return function_of(_engine("\n".join(parts)), name, arguments)


def aligned_zeros(*shape: int) -> Floats:
    """Zeros that start at a multiple of 64 bytes, as vector loads need."""
    size = math.prod(shape)
    room = np.zeros(size + 8)
    first = (-int(room.ctypes.data) % 64) // 8
    return room[first : first + size].reshape(shape)


@cache
def _engine(text: str) -> Any:
    """The machine code of IR text, from the cache of compiled models where it is there; it stays loaded."""
    key = text_key(text)
    entry = load_entry(key)
    image = compile_object(text) if entry is None else entry[1]
    if entry is None:
        store_entry(key, {}, image)
    return load_object(image)


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
