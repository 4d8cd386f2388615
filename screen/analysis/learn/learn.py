"""Learning from plates: the ensemble is the prior, plates of all lines are met together, and what that gained is
measured on plates and lines left out.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.calibration.division_rates import settled
from screen.analysis.calibration.folder import claim
from screen.analysis.learn.held_out import By, Gain, LeftOutRow, coverage, gains, left_out
from screen.analysis.learn.prior import LearnPrior
from screen.analysis.learn.readings.plates import LearnPlate
from screen.analysis.learn.readings.wells import Simulator
from screen.analysis.learn.smoothing import (
    LABORATORY_GAIN,
    LABORATORY_OFFSET,
    PLATE_GAIN,
    PLATE_OFFSET,
    PlatesLearnt,
    Progress,
    SmootherOptions,
    smoothed,
    split,
)
from screen.analysis.learn.verdicts import PlateVerdict, plate_verdict
from screen.arrays import Floats
from screen.errors import InputError
from screen.pathway import Assay, Draw

BY: tuple[By, ...] = ("plates", "lines")


@dataclass(frozen=True, eq=False)
class Learning:
    """What plates changed: the members, a verdict a plate, rows left out and what was gained on them, the `draws` of
    the new ensemble, and the middle member as its nominal set.
    """

    prior: LearnPrior
    learnt: PlatesLearnt
    before: tuple[Floats, ...]
    verdicts: tuple[PlateVerdict, ...]
    left_out: Mapping[By, tuple[LeftOutRow, ...]]
    gains: tuple[Gain, ...]
    draws: tuple[Draw, ...]
    nominal: Draw

    @property
    def coverage(self) -> dict[By, float]:
        """The share of rows left out inside their 90 % interval, by what was left out."""
        return {by: coverage(rows) for by, rows in self.left_out.items() if rows}


def learn_plates(
    assay: Assay,
    prior: LearnPrior,
    plates: Sequence[LearnPlate],
    options: SmootherOptions,
    draws: int,
    folds: int = 5,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Learning:
    """Learn all plates together, then without each fold. `folder` keeps every step and is resumed from."""
    if folder is not None:
        claim(folder, _digest(prior, plates, options, folds, assay.pathway.source), "learning from plates")
    path = None if folder is None else folder / "learn.npz"
    learnt = smoothed(assay, prior, plates, options, path, ("learn", 0), progress)
    simulator = Simulator(assay, prior, [row for plate in plates for row in plate.rows])
    before = split(plates, simulator.predict(prior.scores, options.jobs))
    out = {
        by: tuple(left_out(assay, prior, plates, by, folds, options, folder, progress)) for by in BY if folds
    }
    kept = learnt.scores[learnt.whole]
    if len(kept) < draws:
        raise InputError(f"draws: {len(kept)} members could be simulated, expected at least {draws}")
    chosen = kept[np.linspace(0, len(kept) - 1, draws).astype(int)]
    rows = [np.median(kept, axis=0), *chosen]
    nominal, *drawn = _at_their_pace(assay, prior, [prior.draw(row, k - 1) for k, row in enumerate(rows)])
    return Learning(
        prior=prior,
        learnt=learnt,
        before=tuple(before),
        verdicts=_verdicts(learnt, before),
        left_out=out,
        gains=tuple(one for rows_out in out.values() for one in gains(rows_out, options.seed)),
        draws=tuple(drawn),
        nominal=nominal,
    )


def _digest(
    prior: LearnPrior, plates: Sequence[LearnPlate], options: SmootherOptions, folds: int, source: str
) -> str:
    """All that the result depends on."""
    digest = hashlib.sha256(source.encode())
    digest.update(json.dumps([options.steps, options.seed, folds]).encode())
    digest.update(repr(prior.items).encode() + prior.scores.tobytes())
    for plate in plates:
        digest.update(repr((plate.name, plate.rows)).encode() + plate.wells.tobytes())
    return digest.hexdigest()


def _verdicts(learnt: PlatesLearnt, before: Sequence[Floats]) -> tuple[PlateVerdict, ...]:
    reading, count = learnt.reading[learnt.whole], len(learnt.plates)
    found = []
    for number, (plate, after) in enumerate(zip(learnt.plates, learnt.of_plates(), strict=True)):
        if plate.is_markers:
            continue
        gain = LABORATORY_GAIN * reading[:, 0] + PLATE_GAIN * reading[:, 2 + number]
        offset = LABORATORY_OFFSET * reading[:, 1] + PLATE_OFFSET * reading[:, 2 + count + number]
        middle = float(np.exp(np.median(gain))), float(np.median(offset))
        found.append(plate_verdict(plate, number, learnt.noise, before[number], after[learnt.whole], middle))
    return tuple(found)


def _at_their_pace(assay: Assay, prior: LearnPrior, draws: Sequence[Draw]) -> list[Draw]:
    """The draws, in which lines that no plate is of double in their own time again: shared parameters moved."""
    learnt = {one.origin for one in prior.subjects.values()}
    others = [
        line
        for line in assay.pathway.cell_lines.values()
        if line.name not in learnt and any(line.name in draw.lines for draw in draws)
    ]
    return settled(assay, others, draws) if others else list(draws)
