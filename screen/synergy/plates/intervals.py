"""Intervals and p-values for the scores of measured plates.

Mean excesses get the normal bootstrap interval (Davison and Hinkley 1997, doi:10.1017/CBO9780511802843,
section 5.2): the observed score less the mean deviation of the resampled scores from the score of the surface
that they were resampled from, which takes off the bias that noise gives to HSA, and 1.96 of their standard
deviations to either side; a hundred draws tell a standard deviation better than the ends of their tails. A
best window is a maximum over windows, whose bias depends on how many are nearly as good as the best, so it
gets a simultaneous interval over all windows (`interval_of_best`). Positive quantities (doses, indices, CSS)
get quantiles. MuSyC, BRAID and effective dose are resampled about the surface that they fit themselves, and get
quantiles. P-values are those of `significance`, q-values of Benjamini and Hochberg over the blocks of the
table.
"""

from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

from screen.arrays import Floats
from screen.parallel_map import parallel_map
from screen.synergy.batch import ScoringOptions
from screen.synergy.curves.single_agent import CurveFit
from screen.synergy.dose_matrices import window_means
from screen.synergy.models.registry import MODELS, TESTED
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.bootstrap import Smooth, resample_replicates, resample_residuals, smooth_batch
from screen.synergy.plates.designs import is_grid
from screen.synergy.plates.score_plates import by_shape
from screen.synergy.plates.significance import adjust, significance
from screen.synergy.potency.potency import potencies
from screen.synergy.score import score_matrices

LEVEL = 0.95
LOST = 0.2
TOGETHER = 2048
STRENGTH = ("ic50_1", "ic50_2", "ec50_1", "ec50_2", "emax_1", "emax_2", "css")
POSITIVE = ("ic50", "ec50", "emax", "ci", "css")


