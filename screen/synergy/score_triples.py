"""Scores of three drugs: the tensors of a cube's group `/triples` in, the variables of `/triples/scores` out.
`<model>` is the mean excess over cells with all three drugs, `<model>_beyond` what of it the pairs do not
explain (see `score_tensors`), both in percent points of inhibition, positive = synergy.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.cube.schema import SCORES
from screen.synergy.curves.single_agent import SingleAgent
from screen.synergy.dose_matrices import add_reason, aligned_doses
from screen.synergy.models.registry import MANY_DRUGS, MODELS
from screen.synergy.score_tensors import score_tensors

if TYPE_CHECKING:
    import xarray as xr

Described = dict[str, tuple[tuple[str, ...], NDArray[np.generic], dict[str, str]]]
AXES = ("dose_1", "dose_2", "dose_3")


def score_triples(
    viability: Floats,
    concentrations: Sequence[Floats],
    models: Sequence[str],
    lead: Sequence[str],
    dims: Sequence[str],
    *,
    readout: str = "viability",
    single_agent: SingleAgent = "monotone",
) -> Described:
    """The variables of `/triples/scores` as (dims, values, attributes).

    `viability` `(*lead, dose_1, dose_2, dose_3)` as a fraction of vehicle; `concentrations` `(..., dose)`,
    whose leading dims broadcast to `lead`; excesses come with `dims`, those of `lead` and the dose axes in
    any order. Of `models` those without a form for three drugs are left out.
    """
    conc = [np.broadcast_to(one, (*viability.shape[:-3], one.shape[-1])) for one in concentrations]
    found = score_tensors(viability, conc, [model for model in models if model in MANY_DRUGS], single_agent)
    order = [[*lead, *AXES].index(dim) for dim in dims]
    axes = tuple(lead)
    base = {"readout": readout}
    out: Described = {}
    for model, score in found.items():
        words = {"model": model, "null": MODELS[model].null, "window": "3 x 3 x 3"}
        add_reason(flat := score.reason.reshape(-1), *_missing(viability, conc))
        cells, tensors = tuple(dims), {"{model}_excess": score.excess, "{model}_beyond_excess": score.beyond}
        for name, tensor in tensors.items():
            about = base | SCORES.attributes(name, **words)
            out[name.format(**words)] = cells, tensor.transpose(order), about
        parts = {
            "{model}": score.mean,
            "{model}_max": score.best,
            "{model}_beyond": score.mean_beyond,
            "{model}_reason": flat.reshape(score.reason.shape),
        }
        for name, array in parts.items():
            out[name.format(**words)] = axes, array, base | SCORES.attributes(name, **words)
        known = MANY_DRUGS[model].parameters(len(AXES))
        for name, values in score.parameters.items():
            one = known[name]
            about = SCORES.attributes("{quantity}", quantity=name, units=one.unit, meaning=one.meaning)
            out[name] = axes, values, base | about
    return out


def score_triples_of(
    triples: "xr.Dataset", models: Sequence[str], readout: str = "viability"
) -> "xr.Dataset":
    """The variables of `/triples/scores` for a cube's group `/triples`, as `screen.synergy.score_cube` gives
    those of its pairs."""
    import xarray as xr

    response = triples[readout]
    dims = tuple(str(dim) for dim in response.dims)
    lead = tuple(dim for dim in dims if dim not in AXES)
    grids = (triples[f"concentration_{k}"] for k in (1, 2, 3))
    conc = [aligned_doses(grid.values, [str(dim) for dim in grid.dims], lead) for grid in grids]
    found = score_triples(
        np.asarray(response.transpose(*lead, *AXES).values, float), conc, models, lead, dims, readout=readout
    )
    return xr.Dataset(found, coords={name: triples[name] for name in triples.coords})


def _missing(viability: Floats, conc: Sequence[Floats]) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """Which tensors lack wells of their design, and words for how many; flat."""
    one, two, three = (~np.isnan(part) for part in conc)
    wells = one[..., :, None, None] & two[..., None, :, None] & three[..., None, None, :]
    absent = (wells & np.isnan(viability)).sum(axis=(-3, -2, -1)).reshape(-1)
    total = wells.sum(axis=(-3, -2, -1)).reshape(-1)
    return absent > 0, np.array(
        [f"{a} of {b} wells have no value" for a, b in zip(absent, total)], dtype=object
    )
