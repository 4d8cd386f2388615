"""The negative log-likelihood of measurements, with its derivatives by what was simulated and by the noise."""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError

LN10 = float(np.log(10.0))
SCALES = ("lin", "log", "log10")


def negative_log_likelihood(
    measured: Floats, simulated: Floats, sigma: Floats, scales: Sequence[str], noises: Sequence[str]
) -> tuple[Floats, Floats, Floats]:
    """Of each measurement (M,): its negative log-likelihood, and that one's derivatives by the simulated value and by
    sigma. `scales` are `lin`, `log` or `log10`, `noises` `normal` or `laplace`. Errors: `InputError` for others.
    """
    scale, noise = np.array(scales), np.array(noises)
    if unknown := set(scale) - set(SCALES):
        raise InputError(f"found observableTransformation '{min(unknown)}', expected lin, log or log10")
    if unknown := set(noise) - {"normal", "laplace"}:
        raise InputError(f"found noiseDistribution '{min(unknown)}', expected normal or laplace")
    unit = np.where(scale == "log10", LN10, 1.0)
    linear, laplace = scale == "lin", noise == "laplace"
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.where(linear, simulated - measured, (np.log(simulated) - np.log(measured)) / unit)
        slope = np.where(linear, 1.0, 1 / (simulated * unit))
        density = np.log(sigma) + np.where(linear, 0.0, np.log(measured * unit))
        ratio = away / sigma
        value = (
            np.where(laplace, np.log(2) + np.abs(ratio), 0.5 * np.log(2 * np.pi) + 0.5 * ratio**2) + density
        )
        by_simulated = np.where(laplace, np.sign(ratio), ratio) / sigma * slope
        by_sigma = (1 - np.where(laplace, np.abs(ratio), ratio**2)) / sigma
    return value, by_simulated, by_sigma
