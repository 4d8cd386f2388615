"""Scores of a whole cube: the response variables of a cube's root group in, the data of its `/scores` group
out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from screen.errors import InputError, nearest
from screen.synergy.curves import SingleAgent
from screen.synergy.score import score_matrices

if TYPE_CHECKING:
    import xarray as xr

SIGN = "positive = synergy"
UNITS = "percent points of inhibition"
FLOORS = {"gr_value": -1.0}
TITLES = {
    "hsa": "highest single agent",
    "bliss": "Bliss independence",
    "loewe": "Loewe additivity",
    "zip": "ZIP",
}


def score_cube(
    cube: "xr.Dataset",
    models: Sequence[str] = ("hsa", "bliss", "loewe", "zip"),
    readout: str = "viability",
    *,
    single_agent: SingleAgent = "monotone",
) -> "xr.Dataset":
    """Score every (cell line, combination, time) of a cube's root group.

    `cube` holds `readout` with dims that include `dose_1` and `dose_2` (any others stay), and
    `concentration_1`, `concentration_2` in nM. Returns for each model `<model>_excess` with the readout's
    dims, `<model>` (mean over cells with both doses above 0), `<model>_max` (best 3 x 3 window) and
    `<model>_reason` (words, `''` where the score applies) without the dose dims, and the coordinates that
    they use. Simulated wells carry no noise, so single agents are monotone curves through the values
    themselves unless `single_agent="fit"`.
    """
    import xarray as xr

    if readout not in cube.data_vars:
        known = [str(name) for name, data in cube.data_vars.items() if {"dose_1", "dose_2"} <= set(data.dims)]
        raise InputError(
            f"readout: no {readout!r} in the cube{nearest(readout, known)}; it has {', '.join(known)}"
        )
    response = cube[readout]
    lead = tuple(dim for dim in response.dims if dim not in ("dose_1", "dose_2"))
    data = response.transpose(*lead, "dose_1", "dose_2")
    conc_1, conc_2 = (_spread(cube[f"concentration_{k}"], data, lead, f"dose_{k}") for k in (1, 2))
    scores = score_matrices(
        data.values, conc_1, conc_2, models, single_agent=single_agent, floor=FLOORS.get(readout, 0.0)
    )
    out = xr.Dataset()
    for model, score in scores.items():
        base = {"readout": readout, "units": UNITS, "sign": SIGN}
        title = TITLES.get(model, model)
        cells = xr.DataArray(score.excess, dims=data.dims).transpose(*response.dims)
        out[f"{model}_excess"] = cells.assign_attrs(base, long_name=f"excess over {title}")
        out[model] = (lead, score.mean, base | {"long_name": f"mean excess over {title}"})
        out[f"{model}_max"] = (
            lead,
            score.best,
            base | {"long_name": f"best 3 x 3 window of excess over {title}"},
        )
        for name, values in score.parameters.items():
            out[name] = (lead, values, {"readout": readout})
        words = {"readout": readout, "long_name": f"why the score by {title} is absent or limited"}
        out[f"{model}_reason"] = (lead, score.reason, words)
    keep = [name for name in cube.coords if set(cube[name].dims) <= set(response.dims)]
    out = out.assign_coords({name: cube[name] for name in keep})
    for name in ("drug_1", "drug_2", "concentration_1", "concentration_2"):
        if name in cube:
            out = out.assign_coords({name: cube[name]})
    return out.assign_attrs(readout=readout, units=UNITS, sign=SIGN, single_agent=single_agent)


def _spread(
    conc: "xr.DataArray", data: "xr.DataArray", lead: tuple[object, ...], dose: str
) -> NDArray[np.float64]:
    """Concentrations with the leading dims of the response, `(..., dose)`; missing dims get length 1."""
    order = [dim for dim in lead if dim in conc.dims]
    values = conc.transpose(*order, dose).values
    sizes = [data.sizes[dim] if dim in order else 1 for dim in lead]
    return np.asarray(values, dtype=float).reshape(*sizes, data.sizes[dose])
