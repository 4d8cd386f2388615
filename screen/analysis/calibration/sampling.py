"""Markov chains beside the lowest optimum, kept on disk: drugs and lines move, shared values stay where they are.

Steps along shared values would have to be so short (a thirtieth of what the normal approximation allows) that no
affordable chain crosses their posterior; given them, drugs and lines fall into components that mix fast.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from screen.analysis.calibration.folder import load_arrays, save_arrays
from screen.analysis.calibration.free_values import DERIVATIVE, DEVIATION, SHIFT, UNSPECIFIC
from screen.analysis.calibration.refining import problem_of
from screen.analysis.calibration.rows.measured_errors import nested_errors
from screen.analysis.calibration.rows.observations import Observations
from screen.analysis.calibration.smoothing import Progress, Smoothed, silent
from screen.analysis.methods.block_sampler import (
    APART,
    Chains,
    NormalApproximation,
    Predict,
    Sampler,
    Stage,
    Tuning,
    components,
    tuned,
)
from screen.analysis.methods.ensemble_smoother import failed
from screen.analysis.methods.gauss_newton import LeastSquares, slopes
from screen.arrays import Floats, Indices
from screen.config.calibration import CalibrationConfig
from screen.pathway import Assay

SAMPLED = 2000
"""Keys the random numbers of chains apart from those of optima."""
BLOCK = 10
"""Sweeps between two saves."""
WIDE = 1.3
"""Chains begin so many times as wide as the normal approximation."""
PHASE = 0.1
"""Share of the sweeps in which steps are tuned, in which covariances are learnt, and in which steps are tuned again;
after the three nothing changes, and states are kept.
"""
HELD = 40
"""A component that so many statements hold moves slowly: it gets more moves, from wells of its own, as many as cost
about as much as one simulation of all wells.
"""
STAGES = (((SHIFT, UNSPECIFIC), True), ((DEVIATION, DERIVATIVE), False))
"""Drugs, whose offsets in a laboratory are integrated out; and lines."""


def sampled(
    assay: Assay,
    observations: Observations,
    settings: CalibrationConfig,
    optimum: Floats,
    folder: Path,
    progress: Progress = silent,
    jobs: int = 1,
) -> list[Smoothed]:
    """The states of each chain after warming up, as members of a repeat: `settings.sweeps` sweeps, in whole blocks,
    begun around the optimum (D,). `folder` holds what is done, and is resumed from; the same numbers come of it
    wherever it was stopped.
    """
    problem = problem_of(observations, jobs)
    errors = nested_errors(observations.rows.cells, len(observations.rows.statements))
    reference = _reference(problem, optimum, folder / "reference.npz")
    stages = _stages(assay, observations, problem, jobs)
    sampler = Sampler(problem, errors, reference, stages)
    blocks = max(4, -(-settings.sweeps // BLOCK))
    phase = max(1, round(PHASE * blocks))
    chains: Chains | None = None
    kept: list[tuple[Floats, Floats]] = []
    lessons: list[list[Floats]] = []
    for block in range(blocks):
        path = folder / f"chains-{block + 1}.npz"
        found = _load(path, len(stages))
        if found is None:
            rng = np.random.default_rng([settings.seed, SAMPLED, block])
            chains = chains or sampler.begin(_around(reference, problem, stages, settings.chains, rng))
            found = _block(sampler, chains, rng, block, phase)
            _save(path, *found)
        chains, scores, values, coordinates = found
        if phase <= block < 2 * phase:
            lessons.append(coordinates)
        if block == 2 * phase - 1:
            chains = sampler.taught(chains, [np.concatenate(one) for one in zip(*lessons, strict=True)])
        if block >= 3 * phase:
            kept.append((scores, values))
        progress("chains", (block + 1) * BLOCK, blocks * BLOCK, float("nan"))
    states, rows = (np.concatenate(one).swapaxes(0, 1) for one in zip(*kept, strict=True))
    return [Smoothed(one, values, failed(values), ()) for one, values in zip(states, rows, strict=True)]


def _block(
    sampler: Sampler, chains: Chains, rng: np.random.Generator, block: int, phase: int
) -> tuple[Chains, Floats, Floats, list[Floats]]:
    """`BLOCK` sweeps: the chains after them, scores (BLOCK, C, D) and rows on the way, and each stage's coordinates."""
    scores, values, coordinates = [], [], []
    for sweep in range(BLOCK):
        chains, heard = sampler.sweep(chains, rng)
        if block < 3 * phase:
            begun = 2 * phase if block >= 2 * phase else 0
            chains = tuned(chains, heard, 1.5 / np.sqrt(1 + (block - begun) * BLOCK + sweep))
        scores.append(chains.scores)
        values.append(chains.values)
        coordinates.append([one.coordinates for one in heard])
    return (
        chains,
        np.array(scores),
        np.array(values),
        [np.concatenate(one) for one in zip(*coordinates, strict=True)],
    )


