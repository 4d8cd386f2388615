"""Scoring of any number of dose-response matrices at once: the one verb of this package. Batches of bounded
size go through the models; the answers come back in the shape and order of the input.
"""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Bools, Floats
from screen.errors import InputError, nearest
from screen.parallel_map import parallel_map
from screen.synergy.batch import MEASURED, Batch, ScoringOptions
from screen.synergy.dose_matrices import (
    BatchShape,
    Matrices,
    Score,
    best_window,
    clear_edges,
    mean_excess,
    prepare,
)
from screen.synergy.models.registry import MODELS

CHUNK = 1024


def score_matrices(
    viability: Floats,
    conc_1: Floats,
    conc_2: Floats,
    models: Sequence[str] = ("hsa", "bliss", "loewe", "zip"),
    options: ScoringOptions = MEASURED,
    *,
    design: Bools | None = None,
    jobs: int = 1,
) -> dict[str, Score]:
    """Score every matrix by every model; no data makes it raise, `Score.reason` says what is wrong instead.

    >>> import numpy as np
    >>> from screen.synergy import score_matrices
    >>> doses = np.array([0, 10, 30, 100.0])
    >>> alone = 1 / (1 + doses / 30)
    >>> independent = np.outer(alone, alone)
    >>> score_matrices(independent, doses, doses, ["bliss"])["bliss"].mean.round(6) + 0.0
    np.float64(0.0)

    `viability` `(..., dose_1, dose_2)` is a fraction of vehicle, NaN where missing or padded; `conc_1`
    `(..., dose_1)` and `conc_2` `(..., dose_2)` hold the doses in any unit, 0 included, NaN where padded;
    their leading dims broadcast. Excess is in percent points of inhibition, positive = synergy.

    `options` say what the wells are; the default is for measured ones here and for simulated ones in
    `score_cube`. `jobs` processes share the work; the numbers are bitwise the same for any.

    `design` `(..., dose_1, dose_2)` is False for wells that were never asked for, such as those off the rays
    of a ray design: scores are those of the others, and no reason names their absence.

    Models: those of `screen.synergy.models.registry.MODELS`, each with its paper (`MODELS["zip"].doi`: Yadav 2015).
    InputError for an unknown model, shapes that do
    not fit and negative doses.
    """
    check_models(models)
    matrices, layout = prepare(viability, conc_1, conc_2, design)
    tasks = [
        (matrices.take(slice(first, first + CHUNK)), models, options)
        for first in range(0, max(matrices.count, 1), CHUNK)
    ]
    parts = parallel_map(_score_chunk, tasks, jobs)
    return {name: _join([part[name] for part in parts], layout) for name in models}


def check_models(models: Sequence[str]) -> None:
    """InputError for a name that is no model."""
    for name in models:
        if name not in MODELS:
            raise InputError(
                f"models: unknown model {name!r}{nearest(name, MODELS)}; known: {', '.join(MODELS)}"
            )


def _score_chunk(
    matrices: Matrices,
    models: Sequence[str],
    options: ScoringOptions,
) -> dict[str, Score]:
    batch = Batch(matrices, options)
    scores = {}
    for name in models:
        found = MODELS[name].score(batch)
        excess = clear_edges(found.excess)
        if found.invalid.any():
            excess[found.invalid] = np.nan
        parameters = {key: np.where(found.invalid, np.nan, value) for key, value in found.parameters.items()}
        mean, best = mean_excess(excess), best_window(excess)
        scores[name] = Score(excess, mean, best, found.reason, parameters, found.masks, found.cells)
    return scores


def _join(parts: list[Score], layout: BatchShape) -> Score:
    first = parts[0]
    return Score(
        layout.cells(np.concatenate([p.excess for p in parts])),
        layout.each(np.concatenate([p.mean for p in parts])),
        layout.each(np.concatenate([p.best for p in parts])),
        layout.each(np.concatenate([p.reason for p in parts])),
        {key: layout.each(np.concatenate([p.parameters[key] for p in parts])) for key in first.parameters},
        {key: layout.cells(np.concatenate([p.masks[key] for p in parts])) for key in first.masks},
        {key: layout.cells(np.concatenate([p.cells[key] for p in parts])) for key in first.cells},
    )
