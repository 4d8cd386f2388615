"""From a mean of members to the optimum beside it, and draws around that; kept on disk after every step."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from screen.analysis.calibration.folder import load_arrays, save_arrays
from screen.analysis.calibration.free_values import SHARED
from screen.analysis.calibration.rows.observations import Observations
from screen.analysis.calibration.smoothing import Progress, Smoothed, silent
from screen.analysis.methods.ensemble_smoother import failed
from screen.analysis.methods.gauss_newton import LeastSquares, Minimum, begin, improved
from screen.analysis.methods.linear_posterior import draws_around
from screen.arrays import Floats
from screen.config.calibration import CalibrationConfig

REFINED = 1000
"""Keys the random numbers of draws apart from those of the smoother's steps."""


def problem_of(observations: Observations, jobs: int = 1) -> LeastSquares:
    """The rows as least squares, with the reach of each free value."""
    reach = np.zeros((len(observations.free), len(observations.rows)), dtype=bool)
    for part in observations.localisation():
        reach[np.ix_(part.parameters, part.rows)] = True

    def forward(scores: Floats) -> Floats:
        return observations.predict(scores, jobs)

    return LeastSquares(forward, observations.differences, observations.observed().errors, reach)


def optimum_near(
    problem: LeastSquares, start: Floats, steps: int, path: Path, stage: str, progress: Progress = silent
) -> Minimum:
    """What at most so many Gauss-Newton steps from scores (D,) reach; `path` holds them, and is resumed from."""
    kept = load_arrays(path, ("scores", "values", "energies", "damping"))
    if kept is None:
        now = begin(problem, start)
    else:
        now = Minimum(
            kept["scores"], kept["values"], tuple(kept["energies"].tolist()), float(kept["damping"])
        )
    while len(now.energies) <= steps and not now.settled:
        now = improved(problem, now)
        save_arrays(path, scores=now.scores, values=now.values, energies=now.energies, damping=now.damping)
        progress(stage, len(now.energies) - 1, steps + 1, _misfit(now))
    return now


def refined(
    observations: Observations,
    settings: CalibrationConfig,
    repeat: int,
    start: Smoothed,
    folder: Path,
    progress: Progress = silent,
    jobs: int = 1,
) -> tuple[Minimum, Smoothed]:
    """The optimum that at most `settings.refine` steps from the mean of a repeat's members reach, and draws around it
    in the members' place, `settings.members` of them; where chains go on from there they make their own.

    `folder` holds what is done, and is resumed from; the same numbers come of it wherever it was stopped.
    """
    problem = problem_of(observations, jobs)
    stage = f"optimum {repeat + 1}"
    path = folder / f"optimum-{repeat + 1}.npz"
    mean = start.scores[~start.failed].mean(axis=0)
    now = optimum_near(problem, mean, settings.refine, path, stage, progress)
    total, misfits = settings.refine + 1, (*start.misfits, _misfit(now))
    if settings.sweeps:
        progress(stage, total, total, _misfit(now))
        return now, replace(start, misfits=misfits)
    path = folder / f"draws-{repeat + 1}.npz"
    found = load_arrays(path, ("scores", "values"))
    if found is None:
        rng = np.random.default_rng([settings.seed, repeat, REFINED])
        shared = np.array([item.kind in SHARED for item in observations.free.items])
        scores, values = draws_around(problem, now, settings.members, rng, shared)
        save_arrays(path, scores=scores, values=values)
    else:
        scores, values = found["scores"], found["values"]
    progress(stage, total, total, _misfit(now))
    return now, Smoothed(scores, values, failed(values), misfits)


def energy(optimum: Minimum) -> float:
    """What the search came to."""
    return optimum.energies[-1]


def _misfit(optimum: Minimum) -> float:
    """Twice the energy a row: squared differences and prior."""
    return 2 * energy(optimum) / len(optimum.values)
