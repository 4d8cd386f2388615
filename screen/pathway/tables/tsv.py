"""Tab-separated tables of the pathway: reading, the small checks that every table passes on loading, and
writing one with other numbers.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from screen.errors import InputError, nearest
from screen.files import write_text

FOLDER = Path(__file__).parents[1] / "data"
Row = dict[str, str]


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """Rows of a tab-separated file with a header that holds at least `columns`; the first column is unique.

    Raises InputError that names the file, the line and the column.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        lines = list(csv.reader(handle, delimiter="\t"))
    header = lines[0] if lines else []
    for column in columns:
        if column not in header:
            raise InputError(f"{path.name}: no column '{column}'{nearest(column, header)}")
    rows: list[Row] = []
    seen: set[str] = set()
    for number, fields in enumerate(lines[1:], start=2):
        if len(fields) != len(header):
            raise InputError(f"{path.name}:{number}: {len(fields)} fields, expected {len(header)}")
        row = dict(zip(header, (field.strip() for field in fields)))
        key = row[columns[0]]
        if not key or key in seen:
            raise InputError(f"{path.name}:{number}: {columns[0]} '{key}' is empty or a duplicate")
        seen.add(key)
        rows.append(row)
    return rows


def number(row: Mapping[str, str], column: str, where: str) -> float:
    """The number in a row's column; InputError says where it is none."""
    try:
        return float(row[column])
    except ValueError:
        raise InputError(f"{where}: {column} is '{row[column]}', expected a number") from None


def assignments(text: str, where: str) -> dict[str, float]:
    """`"HER2=0.5;AKT=2"` as a mapping; empty text is an empty mapping."""
    values: dict[str, float] = {}
    for item in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not equals or not name:
            raise InputError(f"{where}: found '{item}', expected name=number")
        if name in values:
            raise InputError(f"{where}: '{name}' is there twice")
        values[name] = number({name: value}, name, where)
    return values


def rewrite_table(path: Path, change: Callable[[Row], None]) -> Path:
    """Write the pathway's table of that name to `path`, each row as `change` leaves it; returns `path`."""
    with (FOLDER / path.name).open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        header, rows = list(reader.fieldnames or []), list(reader)
    for row in rows:
        change(row)
    lines = ["\t".join(header), *("\t".join(row[column] or "" for column in header) for row in rows)]
    write_text(path, "\n".join(lines) + "\n")
    return path
