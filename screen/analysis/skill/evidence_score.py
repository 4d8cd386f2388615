"""The figures of `herscreen evidence score`: what the model predicts of a measured table, next to what needs no
model.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from screen.analysis.skill.agreement import Figures, pair_figures, resampled_ends, single_figures
from screen.analysis.skill.measured_table import Cell, MeasuredTable
from screen.analysis.skill.nulls import pair_nulls, single_agent_nulls
from screen.analysis.skill.predictions import predict
from screen.analysis.skill.predictive_intervals import holds, predictive_interval
from screen.arrays import Floats
from screen.pathway import Assay, Draw
from screen.pathway.calibrated import calibrated_names


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
    low, high = predictive_interval(cells, predictions)
    lines, drugs = calibrated_names(assay.pathway)
    found = []
    for cell, value, bottom, top in zip(cells, predicted, low, high, strict=True):
        found.append(
            CellPrediction(
                cell,
                measured=_unlogged(cell, cell.value),
                predicted=_unlogged(cell, value),
                low=_unlogged(cell, bottom),
                high=_unlogged(cell, top),
                line_calibrated=cell.line in lines,
                drug_calibrated=drugs.issuperset(cell.drugs),
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
        inside = holds(cells, low, high)
        mine["coverage_90"] = float(np.mean(inside[~np.isnan(predicted)])) if len(cells) else math.nan
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
