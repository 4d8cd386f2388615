"""Lists of digital dispensers (HP and Tecan D300), a row a fluid and well, as a map of wells: `Dispensed well`, `Fluid
name`, `Dispensed conc.`, `Conc. units`. Fluids that only top up (DMSO) are no drugs.
"""

import pandas as pd

from screen.synergy.plates.reading.headers import fold, named_unit
from screen.synergy.plates.reading.numbers import read_numbers

WELL = ("dispensedwell", "well", "wellid")
ROW, COLUMN = (
    ("dispensedrow", "row", "wellrow"),
    ("dispensedcol", "dispensedcolumn", "col", "column", "wellcol"),
)
FLUID = ("fluidname", "fluid", "fluidid", "compound", "compoundname", "drug", "drugname", "agent", "treatment",
         "substance", "samplename")  # fmt: skip
CONC = (
    "dispensedconc",
    "dispensedconcentration",
    "actualconc",
    "targetconc",
    "finalconc",
    "conc",
    "concentration",
    "dose",
    "finalconcentration",
)
KEPT = {"role": ("role", "welltype", "content", "sampletype"), "cell_line": ("cellline", "cell", "cells"),
        "time": ("time", "timeh", "hours")}  # fmt: skip
UNIT = ("concunits", "concunit", "concentrationunits", "concentrationunit", "units", "unit")
PLATE = ("plateid", "plate", "plateidbarcode", "barcode")
TOP_UP = (
    "dmso",
    "water",
    "tween",
    "vehicle",
    "medium",
    "normalization",
    "normalisation",
    "backfill",
    "solvent",
)
SEARCHED = 40


def read_dispensed(sheet: pd.DataFrame) -> pd.DataFrame | None:
    """Rows `well, drug_1, conc_1, unit_1, drug_2, conc_2, unit_2` (and `plate`, `role`, `cell_line`, `time`) of a list,
    None where a sheet is none. A third fluid of a well is `drug_3`. A unit may stand behind the head of the doses."""
    for place in range(min(len(sheet), SEARCHED)):
        texts = ["" if pd.isna(text) else str(text) for text in sheet.iloc[place]]
        named = [named_unit(text) for text in texts]
        head = [fold(name) for name, _ in named]
        found = {
            name: next((head.index(word) for word in words if word in head), None)
            for name, words in (
                ("well", WELL),
                ("drug", FLUID),
                ("conc", CONC),
                ("unit", UNIT),
                ("plate", PLATE),
                *KEPT.items(),
            )
        }
        sides = [next((head.index(word) for word in words if word in head), None) for words in (ROW, COLUMN)]
        apart = found["well"] is None and None not in sides
        if None not in (found["drug"], found["conc"]) and (apart or found["well"] is not None):
            body = sheet.iloc[place + 1 :]
            columns = {
                name: body.iloc[:, k].fillna("").astype(str) for name, k in found.items() if k is not None
            }
            if apart:
                columns["well"] = body[sides[0]].fillna("") + body[sides[1]].fillna("")
            rows = pd.DataFrame(columns)
            behind = named[found["conc"] or 0][1]
            return _by_well(rows if "unit" in rows or not behind else rows.assign(unit=behind))
    return None


def _by_well(rows: pd.DataFrame) -> pd.DataFrame:
    """A row a well: its fluids in the order in which wells of several name them."""
    if "unit" not in rows:
        rows["unit"] = ""
    if "plate" not in rows:
        rows["plate"] = ""
    rows = rows[rows["well"].str.strip() != ""]
    given = read_numbers(rows["conc"]).value
    top_up = rows["drug"].map(fold).str.startswith(TOP_UP) | (rows["drug"] == "")
    drug = ~top_up & (given > 0)
    bare = (rows["drug"] != "") & (rows["conc"] == "")  # `blank`, `no cells`
    together = rows[drug].duplicated(["plate", "well"], keep=False)
    named = pd.concat([rows.loc[together.index[together], "drug"], rows.loc[drug, "drug"]]).drop_duplicates()
    order = {name: k for k, name in enumerate(named)}
    wells = []
    for (plate, well), group in rows.groupby(["plate", "well"], sort=False):
        fluids = group[drug[group.index]].sort_values(
            "drug", key=lambda names: names.map(order), kind="stable"
        )
        kept = {name: next(filter(None, group[name]), "") for name in KEPT if name in group}
        row = kept | {"plate": plate, "well": well, "drug_1": "", "conc_1": "0", "drug_2": "", "conc_2": "0"}
        alone = rows["drug"][group.index[bare[group.index]]]
        if len(alone) == len(group):
            row |= {"drug_1": alone.iloc[0], "conc_1": "", "drug_2": alone.iloc[0], "conc_2": ""}
        for k, (name, conc, unit) in enumerate(zip(fluids["drug"], fluids["conc"], fluids["unit"]), start=1):
            row |= {f"drug_{k}": name, f"conc_{k}": conc, f"unit_{k}": unit}
        wells.append(row)
    table = pd.DataFrame(wells).fillna("")
    return table if (table["plate"] != "").any() else table.drop(columns="plate")