def _reference(problem: LeastSquares, optimum: Floats, path: Path) -> NormalApproximation:
    """The normal approximation at the optimum; its slopes are kept at `path`."""
    kept = load_arrays(path, ("values", "slopes"))
    if kept is None:
        values = problem.forward(optimum[None])[0]
        kept = {"values": values, "slopes": slopes(problem, optimum, values)}
        save_arrays(path, **kept)
    rows, slope = problem.differences(kept["values"][None])
    return NormalApproximation(optimum, rows[0], kept["slopes"] * slope[0])


def _around(
    reference: NormalApproximation,
    problem: LeastSquares,
    stages: list[Stage],
    chains: int,
    rng: np.random.Generator,
) -> Floats:
    """Starts (C, D): what stages move, `WIDE` times as far from the optimum as the approximation spreads."""
    moved = np.flatnonzero(np.any([stage.parameters != APART for stage in stages], axis=0))
    steep = problem.errors.whiten(reference.slopes[moved])
    root = np.linalg.cholesky(steep @ steep.T + np.eye(len(moved)))
    scores = np.repeat(reference.centre[None], chains, axis=0)
    scores[:, moved] += WIDE * np.linalg.solve(root.T, rng.standard_normal((len(moved), chains))).T
    return scores


def _stages(assay: Assay, observations: Observations, problem: LeastSquares, jobs: int) -> list[Stage]:
    """Drugs, lines, and after each the components that many statements hold."""

    def whole(scores: Floats, _: Floats) -> Floats:
        return problem.forward(scores)

    found = []
    statements = np.arange(len(observations.rows)) >= len(observations.rows.cells)
    for kinds, integrated in STAGES:
        kind = np.array([item.kind in kinds for item in observations.free.items])
        if not kind.any():
            continue
        stage = Stage(*components(kind, problem.reach), integrated, whole)
        found.append(stage)
        held = np.bincount(stage.rows[(stage.rows >= 0) & statements], minlength=stage.count)
        for component in np.flatnonzero(held >= HELD):
            rows = np.flatnonzero(stage.rows == component)
            closer = _closer(assay, observations, rows)
            moves = len(observations.wells.row) // len(closer.wells.row)
            found.append(stage.only(int(component), _only(closer, rows, jobs), moves))
    return found


def _closer(assay: Assay, observations: Observations, rows: Indices) -> Observations:
    """These rows alone."""
    count, known = len(observations.rows.cells), observations.rows
    cells = tuple(known.cells[row] for row in rows if row < count)
    statements = tuple(known.statements[row - count] for row in rows if row >= count)
    return Observations.lay_out(assay, observations.free, replace(known, cells=cells, statements=statements))


def _only(closer: Observations, rows: Indices, jobs: int) -> Predict:
    """A prediction of these rows, the others being what they were."""

    def predict(scores: Floats, before: Floats) -> Floats:
        values = before.copy()
        values[:, rows] = closer.predict(scores, jobs)
        return values

    return predict


NAMES = ("steps", "mean", "root", "coordinates")


def _save(path: Path, chains: Chains, scores: Floats, values: Floats, coordinates: list[Floats]) -> None:
    arrays = {
        f"{name}_{number}": array
        for number, (one, seen) in enumerate(zip(chains.tuning, coordinates, strict=True))
        for name, array in zip(NAMES, (one.steps, one.mean, one.root, seen), strict=True)
    }
    arrays |= {"states": chains.scores, "rows": chains.values}
    save_arrays(path, scores=scores.astype(np.float32), values=values.astype(np.float32), **arrays)


def _load(path: Path, stages: int) -> tuple[Chains, Floats, Floats, list[Floats]] | None:
    """What `_save` wrote; None where it is not there or damaged."""
    names = [f"{name}_{number}" for number in range(stages) for name in NAMES]
    kept = load_arrays(path, ("scores", "values", "states", "rows", *names))
    if kept is None:
        return None
    tuning = tuple(Tuning(*(kept[f"{name}_{number}"] for name in NAMES[:3])) for number in range(stages))
    chains = Chains(kept["states"], kept["rows"], tuning)
    return chains, kept["scores"], kept["values"], [kept[f"coordinates_{number}"] for number in range(stages)]
