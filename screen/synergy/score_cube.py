"""Scores of a whole cube: the response variables of a cube's root group in, the data of its `/scores` group
out."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from screen.cube.schema import POINTS, SCORES, SIGN
from screen.cube.status import NOT_SIMULATED
from screen.errors import InputError, nearest
from screen.synergy.batch import ScoringOptions
from screen.synergy.curves.single_agent import SingleAgent
from screen.synergy.designs.surrogate import completed
from screen.synergy.dose_matrices import Score, aligned_doses
from screen.synergy.models.registry import MODELS, quantity
from screen.synergy.score import score_matrices

if TYPE_CHECKING:
    import xarray as xr

LOWER_BOUNDS = {"gr_value": -1.0}


def score_cube(
    cube: "xr.Dataset",
    models: Sequence[str] = ("hsa", "bliss", "loewe", "zip"),
    readout: str = "viability",
    *,
    single_agent: SingleAgent = "monotone",
    jobs: int = 1,
) -> "xr.Dataset":
    """Score every (cell line, combination, time) of a cube's root group.

        cube = screen.open_cube("results/quickstart.h5")
        scores = screen.synergy.score_cube(cube.to_dataset(), ["bliss", "musyc"])

    Raises `InputError` for a model or readout that is not known. Each model's paper (Bliss 1939, ...) is in
    `screen.synergy.models.registry.MODELS`.

    `cube` holds `readout` with dims that include `dose_1` and `dose_2` (any others stay), and
    `concentration_1`, `concentration_2` in nM. Returns for each model `<model>_excess` with the readout's
    dims, `<model>` (mean over cells with both doses above 0), `<model>_max` (best 3 x 3 window) and
    `<model>_reason` (words, `''` where the score applies) without the dose dims, and the coordinates that
    they use. Simulated wells carry no noise, so single agents are monotone curves through the values
    themselves unless `single_agent="fit"`. `jobs` as in `score_matrices`. Wells that `status` marks as not
    simulated are left out on rays, and of an adaptive design taken as they are expected.
    """
    import xarray as xr

    data, conc_1, conc_2 = matrices_of(cube, readout)
    response, lead = cube[readout], data.dims[:-2]
    values, design = _designed(cube, data, conc_1, conc_2)
    scores = score_matrices(
        values,
        conc_1,
        conc_2,
        models,
        options=ScoringOptions(single_agent=single_agent, lower_bound=LOWER_BOUNDS.get(readout, 0.0)),
        design=design,
        jobs=jobs,
    )
    out = xr.Dataset(described(scores, readout, lead, response.dims))
    keep = [name for name in cube.coords if set(cube[name].dims) <= set(response.dims)]
    out = out.assign_coords({name: cube[name] for name in keep})
    for name in ("drug_1", "drug_2", "concentration_1", "concentration_2"):
        if name in cube:
            out = out.assign_coords({name: cube[name]})
    return out.assign_attrs(readout=readout, units=POINTS, sign=SIGN, single_agent=single_agent)


def described(
    scores: Mapping[str, Score], readout: str, lead: Sequence[Hashable], dims: Sequence[Hashable]
) -> dict[str, tuple[tuple[str, ...], NDArray[np.generic], dict[str, str]]]:
    """The variables of `/scores` as (dims, values, attributes): what `score_matrices` says of a readout with
    `dims`, given to it as `(*lead, dose_1, dose_2)`.
    """
    axes = tuple(str(dim) for dim in lead)
    order = [[*axes, "dose_1", "dose_2"].index(str(dim)) for dim in dims]
    base = {"readout": readout}
    out: dict[str, tuple[tuple[str, ...], NDArray[np.generic], dict[str, str]]] = {}
    for model, score in scores.items():
        words = {"model": model, "null": MODELS[model].null, "window": "3 x 3"}
        cells = tuple(str(dim) for dim in dims)
        parts = {"{model}": score.mean, "{model}_max": score.best, "{model}_reason": score.reason}
        about = SCORES.attributes("{model}_excess", **words)
        out[f"{model}_excess"] = cells, score.excess.transpose(order), base | about
        for name, array in parts.items():
            out[name.format(**words)] = axes, array, base | SCORES.attributes(name, **words)
        for name, values in score.parameters.items():
            known = quantity(name)
            about = SCORES.attributes("{quantity}", quantity=name, units=known.unit, meaning=known.meaning)
            out[name] = axes, values, base | about
    return out


def _designed(
    cube: "xr.Dataset", data: "xr.DataArray", conc_1: NDArray[np.float64], conc_2: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
    """The response `(..., dose_1, dose_2)` to score, and on rays the wells that were simulated."""
    values = np.asarray(data.values, float)
    if "status" not in cube or not (cube["status"] == NOT_SIMULATED).any():
        return values, None
    asked = (cube["status"] != NOT_SIMULATED).broadcast_like(data).transpose(*data.dims).values
    if "ray" in cube.dims:
        return values, asked
    return np.where(asked, values, completed(values, conc_1, conc_2).viability.reshape(values.shape)), None


def matrices_of(
    cube: "xr.Dataset", readout: str
) -> "tuple[xr.DataArray, NDArray[np.float64], NDArray[np.float64]]":
    """The readout as `(..., dose_1, dose_2)` and its concentrations `(..., dose_1)`, `(..., dose_2)` in nM,
    whose leading dims broadcast; InputError where the cube has no such readout."""
    if readout not in cube.data_vars:
        known = [
            str(name)
            for name, data in cube.data_vars.items()
            if {"dose_1", "dose_2"} <= set(data.dims) and data.dtype.kind == "f"
        ]
        raise InputError(
            f"readout: no {readout!r} in the cube{nearest(readout, known)}; it has {', '.join(known)}"
        )
    response = cube[readout]
    lead = [str(dim) for dim in response.dims if dim not in ("dose_1", "dose_2")]
    grids = (cube["concentration_1"], cube["concentration_2"])
    conc_1, conc_2 = (aligned_doses(grid.values, [str(dim) for dim in grid.dims], lead) for grid in grids)
    return response.transpose(*lead, "dose_1", "dose_2"), conc_1, conc_2
