"""Sampled cell lines, as the table that they are: 100,000 of them would be as many Python objects, of
which a screen looks at a handful. A line is made when it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from screen.arrays import Floats
from screen.pathway.tables.cell_lines import CellLine, Clone, tabulate


@dataclass(frozen=True, eq=False)
class SampledLines(Sequence[CellLine]):
    """Lines with these `names` and, of each of the `quantities` in order of name, a number: `table` (line,
    quantity). Otherwise they are alike.
    """

    names: tuple[str, ...]
    quantities: tuple[str, ...]
    table: Floats
    parent: str | None
    source: str

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> CellLine: ...
    @overload
    def __getitem__(self, index: slice) -> "SampledLines": ...
    def __getitem__(self, index: int | slice) -> "CellLine | SampledLines":
        if isinstance(index, slice):
            part = self.names[index], self.quantities, self.table[index]
            return SampledLines(*part, self.parent, self.source)
        values = dict(zip(self.quantities, self.table[index].tolist(), strict=True))
        return CellLine(self.names[index], values, parent=self.parent, source=self.source)


def alike(lines: Sequence[CellLine]) -> bool:
    """Whether the lines differ in nothing but name and values."""
    return isinstance(lines, SampledLines)


def names_of(lines: Sequence[CellLine]) -> list[str]:
    """What the lines are called."""
    return list(lines.names) if isinstance(lines, SampledLines) else [line.name for line in lines]


def values_of(lines: Sequence[CellLine]) -> tuple[tuple[str, ...], Floats]:
    """The lines' values as `tabulate` gives them."""
    if isinstance(lines, SampledLines):
        return lines.quantities, lines.table
    return tabulate([line.values for line in lines])


def clones_of(lines: Sequence[CellLine]) -> list[tuple[int, Clone]]:
    """The clones of lines that are mixtures, each with its line's place; sampled lines are none."""
    if alike(lines):
        return []
    return [(place, clone) for place, line in enumerate(lines) for clone in line.clones]
