"""A fill-reducing elimination order for sparse LU without pivoting, and the pattern of the factors.

Markowitz's rule on the diagonal: next is the unknown whose elimination touches fewest entries
(H. Markowitz 1957, doi:10.1287/mnsc.3.3.255).
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Elimination:
    """`order[k]` is the unknown eliminated k-th. `rows[k]` holds, in that new numbering, the columns of row k
    of L + U in ascending order, fill included; its diagonal entry is always there.
    """

    order: tuple[int, ...]
    rows: tuple[tuple[int, ...], ...]

    @property
    def entries(self) -> int:
        """How many numbers L and U have together."""
        return sum(len(row) for row in self.rows)

    @property
    def work(self) -> int:
        """How many multiply-adds one factorisation takes."""
        above = [sum(j > i for j in row) for i, row in enumerate(self.rows)]
        return sum(above[k] for i, row in enumerate(self.rows) for k in row if k < i)


def eliminate(pattern: Sequence[set[int]]) -> Elimination:
    """The order and factors for a square pattern: `pattern[i]` is the set of columns of row i."""
    size = len(pattern)
    rows = [set(row) | {i} for i, row in enumerate(pattern)]
    columns: list[set[int]] = [set() for _ in range(size)]
    for i, row in enumerate(rows):
        for j in row:
            columns[j].add(i)
    filled = [set(row) for row in rows]
    left = set(range(size))
    order: list[int] = []
    while left:
        pivot = min(left, key=lambda i: ((len(rows[i]) - 1) * (len(columns[i]) - 1), len(rows[i]), i))
        order.append(pivot)
        left.discard(pivot)
        right = rows[pivot] - {pivot}
        below = columns[pivot] - {pivot}
        for i in below:
            new = right - rows[i]
            rows[i] |= new
            filled[i] |= new
            rows[i].discard(pivot)
            for j in new:
                columns[j].add(i)
        for j in right:
            columns[j].discard(pivot)
    place = {old: new for new, old in enumerate(order)}
    return Elimination(tuple(order), tuple(tuple(sorted(place[j] for j in filled[i])) for i in order))
