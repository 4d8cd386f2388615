"""Intervals for the scores of measured plates of three drugs and more, as `plates.intervals` has them for pairs:
residuals about a smooth surface, or replicates, are resampled, and every draw is scored as a whole. The surface is the
fitted curve of each drug alone, and for each set of drugs the mean of the curves along them (the fit that ZIP makes).
Means get the normal interval less the bias that the draws show, best windows one that holds for all at once, positive
quantities quantiles.
"""

import math
from collections.abc import Sequence

import numpy as np

from screen.arrays import Floats
from screen.parallel_map import parallel_map
from screen.synergy.batch import local_noise
from screen.synergy.many_drugs.tensors import Tensors
from screen.synergy.many_drugs.zip import fitted_groups
from screen.synergy.models.registry import MANY_DRUGS
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.bootstrap import Smooth, resample_replicates, resample_residuals
from screen.synergy.plates.intervals import interval, interval_of_best, noise_of_means
from screen.synergy.plates.score_triple_plates import alike
from screen.synergy.plates.significance import adjust
from screen.synergy.potency.potency import tensor_potencies
from screen.synergy.score_tensors import score_tensors, windows_of
from screen.synergy.tensor_significance import tensor_significance

POSITIVE = ("ic50", "ec50", "css", "musyc_alpha")
LEFT_OUT = ("emax", "hill", "r2", "ri", "musyc_r2")
CURVE = 3.0  # parameters of a curve along one drug


def tensor_intervals(
    blocks: Sequence[PlateBlock], models: Sequence[str], rounds: int, seed: int = 0, jobs: int = 1
) -> dict[str, Floats]:
    """`<score>_low` and `<score>_high` (95 %) `(block,)` of each number of blocks of three drugs or more; `<model>_p`,
    `<model>_beyond_p`, their q-values over these blocks, and `<model>_p_max` (see `tensor_significance`)."""
    chosen = [model for model in models if model in MANY_DRUGS]
    places = [k for members in alike(blocks) for k in members]
    tasks = [(blocks[k], chosen, rounds, seed) for k in places]
    columns: dict[str, Floats] = {}
    for k, found in zip(places, parallel_map(_intervals, tasks, jobs)):
        for name, value in found.items():
            columns.setdefault(name, np.full(len(blocks), np.nan))[k] = value
    tests = [name for name in columns if name.endswith("_p")]
    return columns | {f"{name.removesuffix('_p')}_q": adjust(columns[name]) for name in tests}


def _intervals(block: PlateBlock, models: Sequence[str], rounds: int, seed: int) -> dict[str, float]:
    doses = [conc[None] for conc in block.concs]
    viability = block.viability[None]
    if any(dose[0, 0] != 0 for dose in doses) or np.isnan(viability).all():
        return {}
    smoothed = _smooth(viability, doses)
    cells = viability[0].size
    centre = smoothed.surface
    if block.replicates > 1:
        wells = block.wells.reshape(1, cells, 1, -1)
        drawn, centre = resample_replicates(wells, [block.name], rounds, seed), viability
    else:
        surface, residual = (part.reshape(1, cells, 1) for part in (smoothed.surface, smoothed.residual))
        drawn = resample_residuals(Smooth(surface, residual, smoothed.sigma), [block.name], rounds, seed)
    draws = np.where(np.isnan(viability), np.nan, drawn[:, 0].reshape(rounds, *viability.shape[1:]))
    observed, base = (_quantities(values, doses, models) for values in (viability, centre))
    found: dict[str, float] = {}
    for name, values in _quantities(
        draws, [np.repeat(dose, rounds, axis=0) for dose in doses], models
    ).items():
        of_draws = values[:, None]
        if values.ndim == 2:
            low, high = interval_of_best(observed[name], base[name], of_draws)
        else:
            low, high = interval(observed[name], base[name], of_draws, name.startswith(POSITIVE))
        found |= {f"{name}_low": float(low[0]), f"{name}_high": float(high[0])}
    sigma = noise_of_means(block.wells) if block.replicates > 1 else _noise(viability, smoothed)
    smooth = smoothed.surface, sigma
    return found | tensor_significance(viability, smooth, doses, block.name, models, (rounds, seed))


def _quantities(viability: Floats, doses: Sequence[Floats], models: Sequence[str]) -> dict[str, Floats]:
    """Every number that gets an interval, `(matrix,)` each; of best windows all of them, `(matrix, window)`."""
    found: dict[str, Floats] = {}
    for model, score in score_tensors(viability, doses, models).items():
        found |= {model: score.mean, f"{model}_beyond": score.mean_beyond}
        found |= {f"{model}_max": windows_of(score.excess)} | score.parameters
    found |= tensor_potencies(viability, doses)
    return {name: values for name, values in found.items() if not name.startswith(LEFT_OUT)}


def _noise(viability: Floats, smoothed: Smooth) -> float:
    """The noise of a well: what the surface leaves, or what squares of neighbouring wells tell, if that is more, for
    curves through few doses leave next to nothing."""
    variance, freedom = local_noise(viability.reshape(-1, *viability.shape[-2:]))
    known = freedom > 0
    local = float(np.average(variance[known], weights=freedom[known])) if known.any() else 0.0
    return max(float(smoothed.sigma[0]), math.sqrt(local))


def _smooth(viability: Floats, doses: Sequence[Floats]) -> Smooth:
    """The smooth surface of tensors `(matrix, dose_1, ..., dose_k)`, and what it leaves, widened for the curves."""
    tensors = Tensors(viability, list(doses), "fit", len(doses) - 1)
    surface: Floats = np.full(viability.shape, np.nan)
    starts = []
    used = np.zeros(len(viability))
    for group, fitted in fitted_groups(tensors, "least-squares").items():
        where = [slice(None) if k in group else slice(0, 1) for k in range(len(doses))]
        face = surface[(slice(None), *where)]
        face[...] = np.where(np.isnan(fitted), face, fitted)
        if len(group) == 1:
            starts.append(fitted.reshape(len(fitted), -1)[:, 0])
        sizes = [doses[k].shape[1] - 1 for k in group]
        used += CURVE * float(np.mean([np.prod(sizes) / size for size in sizes]))
    surface.reshape(len(surface), -1)[:, 0] = np.mean(starts, axis=0)
    surface = np.where(np.isnan(viability), np.nan, surface)
    residual = viability - surface
    count = (~np.isnan(residual)).reshape(len(residual), -1).sum(axis=1)
    widen = np.sqrt(count / np.maximum(count - np.minimum(used, 0.75 * count), 1.0))
    residual = residual * widen.reshape(-1, *[1] * len(doses))
    return Smooth(surface, residual, np.sqrt(np.nanmean(residual.reshape(len(residual), -1) ** 2, axis=1)))
