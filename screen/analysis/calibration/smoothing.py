"""One repeat of a calibration: members of the prior brought to the observations, kept on disk after every step."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.calibration.folder import Progressed
from screen.analysis.calibration.rows.observations import Observations
from screen.analysis.methods.ensemble_smoother import assimilate, completed, failed, inflations
from screen.arrays import Bools, Floats
from screen.config.calibration import CalibrationConfig

Progress = Callable[[str, int, int, float], None]
"""Hears of the stage, parameter sets done and in all, and the last misfit per row (NaN before the first)."""


def silent(stage: str, done: int, total: int, misfit: float) -> None:
    """No news."""


@dataclass(frozen=True)
class Smoothed:
    """Members of the posterior: scores (K, D), their simulated values (K, M), which of them failed (K,), and the misfit
    per row of the middle member before each step and after the last (steps + 1,).
    """

    scores: Floats
    values: Floats
    failed: Bools
    misfits: tuple[float, ...]


def smoothed(
    observations: Observations,
    settings: CalibrationConfig,
    repeat: int,
    path: Path,
    progress: Progress = silent,
    jobs: int = 1,
) -> Smoothed:
    """Repeat number `repeat` (from 0) of `settings.steps` steps; `path` holds what is done, and is resumed from.

    Random numbers are keyed by (seed, repeat, step), so where it stopped leaves no trace.
    """
    observed = observations.observed()
    coefficients = inflations(settings.steps)
    now = Progressed.load(path) if path.exists() else None
    if now is None:
        rng = np.random.default_rng([settings.seed, repeat, 0])
        now = Progressed(observations.free.sample(rng, settings.members), 0, ())
    stage, total = f"repeat {repeat + 1}", settings.members * (settings.steps + 1)

    def predict(now: Progressed) -> Floats:
        misfit = now.misfits[-1] if now.misfits else float("nan")

        def tell(done: int, _: int) -> None:
            progress(stage, now.step * settings.members + done, total, misfit)

        return observations.predict(now.scores, jobs, tell)

    while now.values is None:
        values = predict(now)
        compared = observations.compared(values)
        misfit = float(np.median(observed.misfit(completed(compared))))
        misfits = (*now.misfits, misfit)
        if now.step == settings.steps:
            now = Progressed(now.scores, now.step, misfits, values)
        else:
            rng = np.random.default_rng([settings.seed, repeat, now.step + 1])
            scores = assimilate(now.scores, compared, observed, float(coefficients[now.step]), rng)
            now = Progressed(scores, now.step + 1, misfits)
        now.save(path)
        progress(stage, (now.step + (now.values is not None)) * settings.members, total, misfit)
    return Smoothed(now.scores, now.values, failed(now.values), now.misfits)
