"""Exports of plate readers, 8 x 12 or 16 x 24 blocks or lists of wells, joined with a map that says what each well
holds: `well,drug1,conc1,drug2,conc2,conc_unit,role,cell_line`, and `plate` where the export holds several; or with the
list of a dispenser.
"""

import re
from pathlib import Path

import pandas as pd

from screen.errors import InputError
from screen.synergy.plates.reading.dispenser import read_dispensed
from screen.synergy.plates.reading.files import read_sheets
from screen.synergy.plates.reading.frames import sheet_of
from screen.synergy.plates.reading.headers import Head, find_columns, fold
from screen.synergy.plates.reading.layouts import Table
from screen.synergy.plates.reading.numbers import read_numbers

SIZES = ((8, 12), (16, 24), (4, 6), (6, 8), (3, 4), (2, 3), (32, 48))
MAP_HEAD = "well,drug1,conc1,drug2,conc2,conc_unit,role,cell_line"
VALUE_HEADS = ("value", "result", "signal", "luminescence", "absorbance", "fluorescence", "response", "counts", "rlu",
               "rfu", "od", "raw", "measurement", "intensity", "cellcount", "viability", "inhibition")  # fmt: skip
_WELL = re.compile(r"([A-Za-z]{1,2})\s*0*(\d{1,2})")


def read_mapped(
    sheets: list[tuple[str, pd.DataFrame]], path: Path, plate_map: Path | pd.DataFrame
) -> tuple[Table, list[str]]:
    """The wells of an export with what the map says of them, and words on wells that one of both lacks."""
    found = _values(sheets, path)
    where = "the map" if isinstance(plate_map, pd.DataFrame) else str(plate_map)
    (_, sheet), *_ = [sheet_of(plate_map)] if isinstance(plate_map, pd.DataFrame) else read_sheets(plate_map)
    mapped = _map(sheet, where)
    _refuse_twice(mapped, where, ("plate", "well"))
    plates = list(dict.fromkeys(found["plate"]))
    if "plate" in mapped and (mapped["plate"].fillna("") != "").any():
        named = set(mapped["plate"].dropna())
        if not named <= set(plates) and len(named) == len(plates):
            found["plate"] = found["plate"].map(dict(zip(plates, dict.fromkeys(mapped["plate"].dropna()))))
        joined = found.assign(place=found.index).merge(mapped, on=["plate", "well"], how="inner")
    else:
        mapped = mapped.drop(columns=[name for name in ("plate", "time") if name in mapped and name in found])
        joined = found.assign(place=found.index).merge(mapped, on="well", how="inner")
    if joined.empty:
        raise InputError(
            f"{where}: found wells {', '.join(mapped['well'][:3])} ..., expected those of {path.name}: "
            f"{', '.join(found['well'][:3])} ..."
        )
    messages = [f"map: {len(joined)} wells of {len(plates)} plates of {path.name}"]
    if left := int((~found.index.isin(joined.pop("place"))).sum()):
        messages[0] += f"; {left} wells are not in the map and left out"
    if len(plates) == 1:
        joined = joined.drop(columns="plate")
    return Table(
        joined.assign(sheet=path.stem, row=joined["row"]), Head("", found.attrs["word"], "", False)
    ), messages


def _refuse_twice(table: pd.DataFrame, where: str, names: tuple[str, ...]) -> None:
    """InputError for wells that stand twice where nothing tells them apart."""
    known = [name for name in names if name in table]
    twice = table.duplicated(known)
    if twice.any():
        first = table.loc[twice, "well"].iloc[0]
        raise InputError(
            f"{where}: well {first} stands twice ({int(twice.sum())} wells do), expected each once on a plate, or a "
            "column 'plate' or 'time' that tells them apart"
        )


def is_export(sheet: pd.DataFrame) -> bool:
    """Whether a sheet is what a plate reader writes: blocks of wells, or a list of them."""
    try:
        return bool(_grids(sheet)) or _list(sheet) is not None
    except InputError:  # a list with several columns of values
        return True


def _map(sheet: pd.DataFrame, where: str) -> pd.DataFrame:
    """The map, a row a well, in our columns."""
    if (dispensed := read_dispensed(sheet)) is not None:
        return dispensed.assign(well=dispensed["well"].map(_well_name))
    head = ["" if pd.isna(text) else str(text).strip() for text in sheet.iloc[0]]
    columns = find_columns(head)
    places = {ours: head.index(one.text) for ours, one in columns.items()}
    by_fold = {fold(text): k for k, text in enumerate(head)}
    body = sheet.iloc[1:]
    table = pd.DataFrame({ours: body.iloc[:, k].to_numpy() for ours, k in places.items()}, dtype=str)
    for k in ("1", "2"):
        if f"conc_{k}" in columns and columns[f"conc_{k}"].unit and f"unit_{k}" not in columns:
            table[f"unit_{k}"] = columns[f"conc_{k}"].unit
    if "row" in by_fold and ("col" in by_fold or "column" in by_fold):
        col = body.iloc[:, by_fold.get("col", by_fold.get("column", 0))]
        table["well"] = (body.iloc[:, by_fold["row"]].astype(str) + col.astype(str)).to_numpy()
    missing = [name for name in ("well", "conc_1") if name not in table]
    if missing:
        raise InputError(f"{where}: no column {missing[0]!r} in the map; expected a head like {MAP_HEAD}")
    if "conc_2" not in table:
        table["conc_2"], table["drug_2"] = "0", ""
    table["well"] = table["well"].map(_well_name)
    return table.drop(columns=[name for name in ("response",) if name in table])


