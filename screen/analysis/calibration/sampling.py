"""Markov chains of a calibration's posterior: all free values at once, begun around optima, kept on disk.

Chains begin around the optima of different repeats, so that R-hat tells whether where they began still shows. They go
along exact slopes (`slopes/posterior.py`). The mass is learnt while they warm up: first the mean of the precisions that
rows are worth at the optima, then at the chains' states, and from then on stretched, block after block, along the few
directions in which the chains spread further than it lets them: what rows fix differs from place to place, so that
their mean fixes more than all of them together do. A chain that is stuck in a local mode meanwhile restarts from the
lowest one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from screen.analysis.calibration.folder import load_arrays, save_arrays
from screen.analysis.calibration.refining import problem_of
from screen.analysis.calibration.rows.observations import Observations
from screen.analysis.calibration.slopes.posterior import posterior_of
from screen.analysis.calibration.smoothing import Progress, Smoothed, silent
from screen.analysis.methods.ensemble_smoother import failed
from screen.analysis.methods.gauss_newton import LeastSquares, Minimum, slopes
from screen.analysis.methods.hamiltonian import Chains, Energy, begun, root_of, trajectory, tuned
from screen.arrays import Floats
from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.pathway import Assay

SAMPLED = 2000
"""Keys the random numbers of chains apart from those of optima."""
BLOCK = 5
"""Trajectories between two saves."""
WARM_UP = 0.5
"""Share of the trajectories in which steps and the mass are learnt; states are kept after it."""
STRETCH = 3.0
"""At most so much at once: how far chains lie apart where they began is how far the posterior goes only as long as
they can go there, and without a bound every trajectory was refused.
"""
PLACES = 2
"""Blocks whose last states give the mean precision, before it is stretched."""
BEHIND = 10.0
"""A chain whose energy is above the lowest one's by so many standard deviations of what energies scatter by, once the
mass is stretched, is stuck in a local mode and restarts from the lowest.
"""
AWAY = 0.35
"""How far from the optima chains begin, in standard deviations by the first mass."""
FIRST_STEP = 0.04
GAIN = 0.5
"""Of the first change of a step's logarithm."""
WALLS = 0.1
"""How much a bound that asks for nothing counts in the mass, beside one that is met: chains meet it now and then."""


