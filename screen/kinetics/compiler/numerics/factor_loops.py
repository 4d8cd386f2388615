"""Factors of J - I d, and substitution in them, as loops over tables of the pattern: code of one size for any number of
states, where straight-line code of `sparse_factors` would take minutes to compile. Factors, their order and each sum
are the same. Entries of J stand behind the factors.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate

from screen.codegen.ir import Function, Value
from screen.kinetics.expressions.elimination_order import Elimination


class FactorLoops:
    """Writes the kernels for a pattern and `jacobian`, (row, column) of each entry of J, row by row."""

    def __init__(
        self,
        elimination: Elimination,
        jacobian: Sequence[tuple[int, int]],
        time_dependent: bool,
        width: int,
    ) -> None:
        self.rows, self.size = elimination.rows, len(elimination.rows)
        self.entries = elimination.entries
        self.jacobian, self.time_dependent, self.width = jacobian, time_dependent, width

    def tables(self) -> str:
        """Where each row of the factors and of J begins, its columns and its diagonal entry; for each column of both
        factors its rows and where their entries stand.
        """
        first = _begins([len(row) for row in self.rows])
        lower: list[list[tuple[int, int]]] = [[] for _ in self.rows]
        upper: list[list[tuple[int, int]]] = [[] for _ in self.rows]
        for i, row in enumerate(self.rows):
            for slot, j in enumerate(row, first[i]):
                if i != j:
                    (lower if j < i else upper)[j].append((i, slot))
        counts = Counter(i for i, _ in self.jacobian)
        found = {
            "lu_first": first,
            "lu_column": [j for row in self.rows for j in row],
            "lu_diagonal": [first[i] + row.index(i) for i, row in enumerate(self.rows)],
            "jac_first": _begins([counts[k] for k in range(self.size)]),
            "jac_column": [j for _, j in self.jacobian],
        }
        for part, columns in (("lower", lower), ("upper", upper)):
            found[f"{part}_first"] = _begins([len(column) for column in columns])
            found[f"{part}_row"] = [i for column in columns for i, _ in column]
            found[f"{part}_slot"] = [slot for column in columns for _, slot in column]
        return "\n".join(_table(name, values) for name, values in found.items())

    def kernels(self) -> list[Function]:
        """`factor` and `stage` as straight-line code has them, on top of `jacobian`, `rates` and `rates_by_time`."""
        return [self._eliminate(), self._substitute(), self._factor(), self._stage()]

    def _factor(self) -> Function:
        f = self._function("factor", "t", "y", "q", "d", "hg", "lu", "u", "ft")
        entries = f.at("%lu", self.entries)
        f.line(f"call void @jacobian(ptr %t, ptr %y, ptr %q, ptr {entries})")
        f.line(f"call void @eliminate(ptr {entries}, ptr %d, ptr %lu, ptr %u)")
        f.line("call void @rates(ptr %t, ptr %y, ptr %q, ptr %u)")
        if self.time_dependent:
            f.line("call void @rates_by_time(ptr %t, ptr %y, ptr %q, ptr %ft)")
            hg = f.load("%hg")
            with f.loop(self.size) as i:
                f.store(f.fma(hg, f.load("%ft", i), f.load("%u", i)), "%u", i)
        return _ended(f, "call void @substitute(ptr %lu, ptr %u)")

    def _stage(self) -> Function:
        f = self._function("stage", "t", "y", "q", "lu", "b", "u")
        f.line("call void @rates(ptr %t, ptr %y, ptr %q, ptr %u)")
        with f.loop(self.size) as i:
            f.store(f.add(f.load("%u", i), f.load("%b", i)), "%u", i)
        return _ended(f, "call void @substitute(ptr %lu, ptr %u)")

    def refactor(self) -> Function:
        """The factors of a Jacobian that is known."""
        f = self._function("refactor", "t", "y", "q", "d", "hg", "lu", "u", "ft", "tangents")
        return _ended(f, "call void @eliminate(ptr %tangents, ptr %d, ptr %lu, ptr %u)")

    def solve(self) -> Function:
        """The kernel that solves for a right-hand side."""
        f = self._function("solve", "lu", "b", "u")
        with f.loop(self.size) as i:
            f.store(f.load("%b", i), "%u", i)
        return _ended(f, "call void @substitute(ptr %lu, ptr %u)")

    def _eliminate(self) -> Function:
        """The factors, row by row, from J's entries; the row at hand stands in `w` (S,)."""
        f = self._function("eliminate", "entries", "d", "lu", "w")
        d = f.load("%d")
        with f.loop(self.size) as i:
            begin, diagonal, end = self._row(f, i)
            with self._columns(f, "lu_column", begin, end) as (_, j):
                f.store(f.splat(0.0), "%w", j)
            with self._columns(f, "jac_column", *_range(f, "jac_first", i)) as (k, j):
                f.store(f.load("%entries", k), "%w", j)
            f.store(f.sub(f.load("%w", i), d), "%w", i)
            with self._columns(f, "lu_column", begin, diagonal) as (slot, k):
                pivot = _index(f, "lu_diagonal", k)
                lower = f.mul(f.load("%w", k), f.load("%lu", pivot))
                f.store(lower, "%lu", slot)
                last = _index(f, "lu_first", f.scalar("add", "i64", k, 1))
                with self._columns(f, "lu_column", f.scalar("add", "i64", pivot, 1), last) as (upper, j):
                    f.store(f.fma(lower, f.load("%lu", upper), f.load("%w", j)), "%w", j)
            f.store(f.div(f.splat(-1.0), f.load("%w", i)), "%lu", diagonal)
            with self._columns(f, "lu_column", f.scalar("add", "i64", diagonal, 1), end) as (slot, j):
                f.store(f.load("%w", j), "%lu", slot)
        return _ended(f)

    def _substitute(self) -> Function:
        """Solves for the right-hand side in `u`, in its place, column by column: no sum waits for itself."""
        f = self._function("substitute", "lu", "u")
        with f.loop(self.size) as k:
            self._take(f, "lower", k, f.load("%u", k))
        with f.loop(self.size) as back:
            k = f.scalar("sub", "i64", self.size - 1, back)
            x = f.mul(f.load("%u", k), f.load("%lu", _index(f, "lu_diagonal", k)))
            f.store(x, "%u", k)
            self._take(f, "upper", k, x)
        return _ended(f)

    def _take(self, f: Function, part: str, k: Value, x: Value) -> None:
        """Column k of a factor, times x, goes to the rows of `u`."""
        with self._columns(f, f"{part}_row", *_range(f, f"{part}_first", k)) as (n, i):
            entry = f.load("%lu", _index(f, f"{part}_slot", n))
            f.store(f.fma(entry, x, f.load("%u", i)), "%u", i)

    def solve_transposed(self) -> Function:
        """The kernel that solves the transposed equations."""
        f = self._function("solve_transposed", "lu", "b", "u")
        with f.loop(self.size) as i:
            f.store(f.load("%b", i), "%u", i)
        with f.loop(self.size) as i:
            _, diagonal, end = self._row(f, i)
            x = f.mul(f.load("%u", i), f.load("%lu", diagonal))
            f.store(x, "%u", i)
            with self._columns(f, "lu_column", f.scalar("add", "i64", diagonal, 1), end) as (slot, j):
                f.store(f.fma(f.load("%lu", slot), x, f.load("%u", j)), "%u", j)
        with f.loop(self.size) as back:
            i = f.scalar("sub", "i64", self.size - 1, back)
            begin, diagonal, _ = self._row(f, i)
            x = f.load("%u", i)
            with self._columns(f, "lu_column", begin, diagonal) as (slot, k):
                f.store(f.fma(f.load("%lu", slot), x, f.load("%u", k)), "%u", k)
        return _ended(f)

    def _function(self, name: str, *arguments: str) -> Function:
        return Function(name, dict.fromkeys(arguments, "ptr noalias"), self.width)

    def _row(self, f: Function, i: Value) -> tuple[Value, Value, Value]:
        """Where the factors' row begins, its diagonal entry and its end."""
        begin, end = _range(f, "lu_first", i)
        return begin, _index(f, "lu_diagonal", i), end

    @contextmanager
    def _columns(self, f: Function, table: str, begin: Value, end: Value) -> Iterator[tuple[Value, Value]]:
        """A loop over entries; yields place and column."""
        with f.loop(end, begin) as k:
            yield k, _index(f, table, k)


def _begins(counts: Sequence[int]) -> list[int]:
    return list(accumulate(counts, initial=0))


def _table(name: str, values: Sequence[int]) -> str:
    values = values or [0]
    return (
        f"@{name} = internal constant [{len(values)} x i32] [{', '.join(f'i32 {value}' for value in values)}]"
    )


def _index(f: Function, table: str, k: Value) -> Value:
    return f.compute(f"zext i32 {f.get('i32', '@' + table, k)} to i64")


def _range(f: Function, table: str, i: Value) -> tuple[Value, Value]:
    return _index(f, table, i), _index(f, table, f.scalar("add", "i64", i, 1))


def _ended(f: Function, *last: str) -> Function:
    for line in (*last, "ret void"):
        f.line(line)
    return f
