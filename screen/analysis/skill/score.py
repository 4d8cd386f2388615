"""The figures of `herscreen evidence score`: what the model predicts of a measured table, next to what needs no
model.
"""

import json
import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from screen.analysis.skill.calibrated import calibrated_names
from screen.analysis.skill.correlations import (
    FEWEST,
    codes,
    sign_agreement,
    spearman,
    specificity,
    top_quartile_auc,
    within,
)
from screen.analysis.skill.intervals import holds, predictive_interval
from screen.analysis.skill.measured_table import Cell, Measured
from screen.analysis.skill.nulls import pair_nulls, single_agent_nulls
from screen.analysis.skill.predictions import predict
from screen.arrays import Floats
from screen.files import write_text
from screen.pathway import Assay, Draw

RESAMPLES = 200
Figures = dict[str, float]


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
    measured: Measured,
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
    figures = _pair_figures if is_pair else _single_figures
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
    lower, upper = _resampled(cells, measured, predicted, units, figures, rng)
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


def _single_figures(cells: Sequence[Cell], measured: Floats, predicted: Floats) -> Figures:
    weight = np.array([cell.weight for cell in cells])
    drugs, lines = [cell.drugs for cell in cells], [cell.line for cell in cells]
    ranked = ranking_values(cells, measured)
    return {
        "rho": spearman(ranked, predicted, weight),
        "rho_within_drug": within(ranked, predicted, weight, drugs),
        "rho_within_line": within(ranked, predicted, weight, lines),
        "specificity": specificity(ranked, predicted, weight, lines, drugs),
        "rmse": rmse(cells, measured, predicted),
    }


def _pair_figures(cells: Sequence[Cell], measured: Floats, predicted: Floats) -> Figures:
    weight = np.array([cell.weight for cell in cells])
    pairs, lines = [frozenset(cell.drugs) for cell in cells], [cell.line for cell in cells]
    return {
        "rho": spearman(measured, predicted, weight),
        "rho_within_drug": within(measured, predicted, weight, pairs, fewest=3),
        "rho_within_line": within(measured, predicted, weight, lines),
        "specificity": specificity(measured, predicted, weight, lines, pairs),
        "rmse": math.nan,
        "sign": sign_agreement(measured, predicted),
        "top_quartile_auc": top_quartile_auc(measured, predicted),
        "rho_pair_means": _over_groups(measured, predicted, weight, pairs),
    }


def _over_groups(measured: Floats, predicted: Floats, weight: Floats, groups: Sequence[Hashable]) -> float:
    """Rank correlation of the groups' means."""
    index = codes(groups)
    there = ~(np.isnan(measured) | np.isnan(predicted))
    sums = np.bincount(index[there], weight[there])
    with np.errstate(divide="ignore", invalid="ignore"):
        means = [
            np.bincount(index[there], (weight * values)[there]) / sums for values in (measured, predicted)
        ]
    return spearman(means[0], means[1])


def ranking_values(cells: Sequence[Cell], measured: Floats) -> Floats:
    """What is ranked: censored numbers beyond all others on their side."""
    side = np.array([cell.side for cell in cells])
    return np.where(side > 0, np.maximum(measured, 0) + 100, np.where(side < 0, measured - 100, measured))


def rmse(cells: Sequence[Cell], measured: Floats, predicted: Floats) -> float:
    """Weighted root mean square of the residuals, log10 of concentrations; a censored number is missed only on its
    known side, and a prediction that is not reached counts as two decades off at the most.
    """
    side, weight = np.array([cell.side for cell in cells]), np.array([cell.weight for cell in cells])
    residual = np.clip(predicted - measured, -FAR, FAR)
    residual = np.where(
        side > 0, np.minimum(residual, 0), np.where(side < 0, np.maximum(residual, 0), residual)
    )
    there = ~np.isnan(residual)
    return (
        float(np.sqrt(np.average(residual[there] ** 2, weights=weight[there]))) if there.any() else math.nan
    )


FAR = 2.0


def _resampled(
    cells: Sequence[Cell],
    measured: Floats,
    predicted: Floats,
    units: Sequence[object],
    figures: Callable[[Sequence[Cell], Floats, Floats], Figures],
    rng: np.random.Generator,
) -> tuple[Figures, Figures]:
    """95 % intervals of every figure under resampling of `units` (lines, or pairs) with replacement."""
    members: dict[object, list[int]] = {}
    for k, unit in enumerate(units):
        members.setdefault(unit, []).append(k)
    keys = list(members)
    if len(keys) < FEWEST:
        return {}, {}
    found: dict[str, list[float]] = {}
    for _ in range(RESAMPLES):
        chosen = rng.integers(len(keys), size=len(keys))
        rows = [k for number in chosen for k in members[keys[number]]]
        for name, value in figures([cells[k] for k in rows], measured[rows], predicted[rows]).items():
            found.setdefault(name, []).append(value)
    low, high = {}, {}
    for name, values in found.items():
        known = [value for value in values if not math.isnan(value)]
        if len(known) > RESAMPLES // 2:
            low[name], high[name] = (float(np.quantile(known, share)) for share in (0.025, 0.975))
    return low, high


def as_record(skill: Skill) -> dict[str, Any]:
    """The JSON object of DESIGN section 8: infinite numbers as the strings "inf" and "-inf", NaN as null."""
    return {
        "sources": [
            {
                **{name: getattr(one, name) for name in ("source", "metric", "n", "lines", "drugs")},
                **_plain(one.figures),
                **{f"{name}_low": _number(value) for name, value in one.low.items()},
                **{f"{name}_high": _number(value) for name, value in one.high.items()},
                "nulls": {name: _plain(figures) for name, figures in one.nulls.items()},
            }
            for one in skill.sources
        ],
        "cells": [_cell_record(one) for one in skill.cells],
        "skipped": skill.skipped,
    }


def _cell_record(one: CellPrediction) -> dict[str, Any]:
    cell = one.cell
    return {
        "source": cell.source,
        "cell_line": cell.line,
        "drug_1": cell.drugs[0],
        "drug_2": cell.drugs[1] if cell.is_pair else "",
        "metric": cell.metric,
        "time_h": cell.time_h,
        "measured": _number(one.measured),
        "censored": {1: "above", -1: "below"}.get(cell.side, ""),
        "predicted": _number(one.predicted),
        "low": _number(one.low),
        "high": _number(one.high),
        "calibrated": one.line_calibrated and one.drug_calibrated,
        "line_calibrated": one.line_calibrated,
        "drug_calibrated": one.drug_calibrated,
    }


def _plain(figures: Figures) -> dict[str, Any]:
    return {name: _number(value) for name, value in figures.items()}


def _number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def write_json(skill: Skill, path: Path) -> None:
    """The record as a file, whole or not at all."""
    write_text(path, json.dumps(as_record(skill), indent=1, allow_nan=False) + "\n")
