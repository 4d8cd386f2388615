"""Sheets of plates as one long table of texts: the long form, its head anywhere among the first lines and in two
rows if need be, or matrices. Sheets that hold none are passed over, with a message.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from screen.errors import InputError
from screen.synergy.plates.reading.headers import (
    ALIASES,
    Head,
    check_columns,
    find_columns,
    fold,
    named_unit,
    read_head,
)
from screen.synergy.plates.reading.matrices import read_matrices, texts_of
from screen.synergy.plates.reading.merged_cells import fill_down
from screen.synergy.plates.reading.numbers import EMPTY, read_numbers
from screen.units import table_unit

SEARCHED = 40
UNKNOWN = "? "
TELL_NOTHING = [fold(name) for one in ("well", "replicate") for name in ALIASES[one]]
_COPY = re.compile(r"(?:r|rep|repeat|replicate|run|n|no)?\d{1,2}")
REPLICATES = ("response", "viability", "inhibition", "effect", "value", "rep", "replicate", "count", "signal")


@dataclass(frozen=True)
class Table:
    """`rows`: texts in our columns, `row` the line of the file, `sheet`, and columns that are not known as
    `? <head>`; `response`: the head of the values; `concs`: those of the doses; words on how it was read."""

    rows: pd.DataFrame
    response: Head
    concs: dict[str, Head] = field(default_factory=dict)
    words: tuple[str, ...] = ()


def read_layout(sheet: pd.DataFrame, name: str, source: str) -> Table:
    """The plates of a sheet of texts; InputError where there are none."""
    first = _head_row(sheet)
    if first is not None:
        return _long(sheet, first, (name, source))
    if (matrices := read_matrices(sheet, name)) is not None:
        return Table(matrices, Head("", "", "", False))
    if not len(sheet):
        raise InputError(f"{source}: found no text in it, expected a plate")
    best = max(range(min(len(sheet), SEARCHED)), key=lambda k: len(find_columns(texts_of(sheet, k))))
    head = texts_of(sheet, best)
    check_columns(find_columns(head), head, source)
    raise InputError(f"{source}: no plate in it")


@dataclass(frozen=True)
class _HeadRows:
    """Where the head of a long table stands, over how many rows it goes, its texts as they were `written` and as they
    are read."""

    place: int
    size: int
    written: list[str]
    head: list[str]


def _head_row(sheet: pd.DataFrame) -> _HeadRows | None:
    """The head of a long table, None where there is none."""
    needed = {"conc_1", "conc_2", "response"}
    for place in range(min(len(sheet), SEARCHED)):
        head = _as_written(texts_of(sheet, place))
        for candidate in (head, _wide(head), _dosed_by_name(head)):
            if needed <= set(find_columns(candidate)):
                under = texts_of(sheet, place + 1) if place + 1 < len(sheet) else [""]
                merged = [f"{a} {b}".strip() for a, b in zip(_filled(head), under)]
                if copies := _replicate_columns(merged):  # `Viability` merged over rep1, rep2, rep3
                    merged = [text if k in copies else head[k] for k, text in enumerate(merged)]
                    return _HeadRows(place, 2, merged, _wide(merged))
                units = _units_under(candidate, under)
                return _HeadRows(place, 1 + (units is not None), head, units or candidate)
        if place + 1 < len(sheet) and any(head) and "" in head and not head[0].startswith("#"):
            under = texts_of(sheet, place + 1)
            merged = [f"{a} {b}".strip() for a, b in zip(_filled(head), under)]
            mixed = [b if b and not a else f"{a} {b}".strip() for a, b in zip(head, under)]
            best = [a if read_head(a).name or not read_head(b).name else b for a, b in zip(merged, under)]
            for candidate in (merged, mixed, best, _wide(merged)):
                if needed <= set(find_columns(candidate)):
                    below = texts_of(sheet, place + 2) if place + 2 < len(sheet) else [""]
                    units = _units_under(candidate, below)
                    return _HeadRows(place, 2 + (units is not None), merged, units or candidate)
    return None


def _as_written(head: list[str]) -> list[str]:
    """The head without the numbers that pandas adds to heads that stand twice: `response.1`."""
    return [
        base[1] if (base := re.fullmatch(r"(.+)\.\d+", text)) and base[1] in head[:k] else text
        for k, text in enumerate(head)
    ]


def _wide(head: list[str]) -> list[str]:
    """The head with the first of several numbered columns of replicates as the response."""
    numbered = _replicate_columns(head)
    return [("response" if k == numbered[0] else text) for k, text in enumerate(head)] if numbered else head


def _dosed_by_name(head: list[str]) -> list[str]:
    """The head with columns of doses that are named by their drugs, `lapatinib (uM)`, as `conc1 (uM)`."""
    dosed = [k for k, text in enumerate(head) if not read_head(text).name and named_unit(text)[1]]
    if not 2 <= len(dosed) <= 4:
        return head
    number = {k: place for place, k in enumerate(dosed, start=1)}
    return [
        f"conc{number[k]} ({named_unit(text)[1]})" if k in number else text for k, text in enumerate(head)
    ]


def _units_under(head: list[str], under: list[str]) -> list[str] | None:
    """The head with the units that stand in the row under it, None where that is no row of units."""
    filled = [text for text in under if text.lower() not in EMPTY]
    if not filled or not all(text == "%" or table_unit(text)[1] in ("nM", "ug/mL") for text in filled):
        return None
    return [f"{name} ({unit})" if unit in filled else name for name, unit in zip(head, under)]


def _replicate_columns(head: list[str]) -> list[int]:
    """Places of columns like `viability1`, `viability2`, where no plain one stands."""
    for word in REPLICATES:
        places = [
            k for k, text in enumerate(head)
            if _COPY.fullmatch(fold(text).removeprefix(word)) and fold(text).startswith(word)
        ]  # fmt: skip
        if len(places) > 1:
            return places
    return []


def _filled(head: list[str]) -> list[str]:
    """Merged cells: what stands in the first holds for those behind it."""
    filled, last = [], ""
    for text in head:
        last = text or last
        filled.append(last)
    return filled


def _refuse_twice(head: list[str], places: dict[str, int], body: pd.DataFrame, source: str) -> None:
    """InputError for a head of names or doses that is a duplicate over different columns."""
    for ours, k in places.items():
        again = [j for j, text in enumerate(head) if text == head[k] and j != k and ours != "response"]
        if any(not body.iloc[:, j].equals(body.iloc[:, k]) for j in again):
            raise InputError(
                f"{source}: the head '{head[k]}' stands over two columns that differ, expected one: take the other out"
            )


def _refuse_two_units(long: pd.DataFrame, columns: dict[str, Head], source: str) -> None:
    """InputError where the head of a column of doses has one unit and the column of units another."""
    for drug in ("1", "2", "3", "4"):
        head = columns.get(f"conc_{drug}")
        if head is None or not head.unit or f"unit_{drug}" not in columns:
            continue
        for unit in long[f"unit_{drug}"].dropna().unique():
            if str(unit).strip() and table_unit(str(unit)) != table_unit(head.unit):
                raise InputError(
                    f"{source}: found the unit '{head.unit}' in the head '{head.text}' and '{unit}' in the column of "
                    "units, expected one"
                )


def _long(sheet: pd.DataFrame, rows: _HeadRows, where: tuple[str, str]) -> Table:
    (name, source), head = where, rows.head
    columns = find_columns(head)
    body = sheet.iloc[rows.place + rows.size :]
    first = body.iloc[:, 0].fillna("")
    kept = ~body.isna().all(axis=1).to_numpy()
    places = {ours: head.index(one.text) for ours, one in columns.items()}
    if first.str.startswith("#").any():  # `#N/A` and `#12` begin rows of wells, too
        held = ~np.isnan(read_numbers(body.iloc[:, places["response"]]).value)
        kept = kept & (held | ~first.str.startswith("#").to_numpy())
    body = body if kept.all() else body[kept]
    again = (body.iloc[:, places["response"]] == head[places["response"]]).to_numpy()  # a head written again
    body = body[~again] if again.any() else body
    _refuse_twice(head, places, body, source)
    long = pd.DataFrame({ours: body.iloc[:, k].array for ours, k in places.items()}, dtype=str)
    named = [text or f"column {k + 1} without a head" for k, text in enumerate(head)]
    for k, text in enumerate(named[1:], start=1) if not head[0] else enumerate(named):
        known = text in (head[j] for j in places.values()) or read_head(text).name in TELL_NOTHING
        if k not in places.values() and text and not known:
            long[UNKNOWN + text] = body.iloc[:, k].array
    for text, asked in zip(rows.written, head):
        if asked != text and asked.startswith("conc") and (own := named_unit(text))[1]:
            long[f"drug_{asked[4]}"] = own[0]
    for drug in ("1", "2", "3", "4"):
        if f"conc_{drug}" in columns and columns[f"conc_{drug}"].unit and f"unit_{drug}" not in columns:
            long[f"unit_{drug}"] = columns[f"conc_{drug}"].unit
    _refuse_two_units(long, columns, source)
    if "time" in columns and columns["time"].unit:
        long["time_unit"] = columns["time"].unit
    elif "time" in columns:
        long["time_unit"] = {"timed": "d", "days": "d", "day": "d"}.get(columns["time"].name, "")
    long["row"] = body.index.to_numpy()
    long["sheet"] = name
    long, merged = fill_down(long)
    words = [
        f"merged cells: '{head[places[one]]}' holds for the rows under it" for one in merged if one in places
    ]
    concs = {ours: one for ours, one in columns.items() if ours.startswith("conc_")}
    value, copies = _value_columns(rows, columns, places["response"], body)
    if len(copies) > 1:
        base = long.drop(columns=[one for k in copies[1:] if (one := UNKNOWN + head[k]) in long])
        parts = [base.assign(response=body.iloc[:, k].to_numpy()) for k in copies]
        if "replicate" not in base:
            parts = [part.assign(replicate=str(k)) for k, part in enumerate(parts, start=1)]
        long = pd.concat(parts, ignore_index=True)
        words.append(f"replicates: {len(copies)} columns of values are read as replicates")
    return Table(long, value, concs, tuple(words))


def _value_columns(
    rows: _HeadRows, columns: dict[str, Head], place: int, body: pd.DataFrame
) -> tuple[Head, list[int]]:
    """The head of the values and the places of their columns: several where they are numbered replicates, or stand
    under one head and differ."""
    copies = _replicate_columns(rows.written) if "replicate" not in columns else []
    if place in copies:
        text = rows.written[copies[0]]
        word = next(word for word in REPLICATES if fold(text).startswith(word))
        return Head(word, word, "", "%" in text), copies
    differ: list[int] = []
    for k in (k for k, text in enumerate(rows.head) if text == rows.head[place]):
        if not any(body.iloc[:, k].equals(body.iloc[:, j]) for j in differ):
            differ.append(k)
    return columns["response"], differ
