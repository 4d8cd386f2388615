"""Hill-type response surface: of all surfaces that agree with Loewe for a drug combined with itself, the
one whose slope and maximum are the dose-weighted means of the drugs'. Schindler 2017,
doi:10.1186/s12976-017-0060-y.

Sign: `100 * (expected - v)`, positive = synergy. Limits: fitted sigmoids only; defined everywhere, partial
drugs too, but a partial drug in excess dilutes the other's maximum, so adding it lowers the expectation.
"""

import numpy as np

from screen.arrays import Floats
from screen.synergy.batch import Batch
from screen.synergy.curves.sigmoid import Sigmoids
from screen.synergy.curves.single_agent import Curves
from screen.synergy.many_drugs.lower_orders import Group
from screen.synergy.many_drugs.tensors import TensorOutcome, Tensors, excess_over_curves
from screen.synergy.models.reference_model import ManyDrugs, ModelOutcome, ReferenceModel


def expected(conc_1: Floats, conc_2: Floats, fit_1: Sigmoids, fit_2: Sigmoids) -> Floats:
    """Viability expected `(matrix, dose_1, dose_2)` from doses `(matrix, dose)` and fitted single agents."""
    return surface([conc_1[:, :, None], conc_2[:, None, :]], [fit_1, fit_2])


def surface(doses: list[Floats], fits: list[Sigmoids]) -> Floats:
    """The same for any number of drugs: `doses` broadcast against each other, `(matrix, ...)` each."""
    sides = (slice(None),) + (None,) * (doses[0].ndim - 1)
    with np.errstate(divide="ignore"):
        parts = [np.exp(np.log(dose) - fit.midpoint[sides]) for dose, fit in zip(doses, fits)]
    total = np.sum(np.broadcast_arrays(*parts), axis=0)
    start = np.mean([fit.start for fit in fits], axis=0)[sides]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = _weighted(parts, [fit.hill[sides] for fit in fits]) / total
        depth = _weighted(parts, [fit.end[sides] - start for fit in fits]) / total
        reached = 1.0 / (1.0 + np.exp(np.clip(-slope * np.log(total), -600.0, 600.0)))
        value: Floats = start + depth * reached
    return np.where(total == 0, start, value)


def _weighted(parts: list[Floats], values: list[Floats]) -> Floats:
    total: Floats = np.sum(np.broadcast_arrays(*(part * value for part, value in zip(parts, values))), axis=0)
    return total


def score(batch: Batch) -> ModelOutcome:
    matrices = batch.matrices
    reason, invalid = batch.curve_reasons()
    null = expected(matrices.conc_1, matrices.conc_2, batch.curves_1.fit, batch.curves_2.fit)
    return ModelOutcome(100 * (null - matrices.viability), reason, invalid)


def score_many(tensors: Tensors) -> TensorOutcome:
    """`beyond` is the excess less the terms of all smaller combinations."""

    def of_set(curves: list[Curves], members: Group) -> Floats:
        return surface([tensors.along(k) for k in members], [curves[k].fit for k in members])

    return excess_over_curves(tensors, of_set)


MODEL = ReferenceModel(
    name="schindler",
    title="Hill response surface",
    label="Hill surface",
    null="the Hill surface",
    reference="schindler",
    doi="10.1186/s12976-017-0060-y",
    score=score,
    many=ManyDrugs(score_many),
    order=50,
)
