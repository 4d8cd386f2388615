"""The reference models by name: what each makes of a batch. The mathematics stands in the file of each model;
here its answer gets the common form, and the words that limit it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Bools, Floats
from screen.synergy.batch import POOR_FIT, Batch
from screen.synergy.curves.surface_fit import Surfaces
from screen.synergy.dose_matrices import Words, say
from screen.synergy.models import bliss, braid, combination_index, hsa, loewe, musyc
from screen.synergy.models import effective_dose as zimmer
from screen.synergy.models import hill_surface as schindler
from screen.synergy.models import zip as zero

POOR_SURFACE = 0.7
NOWHERE = 0.9
FAR_FROM_BEST = 0.05


@dataclass(frozen=True)
class Outcome:
    """`excess` `(matrix, dose_1, dose_2)` in percent points; `dead` `(matrix,)` marks matrices without
    score."""

    excess: Floats
    reason: Words
    dead: Bools
    parameters: dict[str, Floats] = field(default_factory=dict)
    masks: dict[str, Bools] = field(default_factory=dict)
    cells: dict[str, Floats] = field(default_factory=dict)


def score_hsa(batch: Batch) -> Outcome:
    reason, dead = batch.design_words()
    expected = hsa.expected(batch.matrices.alone_1, batch.matrices.alone_2)
    return Outcome(100 * (expected - batch.matrices.viability), reason, dead)


def score_bliss(batch: Batch) -> Outcome:
    reason, dead = batch.design_words()
    rule = bliss.expected if batch.floor >= 0 else bliss.expected_growth
    expected = rule(batch.matrices.alone_1, batch.matrices.alone_2)
    return Outcome(100 * (expected - batch.matrices.viability), reason, dead)


def score_loewe(batch: Batch) -> Outcome:
    matrices = batch.matrices
    reason, dead = batch.curve_words()
    curves = batch.loewe_curves
    found = loewe.additive(matrices.conc_1, matrices.conc_2, *curves)
    if batch.loewe_on_drc:
        found = loewe.summed_beyond(found, matrices.viability, matrices.conc_1, matrices.conc_2, *curves)
        points = (np.maximum((~np.isnan(a)).sum(axis=1), 1) for a in (matrices.alone_1, matrices.alone_2))
        left = [np.sqrt(curve.fit.rss / count) for curve, count in zip(curves, points)]
        _say_drc_words(batch, left, found.expected, reason, dead)
    counted = ~np.isnan(matrices.viability)
    unreached = _fraction(found.unreached & counted, counted)
    say(reason, ~dead & (unreached > NOWHERE), "a drug reaches the effect expected almost nowhere")
    parameters = {
        "loewe_unreached": unreached,
        "loewe_extrapolated": _fraction(found.extrapolated & counted, counted),
        "ci50": combination_index.index_at_half(
            matrices.viability, matrices.conc_1, matrices.conc_2, *curves
        ),
    }
    masks = {"unreached": found.unreached, "extrapolated": found.extrapolated}
    cells = {"expected": found.expected}
    return Outcome(100 * (found.expected - matrices.viability), reason, dead, parameters, masks, cells)


def score_zip(batch: Batch) -> Outcome:
    matrices = batch.matrices
    reason, dead = batch.curve_words()
    say(reason, ~dead & matrices.sparse, "ZIP needs whole rows and columns of doses")
    dead = dead | matrices.sparse
    data = matrices.viability, matrices.conc_1, matrices.conc_2
    if batch.zip_fit == "drc":
        found = zero.zero_interaction_drc(*data)
    else:
        found = zero.zero_interaction(*data, batch.curves_1, batch.curves_2, batch.floor)
    excess = _observed_edges(100 * (found.expected - found.fitted), matrices.viability)
    error = (found.fitted - matrices.viability)[:, 1:, 1:]
    left = _root_mean_square(error)
    if batch.zip_fit == "drc":
        sides = (matrices.alone_1, found.alone[0]), (matrices.alone_2, found.alone[1])
        errors = [_root_mean_square((fitted - alone)[:, None, :]) for alone, fitted in sides]
        _say_drc_words(batch, errors, found.expected, reason, dead)
    say(reason, ~dead & (left > POOR_FIT), "rows and columns are fitted poorly")
    return Outcome(excess, reason, dead, {"zip_rmse": 100 * left}, cells={"fitted": found.fitted})


def _say_drc_words(batch: Batch, left: list[Floats], expected: Floats, reason: Words, dead: Bools) -> None:
    """Where drc's search ended far from the least-squares curve of a single agent; `left` is the root mean
    square `(matrix,)` that the curves of drug 1 and 2 leave."""
    sides = (batch.matrices.alone_1, batch.curves_1), (batch.matrices.alone_2, batch.curves_2)
    for drug, ((alone, curves), error) in enumerate(zip(sides, left), start=1):
        points = np.maximum((~np.isnan(alone)).sum(axis=1), 1)
        far = error > np.sqrt(curves.fit.rss / points) + FAR_FROM_BEST
        words = f"drc's curve of drug {drug} alone is not the least-squares one (--fit least-squares)"
        say(reason, ~dead & far, words)
    none = np.isnan(expected[:, 1:, 1:]).all(axis=(1, 2))
    say(reason, ~dead & none, "drc finds no curve of a drug alone")


def score_schindler(batch: Batch) -> Outcome:
    matrices = batch.matrices
    reason, dead = batch.curve_words()
    expected = schindler.expected(matrices.conc_1, matrices.conc_2, batch.curves_1.fit, batch.curves_2.fit)
    return Outcome(100 * (expected - matrices.viability), reason, dead)


def score_ci(batch: Batch) -> Outcome:
    """Chou and Talalay: excess over the pair additive on the median-effect lines; `ci` per cell in `cells`,
    `ci_median` its geometric mean over the cells."""
    matrices = batch.matrices
    reason, dead = batch.design_words()
    found = combination_index.median_effect(matrices.viability, matrices.conc_1, matrices.conc_2)
    missing = ~np.isfinite(found.slope)
    for drug in (1, 2):
        say(reason, ~dead & missing[:, drug - 1], f"drug {drug} alone has no falling median-effect line")
    dead = dead | missing.any(axis=1)
    index = np.where(dead[:, None, None], np.nan, found.index)[:, 1:, 1:]
    counted = ~np.isnan(index)
    log_sum = np.where(counted, np.log(np.where(counted, index, 1.0)), 0.0).sum(axis=(1, 2))
    count = counted.sum(axis=(1, 2))
    parameters = {
        "ci_mean": np.where(count > 0, np.exp(log_sum / np.maximum(count, 1)), np.nan),
        "ci_r_1": found.r[:, 0],
        "ci_r_2": found.r[:, 1],
    }
    excess = 100 * (found.expected - matrices.viability)
    return Outcome(excess, reason, dead, parameters, {"capped": found.capped}, {"index": found.index})


def score_musyc(batch: Batch) -> Outcome:
    found = musyc.fit(batch.cells, *batch.singles, *batch.range)
    reason, dead = _surface_words(batch, found, 12)
    for drug, flat in zip((1, 2), batch.flat):
        say(reason, ~dead & flat, f"drug {drug} alone does nothing: its alpha and gamma mean little")
    p, e, matrices = found.parameters, found.error, batch.matrices
    parameters: dict[str, Floats] = {"musyc_beta": musyc.beta(p)}
    for k, name in enumerate(musyc.NAMES):
        parameters[f"musyc_{name}"] = p[:, k] if k < 4 else np.exp(p[:, k])
        parameters[f"musyc_{name}_error" if k < 4 else f"musyc_log_{name}_error"] = e[:, k]
    parameters["musyc_C1"] = np.exp(p[:, 6] + batch.cells.centre_1)
    parameters["musyc_C2"] = np.exp(p[:, 7] + batch.cells.centre_2)
    corners = _corners(matrices.viability)
    for name, value in zip(("E0_obs", "E1_obs", "E2_obs", "E3_obs"), corners):
        parameters[f"musyc_{name}"] = value
    strongest = np.fmin(corners[1], corners[2])
    with np.errstate(divide="ignore", invalid="ignore"):
        parameters["musyc_beta_obs"] = (strongest - corners[3]) / (corners[0] - strongest)
    return _surface(batch, found, musyc.evaluate(musyc.null(p), batch.cells.x1, batch.cells.x2)[0],
                    reason, dead, parameters, "musyc")  # fmt: skip


def score_braid(batch: Batch) -> Outcome:
    found = braid.fit(batch.cells, *batch.singles, *batch.range)
    reason, dead = _surface_words(batch, found, 8)
    p, cells = found.parameters, batch.cells
    say(reason, ~dead & (p[:, 8] >= braid.KAPPA_RANGE[1] - 1e-6), "kappa stands at its upper bound")
    say(reason, ~dead & (p[:, 8] <= braid.KAPPA_RANGE[0] + 1e-6), "kappa stands at its lower bound")
    parameters = {
        "braid_kappa": p[:, 8],
        "braid_kappa_error": found.error[:, 8],
        "braid_E0": p[:, 0],
        "braid_Ef": p[:, 1],
        "braid_IDMA": np.exp(p[:, 2] + cells.centre_1),
        "braid_IDMB": np.exp(p[:, 3] + cells.centre_2),
        "braid_na": np.exp(p[:, 4]),
        "braid_nb": np.exp(p[:, 5]),
        "braid_fA": np.exp(p[:, 6]),
        "braid_fB": np.exp(p[:, 7]),
        "braid_iae": braid.achievable_efficacy(p, cells.span_1, cells.span_2),
    }
    null = braid.evaluate(braid.null(p), cells.x1, cells.x2)[0]
    return _surface(batch, found, null, reason, dead, parameters, "braid")


def score_zimmer(batch: Batch) -> Outcome:
    found = zimmer.fit(batch.cells, *batch.singles)
    reason, dead = _surface_words(batch, found, 6)
    p = found.parameters
    parameters = {
        "zimmer_a12": np.expm1(p[:, 4]),
        "zimmer_a21": np.expm1(p[:, 5]),
        "zimmer_a12_error": found.error[:, 4] * np.exp(p[:, 4]),
        "zimmer_a21_error": found.error[:, 5] * np.exp(p[:, 5]),
        "zimmer_h1": np.exp(p[:, 0]),
        "zimmer_h2": np.exp(p[:, 1]),
        "zimmer_C1": np.exp(p[:, 2] + batch.cells.centre_1),
        "zimmer_C2": np.exp(p[:, 3] + batch.cells.centre_2),
    }
    null = zimmer.predict(zimmer.null(p), batch.cells.x1, batch.cells.x2)
    return _surface(batch, found, null, reason, dead, parameters, "zimmer")


def _surface(
    batch: Batch, found: Surfaces, null: Floats, reason: Words, dead: Bools,
    parameters: dict[str, Floats], name: str,
) -> Outcome:  # fmt: skip
    shape = batch.matrices.viability.shape
    fitted, null = found.fitted.reshape(shape), null.reshape(shape)
    excess = _observed_edges(100 * (null - fitted), batch.matrices.viability)
    r2 = _explained(batch, found)
    say(reason, ~dead & (r2 < POOR_SURFACE), "the surface explains less than 70 % of the variance")
    parameters[f"{name}_r2"] = r2
    return Outcome(excess, reason, dead, parameters, cells={"fitted": fitted, "expected": null})


def _explained(batch: Batch, found: Surfaces) -> Floats:
    cells = batch.cells
    count = np.maximum(cells.weight.sum(axis=1), 1)
    mean = (cells.weight * cells.y).sum(axis=1) / count
    total = (cells.weight * (cells.y - mean[:, None]) ** 2).sum(axis=1)
    return np.where(total > 1e-9, 1 - found.rss / np.maximum(total, 1e-300), np.nan)


def _surface_words(batch: Batch, found: Surfaces, size: int) -> tuple[Words, Bools]:
    reason, dead = batch.design_words()
    few = ~dead & (batch.cells.weight.sum(axis=1) <= size)
    say(reason, few, f"fewer than {size + 1} wells for {size} parameters")
    dead = dead | few
    say(reason, ~dead & ~found.converged, "the fit had not settled when it was stopped")
    return reason, dead


def _corners(viability: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Observed viability with no drug, and with the highest dose present of drug 1, drug 2 and both."""
    last_1 = _last(~np.isnan(viability[:, :, 0]))
    last_2 = _last(~np.isnan(viability[:, 0, :]))
    lane = np.arange(len(viability))
    alone = viability[:, 0, 0], viability[lane, last_1, 0], viability[lane, 0, last_2]
    return alone[0], alone[1], alone[2], viability[lane, last_1, last_2]


