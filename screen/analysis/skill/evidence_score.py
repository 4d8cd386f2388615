"""The figures of `herscreen evidence score`: what the model predicts of a measured table, next to what needs no
model.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from screen.analysis.skill.agreement import Figures, pair_figures, resampled_ends, single_figures
from screen.analysis.skill.interval_noise import Seen, noise_of
from screen.analysis.skill.measured_table import Cell, MeasuredTable
from screen.analysis.skill.nulls import pair_nulls, single_agent_nulls
from screen.analysis.skill.predictions import predict
from screen.analysis.skill.predictive_intervals import holds, interval_scores, predictive_interval, widths
from screen.arrays import Bools, Floats
from screen.pathway import Assay, Draw


@dataclass(frozen=True)
class SourceSkill:
    """Skill on one metric of one source. `figures` are the model's, `nulls` the same of predictions without a model,
    `low` and `high` the ends of 95 % intervals of the model's figures over lines (of pairs: over pairs).
    """

    source: str
    metric: str
    n: int
    lines: int
    drugs: int
    figures: Figures
    low: Figures
    high: Figures
    nulls: dict[str, Figures]


@dataclass(frozen=True)
class CellPrediction:
    """A measured number and the model's; concentrations in nM, infinite where not reached."""

    cell: Cell
    measured: float
    predicted: float
    low: float
    high: float
    line_calibrated: bool
    drug_calibrated: bool


@dataclass(frozen=True)
class Skill:
    """Everything that the command prints."""

    sources: tuple[SourceSkill, ...]
    cells: tuple[CellPrediction, ...]
    skipped: dict[str, int] = field(default_factory=dict)


def score(
    measured: MeasuredTable,
    assay: Assay,
    draws: Sequence[Draw] = (),
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Skill:
    """Predict every cell under the nominal parameters and under `draws`; the median of the draws is the prediction
    where there are any. Deterministic for a seed (of the resampling of lines and pairs).
    """
    cells = measured.cells
    runs = []
    for number, draw in enumerate(draws or [None], start=1):
        runs.append(predict(assay, cells, draw))
        if progress is not None:
            progress(number, max(len(draws), 1))
    predictions = np.array(runs)
    predicted = _median(predictions)
    seen = Seen.shipped(assay.pathway)
    low, high = predictive_interval(cells, predictions, noise_of(cells, seen))
    found = []
    for cell, value, bottom, top in zip(cells, predicted, low, high, strict=True):
        found.append(
            CellPrediction(
                cell,
                measured=_unlogged(cell, cell.value),
                predicted=_unlogged(cell, value),
                low=_unlogged(cell, bottom),
                high=_unlogged(cell, top),
                line_calibrated=cell.line in seen.lines,
                drug_calibrated=seen.drugs.issuperset(cell.drugs),
            )
        )
    groups: dict[tuple[str, str], list[int]] = {}
    for k, cell in enumerate(cells):
        groups.setdefault((cell.source, cell.metric), []).append(k)
    sources = []
    rng = np.random.default_rng(seed)
    for (source, metric), members in groups.items():
        part = [cells[k] for k in members]
        sources.append(_skill(source, metric, part, predicted[members], low[members], high[members], rng))
    return Skill(tuple(sources), tuple(found), measured.skipped)


def _median(draws: Floats) -> Floats:
    """The middle draw (N,), infinite values in order; NaN where most draws have no number."""
    ordered = np.sort(draws, axis=0)  # NaN last
    many = (~np.isnan(draws)).sum(axis=0)
    middle = ordered[np.clip((many - 1) // 2, 0, None), np.arange(draws.shape[1])]
    return np.where(many * 2 > len(draws), middle, np.nan)


def _unlogged(cell: Cell, value: float) -> float:
    return 10.0**value if cell.is_concentration and not math.isnan(value) else value


def _interval_figures(cells: Sequence[Cell], low: Floats, high: Floats, known: Bools) -> Figures:
    """Of the intervals that have a prediction: the share that holds its number, mean width and mean score."""
    columns = {
        "coverage_90": holds(cells, low, high).astype(float),
        "width_90": widths(cells, low, high),
        "interval_score": interval_scores(cells, low, high),
    }
    return {
        name: float(np.mean(values[known])) if known.any() else math.nan for name, values in columns.items()
    }


def _skill(
    source: str,
    metric: str,
    cells: Sequence[Cell],
    predicted: Floats,
    low: Floats,
    high: Floats,
    rng: np.random.Generator,
) -> SourceSkill:
    is_pair = cells[0].is_pair
    measured = np.array([cell.value for cell in cells])
    figures = pair_figures if is_pair else single_figures
    mine = figures(cells, measured, predicted)
    if not is_pair:
        mine |= _interval_figures(cells, low, high, ~np.isnan(predicted))
    else:
        mine["coverage_90"] = math.nan
    others = (pair_nulls if is_pair else single_agent_nulls)(cells, measured)
    nulls = {
        name: figures(cells, measured, values) | {"coverage_90": math.nan} for name, values in others.items()
    }
    units = [frozenset(cell.drugs) if is_pair else cell.line for cell in cells]
    lower, upper = resampled_ends(cells, measured, predicted, units, figures, rng)
    return SourceSkill(
        source,
        metric,
        len(cells),
        len({cell.line for cell in cells}),
        len({drug for cell in cells for drug in cell.drugs}),
        mine,
        lower,
        upper,
        nulls,
    )
