"""Members of the prior brought to measured plates by an ensemble smoother, kept on disk after every step.

Beside the model's free values each member has the laboratory's and each plate's gain and offset, for a plate reads
gain x viability + offset. Noise is fitted before every step. Random numbers are keyed by (seed, part, step), so where
a run stopped leaves no trace.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.calibration.folder import Progressed
from screen.analysis.learn.noise import PlateNoise, fit_noise
from screen.analysis.learn.prior import Item, LearnPrior
from screen.analysis.learn.readings.plates import LearnPlate
from screen.analysis.learn.readings.wells import Simulator
from screen.analysis.methods.ensemble_smoother import (
    ErrorFactor,
    Localisation,
    Observed,
    Reach,
    assimilate,
    completed,
    failed,
    inflations,
)
from screen.arrays import Bools, Floats
from screen.pathway import Assay

LABORATORY_GAIN, LABORATORY_OFFSET = 0.05, 0.02
PLATE_GAIN, PLATE_OFFSET = 0.05, 0.02
"""Standard deviations of ln gain and of the offset in units of viability (assumed)."""
CHANCE = 2.5
"""A value that all lines share is moved by rows with which it correlates by so many times what chance gives."""
Progress = Callable[[str, int, int], None]
"""Hears of a part, and of members simulated and to be simulated in it."""


@dataclass(frozen=True)
class SmootherOptions:
    """Steps of the smoother, the seed, and the threads that simulate."""

    steps: int = 4
    seed: int = 0
    jobs: int = 1


@dataclass(frozen=True, eq=False)
class PlatesLearnt:
    """Members that met `plates`: `scores` (K, D) of the model's free values and `reading` (K, 2 + 2 P) of laboratory
    and plates; `viability` (K, M) of the plates' rows as the model has them and `predicted` as the plates read them;
    the noise; root mean square misses of the members' mean before each step and after the last (steps + 1,).
    """

    plates: tuple[LearnPlate, ...]
    scores: Floats
    reading: Floats
    viability: Floats
    predicted: Floats
    noise: PlateNoise
    misfits: tuple[float, ...]

    @property
    def whole(self) -> Bools:
        """Members (K,) that could be simulated."""
        return ~failed(self.viability)

    def of_plates(self) -> list[Floats]:
        """`predicted` by plate, (K, R) each."""
        return split(self.plates, self.predicted)


def split(plates: Sequence[LearnPlate], rows: Floats) -> list[Floats]:
    """Rows (..., M) of all plates by plate."""
    edges = np.cumsum([len(plate.rows) for plate in plates])[:-1]
    return list(np.split(rows, edges, axis=-1))


def as_read(plates: Sequence[LearnPlate], viability: Floats, reading: Floats) -> Floats:
    """What plates read (K, M) where the model has `viability`: `reading` (K, 2 + 2 P) are scores of the logarithm of
    the laboratory's gain, of its offset, then of the plates' gains and offsets.
    """
    count = len(plates)
    row = np.repeat(np.arange(count), [len(plate.rows) for plate in plates])
    gain = LABORATORY_GAIN * reading[:, :1] + PLATE_GAIN * reading[:, 2 : 2 + count]
    offset = LABORATORY_OFFSET * reading[:, 1:2] + PLATE_OFFSET * reading[:, 2 + count :]
    read = np.asarray(np.exp(gain)[:, row] * viability + offset[:, row])
    return np.where(of_markers(plates), viability, read)


def of_markers(plates: Sequence[LearnPlate]) -> Bools:
    """Which rows (M,) are marker readings, that no gain or offset changes: they are ratios."""
    return np.repeat(
        np.array([plate.is_markers for plate in plates], bool), [len(plate.rows) for plate in plates]
    )


def smoothed(
    assay: Assay,
    prior: LearnPrior,
    plates: Sequence[LearnPlate],
    options: SmootherOptions,
    path: Path | None = None,
    part: tuple[str, int] = ("learn", 0),
    progress: Progress | None = None,
) -> PlatesLearnt:
    """Bring the prior's members to the plates. `path` holds what is done, and is resumed from; `part` names the run
    and numbers its random numbers.
    """
    simulator = Simulator(assay, prior, [row for plate in plates for row in plate.rows])
    size, coefficients = len(prior.items), inflations(options.steps)
    now = Progressed.load(path) if path is not None and path.exists() else None
    if now is None:
        rng = np.random.default_rng([options.seed, part[1], 1])
        reading = rng.standard_normal((len(prior.scores), 2 + 2 * len(plates)))
        now = Progressed(np.concatenate([prior.scores, reading], axis=1), 0, ())
    total = len(prior.scores) * (options.steps + 1)

    def tell(done: int, _: int) -> None:
        if progress is not None and now is not None:
            progress(part[0], now.step * len(prior.scores) + done, total)

    reach = localisation(prior, plates)
    while now.values is None:
        viability = simulator.predict(now.scores[:, :size], options.jobs, tell)
        predicted = as_read(plates, viability, now.scores[:, size:])
        noise = fit_noise(plates, split(plates, completed(predicted)), "met" if now.step else "prior")
        measured = noise.means(plates)
        miss = (completed(predicted).mean(axis=0) - measured)[~of_markers(plates)]
        misfits = (*now.misfits, float(np.sqrt(np.mean(miss**2))))
        if now.step == options.steps:
            now = Progressed(now.scores, now.step, misfits, viability)
        else:
            observed = Observed(measured, _errors(plates, noise), reach)
            rng = np.random.default_rng([options.seed, part[1], now.step + 2])
            scores = assimilate(now.scores, predicted, observed, float(coefficients[now.step]), rng)
            now = Progressed(scores, now.step + 1, misfits)
        if path is not None:
            now.save(path)
    predicted = as_read(plates, now.values, now.scores[:, size:])
    return PlatesLearnt(
        plates=tuple(plates),
        scores=now.scores[:, :size],
        reading=now.scores[:, size:],
        viability=now.values,
        predicted=predicted,
        noise=fit_noise(plates, split(plates, completed(predicted)), "mean"),
        misfits=now.misfits,
    )


def _errors(plates: Sequence[LearnPlate], noise: PlateNoise) -> ErrorFactor:
    begin, blocks = 0, []
    for plate, covariance in zip(plates, noise.covariances(plates), strict=True):
        blocks.append((np.arange(begin, begin + len(plate.rows)), covariance))
        begin += len(plate.rows)
    return ErrorFactor.of(blocks)


def localisation(prior: LearnPrior, plates: Sequence[LearnPlate]) -> Localisation:
    """Which rows may move which free values: a line's abundances its own rows, a potency those with its drug, a plate's
    gain and offset that plate's, shared parameters and the laboratory's all.
    """
    rows = [row for plate in plates for row in plate.rows]
    origin = [prior.subjects[row.line].origin for row in rows]
    owner = np.repeat(np.arange(len(plates)), [len(plate.rows) for plate in plates])
    groups: dict[tuple[str, str], list[int]] = {}
    for number, item in enumerate(prior.items):
        groups.setdefault(_reach(item), []).append(number)
    found = []
    for (what, name), members in groups.items():
        if what == "line":
            of = np.flatnonzero([name == one for one in origin])
        elif what == "drug":
            of = np.flatnonzero([name in row.drugs for row in rows])
        else:
            of = np.arange(len(rows))
        if len(of):
            found.append(Reach(np.array(members, dtype=np.intp), of, CHANCE if what == "all" else 0.0))
    first = len(prior.items)
    found.append(Reach(np.array([first, first + 1]), np.flatnonzero(~of_markers(plates))))
    for number in (k for k, plate in enumerate(plates) if not plate.is_markers):
        own = np.array([first + 2 + number, first + 2 + len(plates) + number])
        found.append(Reach(own, np.flatnonzero(owner == number)))
    return found


def _reach(item: Item) -> tuple[str, str]:
    if item.line:
        return "line", item.line
    return ("drug", item.drug) if item.drug else ("all", "")
