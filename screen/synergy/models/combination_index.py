"""Combination index: the fraction of additive doses that does the same. `CI = d1 / D1(y) + d2 / D2(y)` with
Di(y) the dose of drug i alone that does what the cell shows; below 1 synergy, above 1 antagonism.

Two forms: on the Loewe curves, whose geometric mean along the 50 % isobole is `ci50`; and Chou and Talalay's
on median-effect lines `log(fa / fu) = m * log(D / Dm)`, Chou 2006, doi:10.1124/pr.58.3.10.

Limits: an index is a ratio of doses, so where a curve is flat it runs to 0 or to infinity: values are limited
to 0.01 to 100 and such cells marked. Median-effect lines go from 1 to 0 and take no value outside.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Bools, Floats
from screen.synergy.batch import Batch
from screen.synergy.curves.single_agent import Curves
from screen.synergy.dose_matrices import add_reason
from screen.synergy.models.reference_model import ModelOutcome, Quantity, ReferenceModel

CAP = 100.0
HALF = 0.5


def index_at_half(
    viability: Floats, conc_1: Floats, conc_2: Floats, curves_1: Curves, curves_2: Curves
) -> Floats:
    """`ci50` `(matrix,)`: geometric mean of the Loewe index where rows and columns of `viability` `(matrix,
    dose_1, dose_2)` first fall through 0.5, interpolated in viability between the two cells around it. NaN
    where no row or column does, or neither drug alone ever does."""
    along_1 = _crossings(np.swapaxes(viability, 1, 2))
    along_2 = _crossings(viability)
    matrix_1, fixed_1, before_1 = along_1
    matrix_2, fixed_2, before_2 = along_2
    matrix = np.concatenate([matrix_1, matrix_2])
    ends = []
    for step in (0, 1):
        i = np.concatenate([before_1 + step, fixed_2])
        j = np.concatenate([fixed_1, before_2 + step])
        ends.append(_log_index(viability, conc_1, conc_2, curves_1, curves_2, matrix, i, j))
    (y0, log0), (y1, log1) = ends
    mixed = log0 + (log1 - log0) * (y0 - HALF) / (y0 - y1)
    total = np.bincount(matrix, mixed, minlength=len(viability))
    count = np.bincount(matrix, minlength=len(viability))
    reached = (curves_1.end < HALF) | (curves_2.end < HALF)
    return np.where((count > 0) & reached, np.exp(total / np.maximum(count, 1)), np.nan)


def _crossings(viability: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Where rows of the last axis (its edge at dose 0 included, the row at dose 0 not) first fall through
    0.5: matrix, row and the index of the cell before."""
    rows = viability[:, 1:]
    falls = (rows[:, :, :-1] >= HALF) & (rows[:, :, 1:] < HALF)
    matrix, row = np.nonzero(falls.any(axis=2))
    return matrix, row + 1, np.argmax(falls[matrix, row], axis=1)


def _log_index(
    viability: Floats,
    conc_1: Floats,
    conc_2: Floats,
    curves_1: Curves,
    curves_2: Curves,
    matrix: NDArray[np.intp],
    i: NDArray[np.intp],
    j: NDArray[np.intp],
) -> tuple[Floats, Floats]:
    """Viability and log index of the cells given; 0 on the edges, where there is but one drug."""
    y = viability[matrix, i, j]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        first = np.exp(np.log(conc_1[matrix, i]) - curves_1.log_dose(y, matrix))
        second = np.exp(np.log(conc_2[matrix, j]) - curves_2.log_dose(y, matrix))
        total = np.nan_to_num(first, nan=0.0, posinf=CAP) + np.nan_to_num(second, nan=0.0, posinf=CAP)
        value = np.log(np.clip(total, 1 / CAP, CAP))
    return y, np.where((i == 0) | (j == 0), 0.0, value)


@dataclass(frozen=True)
class MedianEffect:
    """Chou and Talalay's answer: `index` `(matrix, dose_1, dose_2)`, NaN where viability is outside 0..1;
    `capped` marks indices at the cap; `expected` viability of the additive pair; `slope`, `median`
    `(matrix, drug)`, the correlation `r` of each line."""

    index: Floats
    capped: Bools
    expected: Floats
    slope: Floats
    median: Floats
    r: Floats


