"""What learning gains on plates, or lines, that were left out, beside predictions that need no model.

Plates (or lines with all their plates) are dealt to folds; each fold is learnt from the others and then predicted with
the gain and offset of an unread plate. Beside it stand the prior, and three nulls that know the other plates only: the
same wells in other lines, the line's mean, and both added up (the nulls of `herscreen evidence score`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from screen.analysis.learn.noise import PlateNoise
from screen.analysis.learn.prior import LearnPrior
from screen.analysis.learn.readings.plates import LearnPlate
from screen.analysis.learn.readings.wells import LearnWell, Simulator
from screen.analysis.learn.smoothing import (
    PlatesLearnt,
    Progress,
    SmootherOptions,
    as_read,
    smoothed,
    split,
)
from screen.analysis.learn.verdicts import predictive
from screen.arrays import Floats
from screen.pathway import Assay

By = Literal["plates", "lines"]
NULLS = ("same_wells_other_lines", "line_mean", "line_and_wells_mean")
ROUNDS = 1000
SAME_DOSE = 0.02
"""Doses count as the same within this share."""


@dataclass(frozen=True)
class LeftOutRow:
    """A row of a plate that was left out: measured, as predicted with its 90 % interval, by the prior, and by nulls
    (NaN where a null knows nothing of it).
    """

    by: By
    fold: int
    plate: str
    well: LearnWell
    measured: float
    predicted: float
    low: float
    high: float
    prior: float
    nulls: tuple[float, float, float]


@dataclass(frozen=True)
class Gain:
    """Root mean square errors in viability over `rows` rows of `plates` plates: of what was learnt, of another
    prediction (`name`) of the same rows; `gain` is the share of squared error saved against it, with the ends of a
    95 % interval over plates.
    """

    by: By
    name: str
    rows: int
    plates: int
    learnt: float
    other: float
    gain: float
    low: float
    high: float


def left_out(
    assay: Assay,
    prior: LearnPrior,
    plates: Sequence[LearnPlate],
    by: By,
    folds: int,
    options: SmootherOptions,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> list[LeftOutRow]:
    """Every row as the fold says that did not see its plate (or its line); none where there are fewer than two."""
    groups = _dealt(plates, by, folds, options.seed)
    found: list[LeftOutRow] = []
    for number, names in enumerate(groups):
        out = [plate for plate in plates if (plate.name if by == "plates" else plate.line) in names]
        seen = [plate for plate in plates if plate not in out]
        out = [
            plate for plate in out if not plate.is_markers
        ]  # known or not as their line is, and not judged
        part = f"{by} left out, part {number + 1} of {len(groups)}"
        path = None if folder is None else folder / f"left-out-{by}-{number + 1}.npz"
        code = 1 + number + (1000 if by == "lines" else 0)
        learnt = smoothed(assay, prior, seen, options, path, (part, code), progress)
        found += _asked(assay, prior, learnt, out, (by, number + 1), options)
    return found


def _dealt(plates: Sequence[LearnPlate], by: By, folds: int, seed: int) -> list[set[str]]:
    names = list(
        dict.fromkeys(
            plate.name if by == "plates" else plate.line for plate in plates if not plate.is_markers
        )
    )
    if len(names) < 2 or folds < 2:
        return []
    order = np.random.default_rng([seed, 7, by == "lines"]).permutation(len(names))
    count = min(folds, len(names))
    return [{names[k] for k in order[first::count]} for first in range(count)]


def unread(learnt: PlatesLearnt, plates: int, seed: int) -> Floats:
    """Scores of gain and offset (K, 2 + 2 P) for plates that nobody read: the laboratory's are known, theirs not."""
    rng = np.random.default_rng([seed, 8])
    return np.concatenate(
        [learnt.reading[:, :2], rng.standard_normal((len(learnt.reading), 2 * plates))], axis=1
    )


