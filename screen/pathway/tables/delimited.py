"""Tables of the user's own as text: one reader for those of lines, draws, evidence and measured numbers. What is no
such table, or another separator, or a row that is too short, is said with its line.
"""

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from screen.errors import InputError, nearest
from screen.files import LARGEST_TABLE, read_text

SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons"}
LONGEST_NAME = 200
NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*")
SHOWN = 40


@dataclass(frozen=True)
class Delimited:
    """A table: its column names, its rows of as many texts, and the line of the file that each is on."""

    path: Path
    columns: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def where(self, row: int, column: str = "") -> str:
        """`file: line 3: column` of a row, to begin an error with."""
        return f"{self.path}: line {self.lines[row]}" + (f": {column}" if column else "")

    def records(self) -> list[dict[str, str]]:
        """Each row as a mapping from column to text."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def read_delimited(path: Path, separator: str, expected: str, needed: Sequence[str] = ()) -> Delimited:
    """The table in a text file with a header; blank lines are left out, spaces around texts too.

    `expected` says what it should be. Raises `InputError` that names file and line, for anything but a regular
    file in UTF-8, another separator, columns of one name, rows of another length, and `needed` columns that
    are not there.
    """
    rows, lines = _read(path, separator, expected)
    header = tuple(rows[0])
    if len(header) == 1 and (
        other := next((SEPARATORS[one] for one in SEPARATORS if one in header[0]), None)
    ):
        raise InputError(
            f"{path}: line 1: found {other} between columns, expected {SEPARATORS[separator]}: {expected}"
        )
    for column in needed:
        if column not in header:
            raise InputError(f"{path}: no column '{column}'{nearest(column, header)}; expected {expected}")
    for index, column in enumerate(header):
        if column in header[:index]:
            raise InputError(f"{path}: line {lines[0]}: duplicate column '{shown(column)}', expected it once")
    table = Delimited(path, header, rows[1:], lines[1:])
    for index, row in enumerate(table.rows):
        if len(row) != len(header):
            raise InputError(f"{table.where(index)}: found {len(row)} values, expected {len(header)}")
    return table


def _read(path: Path, separator: str, expected: str) -> tuple[list[list[str]], list[int]]:
    """The rows that are not blank, without the columns that a spreadsheet left empty, and the line of each."""
    text = read_text(path, LARGEST_TABLE, expected).removeprefix("\ufeff")
    rows, lines = [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            if any(field.strip() for field in row):
                rows.append(list(map(str.strip, row)))
                lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"{path}: line {reader.line_num}: {error}; expected {expected}") from None
    if not rows:
        raise InputError(f"{path}: found nothing, expected {expected}")
    while len(rows[0]) > 1 and not rows[0][-1]:
        rows[0].pop()
    for row in rows[1:]:
        while len(row) > len(rows[0]) and not row[-1]:
            row.pop()
    return rows, lines


def finite(text: str, where: str, least: float = -math.inf, above: bool = False) -> float:
    """A number that is finite and at least (or `above`) `least`; `InputError` otherwise."""
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < least or (above and value == least):
        bound = "" if least == -math.inf else f" {'above' if above else 'of at least'} {least:g}"
        raise InputError(f"{where}: found '{shown(text)}', expected a number{bound}")
    return value


def proper_name(text: str, where: str) -> str:
    """A name as a configuration may hold it: not blank, at most 200 characters, none of them a control code."""
    if not text.strip():
        raise InputError(f"{where}: found no name, expected one")
    if len(text) > LONGEST_NAME or not NAME.fullmatch(text):
        raise InputError(
            f"{where}: found {shown(text)!r}, expected a name of at most {LONGEST_NAME} characters on one line"
        )
    return text


def shown(text: str) -> str:
    """A text as messages show it."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
