"""How strong the drugs of a cube are alone and together, for its group `/scores`: IC50 and the like where
viability was scored, GR50, GRmax and GR_AOC where GR values were."""

from typing import TYPE_CHECKING

import numpy as np

from screen.cube.schema import POINTS, SCORES
from screen.synergy.potency.gr_metrics import growth_metrics
from screen.synergy.potency.potency import potencies
from screen.synergy.score_cube import matrices_of

if TYPE_CHECKING:
    import xarray as xr

GROWTH = ("gr50", "gr_max", "gr_inf", "gr_aoc", "gec50")
MEANING = {
    "ic50": ("nM", "dose alone at viability 0.5, inf where not reached within ten times the highest dose"),
    "ec50": ("nM", "midpoint of the fitted curve"),
    "emax": ("1", "viability at endless dose, fitted"),
    "hill": ("1", "Hill slope of the fitted curve"),
    "ri": (POINTS, "mean inhibition over the log of the doses"),
    "css": (POINTS, "combination sensitivity score"),
    "gr50": ("nM", "dose alone at GR 0.5, inf where not reached within ten times the highest dose"),
    "gr_max": ("1", "GR value at the highest dose"),
    "gr_inf": ("1", "GR value at endless dose, fitted"),
    "gr_aoc": ("1", "mean of 1 - GR over the log of the doses"),
    "gec50": ("nM", "midpoint of the fitted GR curve"),
}


def strength(cube: "xr.Dataset", readout: str) -> "xr.Dataset":
    """`<quantity>_1` and `<quantity>_2` of the two drugs alone, with the dims of `readout` but the doses'.

    For `viability`: `ic50`, `ec50`, `emax`, `hill`, `ri`, and of the pair `css`; for `gr_value`: `gr50`,
    `gr_max`, `gr_inf`, `gr_aoc`, `gec50`; nothing for other readouts.
    """
    import xarray as xr

    out = xr.Dataset()
    if readout not in ("viability", "gr_value"):
        return out
    data, conc_1, conc_2 = matrices_of(cube, readout)
    shape, lead = data.shape[:-2], data.dims[:-2]
    response = data.values.reshape(-1, *data.shape[-2:])
    doses = [np.broadcast_to(c, (*shape, c.shape[-1])).reshape(-1, c.shape[-1]) for c in (conc_1, conc_2)]
    if readout == "viability":
        found = potencies(response, doses[0], doses[1], "monotone")
        columns = {name: found[name] for name in found if name.split("_")[0] in MEANING}
    else:
        alone = (response[:, :, 0], response[:, 0, :])
        columns = {}
        for drug in (0, 1):
            metrics = growth_metrics(doses[drug], alone[drug])
            columns |= {f"{name}_{drug + 1}": getattr(metrics, name) for name in GROWTH}
    for name, values in columns.items():
        core, side = (name[:-2], name[-1]) if name[-2:] in ("_1", "_2") else (name, "")
        units, words = MEANING[core]
        meaning = f"{words}, drug {side}" if side else words
        about = SCORES.attributes("{quantity}", quantity=name, units=units, meaning=meaning)
        out[name] = (lead, values.reshape(shape), {"readout": readout, **about})
    return out
