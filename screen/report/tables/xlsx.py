"""Tables as an XLSX workbook: one sheet a table, header frozen and filtered, numbers as numbers."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from screen.files import atomic_write
from screen.synergy.models.registry import MODELS

SHEET_ROWS = 1_048_575
DOSE = "[<10]0.000;[<1000]0.0;#,##0"
FORMATS = (
    (r"(.*_)?(p|q)(_max|_beyond)?", "0.0E+00"),
    (r".*(_probability|share_of_draws)", "0.00"),
    (rf"(sim_)?({'|'.join(MODELS)})(_max|_excess|_beyond)?(_low|_high|_median)?|css.*|ri_.", "0.0"),
    (r".*_percent(_low|_high)?|time_h", "0.0"),
    (r".*_nM(_low|_high|_median)?|(conc|ic50|ec50|gr50)_.*", DOSE),
    (r".*", "0.000"),
)
"""How a spreadsheet shows the numbers of columns, by name, the first that fits; cells hold seven digits."""
STYLED = 200_000
"""Cells of a table up to which its numbers are so shown: it makes half as much work again."""
FIRST_SEEN = "answer"
"""The sheet with which a workbook opens, where it has it."""
README = (
    ("answer", "how much of the gap each partner closes in every resistant line, the best first"),
    (
        "responses",
        "one row per cell line, combination, dose pair and time; viability is a fraction of vehicle",
    ),
    (
        "scores",
        "one row per cell line, combination and assay time; percent points of inhibition, positive = synergy",
    ),
    ("panel", "one row per cell line: untreated readouts and what sets the line apart"),
    ("columns", "the unit and the meaning of every column"),
    (
        "units",
        "concentrations in nM, times in hours; 'inf' is a dose that is not reached; an empty cell: no value",
    ),
)


def write_workbook(
    tables: Mapping[str, pd.DataFrame], path: Path, rows: int, readme: Sequence[tuple[str, str]] = README
) -> Path:
    """Write `tables` to `path`, a table longer than `rows` on several sheets, behind a sheet of the lines of `readme`
    (none where there are none)."""
    book = Workbook(write_only=True)
    if readme:
        front = book.create_sheet("read me")
        front.column_dimensions["A"].width, front.column_dimensions["B"].width = 16, 110
        for line in readme:
            front.append(line)
    for name, table in tables.items():
        parts = range(0, max(len(table), 1), rows)
        for number, start in enumerate(parts):
            sheet = book.create_sheet(name if len(parts) == 1 else f"{name} {number + 1}")
            sheet.freeze_panes = "B2"
            if name == FIRST_SEEN:
                book.active = sheet
            for index, column in enumerate(table.columns):
                sheet.column_dimensions[letters(index)].width = width_of(table[column])
            header = []
            for column in table.columns:
                cell = WriteOnlyCell(sheet, value=str(column))
                cell.font = Font(bold=True)
                header.append(cell)
            sheet.append(header)
            part = table.iloc[start : start + rows]
            sheet.auto_filter.ref = f"A1:{letters(len(table.columns) - 1)}{len(part) + 1}"
            columns = [part[column].astype(object).tolist() for column in table.columns]
            styled = [
                _number_cell(table[column], sheet) if table.size <= STYLED else None
                for column in table.columns
            ]
            for row in zip(*columns):
                sheet.append(
                    [value_of(value, WriteOnlyCell, sheet, cell) for value, cell in zip(row, styled)]
                )
    with atomic_write(path) as temporary:
        book.save(temporary)
    return path


def workbook_of_csv(table: Path, path: Path, sheet: str) -> Path:
    """Write the table of a CSV file as the one `sheet` of a workbook."""
    return write_workbook({sheet: pd.read_csv(table)}, path, SHEET_ROWS, readme=())


def _number_cell(column: "pd.Series[Any]", sheet: Any) -> Any:
    shown = format_of(column)
    if shown is None:
        return None
    cell = WriteOnlyCell(sheet)
    cell.number_format = shown
    return cell


def format_of(column: "pd.Series[Any]") -> str | None:
    """How the numbers of a column are shown, by its name; None, as they are, for whole numbers and texts."""
    if column.dtype.kind != "f":
        return None
    return next(shown for names, shown in FORMATS if re.fullmatch(names, str(column.name)))


def value_of(value: Any, cell_class: Any, sheet: Any, styled: Any = None) -> Any:
    """A value as a cell: texts stay texts even when they begin like a formula; NaN is empty. The cell `styled` bears
    the numbers of its column one after the other, as each row is written before the next.
    """
    if isinstance(value, str):
        text = "".join(character for character in value if character >= " " or character in "\t\n")
        cell = cell_class(sheet, value=text)
        cell.data_type = "s"
        return cell
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float):
        if not math.isfinite(number):
            return "inf" if number > 0 else None
        number = float(f"{number:.7g}")  # what a float32 holds
        if styled is None:
            return number
        styled.value = number
        return styled
    return number


def width_of(column: "pd.Series[Any]") -> float:
    """Characters that a column needs: its name, and the longest text among its first rows."""
    texts = [len(value) for value in column.head(200) if isinstance(value, str)]
    return min(60, max(11, len(str(column.name)) + 3, *(size + 1 for size in texts)))


def letters(index: int) -> str:
    """The spreadsheet's name of column `index` (0 is A)."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
