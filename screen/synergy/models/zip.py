"""Zero interaction potency (ZIP): what a drug added to another is expected to leave unchanged is the other's
potency and slope. Yadav 2015, doi:10.1016/j.csbj.2015.09.001.

This is the variant of SynergyFinder 3 (Zheng 2022, doi:10.1016/j.gpb.2022.01.004): every row and column of
the matrix is fitted by a four-parameter log-logistic curve whose value at zero dose is fixed at the observed
single-agent well; the fit of a cell is the mean of its row's and its column's curve, the expectation is the
product (Bliss) of the two fitted single-agent curves. The original paper and the package `synergy` fix the
fitted single agent instead, and older SynergyFinder also the maximum at 100 %: means differ by 0.3 points
at the median, up to 13.

The curves come in two fits. `drc`: what R's drc finds, as in SynergyFinder, whose numbers it gives (see
`drc`); on flat valleys that is not the least-squares curve. `least-squares`: the curves of least squares
whatever the data, bounded so that viability ends at 0 or above; exact on wells without noise.

Sign: `100 * (expected - fit)`, positive = synergy. Limits: Bliss on smoothed values, so a drug combined with
itself is not neutral; a row that is no sigmoid is smoothed into one; needs 3 doses above 0 of each drug.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Bools, Floats
from screen.synergy.batch import FAR_FROM_BEST, POOR_FIT, Batch, add_drc_reasons
from screen.synergy.curves.drc import drc_curves
from screen.synergy.curves.fit_sigmoids import fit_sigmoids
from screen.synergy.curves.sigmoid import sigmoid
from screen.synergy.curves.single_agent import MIN_DOSES, Curves, at_doses
from screen.synergy.dose_matrices import Reasons, add_reason, observed_edges
from screen.synergy.models import bliss
from screen.synergy.models.reference_model import ModelOutcome, Quantity, ReferenceModel


@dataclass(frozen=True)
class ZeroInteraction:
    """`expected` and `fitted` viability, `(matrix, dose_1, dose_2)` each, NaN on the edges; the fitted single
    agents `alone` `(matrix, dose)` of drug 1 and 2."""

    expected: Floats
    fitted: Floats
    alone: tuple[Floats, Floats]


def zero_interaction(
    viability: Floats,
    conc_1: Floats,
    conc_2: Floats,
    curves_1: Curves,
    curves_2: Curves,
    lower_bound: float = 0.0,
) -> ZeroInteraction:
    """Expected and fitted surfaces of least squares for `viability` `(matrix, dose_1, dose_2)`, doses
    ascending from 0."""
    with np.errstate(divide="ignore"):
        x1, x2 = np.log(conc_1), np.log(conc_2)
    lane = np.arange(len(viability))[:, None]
    alone_1 = _fitted(curves_1, x1, lane)
    alone_2 = _fitted(curves_2, x2, lane)
    along_2 = fit_slices(x2[:, 1:], viability[:, 1:, 1:], viability[:, 1:, 0], lower_bound)
    across = np.swapaxes(viability[:, 1:, 1:], 1, 2)
    along_1 = np.swapaxes(fit_slices(x1[:, 1:], across, viability[:, 0, 1:], lower_bound), 1, 2)
    return _surfaces(viability, (alone_1, alone_2), (along_1, along_2), lower_bound)


def zero_interaction_drc(
    viability: Floats, conc_1: Floats, conc_2: Floats, lower_bound: float = 0.0
) -> ZeroInteraction:
    """The same with the curves of drc."""
    inhibition = 100.0 * (1.0 - viability)
    alone_1, alone_2 = (
        1.0 - drc_curves(conc, alone) / 100.0
        for conc, alone in ((conc_1, inhibition[:, :, 0]), (conc_2, inhibition[:, 0]))
    )
    along_2 = _drc_slices(conc_2, inhibition)
    along_1 = np.swapaxes(_drc_slices(conc_1, np.swapaxes(inhibition, 1, 2)), 1, 2)
    return _surfaces(viability, (alone_1, alone_2), (along_1, along_2), lower_bound)


def _surfaces(
    viability: Floats, alone: tuple[Floats, Floats], along: tuple[Floats, Floats], lower_bound: float
) -> ZeroInteraction:
    """From the single agents `(matrix, dose)` and the slices `(matrix, dose_1, dose_2)`, these without dose
    0; by the form for GR values where they may fall below 0."""
    expected = np.full(viability.shape, np.nan)
    fitted = np.full(viability.shape, np.nan)
    rule = bliss.expected if lower_bound >= 0 else bliss.expected_growth
    expected[:, 1:, 1:] = rule(alone[0][:, 1:], alone[1][:, 1:])
    fitted[:, 1:, 1:] = 0.5 * (along[0] + along[1])
    return ZeroInteraction(expected, np.where(np.isnan(viability), np.nan, fitted), alone)


def _drc_slices(conc: Floats, inhibition: Floats) -> Floats:
    """Viability of the slices along the last axis of `inhibition` `(matrix, slice, dose)`, without dose 0."""
    count, slices, size = inhibition.shape
    rows = inhibition[:, 1:].reshape(-1, size)
    fitted = drc_curves(np.repeat(conc, slices - 1, axis=0), rows, rows[:, 0])
    return 1.0 - fitted[:, 1:].reshape(count, slices - 1, size - 1) / 100.0


def _fitted(curves: Curves, x: Floats, lane: NDArray[np.intp]) -> Floats:
    fit = curves.fit
    return fit.start[lane] + (fit.end[lane] - fit.start[lane]) * sigmoid(
        x, fit.midpoint[lane], fit.hill[lane]
    )


def fit_slices(x: Floats, values: Floats, start: Floats, lower_bound: float) -> Floats:
    """Fitted values of the slices `(matrix, slice, dose)` at log doses `x` `(matrix, dose)`, each from its
    own `start` `(matrix, slice)`; `lower_bound` as in `score_matrices`."""
    count, slices, size = values.shape
    flat, begin = values.reshape(-1, size), start.reshape(-1)
    log_dose = np.repeat(x, slices, axis=0)
    flat = np.where(np.isnan(begin)[:, None], np.nan, flat)
    enough = (np.isfinite(flat) & np.isfinite(log_dose)).sum(axis=1) >= MIN_DOSES
    flat = np.where(enough[:, None], flat, np.nan)
    low = np.fmin(np.where(np.isnan(flat), np.inf, flat).min(axis=1, initial=np.inf), begin)
    high = np.fmax(np.where(np.isnan(flat), -np.inf, flat).max(axis=1, initial=-np.inf), begin)
    low, high = np.where(enough, low, 0.0), np.where(enough, high, 1.0)
    fit = fit_sigmoids(
        log_dose, flat, (np.minimum(lower_bound, low), high + (high - low)), np.nan_to_num(begin)
    )
    s = sigmoid(log_dose, fit.midpoint[:, None], fit.hill[:, None])
    curve = fit.start[:, None] + (fit.end - fit.start)[:, None] * s
    return np.where(enough[:, None], curve, np.nan).reshape(count, slices, size)


def score(batch: Batch) -> ModelOutcome:
    matrices = batch.matrices
    reason, invalid = batch.curve_reasons()
    add_reason(reason, ~invalid & matrices.sparse, "ZIP needs whole rows and columns of doses")
    invalid = invalid | matrices.sparse
    data = matrices.viability, matrices.conc_1, matrices.conc_2
    if batch.options.zip_fit == "drc":
        found = zero_interaction_drc(*data, batch.options.lower_bound)
    else:
        found = zero_interaction(*data, batch.curves_1, batch.curves_2, batch.options.lower_bound)
    excess = observed_edges(100 * (found.expected - found.fitted), matrices.viability)
    left = _root_mean_square((found.fitted - matrices.viability)[:, 1:, 1:])
    if batch.options.zip_fit == "drc":
        sides = (matrices.alone_1, found.alone[0]), (matrices.alone_2, found.alone[1])
        errors = [_root_mean_square((fitted - alone)[:, None, :]) for alone, fitted in sides]
        add_drc_reasons(batch, errors, found.expected, reason, invalid)
        _add_slice_reasons(batch, found, reason, invalid)
    add_reason(reason, ~invalid & (left > POOR_FIT), "rows and columns are fitted poorly")
    return ModelOutcome(excess, reason, invalid, {"zip_rmse": 100 * left}, cells={"fitted": found.fitted})


def _add_slice_reasons(batch: Batch, found: ZeroInteraction, reason: Reasons, invalid: Bools) -> None:
    """Words where drc's search ended far from the least-squares curves of rows and columns."""
    matrices = batch.matrices
    least = zero_interaction(
        matrices.viability,
        matrices.conc_1,
        matrices.conc_2,
        batch.curves_1,
        batch.curves_2,
        batch.options.lower_bound,
    )
    inner = matrices.viability[:, 1:, 1:]
    left = [_root_mean_square(one.fitted[:, 1:, 1:] - inner) for one in (found, least)]
    away = _root_mean_square((found.fitted - least.fitted)[:, 1:, 1:])
    far = (away > FAR_FROM_BEST) & (left[0] > left[1])
    words = "drc's rows and columns are not the least-squares ones (--fit least-squares)"
    add_reason(reason, ~invalid & far, words)


def _root_mean_square(error: Floats) -> Floats:
    present = ~np.isnan(error)
    squares = np.where(present, error, 0.0) ** 2
    root: Floats = np.sqrt(squares.sum(axis=(1, 2)) / np.maximum(present.sum(axis=(1, 2)), 1))
    return root


def without_interaction(batch: Batch, _surface: Floats) -> Floats:
    matrices = batch.matrices
    return bliss.expected(
        at_doses(batch.curves_1, matrices.conc_1), at_doses(batch.curves_2, matrices.conc_2)
    )


MODEL = ReferenceModel(
    name="zip",
    title="Zero interaction potency",
    label="ZIP",
    null="ZIP",
    reference="zip",
    doi="10.1016/j.csbj.2015.09.001",
    score=score,
    parameters={
        "zip_rmse": Quantity("percent points", "root mean square of what the fitted rows and columns leave")
    },
    without_interaction=without_interaction,
    plates=True,
    order=40,
)
