"""Sheets of plates as one long table of texts: the long form, its head anywhere among the first lines and in two
rows if need be, or matrices. Sheets that hold none are passed over, with a message.
"""

from dataclasses import dataclass, field

import pandas as pd

from screen.errors import InputError
from screen.synergy.plates.reading.headers import (
    Head,
    check_columns,
    find_columns,
    fold,
    named_unit,
    read_head,
)
from screen.synergy.plates.reading.matrices import read_matrices, texts_of
from screen.units import table_unit

SEARCHED = 40
UNKNOWN = "? "
REPLICATES = ("response", "viability", "inhibition", "effect", "value", "rep", "replicate", "count", "signal")


@dataclass(frozen=True)
class Table:
    """`rows`: texts in our columns, `row` the line of the file, `sheet`, and columns that are not known as
    `? <head>`; `response`: the head of the values; `concs`: those of the doses."""

    rows: pd.DataFrame
    response: Head
    concs: dict[str, Head] = field(default_factory=dict)


def read_layout(sheet: pd.DataFrame, name: str, source: str) -> Table:
    """The plates of a sheet of texts; InputError where there are none."""
    first = _head_row(sheet)
    if first is not None:
        place, heads, size = first
        return _long(sheet, place, heads, size, name)
    if (matrices := read_matrices(sheet, name)) is not None:
        return Table(matrices, Head("", "", "", False))
    if not len(sheet):
        raise InputError(f"{source}: found no text in it, expected a plate")
    best = max(range(min(len(sheet), SEARCHED)), key=lambda k: len(find_columns(texts_of(sheet, k))))
    head = texts_of(sheet, best)
    check_columns(find_columns(head), head, source)
    raise InputError(f"{source}: no plate in it")


def _head_row(sheet: pd.DataFrame) -> tuple[int, list[str], int] | None:
    """Where the head of a long table stands, its texts, and over how many rows it goes."""
    needed = {"conc_1", "conc_2", "response"}
    for place in range(min(len(sheet), SEARCHED)):
        head = texts_of(sheet, place)
        for candidate in (head, _wide(head), _dosed_by_name(head)):
            if needed <= set(find_columns(candidate)):
                units = (
                    _units_under(candidate, texts_of(sheet, place + 1)) if place + 1 < len(sheet) else None
                )
                return (place, candidate, 1) if units is None else (place, units, 2)
        if place + 1 < len(sheet) and any(head) and "" in head:
            under = texts_of(sheet, place + 1)
            merged = [f"{a} {b}".strip() for a, b in zip(_filled(head), under)]
            mixed = [b if b and not a else f"{a} {b}".strip() for a, b in zip(head, under)]
            best = [a if read_head(a).name or not read_head(b).name else b for a, b in zip(merged, under)]
            for candidate in (merged, mixed, best):
                if needed <= set(find_columns(candidate)):
                    return place, candidate, 2
    return None


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
    filled = [text for text in under if text]
    if not filled or not all(text == "%" or table_unit(text)[1] in ("nM", "ug/mL") for text in filled):
        return None
    return [f"{name} ({unit})" if unit else name for name, unit in zip(head, under)]


def _replicate_columns(head: list[str]) -> list[int]:
    """Places of columns like `viability1`, `viability2`, where no plain one stands."""
    for word in REPLICATES:
        places = [
            k for k, text in enumerate(head)
            if fold(text).startswith(word) and fold(text)[len(word) :].isdigit()
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


def _long(sheet: pd.DataFrame, place: int, head: list[str], size: int, name: str) -> Table:
    columns = find_columns(head)
    body = sheet.iloc[place + size :]
    first = body.iloc[:, 0].fillna("")
    kept = ~body.isna().all(axis=1).to_numpy()
    if first.str.startswith("#").any():
        kept = kept & ~first.str.startswith("#").to_numpy()
    body = body if kept.all() else body[kept]
    places = {ours: head.index(one.text) for ours, one in columns.items()}
    again = (body.iloc[:, places["response"]] == head[places["response"]]).to_numpy()  # a head written again
    body = body[~again] if again.any() else body
    long = pd.DataFrame({ours: body.iloc[:, k].array for ours, k in places.items()}, dtype=str)
    for k, text in enumerate(head):
        if k not in places.values() and text:
            long[UNKNOWN + text] = body.iloc[:, k].array
    for text, asked in zip(texts_of(sheet, place), head):
        if asked != text and asked.startswith("conc") and (named := named_unit(text))[1]:
            long[f"drug_{asked[4]}"] = named[0]
    for drug in ("1", "2", "3", "4"):
        if f"conc_{drug}" in columns and columns[f"conc_{drug}"].unit and f"unit_{drug}" not in columns:
            long[f"unit_{drug}"] = columns[f"conc_{drug}"].unit
    if "time" in columns and columns["time"].unit:
        long["time_unit"] = columns["time"].unit
    elif "time" in columns:
        long["time_unit"] = {"timed": "d", "days": "d", "day": "d"}.get(columns["time"].name, "")
    long["row"] = body.index.to_numpy()
    long["sheet"] = name
    copies = _replicate_columns(texts_of(sheet, place)) if size == 1 and "replicate" not in columns else []
    if len(copies) > 1 and places["response"] in copies:
        names = [UNKNOWN + head[k] for k in copies[1:]]
        base = long.drop(columns=[one for one in names if one in long])
        more = [base.assign(response=body.iloc[:, k].to_numpy()) for k in copies[1:]]
        long = pd.concat([base, *more], ignore_index=True)
        word = fold(texts_of(sheet, place)[copies[0]]).rstrip("0123456789")
        return Table(long, Head(word, word, "", "%" in texts_of(sheet, place)[copies[0]]))
    return Table(
        long, columns["response"], {name: columns[name] for name in columns if name.startswith("conc_")}
    )
