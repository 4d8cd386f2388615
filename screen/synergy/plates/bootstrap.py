"""Resampled matrices: what the same plate might have shown. Efron and Tibshirani 1993; residuals are taken
about a smooth surface that assumes no model of interaction, or about the means of replicates where a plate
has them.

The surface is the fitted single agents on the edges and the mean of the fitted rows and columns inside (the
fit that ZIP makes). Residuals are widened for the freedom that those fits use up. Random numbers are keyed
by seed and matrix, so a matrix gets the same draws whatever else is in the batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.synergy.batch import Batch
from screen.synergy.curves.single_agent import at_doses
from screen.synergy.dose_matrices import Matrices
from screen.synergy.models.zip import zero_interaction


@dataclass(frozen=True)
class Smooth:
    """`surface` `(matrix, dose_1, dose_2)`, the widened `residual` of every well (NaN where missing),
    and `sigma` `(matrix,)`, the noise of one well."""

    surface: Floats
    residual: Floats
    sigma: Floats


def smooth(batch: Batch) -> Smooth:
    """The smooth surface of every matrix and what it leaves."""
    matrices = batch.matrices
    conc, curves = (matrices.conc_1, matrices.conc_2), (batch.curves_1, batch.curves_2)
    found = zero_interaction(matrices.viability, conc, curves, lower_bound=batch.options.lower_bound)
    surface = found.fitted.copy()
    first, second = at_doses(batch.curves_1, matrices.conc_1), at_doses(batch.curves_2, matrices.conc_2)
    surface[:, :, 0], surface[:, 0, :] = first, second
    surface[:, 0, 0] = 0.5 * (first[:, 0] + second[:, 0])
    surface = np.where(np.isnan(matrices.viability), np.nan, surface)
    residual = matrices.viability - surface
    present = ~np.isnan(residual)
    inner = present[:, 1:, 1:]
    freedom = np.where(inner.any(axis=2), 1.5, 0.0).sum(axis=1) + np.where(inner.any(axis=1), 1.5, 0.0).sum(
        axis=1
    )
    inside, edge = inner.sum(axis=(1, 2)), present.sum(axis=(1, 2)) - inner.sum(axis=(1, 2))
    widen = np.ones(residual.shape) * _widening(edge, 7.0)[:, None, None]
    widen[:, 1:, 1:] = _widening(inside, freedom)[:, None, None]
    residual = residual * widen
    total = np.where(present, residual, 0.0)
    return Smooth(surface, residual, np.sqrt((total**2).sum(axis=(1, 2)) / np.maximum(inside + edge, 1)))


def _widening(count: NDArray[np.intp], freedom: Floats | float) -> Floats:
    factor: Floats = np.sqrt(count / np.maximum(count - np.minimum(freedom, 0.75 * count), 1.0))
    return factor


def generator(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one matrix: keyed by the seed and by the matrix's name."""
    return np.random.default_rng([seed, crc32(name.encode())])


def resample_residuals(smoothed: Smooth, names: Sequence[str], rounds: int, seed: int) -> Floats:
    """`(round, matrix, dose_1, dose_2)`: the smooth surface plus residuals resampled with replacement."""
    resampled = np.empty((rounds, *smoothed.surface.shape))
    for k, name in enumerate(names):
        pool = smoothed.residual[k][~np.isnan(smoothed.residual[k])]
        if not pool.size:
            resampled[:, k] = np.nan
            continue
        picked = generator(seed, name).choice(pool - pool.mean(), size=(rounds, *smoothed.surface.shape[1:]))
        resampled[:, k] = smoothed.surface[k] + picked
    return resampled


def resample_replicates(wells: Floats, names: Sequence[str], rounds: int, seed: int) -> Floats:
    """`(round, matrix, dose_1, dose_2)`: means of replicates redrawn from `wells` `(matrix, dose_1, dose_2,
    replicate)`, NaN where missing. Deviations are pooled over a matrix, so single wells share its noise."""
    count = (~np.isnan(wells)).sum(axis=3)
    mean = np.where(
        count > 0, np.where(np.isnan(wells), 0.0, wells).sum(axis=3) / np.maximum(count, 1), np.nan
    )
    resampled = np.empty((rounds, *mean.shape))
    for k, name in enumerate(names):
        several = count[k] >= 2
        if not several.any():
            resampled[:, k] = np.nan
            continue
        factor = np.sqrt(count[k] / np.maximum(count[k] - 1, 1))
        deviation = ((wells[k] - mean[k][..., None]) * factor[..., None])[several]
        pool = deviation[~np.isnan(deviation)]
        random = generator(seed, name)
        copies = wells.shape[3]
        noise = random.choice(pool, size=(rounds, *mean.shape[1:], copies))
        kept = np.arange(copies) < count[k][..., None]
        resampled[:, k] = mean[k] + np.where(kept, noise, 0.0).sum(axis=3) / np.maximum(count[k], 1)
    return resampled


def null_draws(surface: Floats, sigma: Floats, names: Sequence[str], rounds: int, seed: int) -> Floats:
    """`(round, matrix, dose_1, dose_2)`: a surface without interaction plus normal noise of each matrix."""
    resampled = np.empty((rounds, *surface.shape))
    for k, name in enumerate(names):
        noise = generator(seed, f"null {name}").normal(size=(rounds, *surface.shape[1:]))
        resampled[:, k] = surface[k] + sigma[k] * noise
    return resampled


def smooth_batch(viability: Floats, conc_1: Floats, conc_2: Floats) -> tuple[Batch, Smooth]:
    """The same from arrays `(matrix, dose_1, dose_2)`, `(matrix, dose_1)`, `(matrix, dose_2)`, ascending."""
    batch = Batch(Matrices(viability, conc_1, conc_2))
    return batch, smooth(batch)
