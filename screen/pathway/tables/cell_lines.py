"""Named cell lines as data: what differs from the reference (the mean of the amplified ones), and where it was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screen.errors import InputError
from screen.pathway.tables.line_omics import LineOmics
from screen.pathway.tables.tsv import FOLDER, assignments, read_table

COLUMNS = ["name", "parent", "cellosaurus", "doubling_h", "values", "source", "note"]


@dataclass(frozen=True)
class Clone:
    """A part of a population: a line that is none itself, under a lasting perturbation, and its share of the
    cells at time 0.
    """

    line: "CellLine"
    fraction: float
    perturbation: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class CellLine:
    """One set of values for the model's abundances and mutations, or a population of `clones`.

    `values` maps an entity to its factor (an amount for p95HER2 and the PIK3CA mutants), or a model parameter
    or species to its value; a derivative's values stand over its parent's. Those of a population are the mean
    over its cells at time 0 and simulate nothing. `omics` are the levels that factors among the values follow.
    """

    name: str
    values: Mapping[str, float]
    parent: str | None = None
    cellosaurus: str = ""
    source: str = ""
    note: str = ""
    doubling_h: float | None = None
    clones: tuple[Clone, ...] = ()
    omics: LineOmics | None = None


def load_cell_lines(known: frozenset[str], path: Path = FOLDER / "cell_lines.tsv") -> dict[str, CellLine]:
    """Lines by canonical name, in the table's order; `known` are the names that `values` may hold."""
    lines: dict[str, CellLine] = {}
    for row in read_table(path, COLUMNS):
        where = f"{path.name}: {row['name']}"
        stated = assignments(row["values"], where)
        for name, value in stated.items():
            if name not in known:
                raise InputError(f"{where}: '{name}' is neither an entity nor a parameter of the model")
            if value < 0:
                raise InputError(f"{where}: {name} is {value:g}, expected 0 or more")
        if row["parent"] and row["parent"] not in lines:
            raise InputError(f"{where}: parent '{row['parent']}' is not defined above it")
        if not row["source"]:
            raise InputError(f"{where}: no source")
        inherited = lines[row["parent"]].values if row["parent"] else {}
        lines[row["name"]] = CellLine(
            name=row["name"],
            values={**inherited, **stated},
            parent=row["parent"] or None,
            cellosaurus=row["cellosaurus"],
            source=row["source"],
            note=row["note"],
            doubling_h=float(row["doubling_h"]) if row["doubling_h"] else None,
        )
    return lines


def tabulate(rows: Sequence[Mapping[str, float]]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Numbers by name as one table: the names of all rows in order, and (row, name), NaN where a row has no
    such number. Rows with the same names, as all sampled lines are, are taken together.
    """
    alike: dict[tuple[str, ...], list[int]] = {}
    for index, row in enumerate(rows):
        alike.setdefault(tuple(row), []).append(index)
    names = tuple(sorted({name for some in alike for name in some}))
    table, column = (
        np.full((len(rows), len(names)), np.nan),
        {name: place for place, name in enumerate(names)},
    )
    for some, places in alike.items():
        if some:
            columns = [column[name] for name in some]
            table[np.ix_(places, columns)] = [tuple(rows[place].values()) for place in places]
    return names, table
