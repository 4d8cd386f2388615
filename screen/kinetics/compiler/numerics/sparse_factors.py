"""Sparse factors of J - I d as straight-line code, and substitution in them, in an order fixed beforehand. There is no
pivoting. What is stored is the negated L, U, and the negated reciprocals of the pivots, so that every step of
elimination and substitution is one fma.
"""

from collections.abc import Iterator, Sequence

from screen.codegen.ir import Function, Value
from screen.kinetics.expressions.elimination_order import Elimination

LONGEST_BLOCK = 500  # instructions


class Factors:
    """Writes elimination and substitution for a pattern; pointers `lu`, `d` and `u` are the function's arguments."""

    def __init__(self, elimination: Elimination, width: int) -> None:
        self.rows = elimination.rows
        self.width = width
        self.slot: dict[tuple[int, int], int] = {}
        for i, row in enumerate(self.rows):
            for j in row:
                self.slot[i, j] = len(self.slot)

    def row(self, f: Function, i: int, row: dict[int, Value | None]) -> Iterator[tuple[int, Value]]:
        """Eliminates row i of J, given by column; yields each earlier row with its negated factor when that is done."""
        diagonal, columns = row[i], self.rows[i]
        row[i] = f.neg(f.load("%d")) if diagonal is None else f.sub(diagonal, f.load("%d"))
        for k in (k for k in columns if k < i):
            below = row[k]
            assert below is not None
            lower = f.mul(below, f.load("%lu", self.slot[k, k]))
            f.store(lower, "%lu", self.slot[i, k])
            for j in (j for j in self.rows[k] if j > k):
                upper = f.load("%lu", self.slot[k, j])
                have = row[j]
                row[j] = f.mul(lower, upper) if have is None else f.fma(lower, upper, have)
            yield k, lower
            f.split(LONGEST_BLOCK)
        pivot = row[i]
        assert pivot is not None
        f.store(f.div(f.splat(-1.0), pivot), "%lu", self.slot[i, i])
        for j in (j for j in columns if j > i):
            entry = row[j]
            f.store(f.splat(0.0) if entry is None else entry, "%lu", self.slot[i, j])

    def forward(self, f: Function, i: int, value: Value, right: Sequence[Value]) -> Value:
        """Row i of a right-hand side from the rows before."""
        for k in (k for k in self.rows[i] if k < i):
            value = f.fma(f.load("%lu", self.slot[i, k]), right[k], value)
        return value

    def back(self, f: Function, right: list[Value]) -> None:
        """The solution, stored."""
        for i in range(len(right) - 1, -1, -1):
            value = right[i]
            for j in (j for j in reversed(self.rows[i]) if j > i):
                value = f.fma(f.load("%lu", self.slot[i, j]), right[j], value)
            right[i] = f.mul(value, f.load("%lu", self.slot[i, i]))
            f.store(right[i], "%u", i)
            f.split(LONGEST_BLOCK)

    def _function(self, name: str, *arguments: str) -> Function:
        return Function(name, dict.fromkeys(arguments, "ptr noalias"), self.width)

    def solve_transposed(self) -> Function:
        """The kernel that solves the transposed equations."""
        f = self._function("solve_transposed", "lu", "b", "u")
        upper: list[list[int]] = [[] for _ in self.rows]
        lower: list[list[int]] = [[] for _ in self.rows]
        for i, columns in enumerate(self.rows):
            for j in columns:
                (upper[j] if j > i else lower[j]).append(i)
        right: list[Value] = []
        for i in range(len(self.rows)):
            value = f.load("%b", i)
            for k in upper[i]:
                value = f.fma(f.load("%lu", self.slot[k, i]), right[k], value)
            right.append(f.mul(value, f.load("%lu", self.slot[i, i])))
            f.split(LONGEST_BLOCK)
        for i in range(len(right) - 1, -1, -1):
            for j in (j for j in reversed(lower[i]) if j > i):
                right[i] = f.fma(f.load("%lu", self.slot[j, i]), right[j], right[i])
            f.store(right[i], "%u", i)
            f.split(LONGEST_BLOCK)
        f.line("ret void")
        return f

    def solve(self) -> Function:
        """The kernel that solves for a right-hand side."""
        f = self._function("solve", "lu", "b", "u")
        right: list[Value] = []
        for i in range(len(self.rows)):
            right.append(self.forward(f, i, f.load("%b", i), right))
            f.split(LONGEST_BLOCK)
        self.back(f, right)
        f.line("ret void")
        return f
