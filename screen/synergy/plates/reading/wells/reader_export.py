"""Exports of plate readers, 8 x 12 or 16 x 24 blocks or lists of wells, as a row a well."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from screen.errors import InputError
from screen.synergy.plates.reading.headers import find_columns, fold
from screen.synergy.plates.reading.layouts import UNKNOWN
from screen.synergy.plates.reading.numbers import read_numbers
from screen.synergy.plates.reading.wells.grids import bare_grids_of, grids_of, well_name
from screen.synergy.plates.reading.wells.instruments import EXTRA, read_instrument

VALUE_HEADS = ("value", "result", "signal", "luminescence", "absorbance", "fluorescence", "response", "counts", "rlu",
               "rfu", "od", "raw", "measurement", "intensity", "cellcount", "viability", "inhibition")  # fmt: skip
WELLS = ("well", "wellid", "wellname", "wellposition", "wellno", "wellnumber", "welllocation", "position")
ROWS, COLUMNS = ("row", "wellrow", "rowname"), ("col", "column", "wellcol", "wellcolumn", "columnname")
PLATES = ("plate", "plateid", "barcode", "platename", "platebarcode", "assayplate")
CALCULATED = ("calculated", "average", "mean", "blankcorrected", "stddev", "cv", "platemap", "layout")
CORRECTED = "blankcorrected"
SEARCHED = 60
HALF = 0.5
_CLOCK = re.compile(r"\d+:\d\d(:\d\d.*)?")


def read_export(sheets: list[tuple[str, pd.DataFrame]], path: Path) -> tuple[pd.DataFrame, str]:
    """Rows `well, response, row, plate` (and `time`), and the head of the values, folded. InputError for what is no
    export, several signals of one well, and wells that stand twice."""
    parts, word = [], ""
    for name, sheet in sheets:
        try:
            grids, listed = _numbers(grids_of(sheet)), _list(sheet)
        except InputError as refusal:
            raise InputError(f"{path}: {refusal}") from None
        if not grids and listed is None:
            grids = _numbers(bare_grids_of(sheet))
        if grids:
            parts += [
                grid.rename(columns={"text": "response"}).assign(
                    plate=name if len(grids) == 1 else f"{name} {k}"
                )
                for k, grid in enumerate(grids, start=1)
            ]
        elif listed is not None:
            parts.append(listed[0] if "plate" in listed[0] else listed[0].assign(plate=name))
            word = listed[1]
    if not parts and (measured := read_instrument(path)) is not None:
        parts = [measured]
    if not parts:
        raise InputError(
            f"{path}: found no block of wells (1..12 above, A..H before) and no list with a column 'well', expected an "
            f"export of a plate reader ({EXTRA})"
        )
    whole = pd.concat(parts, ignore_index=True)
    refuse_twice(whole, str(path), ("plate", "well", "time"))
    return whole, word


def is_export(sheet: pd.DataFrame) -> bool:
    """Whether a sheet is what a plate reader writes: blocks of wells, or a list of them."""
    try:
        return bool(_numbers(grids_of(sheet))) or _list(sheet) is not None
    except InputError:  # a list with several columns of values
        return True


def refuse_twice(table: pd.DataFrame, where: str, names: tuple[str, ...]) -> None:
    """InputError for wells that stand twice where nothing tells them apart."""
    known = [name for name in names if name in table]
    twice = table.duplicated(known)
    if twice.any():
        first = table.loc[twice, "well"].iloc[0]
        raise InputError(
            f"{where}: well {first} stands twice ({int(twice.sum())} wells do), expected each once on a plate, or a "
            "column 'plate' or 'time' that tells them apart"
        )


def _numbers(grids: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """The blocks that hold numbers; those that a reader calculated from others are left out."""
    held = [grid for grid in grids if _mostly_numbers(grid["text"])]
    corrected = [grid for grid in held if CORRECTED in fold(grid.attrs["title"])]
    measured = [grid for grid in held if not fold(grid.attrs["title"]).startswith(CALCULATED)]
    return corrected or measured or held


def _mostly_numbers(texts: pd.Series) -> bool:
    known = ~np.isnan(read_numbers(texts).value)
    return bool(len(texts)) and bool(known.mean() > HALF)


def _list(sheet: pd.DataFrame) -> tuple[pd.DataFrame, str] | None:
    """A list of wells: a column of wells (or one of rows and one of columns) and one of values, under a head."""
    for place in range(min(len(sheet), SEARCHED)):
        texts = ["" if pd.isna(text) else str(text) for text in sheet.iloc[place]]
        head = [fold(text) for text in texts]
        wells = _wells(sheet.iloc[place + 1 :], head)
        if wells is None or not wells.notna().any():
            continue
        wells = wells[wells.notna()]
        body = sheet.loc[wells.index]
        numeric = [
            k
            for k, text in enumerate(head)
            if text not in ("", *WELLS, *ROWS, *COLUMNS) and not read_numbers(body.iloc[:, k]).wrong.any()
        ]
        if not numeric:
            continue
        value = _value(head, texts, numeric)
        others = {UNKNOWN + texts[k]: body.iloc[:, k] for k in numeric if k != value}
        columns = {"well": wells.map(well_name), "response": body.iloc[:, value], "row": body.index}
        if (plate := _first(head, PLATES)) is not None:
            columns["plate"] = body.iloc[:, plate]
        if (when := find_columns(texts).get("time")) is not None:
            times = body.iloc[:, texts.index(when.text)]
            if (
                not times.astype(str).str.fullmatch(_CLOCK).any()
            ):  # when a well was read, not how long it was treated
                columns["time"] = times
        kept = pd.DataFrame({name: np.asarray(column) for name, column in (others | columns).items()})
        return kept[kept["response"].notna()], head[value]
    return None


def _wells(body: pd.DataFrame, head: list[str]) -> pd.Series | None:
    """The wells of a list, NaN where a line has none; None where the head names no wells."""
    if (well := _first(head, WELLS)) is not None:
        return body.iloc[:, well]
    row, column = _first(head, ROWS), _first(head, COLUMNS)
    if row is None or column is None:
        return None
    both = body.iloc[:, row].astype(str).str.strip() + body.iloc[:, column].astype(str).str.strip()
    return both.where(body.iloc[:, row].notna() & body.iloc[:, column].notna())


def _value(head: list[str], texts: list[str], numeric: list[int]) -> int:
    """The place of the column of values: that of blank-corrected ones, the one named so, else the last of numbers."""
    corrected = [k for k in numeric if CORRECTED in head[k]]
    named = corrected or [k for k in numeric if head[k].startswith(VALUE_HEADS)]
    if len(named) > 1:
        raise InputError(
            f"found several columns of values ({', '.join(texts[k] for k in named)}), expected one: take the others out"
        )
    return (named or numeric[::-1])[0]


def _first(head: list[str], words: tuple[str, ...]) -> int | None:
    return next((k for k, text in enumerate(head) if text in words), None)