def _asked(
    assay: Assay,
    prior: LearnPrior,
    learnt: PlatesLearnt,
    out: Sequence[LearnPlate],
    fold: tuple[By, int],
    options: SmootherOptions,
) -> list[LeftOutRow]:
    """Rows of the plates left out as one fold predicts them."""
    simulator = Simulator(assay, prior, [row for plate in out for row in plate.rows])
    kept = learnt.scores[learnt.whole]
    both = simulator.predict(np.concatenate([kept, prior.scores]), options.jobs)
    reading = unread(learnt, len(out), options.seed)[learnt.whole]
    after = split(out, as_read(out, both[: len(kept)], reading))
    before = split(out, both[len(kept) :])
    found = []
    for plate, rows, prior_rows in zip(out, after, before, strict=True):
        counts = np.isfinite(plate.wells).sum(axis=1)
        error = np.sqrt(learnt.noise.sigma**2 / counts + learnt.noise.delta**2)
        low, high = predictive(rows, error)
        nulls = _nulls(plate, learnt.plates, learnt.noise)
        middle, usual = np.nanmean(rows, axis=0), np.nanmean(prior_rows, axis=0)
        for k, row in enumerate(plate.rows):
            known = float(nulls[0][k]), float(nulls[1][k]), float(nulls[2][k])
            found.append(
                LeftOutRow(
                    by=fold[0],
                    fold=fold[1],
                    plate=plate.name,
                    well=row,
                    measured=float(plate.measured[k]),
                    predicted=float(middle[k]),
                    low=float(low[k]),
                    high=float(high[k]),
                    prior=float(usual[k]),
                    nulls=known,
                )
            )
    return found


def _nulls(plate: LearnPlate, seen: Sequence[LearnPlate], noise: PlateNoise) -> tuple[Floats, Floats, Floats]:
    """The nulls (R,) of a plate's rows from the plates seen, wells far off weighing less."""
    means = [mean for one, mean in zip(seen, split(seen, noise.means(seen))) if not one.is_markers]
    seen = [one for one in seen if not one.is_markers]
    everything = np.concatenate(means)
    same_line = [mean for one, mean in zip(seen, means) if one.line == plate.line]
    line = np.mean(np.concatenate(same_line)) if same_line else np.nan
    others: list[list[float]] = [[] for _ in plate.rows]
    for one, mean in zip(seen, means):
        if one.line == plate.line or one.time_h != plate.time_h:
            continue
        for number, row in enumerate(plate.rows):
            others[number] += [float(mean[k]) for k, other in enumerate(one.rows) if _alike(row, other)]
    wells = np.array([np.mean(values) if values else np.nan for values in others])
    return wells, np.full(len(wells), line), wells + line - everything.mean()


def _alike(one: LearnWell, other: LearnWell) -> bool:
    """Whether two wells hold the same drugs at the same doses."""
    return len(one.doses) == len(other.doses) and all(
        a == b and abs(x / y - 1) <= SAME_DOSE for (a, x), (b, y) in zip(one.doses, other.doses)
    )


def gains(rows: Sequence[LeftOutRow], seed: int = 0) -> list[Gain]:
    """What was gained on dosed rows that were left out, against the prior and each null."""
    dosed = [row for row in rows if row.well.doses]
    if not dosed:
        return []
    by = dosed[0].by
    names = {name: k for k, name in enumerate(dict.fromkeys(row.plate for row in dosed))}
    plate = np.array([names[row.plate] for row in dosed])
    truth = np.array([row.measured for row in dosed])
    mine = (np.array([row.predicted for row in dosed]) - truth) ** 2
    table = np.array([[row.prior, *row.nulls] for row in dosed]).T
    rng = np.random.default_rng([seed, 9])
    found = []
    for name, values in zip(("prior", *NULLS), table, strict=True):
        known = np.isfinite(values)
        if not known.any():
            continue
        theirs = (values - truth) ** 2
        here = np.unique(plate[known])
        sums = np.array(
            [[mine[known & (plate == k)].sum(), theirs[known & (plate == k)].sum()] for k in here]
        )
        drawn = sums[rng.integers(0, len(here), (ROUNDS, len(here)))].sum(axis=1)
        one, other = sums.sum(axis=0)
        if other == 0:  # a null that is right everywhere leaves nothing to save
            continue
        low, high = np.quantile(1 - drawn[:, 0] / np.maximum(drawn[:, 1], 1e-300), [0.025, 0.975])
        count = int(known.sum())
        found.append(
            Gain(by, name, count, len(here), float(np.sqrt(one / count)), float(np.sqrt(other / count)),
                 float(1 - one / other), float(low), float(high))
        )  # fmt: skip
    return found


def coverage(rows: Sequence[LeftOutRow]) -> float:
    """The share of dosed rows inside their 90 % interval; NaN where there is none."""
    inside = [row.low <= row.measured <= row.high for row in rows if row.well.doses]
    return float(np.mean(inside)) if inside else float("nan")
