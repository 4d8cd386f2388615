"""Scores of designs that are no grid (rays, crosses, diagonals, scattered doses), well by well, so that time and
memory follow the wells. Where a single agent was not measured at a well's dose its fitted curve stands in. ZIP is
scored where a row and a column of at least three doses cross; MuSyC, BRAID and effective dose fit all wells.

HSA, Bliss, Loewe and the Hill surface see each well as a small matrix whose single agents are known; the surface models
see the wells as one long matrix, combinations in its second column.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

from screen.arrays import Bools, Floats, Indices
from screen.synergy.batch import Batch, ScoringOptions
from screen.synergy.curves.single_agent import MIN_DOSES
from screen.synergy.curves.surface_fit import Cells, cells_of
from screen.synergy.dose_matrices import Matrices
from screen.synergy.models.registry import MODELS
from screen.synergy.models.zip import how_of, zero_interaction
from screen.synergy.plates.block import Points
from screen.synergy.potency.potency import potency_columns

ROOM = 40
CHUNK = 4096
Some = TypeVar("Some")


@dataclass(frozen=True)
class WellScore:
    """`excess` of every combination well, percent points of inhibition, NaN where it has none; the model's own
    `parameters`; `reason` in words."""

    excess: Floats
    parameters: dict[str, float]
    reason: str


@dataclass(frozen=True)
class WellScores:
    """The combination wells of a block, `(well,)` each; scores by model; the strength of its drugs (empty where no
    model needs curves)."""

    conc_1: Floats
    conc_2: Floats
    viability: Floats
    scores: dict[str, WellScore]
    strength: dict[str, float]


def score_wells(points: Points, models: Sequence[str], options: ScoringOptions) -> WellScores:
    """Score the wells of one block; no data makes it raise."""
    both = (points.conc_1 > 0) & (points.conc_2 > 0)
    d1, d2, v = points.conc_1[both], points.conc_2[both], points.viability[both]
    edges = _edges(points, options)
    alone = [_alone(edges, k, dose) for k, dose in ((0, d1), (1, d2))]
    known = ~np.isnan(alone[0][0]) & ~np.isnan(alone[1][0])
    stood_in = int((alone[0][1] | alone[1][1]).sum())
    said = f"curves stand in for single agents of {stood_in} of {len(v)} wells" if stood_in else ""
    lost = (
        f"{int((~known).sum())} wells without single agents, and too few doses for a curve"
        if not known.all()
        else ""
    )
    needs = any(MODELS[name].curves for name in models)
    words = str(edges.curve_words[0][0]) if needs else ""
    scores = {}
    for name in models:
        model = MODELS[name]
        if name == "zip":
            found = _zip(edges, (d1, d2, v), (alone[0][0], alone[1][0]), options)
        elif name == "ci":
            found = _median_effect((d1, d2, v), edges)
        elif model.surface_parameters:
            found = _surface(name, edges, points, both)
        else:
            found = _pairwise(name, edges, (d1, d2, v), (alone[0][0], alone[1][0]), options)
        parts = [
            said,
            lost if not model.surface_parameters else "",
            words if model.curves else "",
            found.reason,
        ]
        scores[name] = replace(found, reason="; ".join(filter(None, parts)))
    strength = {}
    if needs:
        strength = {key: float(value[0]) for key, value in potency_columns(edges).items()}
    return WellScores(d1, d2, v, scores, strength)


def _edges(points: Points, options: ScoringOptions) -> Batch:
    viability, axes = edges_of(points)
    return Batch(Matrices(viability, *axes, ~np.isnan(viability)), options)


def edges_of(points: Points) -> tuple[Floats, tuple[Floats, Floats]]:
    """The single agents as one matrix `(1, dose_1, dose_2)` without combinations, and its doses `(1, dose)`."""
    one, two = points.conc_2 == 0, points.conc_1 == 0
    axes = [
        np.unique(np.append(dose[rows], 0.0)) for dose, rows in ((points.conc_1, one), (points.conc_2, two))
    ]
    axes = [axis if len(axis) > 1 else np.append(axis, np.nan) for axis in axes]
    viability = np.full((1, len(axes[0]), len(axes[1])), np.nan)
    viability[0, np.searchsorted(axes[0], points.conc_1[one]), 0] = points.viability[one]
    viability[0, 0, np.searchsorted(axes[1], points.conc_2[two])] = points.viability[two]
    return viability, (axes[0][None], axes[1][None])


def _alone(edges: Batch, drug: int, doses: Floats) -> tuple[Floats, Bools]:
    """Viability with one drug alone at `doses` `(well,)`, and where that is its curve's."""
    matrices = edges.matrices
    axis = (matrices.conc_1, matrices.conc_2)[drug][0]
    measured = (matrices.alone_1, matrices.alone_2)[drug][0]
    place = np.clip(np.searchsorted(axis[~np.isnan(axis)], doses), 0, (~np.isnan(axis)).sum() - 1)
    found = np.where(axis[place] == doses, measured[place], np.nan)
    missing = np.isnan(found)
    if missing.any():
        curves = edges.curves_1 if drug == 0 else edges.curves_2
        with np.errstate(divide="ignore"):
            found = np.where(
                missing, curves.response(np.log(doses), np.zeros(len(doses), dtype=np.intp)), found
            )
    return found, missing & ~np.isnan(found)