def add_intervals(
    summary: pd.DataFrame,
    blocks: Sequence[PlateBlock],
    models: Sequence[str],
    rounds: int,
    seed: int = 0,
    fit: CurveFit | None = None,
    jobs: int = 1,
) -> pd.DataFrame:
    """`summary` with `<score>_low` and `<score>_high` (95 %) after each score, and `<model>_p`,
    `<model>_q` (of the mean excess) and `<model>_p_max` (of the most deviant cell) for HSA, Bliss, Loewe and
    ZIP; `fit` and `jobs` as in `score_matrices`."""
    columns: dict[str, Floats] = {}
    together = max(1, TOGETHER // rounds)
    parts = []
    for members in by_shape(blocks):
        if has_intervals(blocks[members[0]]):
            parts += [members[k : k + together] for k in range(0, len(members), together)]
    tasks = [([blocks[k] for k in part], models, rounds, seed, fit) for part in parts]
    for part, found in zip(parts, parallel_map(_intervals, tasks, jobs)):
        for name, values in found.items():
            columns.setdefault(name, np.full(len(blocks), np.nan))[part] = values
    for model in models:
        if f"{model}_p" in columns:
            columns[f"{model}_q"] = adjust(columns[f"{model}_p"])
    out = with_ends(summary, columns)
    if len(done := [k for part in parts for k in part]) < len(blocks):
        none = ~np.isin(np.arange(len(blocks)), done)
        words = (
            out["reason"] + np.where(out["reason"] == "", "", "; ") + "no intervals: for grids of viability"
        )
        out["reason"] = out["reason"].where(~none, words)
    return out


def has_intervals(block: PlateBlock) -> bool:
    """Whether a block can be resampled: a pair's grid of viability with two doses of each drug or more."""
    least = min(len(block.conc_1), len(block.conc_2))
    return (
        block.conc_3 is None and is_grid(block) and not block.growth and block.wells.size > 0 and least >= 2
    )


def with_ends(summary: pd.DataFrame, columns: Mapping[str, Floats]) -> pd.DataFrame:
    """The table with ends of intervals, p- and q-values `(block,)` behind what they are of; empty where that is."""
    table = {}
    for name in summary.columns:
        table[name] = summary[name].to_numpy()
        for end in ("low", "high", "p", "q", "p_max"):
            if f"{name}_{end}" in columns:
                table[f"{name}_{end}"] = np.where(summary[name].isna(), np.nan, columns[f"{name}_{end}"])
    return pd.DataFrame(table)


def _intervals(
    blocks: list[PlateBlock], models: Sequence[str], rounds: int, seed: int, fit: CurveFit | None
) -> dict[str, Floats]:
    viability = np.stack([block.viability for block in blocks])
    doses = np.stack([b.conc_1 for b in blocks]), np.stack([b.conc_2 for b in blocks])
    names = [block.name for block in blocks]
    batch, smoothed = smooth_batch(viability, *doses)
    centre, sigma = smoothed.surface.copy(), smoothed.sigma.copy()
    for k, block in enumerate(blocks):
        if block.replicates > 1:
            centre[k], sigma[k] = viability[k], noise_of_means(block.wells)
    out: dict[str, Floats] = {}
    others = [model for model in models if not MODELS[model].surface_parameters]
    resampled = _draws(blocks, smoothed, rounds, seed)
    observed = quantities(viability, *doses, others, fit)
    base = quantities(centre, *doses, others, fit)
    for name, values in _of_draws(resampled, *doses, others, fit).items():
        if values.ndim == 3:
            found = interval_of_best(observed[name], base[name], values)
        else:
            found = interval(observed[name], base[name], values, name.startswith(POSITIVE))
        out[f"{name}_low"], out[f"{name}_high"] = found
    for model in (model for model in models if MODELS[model].surface_parameters):
        resampled = _draws(blocks, _about_own_fit(viability, *doses, model), rounds, seed)
        for name, values in _of_draws(resampled, *doses, [model], fit, own=True).items():
            out[f"{name}_low"], out[f"{name}_high"] = quantiles(values)
    tested = [model for model in models if model in TESTED]
    tests = significance(batch, smoothed.surface, sigma, names, tested, rounds, seed, fit)
    for model, test in tests.items():
        out[f"{model}_p"], out[f"{model}_p_max"] = test.mean, test.maximum
    return out


def _draws(blocks: list[PlateBlock], smoothed: Smooth, rounds: int, seed: int) -> Floats:
    """`(round, matrix, dose_1, dose_2)`: residuals about the surface redrawn, or replicates where there are
    any."""
    resampled = resample_residuals(smoothed, [block.name for block in blocks], rounds, seed)
    for k, block in enumerate(blocks):
        if block.replicates > 1:
            resampled[:, k] = resample_replicates(block.wells[None], [block.name], rounds, seed)[:, 0]
    return resampled


def _about_own_fit(viability: Floats, conc_1: Floats, conc_2: Floats, model: str) -> Smooth:
    """The surface that a model fits, and what it leaves, widened for the parameters that it uses up."""
    fitted = score_matrices(viability, conc_1, conc_2, [model])[model].cells["fitted"]
    surface = np.where(np.isnan(viability), np.nan, fitted)
    count = (~np.isnan(surface)).sum(axis=(1, 2))
    widen = np.sqrt(count / np.maximum(count - MODELS[model].surface_parameters, 1))
    residual = (viability - surface) * widen[:, None, None]
    sigma = np.sqrt(np.nansum(residual**2, axis=(1, 2)) / np.maximum(count, 1))
    return Smooth(surface, residual, sigma)


def _of_draws(
    resampled: Floats, conc_1: Floats, conc_2: Floats, models: Sequence[str], fit: CurveFit | None,
    own: bool = False,
) -> dict[str, Floats]:  # fmt: skip
    """The numbers of every draw, `(round, matrix)` each; of windows `(round, matrix, window)`."""
    rounds, count = resampled.shape[:2]
    doses = np.tile(conc_1, (rounds, 1)), np.tile(conc_2, (rounds, 1))
    found = quantities(resampled.reshape(-1, *resampled.shape[2:]), *doses, models, fit, own)
    return {name: values.reshape(rounds, count, *values.shape[1:]) for name, values in found.items()}


def noise_of_means(wells: Floats) -> float:
    """The standard deviation of means of replicates, from `wells` `(..., replicate)`; 0 where there are none."""
    count = (~np.isnan(wells)).sum(axis=-1)
    several = count >= 2
    if not several.any():
        return 0.0
    variance = np.nanvar(wells[several], axis=1, ddof=1)
    return float(np.sqrt(np.mean(variance) / np.mean(count[count > 0])))


def quantities(
    viability: Floats, conc_1: Floats, conc_2: Floats, models: Sequence[str], fit: CurveFit | None = None,
    own: bool = False,
) -> dict[str, Floats]:  # fmt: skip
    """Every number of the summary that gets an interval, `(matrix,)` each, but for `<model>_max`: the means
    of all windows, `(matrix, window)`. With `own`, those of a model about its own surface: the best window,
    and nothing on the single agents."""
    found: dict[str, Floats] = {}
    for model, score in score_matrices(
        viability, conc_1, conc_2, models, options=ScoringOptions(fit=fit, undetermined=own)
    ).items():
        found[model] = score.mean
        found[f"{model}_max"] = score.best if own else window_means(score.excess)
        for key, values in score.parameters.items():
            if not key.endswith(("_error", "_r2", "_obs", "_rmse", "_unreached", "_extrapolated")):
                found[key] = values.astype(float)
    if not own:
        alone = potencies(viability, conc_1, conc_2)
        found |= {key: alone[key] for key in STRENGTH}
    return found


def interval(
    observed: Floats, base: Floats, resampled: Floats, positive: bool = False, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Interval `(matrix,)` from resampled values `(round, matrix)`; `base` is the value of what was
    resampled."""
    if positive:
        return quantiles(resampled, level)
    lost = np.isnan(resampled)
    away = np.where(lost, 0.0, resampled - base)
    middle = observed - away.mean(axis=0)
    reach = NormalDist().inv_cdf((1 + level) / 2) * away.std(axis=0, ddof=1)
    none = (lost.mean(axis=0) > LOST) | np.isnan(base)
    return np.where(none, np.nan, middle - reach), np.where(none, np.nan, middle + reach)


def interval_of_best(
    observed: Floats, base: Floats, resampled: Floats, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Interval `(matrix,)` of the largest true mean of any window, from windows observed `(matrix, window)`,
    `base` the same of what was resampled, and resampled `(round, matrix, window)`.

    The lower end is the best of the windows' lower ends, with the one factor on their standard errors that
    keeps all windows at once: whichever window is best, it is below the truth. The upper end is the best of
    their own upper ends, of which that of the truly best window suffices. So it covers however many windows
    are nearly as good as the best, and is wider than needed where one stands out.
    """
    tail = (1 + level) / 2
    away = resampled - base
    lost = np.isnan(away)
    kept = ~np.isnan(observed) & (lost.mean(axis=0) <= LOST)
    away = np.where(lost | ~kept, 0.0, away)
    bias = away.mean(axis=0)
    error = np.maximum(away.std(axis=0, ddof=1), 1e-9)
    most = np.where(kept, away / error, -np.inf).max(axis=2, initial=-np.inf)
    factor = np.quantile(np.where(np.isinf(most), 0.0, most), tail, axis=0)[:, None]
    ends = observed - factor * error, observed - bias + NormalDist().inv_cdf(tail) * error
    low, high = (np.where(kept, end, -np.inf).max(axis=1, initial=-np.inf) for end in ends)
    none = ~kept.any(axis=1)
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def quantiles(resampled: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Interval `(matrix,)` of resampled values `(round, matrix)` that may be endless; NaN where more than a
    fifth are lost."""
    tails = [(1 - level) / 2, (1 + level) / 2]
    lost = np.isnan(resampled).mean(axis=0) > LOST
    low, high = np.quantile(np.where(np.isnan(resampled), np.inf, resampled), tails, axis=0, method="nearest")
    return np.where(lost, np.nan, low), np.where(lost, np.nan, high)