def _last(present: Bools) -> NDArray[np.intp]:
    return present.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1)


def _observed_edges(excess: Floats, viability: Floats) -> Floats:
    excess = np.where(np.isnan(viability), np.nan, excess)
    for edge in (np.s_[:, :, 0], np.s_[:, 0, :]):
        excess[edge] = np.where(np.isnan(viability[edge]), np.nan, 0.0)
    return excess


def _root_mean_square(error: Floats) -> Floats:
    present = ~np.isnan(error)
    squares = np.where(present, error, 0.0) ** 2
    return np.sqrt(squares.sum(axis=(1, 2)) / np.maximum(present.sum(axis=(1, 2)), 1))


def _fraction(marked: Bools, counted: Bools) -> Floats:
    size = counted[:, 1:, 1:].sum(axis=(1, 2))
    fraction: Floats = marked[:, 1:, 1:].sum(axis=(1, 2)) / np.maximum(size, 1)
    return fraction


MODELS: dict[str, Callable[[Batch], Outcome]] = {
    "hsa": score_hsa,
    "bliss": score_bliss,
    "loewe": score_loewe,
    "zip": score_zip,
    "musyc": score_musyc,
    "braid": score_braid,
    "zimmer": score_zimmer,
    "schindler": score_schindler,
    "ci": score_ci,
}
