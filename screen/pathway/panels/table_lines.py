"""Cell lines of a user's table: a row a line, a column an entity, every cell a number or blank."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError, plain
from screen.files import LARGEST_TABLE, require_file
from screen.pathway.names import AMOUNTS, find
from screen.pathway.pathway import Pathway
from screen.pathway.tables.cell_lines import CellLine
from screen.pathway.tables.delimited import proper_name, read_delimited, shown

ANCHOR = "SKBR3"
BLANK = ("", "NA", "N/A", "NaN", "nan", "null", "None")


def table_lines(pathway: Pathway, path: Path, scale: str = "fold", sd_ln: float = 0.7) -> list[CellLine]:
    """Lines of a CSV or Parquet table: first column the name, then one column an entity.

    `scale` says what the numbers are: `fold` (change to the reference, the mean of the named HER2-amplified lines),
    `copies` (per cell; needs a row named SKBR3, whose factors are known and to which all are compared) or `zscore`
    (factor exp(z * sd_ln)). p95HER2 and the PIK3CA mutants are amounts in every scale. Blank cells leave the
    reference's value.
    """
    if scale not in ("fold", "copies", "zscore"):
        raise InputError(f"{path}: found scale '{scale}', expected fold, copies or zscore")
    table = _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path)
    if not table.names or not table.columns:
        raise InputError(f"{path}: no lines, expected a column of names and one column an entity")
    for place, name in enumerate(table.names):
        proper_name(name, f"{table.where(place)}: name")
    if repeated := [name for name, count in Counter(map(plain, table.names)).items() if count > 1]:
        name = next(name for name in table.names if plain(name) == repeated[0])
        raise InputError(f"{path}: duplicate line '{name}', expected it once")
    known = (*pathway.entities, "k_birth")
    columns: dict[str, Floats] = {}
    for name, numbers in table.columns.items():
        entity = find(name, known, "entity", str(path))
        if entity in columns:
            raise InputError(f"{path}: duplicate column '{name}' of {entity}, expected it once")
        own = pathway.cell_lines[ANCHOR].values.get(entity, 1.0) if scale == "copies" else 1.0
        columns[entity] = _factors(table, entity, numbers, scale, sd_ln, own)
    rows: list[dict[str, float]] = [{} for _ in table.names]
    for entity, factors in columns.items():
        for row, factor in zip(rows, factors.tolist(), strict=True):
            if factor == factor:  # no blank, which is NaN
                row[entity] = factor
    return [CellLine(name, row, source=path.name) for name, row in zip(table.names, rows, strict=True)]


@dataclass(frozen=True)
class _LineTable:
    """Names and numbers (line,) by column, blank cells as NaN; `where` says where a row is."""

    names: list[str]
    columns: dict[str, Floats]
    where: Callable[[int], str]


def _factors(table: _LineTable, entity: str, numbers: Floats, scale: str, sd_ln: float, own: float) -> Floats:
    """The numbers of a column as the model takes them: factors, or amounts. `own` is the factor of `ANCHOR`."""
    fold = numbers
    if entity not in AMOUNTS and entity != "k_birth":
        if scale == "zscore":
            with np.errstate(over="ignore"):
                fold = np.exp(fold * sd_ln)
        elif scale == "copies":
            if ANCHOR not in table.names:
                raise InputError(
                    f"{table.where(0)}: copies per cell need a row named {ANCHOR} to compare with"
                )
            with np.errstate(divide="ignore", invalid="ignore"):
                fold = np.where(np.isnan(numbers), np.nan, own * fold / fold[table.names.index(ANCHOR)])
    bad = ~np.isnan(numbers) & (~np.isfinite(fold) | (fold < 0))
    for place in np.flatnonzero(bad):
        where = f"{table.where(int(place))}: {table.names[place]}: {entity}"
        raise InputError(f"{where} is {fold[place]:g}, expected 0 or more")
    return fold


def _csv(path: Path) -> _LineTable:
    """A table of lines in CSV: every cell a number or blank."""
    found = read_delimited(path, ",", "a table of lines: a column of names and one column an entity")
    columns = {}
    for index, column in enumerate(found.columns[1:], start=1):
        texts = [row[index] for row in found.rows]
        try:
            columns[column] = np.array([text if text not in BLANK else "nan" for text in texts], float)
            plain_numbers = "_" not in "".join(texts)
        except ValueError:
            plain_numbers = False
        if not plain_numbers:
            for place, text in enumerate(texts):
                if text not in BLANK and not _is_number(text):
                    where = f"{found.where(place)}: {found.rows[place][0]}: {column}"
                    raise InputError(f"{where} is '{shown(text)}', expected a number")
    return _LineTable([row[0] for row in found.rows], columns, found.where)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _parquet(path: Path) -> _LineTable:
    """A table of lines in Parquet: texts, then columns of numbers."""
    import pandas as pd

    require_file(path, LARGEST_TABLE, "a table in Parquet")
    try:
        frame = pd.read_parquet(path)
    except Exception as error:  # the reader's own errors are of many kinds
        raise InputError(
            f"{path}: cannot be read as a table ({' '.join(str(error).split())[:200]})"
        ) from None
    if frame.shape[1] < 1:
        return _LineTable([], {}, lambda _: str(path))
    names = ["" if missing else str(name) for name, missing in zip(frame.iloc[:, 0], frame.iloc[:, 0].isna())]
    columns = {}
    for column in frame.columns[1:]:
        kind = frame[column].dtype.kind
        if kind not in "iufO":
            raise InputError(f"{path}: {column} is a column of {frame[column].dtype}, expected numbers")
        numbers = pd.to_numeric(frame[column], errors="coerce")
        for place in np.flatnonzero(numbers.isna() & frame[column].notna()):
            where = f"{path}: {names[place]}: {column}"
            raise InputError(f"{where} is '{shown(str(frame[column].iloc[place]))}', expected a number")
        columns[str(column)] = numbers.to_numpy(dtype=np.float64)
    return _LineTable(names, columns, lambda row: f"{path}: row {row + 1}")
