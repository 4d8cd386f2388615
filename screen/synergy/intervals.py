"""Intervals and p-values for the scores of measured plates, and over parameter draws of simulated ones.

Excess scores get the basic bootstrap interval: the spread of the resampled scores about the score of the
surface that they were drawn from, taken off the observed score, which also takes off the bias that noise
gives to HSA and to a best window. Positive quantities (doses, slopes, indices, alphas) get quantiles.
P-values are those of `significance`, q-values of Benjamini and Hochberg over the blocks of the table.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from screen.errors import InputError
from screen.synergy.bootstrap import resample_replicates, resample_residuals, smooth_batch
from screen.synergy.parallel import each
from screen.synergy.plates import Block
from screen.synergy.score import score_matrices
from screen.synergy.significance import TESTED, adjust, significance
from screen.synergy.table import by_shape, sensitivities
from screen.synergy.zip import ZipFit

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
LEVEL = 0.95
TOGETHER = 2048
STRENGTH = ("ic50_1", "ic50_2", "ec50_1", "ec50_2", "css")
POSITIVE = ("ic50", "ec50", "ci", "musyc_h", "musyc_C", "musyc_alpha", "musyc_gamma", "braid_ID", "braid_n",
            "braid_iae", "zimmer_h", "zimmer_C")  # fmt: skip


def add_intervals(
    summary: "pd.DataFrame",
    blocks: Sequence[Block],
    models: Sequence[str],
    rounds: int,
    seed: int = 0,
    zip_fit: ZipFit | None = None,
    jobs: int = 1,
) -> "pd.DataFrame":
    """`summary` with `<score>_low` and `<score>_high` (95 %) after each score, and `<model>_p`,
    `<model>_q` (of the mean excess) and `<model>_p_max` (of the most deviant cell) for HSA, Bliss, Loewe and
    ZIP; `zip_fit` and `jobs` as in `score_matrices`."""
    import pandas as pd

    columns: dict[str, Floats] = {}
    together = max(1, TOGETHER // rounds)
    parts = []
    for members in by_shape(blocks):
        first = blocks[members[0]]
        if first.wells.size and min(len(first.conc_1), len(first.conc_2)) >= 2:
            parts += [members[k : k + together] for k in range(0, len(members), together)]
    tasks = [([blocks[k] for k in part], models, rounds, seed, zip_fit) for part in parts]
    for part, found in zip(parts, each(_intervals, tasks, jobs)):
        for name, values in found.items():
            columns.setdefault(name, np.full(len(blocks), np.nan))[part] = values
    for model in models:
        if f"{model}_p" in columns:
            columns[f"{model}_q"] = adjust(columns[f"{model}_p"])
    table = {}
    for name in summary.columns:
        table[name] = summary[name].to_numpy()
        for end in ("low", "high", "p", "q", "p_max"):
            if f"{name}_{end}" in columns:
                table[f"{name}_{end}"] = columns[f"{name}_{end}"]
    return pd.DataFrame(table)


def _intervals(
    blocks: list[Block], models: Sequence[str], rounds: int, seed: int, zip_fit: ZipFit | None
) -> dict[str, Floats]:
    viability = np.stack([block.viability for block in blocks])
    conc_1, conc_2 = np.stack([b.conc_1 for b in blocks]), np.stack([b.conc_2 for b in blocks])
    names = [block.name for block in blocks]
    batch, smoothed = smooth_batch(viability, conc_1, conc_2)
    drawn = resample_residuals(smoothed, names, rounds, seed)
    centre, sigma = smoothed.surface.copy(), smoothed.sigma.copy()
    for k, block in enumerate(blocks):
        if block.replicates > 1:
            drawn[:, k] = resample_replicates(block.wells[None], [block.name], rounds, seed)[:, 0]
            centre[k] = viability[k]
            sigma[k] = _noise_of_means(block.wells)
    observed = quantities(viability, conc_1, conc_2, models, zip_fit)
    base = quantities(centre, conc_1, conc_2, models, zip_fit)
    wide = (rounds, *viability.shape)
    flat = drawn.reshape(-1, *viability.shape[1:])
    doses = np.tile(conc_1, (rounds, 1)), np.tile(conc_2, (rounds, 1))
    spread = quantities(flat, *doses, models, zip_fit)
    out: dict[str, Floats] = {}
    for name, values in spread.items():
        low, high = interval(observed[name], base[name], values.reshape(wide[:2]), name.startswith(POSITIVE))
        out[f"{name}_low"], out[f"{name}_high"] = low, high
    tested = [model for model in models if model in TESTED]
    tests = significance(batch, smoothed.surface, sigma, names, tested, rounds, seed, zip_fit)
    for model, test in tests.items():
        out[f"{model}_p"], out[f"{model}_p_max"] = test.mean, test.maximum
    return out


def _noise_of_means(wells: Floats) -> float:
    count = (~np.isnan(wells)).sum(axis=2)
    several = count >= 2
    if not several.any():
        return 0.0
    variance = np.nanvar(wells[several], axis=1, ddof=1)
    return float(np.sqrt(np.mean(variance) / np.mean(count[count > 0])))


def quantities(
    viability: Floats, conc_1: Floats, conc_2: Floats, models: Sequence[str], zip_fit: ZipFit | None = None
) -> dict[str, Floats]:
    """Every number of the summary that gets an interval, `(matrix,)` each."""
    found: dict[str, Floats] = {}
    for model, score in score_matrices(viability, conc_1, conc_2, models, zip_fit=zip_fit).items():
        found[model], found[f"{model}_max"] = score.mean, score.best
        for key, values in score.parameters.items():
            if not key.endswith(("_error", "_r2", "_obs", "_rmse", "_unreached", "_extrapolated")):
                found[key] = values.astype(float)
    strength = sensitivities(viability, conc_1, conc_2)
    return found | {key: strength[key] for key in STRENGTH}


def interval(
    observed: Floats, base: Floats, drawn: Floats, positive: bool = False, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Interval `(matrix,)` from resampled values `(round, matrix)`; `base` is the value of what was
    resampled."""
    tails = [(1 - level) / 2, (1 + level) / 2]
    lost = np.isnan(drawn).mean(axis=0) > 0.2
    if positive:
        low, high = np.quantile(np.where(np.isnan(drawn), np.inf, drawn), tails, axis=0, method="nearest")
        return np.where(lost, np.nan, low), np.where(lost, np.nan, high)
    filled = np.where(np.isnan(drawn), np.where(np.isnan(base), 0.0, base), drawn)
    low, high = np.quantile(filled, tails, axis=0)
    lost |= np.isnan(base)
    return np.where(lost, np.nan, observed - (high - base)), np.where(lost, np.nan, observed - (low - base))


def over_draws(values: Floats, axis: int = 0, level: float = LEVEL) -> tuple[Floats, Floats, Floats]:
    """Median and interval of a score over parameter draws along `axis`; draws that failed are left out.
    Where a draw is infinite (a dose that is not reached) the quantiles are draws themselves."""
    if not values.shape[axis]:
        raise InputError("no draw to take an interval over")
    levels = [(1 - level) / 2, 0.5, (1 + level) / 2]
    endless = np.isinf(values)
    found = np.nanquantile(np.where(endless, 0.0, values), levels, axis=axis)
    if endless.any():
        drawn = np.nanquantile(values, levels, axis=axis, method="nearest")
        found = np.where(endless.any(axis=axis), drawn, found)
    low, middle, high = found
    return middle, low, high