def sampled(
    assay: Assay,
    observations: Observations,
    settings: CalibrationConfig,
    optima: Sequence[Minimum],
    folder: Path,
    progress: Progress = silent,
    jobs: int = 1,
) -> list[Smoothed]:
    """The states of each of `settings.chains` chains after warming up, as members of a repeat: `settings.sweeps`
    trajectories, in whole blocks, begun beside the optima in turn. `folder` holds what is done, and is resumed
    from; the same numbers come of it wherever it was stopped.
    """
    problem = problem_of(observations, jobs)
    posterior = posterior_of(assay, observations, problem)

    def energy(scores: Floats) -> tuple[Floats, Floats, Floats]:
        return posterior(scores, jobs)

    def precision(scores: Floats) -> Floats:
        return _precision(problem, observations, scores)

    blocks = max(4, -(-settings.sweeps // BLOCK))
    warm = max(1, round(WARM_UP * blocks))
    scores, step = np.empty((0, len(observations.free))), FIRST_STEP
    chains: Chains | None = None
    kept: list[tuple[Floats, Floats]] = []
    found: dict[str, Floats] | None = None
    for block in range(blocks):
        path, before = folder / f"chains-{block + 1}.npz", found
        found = load_arrays(path, ("scores", "values", "states", "step"))
        if found is None:
            if block < warm:
                _mass(precision, optima, before, folder, block)
            root = _kept(folder, min(block, warm - 1), "root")
            if before is None:
                scores = _around(optima, root, settings)
            chains = chains or begun(energy, scores, step)
            rng = np.random.default_rng([settings.seed, SAMPLED, settings.chains, block])
            chains, found = _block(energy, chains, root, rng, block if block < warm else None)
            if PLACES <= block < warm:
                chains, found = restarted(chains, found)
            save_arrays(path, **found)
        else:
            chains = None
        scores, step = found["states"], float(found["step"])
        if block >= warm:
            kept.append((found["scores"], found["values"]))
        progress("chains", (block + 1) * BLOCK, blocks * BLOCK, float("nan"))
    states, rows = (np.concatenate(one).swapaxes(0, 1) for one in zip(*kept, strict=True))
    return [Smoothed(one, values, failed(values), ()) for one, values in zip(states, rows, strict=True)]


def _block(
    energy: Energy, chains: Chains, root: Floats, rng: np.random.Generator, learning: int | None
) -> tuple[Chains, dict[str, Floats]]:
    """`BLOCK` trajectories: the chains after them, and what is kept. `learning` is the number of the block; None where
    the step stays.
    """
    scores, values = [], []
    for number in range(BLOCK):
        chains, chance = trajectory(energy, chains, root, rng)
        if learning is not None:
            chains = tuned(chains, chance, GAIN / np.sqrt(1 + number + learning))
        scores.append(chains.scores.astype(np.float32))
        values.append(chains.values.astype(np.float32))
    kept: dict[str, Floats] = {
        "scores": np.array(scores),
        "values": np.array(values),
        "states": chains.scores,
    }
    return chains, kept | {"step": np.array(chains.step)}


def restarted(chains: Chains, kept: dict[str, Floats]) -> tuple[Chains, dict[str, Floats]]:
    """Stuck chains, and what is kept of their block, as if they had gone with the lowest one. Energies
    of D free values scatter by the root of D / 2.
    """
    lowest = int(np.argmin(chains.energy))
    far = chains.energy - chains.energy[lowest] > BEHIND * np.sqrt(chains.scores.shape[1] / 2)
    place = np.where(far, lowest, np.arange(len(far)))
    moved = {name: getattr(chains, name)[place] for name in ("scores", "energy", "slope", "values")}
    along = {name: kept[name][:, place] for name in ("scores", "values")}
    return replace(chains, **moved), kept | along | {"states": moved["scores"]}


def _around(optima: Sequence[Minimum], root: Floats, settings: CalibrationConfig) -> Floats:
    """Where chains begin (C, D): off the optima in turn, a part of the way that the mass would let them go."""
    rng = np.random.default_rng([settings.seed, SAMPLED])
    places = [optima[number % len(optima)].scores for number in range(settings.chains)]
    return np.array([place + AWAY * root @ rng.standard_normal(len(root)) for place in places])


def _mass(
    precision: Callable[[Floats], Floats],
    optima: Sequence[Minimum],
    before: Mapping[str, Floats] | None,
    folder: Path,
    lesson: int,
) -> None:
    """Keep the mass of a lesson, unless it is there: of the mean precision at the optima, then of that at the chains'
    states, of so many blocks as `PLACES` says, then stretched.
    """
    path = folder / f"mass-{lesson}.npz"
    if load_arrays(path, ("root",)) is not None:
        return
    if lesson > PLACES:
        save_arrays(path, root=stretched(_kept(folder, lesson - 1, "root"), _lately(folder, lesson)))
        return
    mean = precision(np.array([one.scores for one in optima]) if before is None else before["states"])
    if lesson > 1:
        mean = mean + (_kept(folder, lesson - 1, "precision") - mean) * (lesson - 1) / lesson
    save_arrays(path, root=root_of(mean), precision=mean)


def _precision(problem: LeastSquares, observations: Observations, scores: Floats) -> Floats:
    """The mean precision (D, D) at some scores (K, D)."""
    total = np.eye(scores.shape[1])
    for place in scores:
        values = problem.forward(place[None])
        slope = problem.differences(values)[1][0]
        met = np.where(slope == 0, np.sqrt(WALLS) * observations.steepest, slope)
        steep = problem.errors.whiten(slopes(problem, place, values[0]) * met)
        total += steep @ steep.T / len(scores)
    return total


def stretched(root: Floats, scores: Floats) -> Floats:
    """A root (D, D) of the mass whose leading directions are as long as chains (N, C, D) spread in them, all together,
    but at most `STRETCH` times as long as before. Few states in many dimensions seem to spread whatever they do: only
    what lies above the edge of that noise counts, and as much of it as is not noise (spiked covariances: Baik and
    Silverstein 2006, 10.1016/j.jmva.2005.08.003).
    """
    states = np.linalg.solve(root, (scores - scores.mean(axis=(0, 1))).reshape(-1, len(root)).T).T
    _, size, ways = np.linalg.svd(states, full_matrices=False)
    free = len(states) - 1
    noise = len(root) / free
    seen = size**2 / free
    far = seen > (1 + np.sqrt(noise)) ** 2
    both = seen[far] + 1 - noise
    spread = np.minimum(np.sqrt((both + np.sqrt(np.maximum(both**2 - 4 * seen[far], 0.0))) / 2), STRETCH)
    return np.asarray(root + (root @ ways[far].T * (spread - 1)) @ ways[far])


def _lately(folder: Path, blocks: int) -> Floats:
    """Where the chains were (N, C, D) in the second half of some blocks, and since stuck ones restart: before that they
    come from afar.
    """
    first = 1 + max(PLACES, blocks // 2)
    found = [load_arrays(folder / f"chains-{one}.npz", ("scores",)) for one in range(first, 1 + blocks)]
    return np.concatenate([one["scores"] for one in found if one is not None]).astype(float)


def _kept(folder: Path, lesson: int, name: str) -> Floats:
    """Of a lesson's mass. Errors: `InputError` where it is damaged."""
    path = folder / f"mass-{lesson}.npz"
    kept = load_arrays(path, (name,))
    if kept is None:
        raise InputError(
            f"{path}: not there or damaged; without all mass-*.npz and chains-*.npz they are made again"
        )
    return kept[name]