def _well_name(text: object) -> str:
    """`A01`, `a1`, `A 1` as `A1`."""
    match = _WELL.fullmatch(str(text).strip())
    return f"{match[1].upper()}{int(match[2])}" if match else str(text).strip()


def _values(sheets: list[tuple[str, pd.DataFrame]], path: Path) -> pd.DataFrame:
    parts, word = [], ""
    for name, sheet in sheets:
        grids = _grids(sheet)
        if grids:
            parts += [
                grid.assign(plate=name if len(grids) == 1 else f"{name} {k}")
                for k, grid in enumerate(grids, start=1)
            ]
        elif (listed := _list(sheet)) is not None:
            parts.append(listed[0] if "plate" in listed[0] else listed[0].assign(plate=name))
            word = listed[1]
    if not parts:
        raise InputError(
            f"{path}: found no block of wells (1..12 above, A..H before) and no list with a column 'well', expected an "
            "export of a plate reader"
        )
    whole = pd.concat(parts, ignore_index=True)
    _refuse_twice(whole, str(path), ("plate", "well", "time"))
    whole.attrs["word"] = word
    return whole


def _grids(sheet: pd.DataFrame) -> list[pd.DataFrame]:
    """Blocks of wells: a row 1, 2, 3 ... and under it rows that begin with A, B, C ..."""
    texts = sheet.fillna("").astype(str).apply(lambda column: column.str.strip())
    found, place = [], 0
    while place < len(texts):
        head = texts.iloc[place].tolist()
        grid = _grid_at(texts, place, head)
        if grid is None:
            place += 1
            continue
        found.append(grid)
        place += 1 + grid["height"].iloc[0]
    return [grid.drop(columns="height") for grid in found]


def _grid_at(texts: pd.DataFrame, place: int, head: list[str]) -> pd.DataFrame | None:
    for rows, columns in sorted(SIZES, reverse=True):
        for start in range(1, len(head) - columns + 1):
            if [text.removesuffix(".0") for text in head[start : start + columns]] != [
                str(k + 1) for k in range(columns)
            ]:
                continue
            letters = [_letter(k) for k in range(rows)]
            side = texts.iloc[place + 1 : place + 1 + rows, start - 1].tolist()
            height = next((k for k, (a, b) in enumerate(zip(side, letters)) if a.upper() != b), len(side))
            if height < 2:
                continue
            body = texts.iloc[place + 1 : place + 1 + height, start : start + columns]
            return pd.DataFrame(
                {
                    "well": [f"{letter}{k + 1}" for letter in letters[:height] for k in range(columns)],
                    "response": body.to_numpy().reshape(-1),
                    "row": [line for line in body.index for _ in range(columns)],
                    "height": height,
                }
            ).query("response != ''")
    return None


def _letter(k: int) -> str:
    return chr(65 + k) if k < 26 else f"A{chr(65 + k - 26)}"


def _list(sheet: pd.DataFrame) -> tuple[pd.DataFrame, str] | None:
    """A list of wells: a column of wells and one of values, under a head."""
    for place in range(min(len(sheet), 60)):
        head = [fold("" if pd.isna(text) else str(text)) for text in sheet.iloc[place]]
        well = next(
            (k for k, text in enumerate(head) if text in ("well", "wellid", "wellname", "wellposition")), None
        )
        if well is None:
            continue
        body = sheet.iloc[place + 1 :]
        numeric = [
            k
            for k in range(len(head))
            if k != well and not read_numbers(body.iloc[:, k]).wrong.any() and head[k]
        ]
        named = [k for k in numeric if any(head[k].startswith(word) for word in VALUE_HEADS)]
        if not numeric:
            continue
        if len(named) > 1:
            raise InputError(
                f"found several columns of values ({', '.join(str(sheet.iloc[place, k]) for k in named)}), expected "
                "one: take the others out"
            )
        value = (named or numeric[::-1])[0]
        columns = {
            "well": body.iloc[:, well].map(_well_name).to_numpy(),
            "response": body.iloc[:, value].to_numpy(),
            "row": body.index.to_numpy(),
        }
        plate = next(
            (k for k, text in enumerate(head) if text in ("plate", "plateid", "barcode", "platename")), None
        )
        if plate is not None:
            columns["plate"] = body.iloc[:, plate].to_numpy()
        if (when := find_columns([str(text) for text in sheet.iloc[place]]).get("time")) is not None:
            columns["time"] = body.iloc[
                :, [str(text) for text in sheet.iloc[place]].index(when.text)
            ].to_numpy()
        kept = pd.DataFrame(columns)
        return kept[kept["response"].notna()], head[value]
    return None
