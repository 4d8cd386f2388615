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
whatever the data, bounded so that viability ends at 0 or above; exact on wells without noise. On plates each
curve is drc's unless its search ended far above least squares (ten times the sum of squares, and 5
points more at the root mean square), as on level lines through a steep fall; then that of least squares.

Sign: `100 * (expected - fit)`, positive = synergy. Limits: Bliss on smoothed values, so a drug combined with
itself is not neutral; a row that is no sigmoid is smoothed into one; needs 3 doses above 0 of each drug.
"""

from dataclasses import dataclass

import numpy as np

from screen.arrays import Bools, Floats, Indices
from screen.synergy.batch import POOR_FIT, Batch, add_drc_reasons
from screen.synergy.curves.single_agent import Curves, at_doses
from screen.synergy.curves.slices import FAR_FROM_BEST, How, alone_fitted, rows_fitted
from screen.synergy.dose_matrices import Reasons, add_reason, observed_edges
from screen.synergy.many_drugs.zip import score_many
from screen.synergy.models import bliss
from screen.synergy.models.reference_model import ManyDrugs, ModelOutcome, Quantity, ReferenceModel


@dataclass(frozen=True)
class ZeroInteraction:
    """`expected` and `fitted` viability, `(matrix, dose_1, dose_2)` each, NaN on the edges; the fitted single
    agents `alone` `(matrix, dose)` of drug 1 and 2; where curves were chosen, those taken from least squares: of
    each drug alone `far_alone` `(matrix, 2)`, and how many rows and columns `far_slices` `(matrix,)`."""

    expected: Floats
    fitted: Floats
    alone: tuple[Floats, Floats]
    far_alone: Bools
    far_slices: Indices


def zero_interaction(
    viability: Floats,
    conc: tuple[Floats, Floats],
    curves: tuple[Curves, Curves] | None,
    how: How = "least-squares",
    lower_bound: float = 0.0,
) -> ZeroInteraction:
    """Expected and fitted surfaces for `viability` `(matrix, dose_1, dose_2)`, doses ascending from 0; `curves` of
    least squares of the drugs alone, which `drc` needs not."""
    sides = viability[:, :, 0], viability[:, 0, :]
    found = [
        alone_fitted(dose, alone, None if curves is None else curves[k], how)
        for k, (dose, alone) in enumerate(zip(conc, sides))
    ]
    along_2, far_2 = rows_fitted(conc[1], viability[:, 1:], how, lower_bound)
    along_1, far_1 = rows_fitted(conc[0], np.swapaxes(viability, 1, 2)[:, 1:], how, lower_bound)
    expected, fitted = np.full((2, *viability.shape), np.nan)
    rule = bliss.expected if lower_bound >= 0 else bliss.expected_growth
    alone = found[0][0], found[1][0]
    expected[:, 1:, 1:] = rule(alone[0][:, 1:], alone[1][:, 1:])
    fitted[:, 1:, 1:] = 0.5 * (np.swapaxes(along_1, 1, 2) + along_2)
    fitted = np.where(np.isnan(viability), np.nan, fitted)
    far = np.column_stack([found[0][1], found[1][1]])
    return ZeroInteraction(expected, fitted, alone, far, far_1.sum(axis=1) + far_2.sum(axis=1))


def score(batch: Batch) -> ModelOutcome:
    matrices = batch.matrices
    reason, invalid = batch.curve_reasons()
    add_reason(reason, ~invalid & matrices.sparse, "ZIP needs whole rows and columns of doses")
    invalid = invalid | matrices.sparse
    how = how_of(batch)
    conc, curves = (matrices.conc_1, matrices.conc_2), (batch.curves_1, batch.curves_2)
    found = zero_interaction(matrices.viability, conc, curves, how, batch.options.lower_bound)
    excess = observed_edges(100 * (found.expected - found.fitted), matrices.viability)
    left = _root_mean_square((found.fitted - matrices.viability)[:, 1:, 1:])
    if how != "least-squares":
        sides = (matrices.alone_1, found.alone[0]), (matrices.alone_2, found.alone[1])
        errors = [_root_mean_square((fitted - alone)[:, None, :]) for alone, fitted in sides]
        add_drc_reasons(batch, errors, found.expected, reason, invalid)
        _add_slice_reasons(batch, found, reason, invalid)
    for drug in (0, 1):
        words = f"drc's search ended far above least squares, which is taken for drug {drug + 1} alone"
        add_reason(reason, ~invalid & found.far_alone[:, drug], words)
    several = [f"drc's search ended far above least squares, which is taken for {k} rows and columns"
               for k in found.far_slices]  # fmt: skip
    add_reason(reason, ~invalid & (found.far_slices > 0), np.array(several, dtype=object))
    add_reason(reason, ~invalid & (left > POOR_FIT), "rows and columns are fitted poorly")
    return ModelOutcome(excess, reason, invalid, {"zip_rmse": 100 * left}, cells={"fitted": found.fitted})


def how_of(batch: Batch) -> How:
    """The curves of a batch: what `--fit` says, else drc's or those of least squares, curve by curve, on plates."""
    return "chosen" if batch.options.fit is None and batch.options.zip_fit == "drc" else batch.options.zip_fit


def _add_slice_reasons(batch: Batch, found: ZeroInteraction, reason: Reasons, invalid: Bools) -> None:
    """Words where drc's search ended some way from the least-squares curves of rows and columns."""
    matrices = batch.matrices
    conc, curves = (matrices.conc_1, matrices.conc_2), (batch.curves_1, batch.curves_2)
    least = zero_interaction(matrices.viability, conc, curves, "least-squares", batch.options.lower_bound)
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
    many=ManyDrugs(score_many),
    without_interaction=without_interaction,
    plates=True,
    order=40,
)
