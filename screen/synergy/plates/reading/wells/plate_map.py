"""Exports of plate readers, 8 x 12 or 16 x 24 blocks or lists of wells, joined with a map that says what each well
holds: `well,drug1,conc1,drug2,conc2,conc_unit,role,cell_line`, and `plate` where the export holds several; or with the
list of a dispenser, or drawn as blocks like the plate.
"""

from pathlib import Path

import pandas as pd

from screen.errors import InputError
from screen.synergy.plates.reading.files import read_sheets
from screen.synergy.plates.reading.frames import sheet_of
from screen.synergy.plates.reading.headers import Head, find_columns, fold, read_head
from screen.synergy.plates.reading.layouts import UNKNOWN, Table
from screen.synergy.plates.reading.wells.dispenser import read_dispensed
from screen.synergy.plates.reading.wells.grid_map import read_grid_map
from screen.synergy.plates.reading.wells.grids import well_name
from screen.synergy.plates.reading.wells.reader_export import read_export, refuse_twice

MAP_HEAD = "well,drug1,conc1,drug2,conc2,conc_unit,role,cell_line"
SEARCHED = 40


def read_mapped(
    sheets: list[tuple[str, pd.DataFrame]], path: Path, plate_map: Path | pd.DataFrame
) -> tuple[Table, list[str]]:
    """The wells of an export with what the map says of them, and words on wells that one of both lacks."""
    found, word = read_export(sheets, path)
    where = "the map" if isinstance(plate_map, pd.DataFrame) else str(plate_map)
    drawn = [sheet_of(plate_map)] if isinstance(plate_map, pd.DataFrame) else read_sheets(plate_map)
    mapped = _map(drawn, where)
    refuse_twice(mapped, where, ("plate", "well"))
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
    messages = [
        f"map: {len(joined)} wells of {len(plates)} {'plate' if len(plates) == 1 else 'plates'} of {path.name}"
    ]
    if lacking := sorted(set(mapped["well"]) - set(joined["well"])):
        shown = ", ".join(lacking[:3]) + (" ..." if len(lacking) > 3 else "")
        messages.append(f"map: {len(lacking)} of its wells are not in {path.name} ({shown})")
    if left := int((~found.index.isin(joined.pop("place"))).sum()):
        messages[0] += f"; {left} wells are not in the map and left out"
    if len(plates) == 1:
        joined = joined.drop(columns="plate")
    return Table(joined.assign(sheet=path.stem, row=joined["row"]), Head("", word, "", False)), messages


def _map(sheets: list[tuple[str, pd.DataFrame]], where: str) -> pd.DataFrame:
    """The map, a row a well, in our columns: a table of wells, the list of a dispenser, or blocks of wells."""
    if (blocks := read_grid_map(sheets, where)) is not None:
        return blocks
    (_, sheet), *_ = sheets
    sheet, head = _headed(sheet)
    columns = find_columns(head)
    if "conc_2" not in columns and (dispensed := read_dispensed(sheet)) is not None:
        return dispensed.assign(well=dispensed["well"].map(well_name))
    places = {ours: head.index(one.text) for ours, one in columns.items()}
    by_fold = {fold(text): k for k, text in enumerate(head)}
    body = sheet.iloc[1:]
    table = pd.DataFrame({ours: body.iloc[:, k].to_numpy() for ours, k in places.items()}, dtype=str)
    for place, text in enumerate(head):
        if text and place not in places.values() and not read_head(text).name:
            table[UNKNOWN + text] = body.iloc[:, place].to_numpy()
    for k in ("1", "2"):
        if f"conc_{k}" in columns and columns[f"conc_{k}"].unit and f"unit_{k}" not in columns:
            table[f"unit_{k}"] = columns[f"conc_{k}"].unit
    named = "well" in columns and fold(columns["well"].text).startswith("well")
    if not named and "row" in by_fold and ("col" in by_fold or "column" in by_fold):
        col = body.iloc[:, by_fold.get("col", by_fold.get("column", 0))]
        table["well"] = (body.iloc[:, by_fold["row"]].astype(str) + col.astype(str)).to_numpy()
    missing = [name for name in ("well", "conc_1") if name not in table]
    if missing:
        raise InputError(
            f"{where}: no column {missing[0]!r} in the map; expected a head like {MAP_HEAD}, or blocks like the plate "
            "(1..12 above, A..H before) under their names: drug1, conc1 (nM), drug2, ..."
        )
    if "conc_2" not in table:
        table["conc_2"], table["drug_2"] = "0", ""
    table["well"] = table["well"].map(well_name)
    return table.drop(columns=[name for name in ("response",) if name in table])


def _headed(sheet: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The map from its head on, and the head: the first line that names wells, else the first."""
    for place in range(min(len(sheet), SEARCHED)):
        head = ["" if pd.isna(text) else str(text).strip() for text in sheet.iloc[place]]
        if "well" in find_columns(head) and len(list(filter(None, head))) > 1:
            return sheet.iloc[place:], head
    return sheet, ["" if pd.isna(text) else str(text).strip() for text in sheet.iloc[0]]