def _pairwise(
    name: str,
    edges: Batch,
    wells: tuple[Floats, Floats, Floats],
    alone: tuple[Floats, Floats],
    options: ScoringOptions,
) -> WellScore:
    """Each well as a matrix of its own: no dose, its dose, and the highest tested, beyond which is extrapolation."""
    d1, d2, v = wells
    model = MODELS[name]
    start = edges.matrices.viability[0, 0, 0]
    zero = np.full(len(v), 1.0 if np.isnan(start) else start)
    excess = np.full(len(v), np.nan)
    tops = [float(np.nanmax(conc)) for conc in (edges.matrices.conc_1, edges.matrices.conc_2)]
    sums: dict[str, list[float]] = {}
    for first in range(0, len(v), CHUNK):
        rows = slice(first, first + CHUNK)
        count = len(v[rows])
        viability = np.full((count, 3, 3), np.nan)
        viability[:, 0, 0], viability[:, 1, 1] = zero[rows], v[rows]
        viability[:, 1, 0], viability[:, 0, 1] = alone[0][rows], alone[1][rows]
        doses = [
            np.stack([np.zeros(count), dose[rows], np.full(count, top)], axis=1)
            for dose, top in zip((d1, d2), tops)
        ]
        batch = Batch(Matrices(viability, doses[0], doses[1]), options)
        if model.curves:
            batch.curves_1, batch.curves_2 = (
                _repeated(edges.curves_1, count),
                _repeated(edges.curves_2, count),
            )
            pair = edges.loewe_curves
            batch.loewe_curves = _repeated(pair[0], count), _repeated(pair[1], count)
            batch.curve_words = np.full(count, "", dtype=object), np.repeat(edges.curve_words[1], count)
        found = model.score(batch)
        inner = np.where(found.invalid, np.nan, found.excess[:, 1, 1])
        excess[rows] = inner
        for key, values in found.parameters.items():
            sums.setdefault(key, []).extend(np.where(found.invalid, np.nan, values))
    parameters = {key: _mean(np.array(values)) for key, values in sums.items() if key != "ci50"}
    reason = ""
    if "ci50" in model.parameters:
        parameters["ci50"] = float("nan")
        reason = "ci50: needs whole rows or columns of doses"
    if model.curves and edges.curve_words[1][0]:
        excess[:] = np.nan
    return WellScore(excess, parameters, reason)


def _median_effect(wells: tuple[Floats, Floats, Floats], edges: Batch) -> WellScore:
    """Chou and Talalay's lines are those of the single agents; each well is one cell of a matrix with them."""
    d1, d2, v = wells
    base = edges.matrices
    excess, logs, parameters, reason = np.full(len(v), np.nan), np.full(len(v), np.nan), {}, ""
    for k in range(0, len(v), 64):
        rows = np.arange(k, min(k + 64, len(v)))
        count = len(rows)
        conc = [
            np.concatenate([np.repeat(axis, count, axis=0), dose[rows, None]], axis=1)
            for axis, dose in ((base.conc_1, d1), (base.conc_2, d2))
        ]
        grid = np.pad(
            np.repeat(base.viability, count, axis=0), ((0, 0), (0, 1), (0, 1)), constant_values=np.nan
        )
        grid[:, -1, -1] = v[rows]
        found = MODELS["ci"].score(Batch(Matrices(grid, conc[0], conc[1], ~np.isnan(grid)), edges.options))
        excess[rows] = np.where(found.invalid, np.nan, found.excess[:, -1, -1])
        logs[rows] = np.log(found.cells["index"][:, -1, -1])
        parameters = {key: float(value[0]) for key, value in found.parameters.items()}
        reason = str(found.reason[0])
    parameters["ci_mean"] = float(np.exp(_mean(logs)))
    return WellScore(excess, parameters, reason)


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _zip(
    edges: Batch, wells: tuple[Floats, Floats, Floats], alone: tuple[Floats, Floats], options: ScoringOptions
) -> WellScore:
    """ZIP of the wells whose row and column have three doses each."""
    d1, d2, v = wells
    excess = np.full(len(v), np.nan)
    none = {"zip_rmse": float("nan")}
    if edges.curve_words[1][0]:
        return WellScore(excess, none, "")
    rows, places_1 = np.unique(d1, return_inverse=True)
    columns, places_2 = np.unique(d2, return_inverse=True)
    long_1, long_2 = np.bincount(places_1) >= MIN_DOSES, np.bincount(places_2) >= MIN_DOSES
    crossing = long_1[places_1] & long_2[places_2]
    if not crossing.any():
        return WellScore(excess, none, "no well lies on a row and a column of three doses, which ZIP fits")
    kept_1, kept_2 = np.cumsum(long_1) - 1, np.cumsum(long_2) - 1
    size = (int(long_1.sum()) + 1, int(long_2.sum()) + 1)
    if size[0] * size[1] > 100_000 and size[0] * size[1] > ROOM * len(v):
        return WellScore(excess, none, "too thin a grid for ZIP, which fits rows and columns")
    grid = np.full((1, *size), np.nan)
    i, j = kept_1[places_1[crossing]] + 1, kept_2[places_2[crossing]] + 1
    grid[0, i, j] = v[crossing]
    grid[0, i, 0], grid[0, 0, j] = alone[0][crossing], alone[1][crossing]
    grid[0, 0, 0] = edges.matrices.viability[0, 0, 0]
    conc = np.append(0.0, rows[long_1])[None], np.append(0.0, columns[long_2])[None]
    batch = Batch(Matrices(grid, *conc), options)
    found = zero_interaction(grid, conc, (batch.curves_1, batch.curves_2), how_of(batch), options.lower_bound)
    excess[crossing] = 100 * (found.expected - found.fitted)[0, i, j]
    left = (found.fitted - grid)[0, i, j]
    none["zip_rmse"] = 100 * float(np.sqrt(_mean(left**2)))
    reason = f"{int(crossing.sum())} of {len(v)} wells lie where a row and a column of three doses cross"
    reason = "" if crossing.all() else reason
    return WellScore(excess, none, reason)


