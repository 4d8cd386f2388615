"""Matrices of a sheet: doses of drug 2 in the first row, of drug 1 in the first column, with lines of names above or
below; blocks of SynergyFinder's web format and Combenefit's sheets; beside each other, or with names left of them.
"""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from screen.synergy.plates.reading.headers import fold, named_unit
from screen.synergy.plates.reading.numbers import read_numbers

MARGIN = 3
"""Columns left of a matrix, at most."""
BETWEEN = ("\\", "|", "/", " x ", " vs. ", " vs ", " + ", " and ")
NO_DOSE = ("dmso", "vehicle", "veh", "control", "ctrl", "untreated", "medium", "media", "nodrug", "none")
_REPLICATE = re.compile(r"(?:replicate|rep|repeat)\W*\w{1,3}:?", re.IGNORECASE)
ABOUT = {
    "drug_1": ("drug1", "drugrow", "agent1", "agenta", "druga", "compound1", "rowdrug"),
    "drug_2": ("drug2", "drugcol", "agent2", "agentb", "drugb", "compound2", "coldrug", "columndrug"),
    "cell_line": ("cell", "cellline", "cells", "sample", "celllinename", "model"),
    "unit": ("concunit", "unit", "units", "doseunit"),
    "unit_1": ("unit1", "concunit1", "unita"),
    "unit_2": ("unit2", "concunit2", "unitb"),
    "block_id": ("block", "blockid", "title"),
}


def read_matrices(sheet: pd.DataFrame, name: str) -> pd.DataFrame | None:
    """A row a well of all matrices of a sheet, in our columns; None where it holds none."""
    for read in (_matrices, _side_by_side, _beside_names):
        if (found := read(sheet, name)) is not None:
            return found
    return None


def texts_of(sheet: pd.DataFrame, place: int) -> list[str]:
    """A row of a sheet, `""` for empty cells."""
    return ["" if pd.isna(value) else str(value).strip() for value in sheet.iloc[place]]


def _matrices(sheet: pd.DataFrame, name: str) -> pd.DataFrame | None:
    """Every matrix of a sheet, doses of drug 2 in its first row and of drug 1 in its first column, with what lines of
    names say of it: those above it, or behind it where none stand above the first."""
    grids, about, current = [], [], {}  # type: ignore[var-annotated]
    place, before = 0, None
    while place < len(sheet):
        row = texts_of(sheet, place)
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
    for k, part in enumerate(parts[1:], start=1):
        same = all(
            (part[text].iloc[0] == parts[0][text].iloc[0]) for text in ("drug_1", "drug_2", "cell_line")
        )
        if same and "replicate" in about[k] and "replicate" in about[0]:
            about[k]["block_id"] = about[0].setdefault("block_id", name)
    labels = [
        facts.get("block_id") or (name if len(grids) == 1 else f"{name} {k}")
        for k, facts in enumerate(about, start=1)
    ]
    long = pd.concat([part.assign(block_id=label) for part, label in zip(parts, labels)], ignore_index=True)
    return long.assign(sheet=name)


def _side_by_side(sheet: pd.DataFrame, name: str) -> pd.DataFrame | None:
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
    rows = pd.concat(found, ignore_index=True)
    return rows.assign(sheet=name)


def _beside_names(sheet: pd.DataFrame, name: str) -> pd.DataFrame | None:
    """Matrices with columns of names left of them: that of drug 1 beside its doses, as merged cells have it."""
    for shift in range(1, min(MARGIN, sheet.shape[1] - 2) + 1):
        part = sheet.iloc[:, shift:]
        table = _matrices(part.set_axis(range(part.shape[1]), axis=1), name)
        if table is None:
            continue
        lines = sheet.loc[table["row"].min() : table["row"].max()].iloc[:, :shift]
        texts = [str(text).strip() for text in lines.to_numpy().ravel() if not pd.isna(text)]
        if len(texts) == 1 and (table["drug_1"] == "drug 1").all():
            drug, unit = named_unit(texts[0])
            table["drug_1"], table["unit_1"] = drug, unit or table["unit_1"]
        return table
    return None


def _fact(row: Sequence[str]) -> tuple[str, str] | None:
    """What a line like `Drug1:,alpha` says."""
    filled = [text for text in row if text]
    if not filled or not row[0]:
        return None
    key, _, rest = row[0].partition(":")
    value = rest.strip() or (row[1] if len(row) > 1 else "")
    if len(filled) == 1 and _REPLICATE.fullmatch(row[0]):
        return "replicate", row[0]
    ours = next((ours for ours, names in ABOUT.items() if fold(key) in names), None)
    return (ours, value) if ours and value and len(filled) <= 2 else None


def _grid(sheet: pd.DataFrame, place: int) -> tuple[int, int] | None:
    """Rows and columns of the matrix whose first row, of doses, is at `place`."""
    head = read_numbers(pd.Series(_undosed(texts_of(sheet, place)[1:])))
    known = ~head.empty & ~head.wrong
    width = int(np.argmin(known)) if not known.all() else len(known)
    corner = texts_of(sheet, place)[0]
    if width < 2 or known[width:].any() or (corner and not read_numbers(pd.Series([corner])).wrong[0]):
        return None
    texts = _undosed([texts_of(sheet, k)[0] for k in range(place + 1, len(sheet))])
    side = read_numbers(pd.Series(texts, dtype=str))
    good = ~side.empty & ~side.wrong
    height = int(np.argmin(good)) if not good.all() else len(good)
    return (height, width) if height >= 1 else None


def _undosed(texts: Sequence[str]) -> list[str]:
    """The doses of a side with words for no drug (`DMSO`) as 0."""
    return ["0" if fold(str(text)) in NO_DOSE else text for text in texts]


def _names_beside(sheet: pd.DataFrame, place: int) -> list[str]:
    """The names of a matrix whose corner holds that of drug 1, and whose only text in the line above that of drug 2."""
    names = ["drug 1", "drug 2"]
    corner = texts_of(sheet, place)[0]
    above = [text for text in texts_of(sheet, place - 1) if text] if place else []
    over = len(above) == 1 and not texts_of(sheet, place - 1)[0]
    if corner and (over or named_unit(corner)[1]):
        names[0] = corner
    return [names[0], above[0]] if over else names


def _of_matrix(
    sheet: pd.DataFrame, place: int, height: int, width: int, facts: dict[str, str]
) -> pd.DataFrame:
    head = texts_of(sheet, place)
    body = sheet.iloc[place + 1 : place + 1 + height, : width + 1]
    split = (head[0].split(separator) for separator in BETWEEN)
    corner = [
        named_unit(part) for part in next((p for p in split if len(p) == 2), _names_beside(sheet, place))
    ]
    return pd.DataFrame(
        {
            "conc_1": np.repeat(np.array(_undosed(body.iloc[:, 0].tolist()), dtype=object), width),
            "conc_2": np.tile(np.array(_undosed(head[1 : width + 1]), dtype=object), height),
            "response": body.iloc[:, 1:].to_numpy().reshape(-1),
            "drug_1": facts.get("drug_1", corner[0][0]),
            "drug_2": facts.get("drug_2", corner[1][0]),
            "unit_1": facts.get("unit_1", facts.get("unit", corner[0][1])),
            "unit_2": facts.get("unit_2", facts.get("unit", corner[1][1])),
            "cell_line": facts.get("cell_line", ""),
            "row": np.repeat(body.index.to_numpy(), width),
        }
    )
