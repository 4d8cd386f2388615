"""Three-drug combinations as long tables: a row a well and time, and a row a line, combination and time."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from screen.cube.tree import triples_of
from screen.report.tables.columns import safe_unit, status_column

if TYPE_CHECKING:
    import xarray as xr

AXES = ("dose_1", "dose_2", "dose_3")
DRUGS = ("drug_1", "drug_2", "drug_3")


def triple_tables(cube: "xr.DataTree") -> dict[str, pd.DataFrame]:
    """`triples` and `triples_scores`; empty for a cube without triples. Padding of grids is left out."""
    root, scores = triples_of(cube), triples_of(cube, "scores")
    if root is None:
        return {}
    found = {"triples": _responses(root)}
    if scores is not None:
        lead = [name for name, data in scores.data_vars.items() if not {*AXES} & set(data.dims)]
        found["triples_scores"] = _long(scores[lead])
    return found


def _responses(root: "xr.Dataset") -> pd.DataFrame:
    names = [name for name, data in root.data_vars.items() if {*AXES} <= set(data.dims)]
    status = names.pop(names.index("status")) if "status" in names else None
    data = root[names].drop_vars([name for name in root.coords if str(name).startswith("exposure_")])
    if status is not None:
        data = data.assign_coords(status=root[status])
    table = _long(data)
    doses = {f"concentration_{k}": f"concentration_{k}_nM" for k in (1, 2, 3)}
    table = table.dropna(subset=list(doses)).drop(columns=list(AXES)).reset_index(drop=True)
    units = {str(name): str(root[name].attrs.get("units", "1")) for name in names}
    labels = {name: f"{name}_{safe_unit(unit)}" for name, unit in units.items() if unit not in ("", "1")}
    if status is not None:
        column: Any = table.pop("status")
        table["status"] = status_column(column.to_numpy(int))
    return table.rename(columns=doses | labels)


def _long(data: "xr.Dataset") -> pd.DataFrame:
    """A dataset as rows, names first."""
    table = data.to_dataframe().reset_index().rename(columns={"time": "time_h"})
    first = [
        "cell_line",
        "combination",
        *DRUGS,
        "schedule",
        *(f"concentration_{k}" for k in (1, 2, 3)),
        "time_h",
    ]
    first = [name for name in first if name in table]
    if not {*AXES} & set(table.columns):
        table = table.drop(columns=[name for name in first if name.startswith("concentration_")])
        first = [name for name in first if name in table]
    rest = [name for name in table.columns if name not in first and not str(name).startswith("exposure_")]
    return table[first + rest]
