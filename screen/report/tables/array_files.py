"""A cube for programs that work on arrays: AnnData (lines x wells, with what is known of both), MuData (scores and
panel beside these as modalities of their own), zarr (all groups).
"""

import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from screen.cube.tree import open_cube
from screen.errors import InputError
from screen.report.cube_view.from_cube import read_schedules
from screen.report.cube_view.view import CubeView
from screen.report.tables.long_tables import panel

LIBRARIES = {".h5ad": "anndata", ".h5mu": "mudata", ".zarr": "zarr"}
ENDINGS = tuple(LIBRARIES)


def write_arrays(cube: Path, path: Path) -> Path:
    """Write `cube` as FILE.h5ad, FILE.h5mu or the folder FOLDER.zarr. Raises `InputError` where the library that
    writes it is not installed.
    """
    library = LIBRARIES[path.suffix.lower()]
    try:
        kit = import_module(library)
    except ImportError:
        raise InputError(
            f"{path}: {library} is not installed, expected: pip install 'herscreen[arrays]'"
        ) from None
    if library == "zarr":
        open_cube(cube).to_zarr(
            str(path), mode="w", consolidated=True, zarr_format=2
        )  # texts have no format in 3 yet
        return path
    screens = read_schedules(cube)
    if library == "mudata":
        as_mudata(screens, import_module("anndata"), kit).write_h5mu(path)
    else:
        as_anndata(screens, kit).write_h5ad(path)
    return path


def as_anndata(screens: Sequence[CubeView], kit: Any) -> Any:
    """Lines as observations with their panel, wells as variables with drugs, doses and times; viability as X, other
    readouts as layers, mean scores (percent points of inhibition, positive = synergy) in `obsm`.
    """
    first = screens[0]
    wells = pd.concat([_wells(view) for view in screens], ignore_index=True)
    wells.index = pd.Index([f"well-{number}" for number in range(len(wells))])
    layers = {name: _side_by_side(screens, name) for name in first.readouts}
    observed = panel(first).set_index("cell_line")
    found = kit.AnnData(
        X=layers.pop("viability"), obs=observed.astype(dict.fromkeys(observed.select_dtypes("object"), str))
    )
    found.var = wells
    found.layers.update(layers)
    for model in first.models:
        columns = [f"{pair} {time:g} h" for pair in first.combinations for time in first.times_h]
        mean = (model.mean if model.nominal is None else model.nominal).reshape(len(first.lines), -1)
        found.obsm[model.name] = pd.DataFrame(mean, index=found.obs_names, columns=columns)
    found.uns["provenance"] = json.dumps(first.provenance, default=str)
    return found


def as_mudata(screens: Sequence[CubeView], annotated: Any, kit: Any) -> Any:
    """Three modalities of the same lines: `responses` as `as_anndata` has them, `scores` by model, combination and
    time, `panel` of the untreated lines' numbers. `annotated` is the module anndata, `kit` mudata.
    """
    responses = as_anndata(screens, annotated)
    scores = {model: responses.obsm.pop(model) for model in list(responses.obsm)}
    columns = [(model, name) for model, table in scores.items() for name in table.columns]
    numbers = responses.obs.select_dtypes("number")
    parts = {
        "responses": responses,
        "panel": annotated.AnnData(X=numbers.to_numpy(float), obs=responses.obs[[]]),
    }
    parts["panel"].var_names = list(numbers.columns)
    if columns:
        side_by_side = np.concatenate([table.to_numpy(float) for table in scores.values()], axis=1)
        parts["scores"] = annotated.AnnData(X=side_by_side, obs=responses.obs[[]])
        parts["scores"].var_names = [": ".join(names) for names in columns]
        parts["scores"].var["model"] = [model for model, _ in columns]
    return kit.MuData(parts)


def _there(view: CubeView) -> Any:
    """Which wells (combination, dose_1, dose_2) are of a grid, which may be shorter than the longest."""
    one, two = (
        np.asarray(np.isfinite(levels).any(axis=0)) for levels in (view.concentration_1, view.concentration_2)
    )
    return one[:, :, None] & two[:, None, :]


def _wells(view: CubeView) -> pd.DataFrame:
    """A row a well and time; concentrations that differ by line (multiples of a GR50) are not a well's own, NaN."""
    pair, one, two = np.nonzero(_there(view))
    levels = [
        np.where((part == part[:1]).all(axis=0), part[0], np.nan)
        for part in (view.concentration_1, view.concentration_2)
    ]
    table = pd.DataFrame(
        {
            "combination": np.array(view.combinations)[pair],
            "drug_1": np.array(view.drug_1)[pair],
            "drug_2": np.array(view.drug_2)[pair],
            "concentration_1_nM": levels[0][pair, one],
            "concentration_2_nM": levels[1][pair, two],
        }
    )
    if view.schedule:
        table.insert(1, "schedule", view.schedule)
    times = np.repeat(view.times_h[None], len(table), axis=0).reshape(-1)
    return table.loc[table.index.repeat(len(view.times_h))].assign(time_h=times)


def _side_by_side(screens: Sequence[CubeView], name: str) -> Any:
    """A readout of every schedule (cell_line, well and time)."""
    parts = [view.readouts[name].nominal()[:, _there(view)] for view in screens]
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)
