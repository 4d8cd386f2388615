"""Draws: other values of the model's parameters and of the lines' abundances that agree with the evidence."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError
from screen.files import write_text
from screen.pathway.tables.cell_lines import CellLine
from screen.pathway.tables.delimited import finite, read_delimited, shown
from screen.pathway.tables.tsv import FOLDER

BUILT_IN = FOLDER / "ensemble.tsv"
EXPONENT = "exponent"
"""Stands in place of a line in the columns of exponents."""


@dataclass(frozen=True)
class Draw:
    """One parameter set: model parameters by id, each named line's factors and `k_birth`, and `exponents` by group
    with which other lines' factors follow their omics. `number` is its row, which keys what those lines deviate.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    lines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    exponents: Mapping[str, float] = field(default_factory=dict)
    number: int | None = field(default=None, compare=False)

    def moves(self, lines: Iterable[CellLine]) -> bool:
        """Whether this draw gives any of the lines other values than its own."""
        return bool(self.lines) or any(self._follows(line) for line in lines)

    def line_values(self, line: CellLine, parent: CellLine | None = None) -> dict[str, float]:
        """A line's values under this draw; what a derivative has from its parent follows the parent.

        A line with omics and no values of its own here has the factors that its levels give under this draw's
        exponents, with its own deviations, wherever it has the nominal ones; mutations and the like stay.
        """
        values = dict(line.values)
        if line.omics is not None and line.omics.from_table:
            return values | self._followed(line)
        if self._follows(line):
            values |= self._followed(line)
        if parent is not None:
            for name, value in self.lines.get(parent.name, {}).items():
                if line.values.get(name) == parent.values.get(name):
                    values[name] = value
        values.update(self.lines.get(line.name, {}))
        return values

    def _follows(self, line: CellLine) -> bool:
        known = line.omics is not None and (line.omics.from_table or line.omics.line not in self.lines)
        return known and (bool(self.exponents) or self.number is not None)

    def _followed(self, line: CellLine) -> dict[str, float]:
        """The factors of a line that follow its omics in this draw."""
        omics = line.omics
        if omics is None:
            return {}
        deviations = None if self.number is None else omics.deviations(self.number)
        nominal = omics.factors()
        drawn = omics.factors(self.exponents, deviations)
        return {name: drawn[name] for name in drawn if line.values.get(name, nominal[name]) == nominal[name]}


def write_draws(draws: Iterable[Draw], path: Path) -> None:
    """One row a draw; a column is a parameter, `line:entity` or `exponent:group`."""
    rows = [row_of(draw) for draw in draws]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["\t".join(["draw", *columns])]
    lines += ["\t".join([str(i), *(f"{row[name]:.5g}" for name in columns)]) for i, row in enumerate(rows)]
    write_text(path, "\n".join(lines) + "\n")


def row_of(draw: Draw) -> dict[str, float]:
    """A draw as numbers by column: a parameter, `line:entity` or `exponent:group`."""
    return {
        **draw.values,
        **{f"{EXPONENT}:{group}": value for group, value in draw.exponents.items()},
        **{f"{line}:{name}": v for line, own in draw.lines.items() for name, v in own.items()},
    }


def draw_of(row: Mapping[str, float], number: int | None) -> Draw:
    """The draw of a row of numbers by column."""
    return _draw(_places(list(row)), list(row.values()), number)


def _places(columns: Sequence[str]) -> dict[str | None, dict[str, int]]:
    """Where the numbers of each line stand in a row, by name; those of no line under None."""
    places: dict[str | None, dict[str, int]] = {None: {}}
    for place, column in enumerate(columns):
        line, colon, name = column.rpartition(":")
        places.setdefault(line if colon else None, {})[name] = place
    return places


def _draw(places: Mapping[str | None, Mapping[str, int]], row: Sequence[float], number: int | None) -> Draw:
    of = {line: {name: row[place] for name, place in own.items()} for line, own in places.items()}
    lines = {line: own for line, own in of.items() if line is not None and line != EXPONENT}
    return Draw(of[None], lines, of.get(EXPONENT, {}), number)


def load_draws(path: Path = BUILT_IN) -> tuple[Draw, ...]:
    """The draws of a table; none where the built-in one is not there.

    Raises `InputError` that names file, line and column for what is no table of draws with a finite number in
    every place; whether the names are those of a model is not looked at here.
    """
    if path == BUILT_IN and not path.exists():
        return ()
    table = read_delimited(
        path, "\t", "a table of draws separated by tabs, as `herscreen calibrate` writes it"
    )
    columns = table.columns[1:]
    if table.columns[0] != "draw" or not columns:
        found = ", ".join(map(shown, table.columns[:3]))
        raise InputError(f"{path}: line 1: found the columns {found}, expected draw and parameters")
    parts = [column.rpartition(":") for column in columns]
    least = np.array([0.0 if colon and line != EXPONENT else -math.inf for line, colon, _ in parts])
    draws, places = [], _places(columns)
    for number, row in enumerate(table.rows):
        plain = _plain_numbers(row[1:])
        if plain is not None and (np.isfinite(plain) & (plain >= least)).all():
            values = plain.tolist()
        else:  # says where
            values = [
                finite(text, table.where(number, column), low)
                for column, text, low in zip(columns, row[1:], least)
            ]
        draws.append(_draw(places, values, number))
    return tuple(draws)


def _plain_numbers(texts: Sequence[str]) -> Floats | None:
    """The numbers of a row, or None where one of its texts is none."""
    try:
        return np.array(list(map(float, texts))) if "_" not in "".join(texts) else None
    except ValueError:
        return None
