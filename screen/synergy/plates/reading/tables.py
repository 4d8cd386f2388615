"""All sheets of a file as one table, and what its heads say of the values."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from screen.errors import InputError
from screen.synergy.plates.reading.layouts import UNKNOWN, Table, read_layout
from screen.synergy.plates.reading.wells.plate_map import MAP_HEAD, read_mapped
from screen.synergy.plates.reading.wells.reader_export import is_export


@dataclass(frozen=True)
class Whole:
    """`rows`: texts in our columns; `unknown`, columns that are not; messages on the sheets; the `word` that the
    values are headed by, where all sheets agree, and whether it says `percent`."""

    rows: pd.DataFrame
    unknown: pd.DataFrame
    messages: tuple[str, ...]
    word: str
    percent: bool


def read_tables(sheets: list[tuple[str, pd.DataFrame]], path: Path) -> Whole:
    """The plates of all sheets that hold some. InputError where none does."""
    tables, messages, refusals = [], [], []
    for name, sheet in sheets:
        try:
            tables.append(read_layout(sheet, name, str(path)))
            messages += [words for words in tables[-1].words if words not in messages]
        except InputError as refusal:
            refusals.append(refusal)
            messages.append(f"sheet {name!r}: no plate in it, passed over")
    if not tables and any(is_export(sheet) for _, sheet in sheets):
        raise InputError(
            f"{path}: found an export of a plate reader, expected --map FILE with what its wells hold: a head like "
            f"{MAP_HEAD} (herscreen score --template FILE writes one)"
        )
    if not tables and refusals:
        raise refusals[0]
    return _whole(tables, messages, path)


def join_tables(sheets: list[tuple[str, pd.DataFrame]], path: Path, plate_map: Path | pd.DataFrame) -> Whole:
    """A plate reader's export with a table of what its wells hold."""
    table, messages = read_mapped(sheets, path, plate_map)
    return _whole([table], messages, path)


def _whole(tables: list[Table], messages: list[str], path: Path) -> Whole:
    rows = pd.concat([table.rows for table in tables], ignore_index=True) if tables else pd.DataFrame()
    if len(tables) == 1:
        rows = tables[0].rows.reset_index(drop=True)
    if not len(rows):
        raise InputError(f"{path}: no row of data")
    odd = [name for name in rows.columns if name.startswith(UNKNOWN)]
    heads = {(table.response.name, table.response.percent) for table in tables}
    word, percent = heads.pop() if len(heads) == 1 else ("", False)
    known = rows.drop(columns=odd)
    for k in (1, 2, 3, 4):
        texts = {head.text for table in tables if (head := table.concs.get(f"conc_{k}"))}
        known.attrs[f"conc_{k}"] = texts.pop() if len(texts) == 1 else ""
    return Whole(known, rows[odd], tuple(messages), word, percent)