def median_effect(viability: Floats, conc_1: Floats, conc_2: Floats) -> MedianEffect:
    """Median-effect lines from the single agents of `viability` `(matrix, dose_1, dose_2)`, and the index of
    every cell. A line needs two wells between 0 and 1."""
    lines = [_line(conc_1, viability[:, :, 0]), _line(conc_2, viability[:, 0, :])]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        inside = (viability > 0) & (viability < 1)
        effect = np.log((1 - viability) / viability)
        total = np.zeros(viability.shape)
        for conc, (slope, log_median, _), axes in (
            (conc_1, lines[0], (slice(None), slice(None), None)),
            (conc_2, lines[1], (slice(None), None, slice(None))),
        ):
            needed = log_median[:, None, None] + effect / slope[:, None, None]
            total = total + np.exp(np.minimum(np.log(conc)[axes] - needed, 700.0))
        index = np.where(inside, np.clip(total, 1 / CAP, CAP), np.nan)
        capped = inside & ((total > CAP) | (total < 1 / CAP))
        expected = _additive(conc_1, conc_2, lines)
    usable = np.isfinite(lines[0][0]) & np.isfinite(lines[1][0])
    index = np.where(usable[:, None, None], index, np.nan)
    slopes, medians, r = (np.column_stack([line[k] for line in lines]) for k in range(3))
    with np.errstate(over="ignore"):
        return MedianEffect(index, capped, expected, slopes, np.exp(medians), r)


def _line(conc: Floats, alone: Floats) -> tuple[Floats, Floats, Floats]:
    """Slope, log median dose and correlation of the median-effect lines, NaN where there is no falling
    one."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        usable = (alone > 0) & (alone < 1) & (conc > 0)
        x = np.where(usable, np.log(np.where(usable, conc, 1.0)), 0.0)
        y = np.where(usable, np.log((1 - alone) / alone), 0.0)
        count = usable.sum(axis=1)
        mean_x, mean_y = x.sum(axis=1) / count, y.sum(axis=1) / count
        dx = np.where(usable, x - mean_x[:, None], 0.0)
        dy = np.where(usable, y - mean_y[:, None], 0.0)
        xx, xy, yy = (dx * dx).sum(axis=1), (dx * dy).sum(axis=1), (dy * dy).sum(axis=1)
        slope = np.where((count >= 2) & (xy > 1e-9 * xx), xy / xx, np.nan)
        return slope, mean_x - mean_y / slope, xy / np.sqrt(xx * yy)


def _additive(conc_1: Floats, conc_2: Floats, lines: list[tuple[Floats, Floats, Floats]]) -> Floats:
    """Viability at which the index is 1, by bisection on its logit, `(matrix, dose_1, dose_2)`."""
    logs = [np.log(conc_1)[:, :, None], np.log(conc_2)[:, None, :]]
    sides = [(line[0][:, None, None], line[1][:, None, None]) for line in lines]
    alone = [slope * (x - median) for x, (slope, median) in zip(logs, sides)]
    low = np.maximum(*np.broadcast_arrays(*alone))
    low = np.where(np.isneginf(low), -700.0, low)
    double = [slope * (x + np.log(2.0) - median) for x, (slope, median) in zip(logs, sides)]
    high = np.where(np.isneginf(low), low, np.maximum(*np.broadcast_arrays(*double)))
    for _ in range(60):
        middle = 0.5 * (low + high)
        index = sum(np.exp(x - median - middle / slope) for x, (slope, median) in zip(logs, sides))
        low, high = np.where(index > 1, middle, low), np.where(index > 1, high, middle)
    return 1.0 / (1.0 + np.exp(0.5 * (low + high)))


def score(batch: Batch) -> ModelOutcome:
    """Chou and Talalay: excess over the pair additive on the median-effect lines; the index of every cell in
    `cells`, `ci_mean` its geometric mean."""
    matrices = batch.matrices
    reason, invalid = batch.design_reasons()
    found = median_effect(matrices.viability, matrices.conc_1, matrices.conc_2)
    missing = ~np.isfinite(found.slope)
    for drug in (1, 2):
        add_reason(
            reason, ~invalid & missing[:, drug - 1], f"drug {drug} alone has no falling median-effect line"
        )
    invalid = invalid | missing.any(axis=1)
    index = np.where(invalid[:, None, None], np.nan, found.index)[:, 1:, 1:]
    counted = ~np.isnan(index)
    log_sum = np.where(counted, np.log(np.where(counted, index, 1.0)), 0.0).sum(axis=(1, 2))
    count = counted.sum(axis=(1, 2))
    parameters = {
        "ci_mean": np.where(count > 0, np.exp(log_sum / np.maximum(count, 1)), np.nan),
        "ci_r_1": found.r[:, 0],
        "ci_r_2": found.r[:, 1],
    }
    excess = 100 * (found.expected - matrices.viability)
    return ModelOutcome(excess, reason, invalid, parameters, {"capped": found.capped}, {"index": found.index})


MODEL = ReferenceModel(
    name="ci",
    title="Chou-Talalay combination index",
    label="Chou-Talalay",
    null="Chou-Talalay additivity",
    reference="ci",
    doi="10.1124/pr.58.3.10",
    score=score,
    parameters={
        "ci_mean": Quantity(
            "1", "geometric mean of the Chou-Talalay index over the cells, below 1 = synergy"
        ),
        "ci_r_1": Quantity("1", "correlation of the median-effect line of drug 1"),
        "ci_r_2": Quantity("1", "correlation of the median-effect line of drug 2"),
    },
    curves=False,
    order=90,
)
