"""Rays of fixed ratio: what the scores say along each line on which both drugs rise together, and the
combination index where the effect is half, as Chou and Talalay design experiments (Chou 2006,
doi:10.1124/pr.58.3.10).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from screen.arrays import Floats
from screen.cube.schema import SCORES
from screen.synergy.curves.single_agent import SingleAgent, fit_curves
from screen.synergy.dose_matrices import Score
from screen.synergy.models.combination_index import CAP, HALF

Steps = Sequence[Sequence[tuple[int, ...]]]
"""The cells (step of drug 1, step of drug 2) of each ray, from the lowest doses to the highest."""


def score_rays(
    viability: Floats,
    conc_1: Floats,
    conc_2: Floats,
    steps: Sequence[Steps],
    scores: Mapping[str, Score],
    single_agent: SingleAgent = "monotone",
) -> dict[str, Floats]:
    """Quantities `(matrix, ray)` of matrices `(matrix, dose_1, dose_2)` whose rays are `steps` `(matrix,)`.

    `ray_<model>`: mean excess along the ray, percent points of inhibition, positive = synergy. `ray_ci50`:
    the Loewe combination index where viability along the ray first falls through 0.5, below 1 = synergy;
    `ray_ic50_1`, `ray_ic50_2` the two doses there. NaN where it does not fall so far, or at the first dose.
    """
    rays = max(len(each) for each in steps)
    found = {
        name: np.full((len(viability), rays), np.nan)
        for name in (*(f"ray_{model}" for model in scores), "ray_ci50", "ray_ic50_1", "ray_ic50_2")
    }
    curves = [
        fit_curves(conc, alone, single_agent)
        for conc, alone in ((conc_1, viability[:, :, 0]), (conc_2, viability[:, 0]))
    ]
    excess = {model: score.excess.reshape(viability.shape) for model, score in scores.items()}
    for row, each in enumerate(steps):
        for ray, cells in enumerate(each):
            one, two = np.array(cells).T
            for model, values in excess.items():
                along = values[row, one, two]
                if np.isfinite(along).any():
                    found[f"ray_{model}"][row, ray] = np.nanmean(along)
            y = viability[row, one, two]
            falls = np.flatnonzero((y[:-1] >= HALF) & (y[1:] < HALF))
            if not falls.size:
                continue
            before = falls[0]
            share = (y[before] - HALF) / (y[before] - y[before + 1])
            logs = np.log([conc_1[row, one], conc_2[row, two]])[:, before : before + 2]
            at = logs[:, 0] + share * (logs[:, 1] - logs[:, 0])
            lane = np.array([row])
            needed = [curve.log_dose(np.array([HALF]), lane)[0] for curve in curves]
            with np.errstate(over="ignore"):
                terms = np.exp(at - np.array(needed))
            index = np.clip(np.nan_to_num(terms, nan=0.0, posinf=CAP).sum(), 1 / CAP, CAP)
            reached = any(curve.end[row] < HALF for curve in curves)
            found["ray_ci50"][row, ray] = index if reached else np.nan
            found["ray_ic50_1"][row, ray], found["ray_ic50_2"][row, ray] = np.exp(at)
    return found


def describe(name: str) -> dict[str, str]:
    """`units` and `long_name` of a quantity of `score_rays`."""
    found = SCORES.row_of(name)
    assert found is not None
    row, words = found
    return row.attributes(**words)
