"""A measured plate beside the simulated one: the scores of a cube for the same drugs and cell line."""

from pathlib import Path
from typing import TYPE_CHECKING

from screen.errors import InputError, nearest, plain

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def beside_cube(summary: "pd.DataFrame", path: str | Path) -> "pd.DataFrame":
    """`summary` with `sim_<model>` and `sim_<model>_max` from the cube's last assay time and
    `sim_reason`, which says why a block has none. Drugs may stand in either order; a block without
    `cell_line` has no partner."""
    import xarray as xr

    if not Path(path).is_file():
        raise InputError(f"--against {path}: no such file, expected a cube")
    try:
        scores = xr.open_dataset(path, group="scores", engine="h5netcdf")
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"--against {path}: no scores in it ({' '.join(str(error).split())})") from None
    with scores:
        models = [str(name) for name in scores.data_vars if f"{name}_excess" in scores.data_vars]
        shown = [name for model in models for name in (model, f"{model}_max")]
        lines = {plain(str(name)): i for i, name in enumerate(scores["cell_line"].values)}
        pairs = _pairs(scores)
        last = scores[shown].isel(time=-1).load() if "time" in scores.dims else scores[shown].load()
    rows = []
    for _, block in summary.iterrows():
        line = plain(str(block["cell_line"]))
        pair = frozenset((_drug(block["drug_row"]), _drug(block["drug_col"])))
        row: dict[str, object] = dict.fromkeys((f"sim_{name}" for name in shown), float("nan"))
        if line not in lines:
            row["sim_reason"] = f"no cell line {block['cell_line']!r} in the cube{nearest(line, lines)}"
        elif pair not in pairs:
            row["sim_reason"] = f"no combination of {block['drug_row']} and {block['drug_col']} in the cube"
        else:
            cell = last.isel(cell_line=lines[line], combination=pairs[pair])
            row |= {f"sim_{name}": float(cell[name]) for name in shown}
            row["sim_reason"] = ""
        rows.append(row)
    import pandas as pd

    return pd.concat([summary.reset_index(drop=True), pd.DataFrame(rows)], axis=1)


def _pairs(scores: "xr.Dataset") -> dict[frozenset[str], int]:
    names = [str(name).split("+") for name in scores["combination"].values]
    return {frozenset(_drug(drug) for drug in pair): i for i, pair in enumerate(names)}


def _drug(name: object) -> str:
    folded = plain(str(name))
    return "trastuzumab" if folded == "herceptin" else folded
