"""Files of plates as one long table of texts: the long form of SynergyFinder, DrugComb and the package
`synergy`, or one matrix a file or sheet. Sheets that hold neither are passed over, with a message.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from screen.errors import InputError
from screen.synergy.plates.columns import check_columns, find_columns, named_unit, numbers
from screen.synergy.plates.responses import KINDS, Response

TEXTS = ("drug_1", "drug_2", "drug_3", "cell_line", "unit_1", "unit_2", "unit_3", "origin")


def read_table(path: Path) -> tuple[pd.DataFrame, list[str], Response | None]:
    """The rows of all sheets in our columns, texts still, messages on the sheets, and what the name of
    the response column says of its values. InputError where no sheet holds plates."""
    tables, messages, refusals, kinds = [], [], [], set()
    for name, sheet in _sheets(path):
        try:
            table, kind = _long(sheet, name, str(path))
        except InputError as refusal:
            refusals.append(refusal)
            messages.append(f"sheet {name!r}: no plate in it, passed over")
            continue
        tables.append(table)
        kinds.add(kind)
    if not tables and refusals:
        raise refusals[0]
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if not len(whole):
        raise InputError(f"{path}: no row of data")
    return whole, messages, kinds.pop() if len(kinds) == 1 else None


def _sheets(path: Path) -> list[tuple[str, pd.DataFrame]]:
    """The sheets of a file as tables of texts without header."""
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        try:
            sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=str)
        except ImportError:
            raise InputError(f"{path}: reading workbooks needs openpyxl; save the sheet as CSV") from None
        except (ValueError, OSError, KeyError) as error:
            raise InputError(f"{path}: not a workbook ({error})") from None
        return [(str(name), sheet) for name, sheet in sheets.items() if len(sheet)]
    for encoding in ("utf-8-sig", "latin-1"):
        try:
            with path.open(encoding=encoding) as file:
                first = file.readline()
            separator = max(",;\t", key=first.count)
            table = pd.read_csv(path, sep=separator, header=None, dtype=str, encoding=encoding)
            return [(path.stem, table)]
        except UnicodeDecodeError:
            continue
        except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
            raise InputError(f"{path}: not a table ({str(error).strip()})") from None
    raise InputError(f"{path}: not a text table")


def _long(table: pd.DataFrame, name: str, source: str) -> tuple[pd.DataFrame, Response | None]:
    """A table in our columns, texts still, `row` the line of the file, and the kind that its response column
    is named after."""
    header = [str(value).strip() for value in table.iloc[0]]
    columns = find_columns(header)
    body = table.iloc[1:]
    named = columns.get("response", "").strip().lower()
    kind = next((kind for kind in KINDS if kind == named), None)
    if {"conc_1", "conc_2", "response"} <= set(columns):
        places = {ours: header.index(theirs) for ours, theirs in columns.items()}
        long = pd.DataFrame(
            {ours: body.iloc[:, place].to_numpy() for ours, place in places.items()}, dtype=str
        )
        long["row"] = np.arange(2, len(body) + 2)
    elif len(header) > 2 and not np.isnan(numbers(pd.Series(header[1:]))[0]).any():
        split = (header[0].split(separator) for separator in ("\\", "|", "/"))
        names = next((parts for parts in split if len(parts) == 2), ["drug 1", "drug 2"])
        corner = [named_unit(name) for name in names]
        rows, width = len(body), len(header) - 1
        long = pd.DataFrame(
            {
                "conc_1": np.repeat(body.iloc[:, 0].to_numpy(), width),
                "conc_2": np.tile(np.array(header[1:], dtype=object), rows),
                "response": body.iloc[:, 1:].to_numpy().reshape(-1),
                "drug_1": corner[0][0],
                "drug_2": corner[1][0],
                "unit_1": corner[0][1],
                "unit_2": corner[1][1],
                "row": np.repeat(np.arange(2, rows + 2), width),
            }
        )
        long["block_id"] = name
    else:
        check_columns(columns, header, source)
    for text in TEXTS:
        long[text] = long[text].fillna("").astype(str).str.strip() if text in long else ""
    label = name_combinations(long)
    label = label.where(label != "+", name)
    given = long["block_id"].fillna("").astype(str).str.strip() if "block_id" in long else label
    long["block_id"] = given.where(given != "", label)
    return long, kind


def name_combinations(table: pd.DataFrame) -> pd.Series:
    """`A+B`, `A+B+C` where a third drug is named, and ` in LINE` where a cell line is."""
    label = table["drug_1"] + "+" + table["drug_2"]
    label = label.where(table["drug_3"] == "", label + "+" + table["drug_3"])
    return label.where(table["cell_line"] == "", label + " in " + table["cell_line"])
