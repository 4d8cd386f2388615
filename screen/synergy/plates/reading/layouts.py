"""Sheets of plates as one long table of texts: the long form, its head anywhere among the first lines and in two
rows if need be; one matrix a sheet; blocks of SynergyFinder's web format and Combenefit's sheets, a matrix with lines
of names. Sheets that hold none are passed over, with a message.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
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
from screen.synergy.plates.reading.numbers import read_numbers

SEARCHED = 40
UNKNOWN = "? "
REPLICATES = ("response", "viability", "inhibition", "effect", "value", "rep", "replicate", "count", "signal")
ABOUT = {
    "drug_1": ("drug1", "drugrow", "agent1", "agenta", "druga", "compound1", "rowdrug"),
    "drug_2": ("drug2", "drugcol", "agent2", "agentb", "drugb", "compound2", "coldrug", "columndrug"),
    "cell_line": ("cell", "cellline", "cells", "sample", "celllinename", "model"),
    "unit": ("concunit", "unit", "units", "doseunit"),
    "unit_1": ("unit1", "concunit1", "unita"),
    "unit_2": ("unit2", "concunit2", "unitb"),
    "block_id": ("block", "blockid", "title"),
}


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
    matrices = _matrices(sheet, name) or _side_by_side(sheet, name)
    if matrices is not None:
        return matrices
    if not len(sheet):
        raise InputError(f"{source}: found no text in it, expected a plate")
    best = max(range(min(len(sheet), SEARCHED)), key=lambda k: len(find_columns(_texts(sheet, k))))
    head = _texts(sheet, best)
    check_columns(find_columns(head), head, source)
    raise InputError(f"{source}: no plate in it")


def _texts(sheet: pd.DataFrame, place: int) -> list[str]:
    return ["" if pd.isna(value) else str(value).strip() for value in sheet.iloc[place]]


def _head_row(sheet: pd.DataFrame) -> tuple[int, list[str], int] | None:
    """Where the head of a long table stands, its texts, and over how many rows it goes."""
    needed = {"conc_1", "conc_2", "response"}
    for place in range(min(len(sheet), SEARCHED)):
        head = _texts(sheet, place)
        for candidate in (head, _wide(head)):
            if needed <= set(find_columns(candidate)):
                return place, candidate, 1
        if place + 1 < len(sheet) and any(head) and "" in head:
            under = _texts(sheet, place + 1)
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
    long = pd.DataFrame({ours: body.iloc[:, k].to_numpy() for ours, k in places.items()}, dtype=str)
    for k, text in enumerate(head):
        if k not in places.values() and text:
            long[UNKNOWN + text] = body.iloc[:, k].to_numpy()
    for drug in ("1", "2", "3", "4"):
        if f"conc_{drug}" in columns and columns[f"conc_{drug}"].unit and f"unit_{drug}" not in columns:
            long[f"unit_{drug}"] = columns[f"conc_{drug}"].unit
    if "time" in columns and columns["time"].unit:
        long["time_unit"] = columns["time"].unit
    elif "time" in columns:
        long["time_unit"] = {"timed": "d", "days": "d"}.get(columns["time"].name, "")
    long["row"] = body.index.to_numpy()
    long["sheet"] = name
    copies = _replicate_columns(_texts(sheet, place)) if size == 1 and "replicate" not in columns else []
    if len(copies) > 1 and places["response"] in copies:
        names = [UNKNOWN + head[k] for k in copies[1:]]
        base = long.drop(columns=[one for one in names if one in long])
        more = [base.assign(response=body.iloc[:, k].to_numpy()) for k in copies[1:]]
        long = pd.concat([base, *more], ignore_index=True)
        word = fold(_texts(sheet, place)[copies[0]]).rstrip("0123456789")
        return Table(long, Head(word, word, "", "%" in _texts(sheet, place)[copies[0]]))
    return Table(
        long, columns["response"], {name: columns[name] for name in columns if name.startswith("conc_")}
    )


def _matrices(sheet: pd.DataFrame, name: str) -> Table | None:
    """Every matrix of a sheet, doses of drug 2 in its first row and of drug 1 in its first column, with what lines of
    names say of it: those above it, or behind it where none stand above the first."""
    grids, about, current = [], [], {}  # type: ignore[var-annotated]
    place, before = 0, None
    while place < len(sheet):
        row = _texts(sheet, place)
        fact = _fact(row)
        if fact is not None:
            before = True if before is None else before
            if before or not grids:
                current[fact[0]] = fact[1]
            else:
                about[-1][fact[0]] = fact[1]
            place += 1
            continue
        size = _grid(sheet, place)
        if size:
            before = False if before is None else before
            grids.append((place, *size))
            about.append(dict(current))
            current = {} if before else current
            place += size[0] + 1
            continue
        place += 1
    if not grids:
        return None
    parts = [_of_matrix(sheet, *grid, facts) for grid, facts in zip(grids, about)]
    labels = [
        facts.get("block_id") or (name if len(grids) == 1 else f"{name} {k}")
        for k, facts in enumerate(about, start=1)
    ]
    long = pd.concat([part.assign(block_id=label) for part, label in zip(parts, labels)], ignore_index=True)
    return Table(long.assign(sheet=name), Head("", "", "", False))


def _side_by_side(sheet: pd.DataFrame, name: str) -> Table | None:
    """Matrices beside each other, an empty column between them."""
    empty = sheet.isna().all(axis=0).to_numpy()
    group = np.cumsum(empty)
    parts = [sheet.loc[:, (group == k) & ~empty] for k in np.unique(group[~empty])]
    found = [
        table
        for k, part in enumerate(parts, start=1)
        if (table := _matrices(part.set_axis(range(part.shape[1]), axis=1), f"{name} {k}")) is not None
    ]
    if len(parts) < 2 or not found:
        return None
    rows = pd.concat([table.rows for table in found], ignore_index=True)
    return Table(rows.assign(sheet=name), Head("", "", "", False))


def _fact(row: Sequence[str]) -> tuple[str, str] | None:
    """What a line like `Drug1:,alpha` says."""
    filled = [text for text in row if text]
    if not filled or not row[0]:
        return None
    key, _, rest = row[0].partition(":")
    value = rest.strip() or (row[1] if len(row) > 1 else "")
    ours = next((ours for ours, names in ABOUT.items() if fold(key) in names), None)
    return (ours, value) if ours and value and len(filled) <= 2 else None


def _grid(sheet: pd.DataFrame, place: int) -> tuple[int, int] | None:
    """Rows and columns of the matrix whose first row, of doses, is at `place`."""
    head = read_numbers(pd.Series(_texts(sheet, place)[1:]))
    known = ~head.empty & ~head.wrong
    width = int(np.argmin(known)) if not known.all() else len(known)
    corner = _texts(sheet, place)[0]
    if width < 2 or known[width:].any() or (corner and not read_numbers(pd.Series([corner])).wrong[0]):
        return None
    side = read_numbers(pd.Series([_texts(sheet, k)[0] for k in range(place + 1, len(sheet))], dtype=str))
    good = ~side.empty & ~side.wrong
    height = int(np.argmin(good)) if not good.all() else len(good)
    return (height, width) if height >= 1 else None


def _names_beside(sheet: pd.DataFrame, place: int) -> list[str]:
    """The names of a matrix whose corner holds that of drug 1, and whose only text in the line above that of drug 2."""
    names = ["drug 1", "drug 2"]
    corner = _texts(sheet, place)[0]
    above = [text for text in _texts(sheet, place - 1) if text] if place else []
    over = len(above) == 1 and not _texts(sheet, place - 1)[0]
    if corner and (over or named_unit(corner)[1]):
        names[0] = corner
    return [names[0], above[0]] if over else names


def _of_matrix(
    sheet: pd.DataFrame, place: int, height: int, width: int, facts: dict[str, str]
) -> pd.DataFrame:
    head = _texts(sheet, place)
    body = sheet.iloc[place + 1 : place + 1 + height, : width + 1]
    split = (head[0].split(separator) for separator in ("\\", "|", "/"))
    corner = [
        named_unit(part) for part in next((p for p in split if len(p) == 2), _names_beside(sheet, place))
    ]
    return pd.DataFrame(
        {
            "conc_1": np.repeat(body.iloc[:, 0].to_numpy(), width),
            "conc_2": np.tile(np.array(head[1 : width + 1], dtype=object), height),
            "response": body.iloc[:, 1:].to_numpy().reshape(-1),
            "drug_1": facts.get("drug_1", corner[0][0]),
            "drug_2": facts.get("drug_2", corner[1][0]),
            "unit_1": facts.get("unit_1", facts.get("unit", corner[0][1])),
            "unit_2": facts.get("unit_2", facts.get("unit", corner[1][1])),
            "cell_line": facts.get("cell_line", ""),
            "row": np.repeat(body.index.to_numpy(), width),
        }
    )