def _surface(name: str, edges: Batch, points: Points, both: Bools) -> WellScore:
    """A surface fitted to all wells: one long matrix, single agents in its first column."""
    order = [np.flatnonzero(~both), np.flatnonzero(both)]
    height = max(map(len, order)) + 1
    viability, doses = np.full((1, height, 2), np.nan), np.full((2, height, 2), np.nan)
    for column, rows in enumerate(order):
        viability[0, 1 : len(rows) + 1, column] = points.viability[rows]
        doses[0, 1 : len(rows) + 1, column], doses[1, 1 : len(rows) + 1, column] = (
            points.conc_1[rows],
            points.conc_2[rows],
        )
    axis = np.zeros((1, height)), np.zeros((1, 2))
    matrices = Matrices(viability, *axis, ~np.isnan(viability))
    batch = Batch(matrices, edges.options)
    batch.cells = _cells(viability, doses, points)
    batch.curves_1, batch.curves_2 = edges.curves_1, edges.curves_2
    batch.flat, batch.alone_gain = edges.flat, edges.alone_gain
    batch.local_noise = np.zeros(1), np.zeros(1)
    found = MODELS[name].score(batch)
    excess = found.excess[0, 1 : len(order[1]) + 1, 1]
    parameters = {key: float(value[0]) for key, value in found.parameters.items()}
    parameters = {
        key: float("nan") if key.endswith("_obs") or found.invalid[0] else p for key, p in parameters.items()
    }
    excess = np.full(len(excess), np.nan) if found.invalid[0] else excess
    return WellScore(excess, parameters, str(found.reason[0]))


def _cells(viability: Floats, doses: Floats, points: Points) -> Cells:
    """The wells as rows, about the middle dose of each drug."""
    tiny = np.full((1, 2, 2), np.nan)
    ends = [
        np.array([[dose[dose > 0].min(initial=np.inf), dose[dose > 0].max(initial=0.0)]])
        for dose in (points.conc_1, points.conc_2)
    ]
    about = cells_of(
        tiny, np.where(np.isfinite(ends[0]), ends[0], 1.0), np.where(np.isfinite(ends[1]), ends[1], 1.0)
    )
    with np.errstate(divide="ignore"):
        x1 = np.round(np.log(doses[0]) - about.centre_1[0], 10).reshape(1, -1)
        x2 = np.round(np.log(doses[1]) - about.centre_2[0], 10).reshape(1, -1)
    flat = viability.reshape(1, -1)
    present = ~np.isnan(flat)
    x1, x2 = np.where(present, x1, 0.0), np.where(present, x2, 0.0)
    return replace(about, x1=x1, x2=x2, y=np.where(present, flat, 0.0), weight=present.astype(float))


def _repeated(curves: Some, count: int) -> Some:
    """One curve as many."""
    lane: Indices = np.zeros(count, dtype=np.intp)
    changed: dict[str, Any] = {}
    for one in fields(curves):  # type: ignore[arg-type]
        value = getattr(curves, one.name)
        changed[one.name] = _repeated(value, count) if is_dataclass(value) else value[lane]
    return replace(curves, **changed)  # type: ignore[type-var]
