"""Dose-response matrices ready for scoring, and what every score has in common: the sign, the summaries over
cells with both doses above 0, and the words that say why a score is absent.

Arrays are `(matrix, dose_1, dose_2)`; viability is a fraction of vehicle, excess is in percent points of
inhibition with positive = synergy. Inside, doses ascend; answers go back in the order in which they came.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Bools, Floats
from screen.errors import InputError
from screen.html_table import html_table

Reasons = NDArray[np.object_]
Item = TypeVar("Item", bound=np.generic)


@dataclass(frozen=True)
class Score:
    """What one model says about every matrix; `(...)` are the leading dims of the viability given.

    `excess` `(..., dose_1, dose_2)`: percent points of inhibition beyond the model's expectation, positive
    = synergy, 0 where one dose is 0, NaN where it cannot be computed. `mean` `(...)`: over the cells with
    both doses above 0. `best` `(...)`: the best 3 x 3 window of such cells. `reason` `(...)`: why the score
    is absent or limited, `''` where it is not. `parameters`: the model's own quantities,
    `(...)` each. `masks`: marks of single cells, `(..., dose_1, dose_2)` each.
    """

    excess: Floats
    mean: Floats
    best: Floats
    reason: Reasons
    parameters: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    masks: dict[str, Bools] = field(default_factory=dict)
    cells: dict[str, Floats] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        """What a notebook shows: the first matrices, mean and best excess, and what limits them."""
        numbers = zip(self.mean.ravel(), self.best.ravel(), self.reason.ravel(), strict=True)
        rows = [
            (k, f"{mean:+.2f}", f"{best:+.2f}", why)
            for k, (mean, best, why) in enumerate(islice(numbers, 10))
        ]
        left = f"; {self.mean.size - len(rows):,} more" if self.mean.size > len(rows) else ""
        note = f"percent points of inhibition, positive = synergy{left}"
        return html_table("Scores", rows, ("matrix", "mean excess", "best 3 x 3", "reason"), note)


@dataclass(frozen=True)
class Matrices:
    """A flat batch: `viability` `(matrix, dose_1, dose_2)`, `conc_1` `(matrix, dose_1)`, `conc_2` `(matrix,
    dose_2)`, ascending, NaN where padded. `wells` marks the cells that belong to the design; `design`, where
    not None, those of a design that leaves some out."""

    viability: Floats
    conc_1: Floats
    conc_2: Floats
    design: Bools | None = None

    @property
    def count(self) -> int:
        return len(self.viability)

    def take(self, rows: slice) -> "Matrices":
        design = None if self.design is None else self.design[rows]
        return Matrices(self.viability[rows], self.conc_1[rows], self.conc_2[rows], design)

    @property
    def alone_1(self) -> Floats:
        """Viability with drug 1 alone, `(matrix, dose_1)`."""
        return self.viability[:, :, 0]

    @property
    def alone_2(self) -> Floats:
        """Viability with drug 2 alone, `(matrix, dose_2)`."""
        return self.viability[:, 0, :]

    @property
    def sparse(self) -> Bools:
        """Matrices whose design leaves out cells with both doses, `(matrix,)`."""
        if self.design is None:
            return np.zeros(self.count, dtype=bool)
        left_out = replace(self, design=None).wells & ~self.design
        return np.asarray(left_out[:, 1:, 1:].any(axis=(1, 2)))

    @property
    def wells(self) -> Bools:
        """Cells of the design (not padding), `(matrix, dose_1, dose_2)`."""
        grid = ~np.isnan(self.conc_1)[:, :, None] & ~np.isnan(self.conc_2)[:, None, :]
        return grid if self.design is None else grid & self.design


@dataclass(frozen=True)
class BatchShape:
    """How a batch came in: its leading shape, its doses, and their order where they did not ascend."""

    shape: tuple[int, ...]
    doses: tuple[int, int]
    order_1: NDArray[np.intp] | None
    order_2: NDArray[np.intp] | None

    def cells(self, values: NDArray[Item]) -> NDArray[Item]:
        """Cells `(matrix, dose_1, dose_2)` in the order and shape of the input."""
        values = values[:, : self.doses[0], : self.doses[1]]
        if self.order_1 is not None and self.order_2 is not None:
            back_1, back_2 = np.argsort(self.order_1, axis=1), np.argsort(self.order_2, axis=1)
            values = np.take_along_axis(values, back_1[:, :, None], axis=1)
            values = np.take_along_axis(values, back_2[:, None, :], axis=2)
        return values.reshape(self.shape + values.shape[1:])

    def each(self, values: NDArray[Item]) -> NDArray[Item]:
        """One value a matrix, in the shape of the input."""
        return values.reshape(self.shape)


def prepare(
    viability: Floats, conc_1: Floats, conc_2: Floats, design: Bools | None = None
) -> tuple[Matrices, BatchShape]:
    """Flatten the leading dims and sort the doses.

    `viability` `(..., dose_1, dose_2)`, `conc_1` `(..., dose_1)` and `conc_2` `(..., dose_2)` whose leading
    dims broadcast; `design` is as `viability`, False where a well was never asked for.
    InputError where shapes do not fit or a dose is negative or infinite.
    """
    values = np.asarray(viability, dtype=float)
    if values.ndim < 2:
        raise InputError(f"viability: expected (..., dose_1, dose_2), found shape {values.shape}")
    shape, (m, n) = values.shape[:-2], values.shape[-2:]
    count = math.prod(shape)
    doses = []
    for name, conc, size in (("conc_1", conc_1, m), ("conc_2", conc_2, n)):
        array = np.asarray(conc, dtype=float)
        if array.shape[-1:] != (size,):
            raise InputError(
                f"{name}: expected (..., {size}) for viability {values.shape}, found {array.shape}"
            )
        if np.any(array < 0) or np.isinf(array).any():
            raise InputError(
                f"{name}: doses are finite and not negative, found {array[~(array >= 0)].flat[0]}"
            )
        try:
            doses.append(np.broadcast_to(array, (*shape, size)).reshape(count, size))
        except ValueError:
            raise InputError(f"{name}: {array.shape} does not broadcast to {(*shape, size)}") from None
    flat = values.reshape(count, m, n)
    flat = np.where(np.isinf(flat), np.nan, flat) if np.isinf(flat).any() else flat
    asked = None if design is None else np.asarray(design, bool).reshape(count, m, n)
    if all(np.all((d[:, 1:] > d[:, :-1]) | np.isnan(d[:, 1:])) for d in doses):
        return _at_least_two_doses(flat, doses[0], doses[1], asked), BatchShape(shape, (m, n), None, None)
    order_1, order_2 = (np.argsort(d, axis=1, kind="stable") for d in doses)
    flat = np.take_along_axis(np.take_along_axis(flat, order_1[:, :, None], 1), order_2[:, None, :], 2)
    sorted_1, sorted_2 = np.take_along_axis(doses[0], order_1, 1), np.take_along_axis(doses[1], order_2, 1)
    layout = BatchShape(shape, (m, n), order_1, order_2)
    if asked is not None:
        asked = np.take_along_axis(np.take_along_axis(asked, order_1[:, :, None], 1), order_2[:, None, :], 2)
    return _at_least_two_doses(flat, sorted_1, sorted_2, asked), layout


def _at_least_two_doses(viability: Floats, conc_1: Floats, conc_2: Floats, design: Bools | None) -> Matrices:
    """Matrices padded where a drug has one dose or none, so that they get a reason like any other."""
    more_1, more_2 = (max(2 - conc.shape[1], 0) for conc in (conc_1, conc_2))
    if more_1 or more_2:
        viability = np.pad(viability, ((0, 0), (0, more_1), (0, more_2)), constant_values=np.nan)
        if design is not None:
            design = np.pad(design, ((0, 0), (0, more_1), (0, more_2)), constant_values=False)
        conc_1 = np.pad(conc_1, ((0, 0), (0, more_1)), constant_values=np.nan)
        conc_2 = np.pad(conc_2, ((0, 0), (0, more_2)), constant_values=np.nan)
    return Matrices(viability, conc_1, conc_2, design)


def aligned_doses(values: Floats, dims: Sequence[str], lead: Sequence[str]) -> Floats:
    """Concentrations `(*lead, dose)` from `values` with `dims`: their dose axis and any of `lead`, in any order; of
    length 1 along what they do not depend on."""
    sizes = dict(zip(dims, values.shape, strict=True))
    kept = [dim for dim in lead if dim in sizes]
    (dose,) = set(dims) - set(kept)
    moved = np.asarray(values, float).transpose([list(dims).index(dim) for dim in (*kept, dose)])
    return moved.reshape(*(sizes.get(dim, 1) for dim in lead), sizes[dose])


def clear_edges(excess: Floats) -> Floats:
    """Set the cells where one dose is 0 to an excess of 0, missing ones excepted, in place."""
    for edge in (excess[:, :, 0], excess[:, 0, :]):
        edge[~np.isnan(edge)] = 0.0
    return excess


def observed_edges(excess: Floats, viability: Floats) -> Floats:
    """`excess` with 0 where one dose is 0, NaN where no well is."""
    excess = np.where(np.isnan(viability), np.nan, excess)
    for edge in (np.s_[:, :, 0], np.s_[:, 0, :]):
        excess[edge] = np.where(np.isnan(viability[edge]), np.nan, 0.0)
    return excess


def mean_excess(excess: Floats) -> Floats:
    """Mean over the cells with both doses above 0 that have a value, `(matrix,)`; NaN where none has."""
    inner = excess[:, 1:, 1:]
    total = inner.sum(axis=(1, 2))
    size = np.full(len(inner), inner[0].size if len(inner) else 1, dtype=float)
    holes = np.flatnonzero(np.isnan(total))
    if holes.size:
        present = ~np.isnan(inner[holes])
        total[holes] = np.where(present, inner[holes], 0.0).sum(axis=(1, 2))
        size[holes] = present.sum(axis=(1, 2))
    return np.where(size > 0, total / np.maximum(size, 1), np.nan)


def best_window(excess: Floats) -> Floats:
    """Largest mean of a 3 x 3 window of neighbouring cells with both doses above 0, all nine of them present;
    `(matrix,)`, NaN where there is no such window."""
    windows = window_means(excess)
    if not windows.shape[1]:
        return np.full(len(windows), np.nan)
    best: Floats = windows.max(axis=1)
    holes = np.flatnonzero(np.isnan(best))
    if holes.size:
        filled = np.where(np.isnan(windows[holes]), -np.inf, windows[holes]).max(axis=1)
        best[holes] = np.where(np.isinf(filled), np.nan, filled)
    return best


def window_means(excess: Floats) -> Floats:
    """Means of all those windows, `(matrix, window)`, NaN where a cell is missing."""
    inner = excess[:, 1:, 1:]
    if inner.shape[1] < 3 or inner.shape[2] < 3:
        return np.empty((len(inner), 0))
    rows = inner[:, :-2] + inner[:, 1:-1] + inner[:, 2:]
    windows: Floats = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
    return windows.reshape(len(windows), -1) / 9.0


def no_reasons(count: int) -> Reasons:
    return np.full(count, "", dtype=object)


def add_reason(reason: Reasons, where: Bools, words: str | Reasons) -> None:
    """Add words to the reasons marked, in place."""
    for i in np.flatnonzero(where):
        more = words if isinstance(words, str) else words[i]
        reason[i] = f"{reason[i]}; {more}" if reason[i] else more


def design_reasons(matrices: Matrices) -> tuple[Reasons, Bools]:
    """Words for what every score needs, and the matrices that have no score at all, `(matrix,)` each."""
    reason = no_reasons(matrices.count)
    no_zero = ~(matrices.conc_1[:, 0] == 0) | ~(matrices.conc_2[:, 0] == 0)
    inner = matrices.viability[:, 1:, 1:]
    if not no_zero.any() and not np.isnan(matrices.viability).any() and inner.size:
        return reason, no_zero
    add_reason(reason, no_zero, "no single-agent wells: both drugs need a dose of 0")
    wells = matrices.wells
    absent = wells & np.isnan(matrices.viability)
    expected, missing = wells[:, 1:, 1:].sum(axis=(1, 2)), absent[:, 1:, 1:].sum(axis=(1, 2))
    edge = absent[:, :, 0].sum(axis=1) + absent[:, 0, 1:].sum(axis=1)
    add_reason(reason, ~no_zero & (expected == 0), "no cell with both doses above 0")
    partly = ~no_zero & (missing > 0) & (missing < expected)
    text = [f"{a} of {b} combination cells have no value" for a, b in zip(missing, expected)]
    add_reason(reason, partly, np.array(text, dtype=object))
    add_reason(reason, ~no_zero & (expected > 0) & (missing == expected), "no combination cell has a value")
    text = [f"{a} single-agent wells have no value" for a in edge]
    add_reason(reason, ~no_zero & (edge > 0), np.array(text, dtype=object))
    return reason, no_zero | (expected == 0) | (missing == expected)
