"""Scores of a whole cube: the response variables of a cube's root group in, the data of its `/scores` group
out."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from screen.cube.status import NOT_SIMULATED
from screen.errors import InputError, nearest
from screen.synergy.curves.single_agent import SingleAgent
from screen.synergy.designs.surrogate import completed
from screen.synergy.dose_matrices import Score
from screen.synergy.score import score_matrices

if TYPE_CHECKING:
    import xarray as xr

SIGN = "positive = synergy"
UNITS = "percent points of inhibition"
QUANTITIES = {
    "ci50": "geometric mean of the Loewe combination index along the 50 % isobole, below 1 = synergy",
    "ci_mean": "geometric mean of the Chou-Talalay index over the cells, below 1 = synergy",
    "ci_r": "correlation of the median-effect line",
    "loewe_unreached": "fraction of cells whose expected effect a drug cannot reach",
    "loewe_extrapolated": "fraction of cells whose expectation rests on a dose beyond those tested",
    "braid_kappa": "BRAID's interaction, positive = synergy",
    "braid_iae": "BRAID's index of achievable efficacy at half the effect range",
    "beta": "synergy of efficacy, positive = the pair reaches further",
    "alpha12": "factor by which drug 1 makes drug 2 more potent, above 1 = synergy",
    "alpha21": "factor by which drug 2 makes drug 1 more potent, above 1 = synergy",
    "gamma12": "factor by which drug 1 makes drug 2 steeper",
    "gamma21": "factor by which drug 2 makes drug 1 steeper",
    "a12": "how drug 2 changes the effective dose of drug 1, below 0 = synergy",
    "a21": "how drug 1 changes the effective dose of drug 2, below 0 = synergy",
    "E": "viability of a state: 0 no drug, 1 drug 1, 2 drug 2, 3 both",
    "C": "midpoint dose",
    "IDM": "midpoint dose",
    "h": "Hill slope",
    "n": "Hill slope",
    "f": "share of the largest effect that a drug reaches alone",
    "r2": "share of the variance that the surface explains",
    "rmse": "root mean square of what the fitted slices leave",
}
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
    jobs: int = 1,
) -> "xr.Dataset":
    """Score every (cell line, combination, time) of a cube's root group.

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
        single_agent=single_agent,
        floor=FLOORS.get(readout, 0.0),
        design=design,
        jobs=jobs,
    )
    out = xr.Dataset(described(scores, readout, lead, response.dims))
    keep = [name for name in cube.coords if set(cube[name].dims) <= set(response.dims)]
    out = out.assign_coords({name: cube[name] for name in keep})
    for name in ("drug_1", "drug_2", "concentration_1", "concentration_2"):
        if name in cube:
            out = out.assign_coords({name: cube[name]})
    return out.assign_attrs(readout=readout, units=UNITS, sign=SIGN, single_agent=single_agent)


def described(
    scores: Mapping[str, Score], readout: str, lead: Sequence[Hashable], dims: Sequence[Hashable]
) -> dict[str, tuple[tuple[str, ...], NDArray[np.generic], dict[str, str]]]:
    """The variables of `/scores` as (dims, values, attributes): what `score_matrices` says of a readout with
    `dims`, given to it as `(*lead, dose_1, dose_2)`.
    """
    axes = tuple(str(dim) for dim in lead)
    order = [[*axes, "dose_1", "dose_2"].index(str(dim)) for dim in dims]
    base = {"readout": readout, "units": UNITS, "sign": SIGN}
    out: dict[str, tuple[tuple[str, ...], NDArray[np.generic], dict[str, str]]] = {}
    for model, score in scores.items():
        title = TITLES.get(model, model)
        about = base | {"long_name": f"excess over {title}"}
        out[f"{model}_excess"] = tuple(str(dim) for dim in dims), score.excess.transpose(order), about
        out[model] = axes, score.mean, base | {"long_name": f"mean excess over {title}"}
        best = {"long_name": f"best 3 x 3 window of excess over {title}"}
        out[f"{model}_max"] = axes, score.best, base | best
        for name, values in score.parameters.items():
            out[name] = axes, values, {"readout": readout} | describe(name)
        words = {"readout": readout, "long_name": f"why the score by {title} is absent or limited"}
        out[f"{model}_reason"] = axes, score.reason, words
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
    lead = tuple(dim for dim in response.dims if dim not in ("dose_1", "dose_2"))
    data = response.transpose(*lead, "dose_1", "dose_2")
    conc_1, conc_2 = (_spread(cube[f"concentration_{k}"], data, lead, f"dose_{k}") for k in (1, 2))
    return data, conc_1, conc_2


def describe(parameter: str) -> dict[str, str]:
    """`long_name` and `units` of a model's own quantity, by its name."""
    model, _, rest = parameter.partition("_")
    error, core = rest.endswith("_error"), rest.removesuffix("_error").removeprefix("log_")
    title = next((text for key, text in QUANTITIES.items() if parameter.startswith(key)), "")
    if not title:
        title = next((text for key, text in QUANTITIES.items() if core.startswith(key)), core or model)
    units = "1"
    if core.startswith(("C1", "C2", "IDM")) and not error:
        units = "nM"
    elif core == "rmse":
        units = "percent points"
    scale = " of its natural logarithm" if rest.startswith("log_") else ""
    return {
        "long_name": f"{parameter}: {f'standard error{scale} of ' if error else ''}{title}",
        "units": units,
    }


def _spread(
    conc: "xr.DataArray", data: "xr.DataArray", lead: tuple[object, ...], dose: str
) -> NDArray[np.float64]:
    """Concentrations with the leading dims of the response, `(..., dose)`; missing dims get length 1."""
    order = [dim for dim in lead if dim in conc.dims]
    values = conc.transpose(*order, dose).values
    sizes = [data.sizes[dim] if dim in order else 1 for dim in lead]
    return np.asarray(values, dtype=float).reshape(*sizes, data.sizes[dose])
