"""Scoring of any number of dose-response matrices at once: the one verb of this room. Each model's
mathematics stands in the file of its name; here they get the same matrices, the same single-agent curves
and the same summaries.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from screen.errors import InputError, nearest
from screen.synergy import bliss, hsa, loewe
from screen.synergy import zip as zero
from screen.synergy.curves import MIN_DOSES, Curves, SingleAgent, fit_curves
from screen.synergy.matrices import (
    Bools,
    Layout,
    Matrices,
    Score,
    Words,
    best_window,
    clear_edges,
    design_reasons,
    mean_excess,
    prepare,
    say,
)

Floats = NDArray[np.float64]
FLAT = 1e-3
NOT_MONOTONE = 0.15
POOR_FIT = 0.10
CHUNK = 1024


class Batch:
    """What the models of one batch share: the matrices and, made when first asked for, the curves."""

    def __init__(self, matrices: Matrices, single_agent: SingleAgent, floor: float) -> None:
        self.matrices = matrices
        self.single_agent = single_agent
        self.floor = floor

    @cached_property
    def curves_1(self) -> Curves:
        return fit_curves(self.matrices.conc_1, self.matrices.alone_1, self.single_agent, self.floor)

    @cached_property
    def curves_2(self) -> Curves:
        return fit_curves(self.matrices.conc_2, self.matrices.alone_2, self.single_agent, self.floor)

    @cached_property
    def curve_words(self) -> tuple[Words, Bools]:
        """Limits of the single-agent curves in words, and the matrices where one is missing."""
        reason = np.full(self.matrices.count, "", dtype=object)
        absent = np.zeros(self.matrices.count, dtype=bool)
        for drug, curves, alone in (
            (1, self.curves_1, self.matrices.alone_1),
            (2, self.curves_2, self.matrices.alone_2),
        ):
            few = curves.doses < MIN_DOSES
            say(reason, few, f"drug {drug} has fewer than {MIN_DOSES} doses above 0: no curve")
            absent |= few
            values = np.where(np.isnan(alone), -np.inf, alone)
            highest = values.max(axis=1)
            lowest = np.where(np.isnan(alone), np.inf, alone).min(axis=1)
            flat = ~few & (highest - lowest < FLAT)
            say(reason, flat, f"drug {drug} alone does nothing")
            rises = _against_trend(alone)
            say(reason, ~few & (rises > NOT_MONOTONE), f"drug {drug} alone is not monotone")
            points = np.maximum((~np.isnan(alone)).sum(axis=1), 1)
            poor = ~few & (np.sqrt(curves.fit.rss / points) > POOR_FIT)
            if self.single_agent == "fit":
                say(reason, poor, f"drug {drug} alone is fitted poorly")
        return reason, absent


def _against_trend(alone: Floats) -> Floats:
    """The largest move of each row `(matrix, dose)` against its overall direction; NaN points skipped."""
    filled = np.where(np.isnan(alone), -np.inf, alone)
    low = np.where(np.isnan(alone), np.inf, alone)
    rise = (filled - np.minimum.accumulate(low, axis=1)).max(axis=1, initial=0.0)
    fall = (np.maximum.accumulate(filled, axis=1) - low).max(axis=1, initial=0.0, where=~np.isnan(alone))
    return np.minimum(rise, fall)


Outcome = tuple[Floats, Words, Bools, dict[str, Floats], dict[str, Bools]]


def _score_hsa(batch: Batch) -> Outcome:
    reason, dead = design_reasons(batch.matrices)
    expected = hsa.expected(batch.matrices.alone_1, batch.matrices.alone_2)
    return 100 * (expected - batch.matrices.viability), reason, dead, {}, {}


def _score_bliss(batch: Batch) -> Outcome:
    reason, dead = design_reasons(batch.matrices)
    rule = bliss.expected if batch.floor >= 0 else bliss.expected_growth
    expected = rule(batch.matrices.alone_1, batch.matrices.alone_2)
    return 100 * (expected - batch.matrices.viability), reason, dead, {}, {}


def _score_loewe(batch: Batch) -> Outcome:
    matrices = batch.matrices
    reason, dead = _with_curves(batch)
    found = loewe.additive(matrices.conc_1, matrices.conc_2, batch.curves_1, batch.curves_2)
    counted = ~np.isnan(matrices.viability)
    part = [_fraction(mark & counted, counted) for mark in (found.unreached, found.extrapolated)]
    text = [f"a drug cannot reach the effect expected in {100 * p:.0f} % of cells" for p in part[0]]
    say(reason, ~dead & (part[0] > 0), np.array(text, dtype=object))
    names = ("loewe_unreached", "loewe_extrapolated")
    masks = {"unreached": found.unreached, "extrapolated": found.extrapolated}
    return 100 * (found.expected - matrices.viability), reason, dead, dict(zip(names, part)), masks


def _score_zip(batch: Batch) -> Outcome:
    matrices = batch.matrices
    reason, dead = _with_curves(batch)
    found = zero.zero_interaction(
        matrices.viability, matrices.conc_1, matrices.conc_2, batch.curves_1, batch.curves_2, batch.floor
    )
    excess = 100 * (found.expected - found.fitted)
    observed = ~np.isnan(matrices.viability)
    for edge in (np.s_[:, :, 0], np.s_[:, 0, :]):
        excess[edge] = np.where(observed[edge], 0.0, np.nan)
    error = np.where(observed, found.fitted - matrices.viability, np.nan)[:, 1:, 1:]
    squares = np.where(np.isnan(error), 0.0, error**2).sum(axis=(1, 2))
    rmse = 100 * np.sqrt(squares / np.maximum((~np.isnan(error)).sum(axis=(1, 2)), 1))
    return excess, reason, dead, {"zip_rmse": rmse}, {}


def _with_curves(batch: Batch) -> tuple[Words, Bools]:
    reason, dead = design_reasons(batch.matrices)
    words, absent = batch.curve_words
    say(reason, ~dead & (words != ""), words)
    return reason, dead | absent


def _fraction(marked: Bools, counted: Bools) -> Floats:
    size = counted[:, 1:, 1:].sum(axis=(1, 2))
    fraction: Floats = marked[:, 1:, 1:].sum(axis=(1, 2)) / np.maximum(size, 1)
    return fraction


MODELS: dict[str, Callable[[Batch], Outcome]] = {
    "hsa": _score_hsa,
    "bliss": _score_bliss,
    "loewe": _score_loewe,
    "zip": _score_zip,
}


def score_matrices(
    viability: Floats,
    conc_1: Floats,
    conc_2: Floats,
    models: Sequence[str] = ("hsa", "bliss", "loewe", "zip"),
    *,
    single_agent: SingleAgent = "fit",
    floor: float = 0.0,
) -> dict[str, Score]:
    """Score every matrix by every model; no data makes it raise, `Score.reason` says what is wrong instead.

    `viability` `(..., dose_1, dose_2)` is a fraction of vehicle, NaN where missing or padded; `conc_1`
    `(..., dose_1)` and `conc_2` `(..., dose_2)` hold the doses in any unit, 0 included, NaN where padded;
    their leading dims broadcast. Excess is in percent points of inhibition, positive = synergy.

    `single_agent` is the form of the single-agent curves that Loewe needs: `"fit"` for measured, noisy
    wells (four-parameter curves), `"monotone"` for simulated ones, whose exact values a fit would distort.
    The default is `"fit"` here and `"monotone"` in `score_cube`. ZIP is defined by fits and uses them
    always. `floor` is the readout's lowest possible value: 0 for viability, -1 for GR values, for which
    Bliss is generalised.

    InputError for an unknown model, shapes that do not fit and negative doses.
    """
    for name in models:
        if name not in MODELS:
            raise InputError(
                f"models: unknown model {name!r}{nearest(name, MODELS)}; known: {', '.join(MODELS)}"
            )
    if single_agent not in ("fit", "monotone"):
        raise InputError(f"single_agent: expected 'fit' or 'monotone', found {single_agent!r}")
    matrices, layout = prepare(viability, conc_1, conc_2)
    parts = [
        _score_chunk(matrices.take(slice(first, first + CHUNK)), models, single_agent, floor)
        for first in range(0, max(matrices.count, 1), CHUNK)
    ]
    return {name: _join([part[name] for part in parts], layout) for name in models}


def _score_chunk(
    matrices: Matrices, models: Sequence[str], single_agent: SingleAgent, floor: float
) -> dict[str, Score]:
    batch = Batch(matrices, single_agent, floor)
    scores = {}
    for name in models:
        excess, reason, dead, parameters, masks = MODELS[name](batch)
        excess = clear_edges(excess)
        if dead.any():
            excess[dead] = np.nan
        values = {key: np.where(dead, np.nan, value) for key, value in parameters.items()}
        scores[name] = Score(excess, mean_excess(excess), best_window(excess), reason, dict(values), masks)
    return scores


def _join(parts: list[Score], layout: Layout) -> Score:
    first = parts[0]
    return Score(
        layout.cells(np.concatenate([p.excess for p in parts])),
        layout.each(np.concatenate([p.mean for p in parts])),
        layout.each(np.concatenate([p.best for p in parts])),
        layout.each(np.concatenate([p.reason for p in parts])),
        {key: layout.each(np.concatenate([p.parameters[key] for p in parts])) for key in first.parameters},
        {key: layout.cells(np.concatenate([p.masks[key] for p in parts])) for key in first.masks},
    )
