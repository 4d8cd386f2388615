"""Draws: other values of the model's parameters and of the lines' abundances that agree with the evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from screen.errors import InputError
from screen.files import write_text
from screen.pathway.tables.cell_lines import CellLine
from screen.pathway.tables.tsv import FOLDER

BUILT_IN = FOLDER / "ensemble.tsv"


@dataclass(frozen=True)
class Draw:
    """One parameter set: model parameters by id, and each named line's factors and `k_birth`."""

    values: Mapping[str, float] = field(default_factory=dict)
    lines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def line_values(self, line: CellLine, parent: CellLine | None = None) -> dict[str, float]:
        """A line's values under this draw; what a derivative has from its parent follows the parent."""
        values = dict(line.values)
        if parent is not None:
            for name, value in self.lines.get(parent.name, {}).items():
                if line.values.get(name) == parent.values.get(name):
                    values[name] = value
        values.update(self.lines.get(line.name, {}))
        return values


def write_draws(draws: Iterable[Draw], path: Path) -> None:
    """One row a draw; a column is a parameter, or `line:entity`."""
    rows = [
        {
            **draw.values,
            **{f"{line}:{name}": v for line, own in draw.lines.items() for name, v in own.items()},
        }
        for draw in draws
    ]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["\t".join(["draw", *columns])]
    lines += ["\t".join([str(i), *(f"{row[name]:.5g}" for name in columns)]) for i, row in enumerate(rows)]
    write_text(path, "\n".join(lines) + "\n")


def load_draws(path: Path = BUILT_IN) -> tuple[Draw, ...]:
    """The draws of a table; none where the built-in one is not there."""
    if path == BUILT_IN and not path.exists():
        return ()
    try:
        header, *rows = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a table of draws ({error})") from None
    columns = header.split("\t")[1:]
    draws = []
    for number, row in enumerate(rows, start=2):
        fields = row.split("\t")[1:]
        if len(fields) != len(columns):
            raise InputError(f"{path}:{number}: {len(fields)} values, expected {len(columns)}")
        values: dict[str, float] = {}
        lines: dict[str, dict[str, float]] = {}
        for column, text in zip(columns, fields):
            line, colon, name = column.rpartition(":")
            (lines.setdefault(line, {}) if colon else values)[name] = float(text)
        draws.append(Draw(values, lines))
    return tuple(draws)
