"""Bliss independence: the survivors of one drug are hit by the other as if it were alone, so fractions
multiply. Bliss 1939, Ann Appl Biol 26:585, doi:10.1111/j.1744-7348.1939.tb06990.x. For GR values, which run
from -1 to 1, the generalisation of gDR and of Holbeck 2017 (doi:10.1158/0008-5472.CAN-17-0489) is used.

Sign: `100 * (v1 * v2 - v)`, positive = synergy. Limits: a drug combined with itself is not Bliss-neutral
(steep curves look synergistic, shallow ones antagonistic); viability above 1 multiplies into more than
either.
"""

import numpy as np

from screen.arrays import Floats
from screen.synergy.batch import Batch
from screen.synergy.dose_matrices import no_reasons
from screen.synergy.many_drugs.lower_orders import product_of_groups
from screen.synergy.many_drugs.tensors import TensorOutcome, Tensors
from screen.synergy.models.reference_model import ManyDrugs, ModelOutcome, ReferenceModel


def expected(alone_1: Floats, alone_2: Floats) -> Floats:
    """Viability expected, `(matrix, dose_1, dose_2)`, from `(matrix, dose_1)` and `(matrix, dose_2)`
    alone."""
    return alone_1[:, :, None] * alone_2[:, None, :]


def expected_growth(alone_1: Floats, alone_2: Floats) -> Floats:
    """GR value expected. Growing cells multiply as fractions do; where either drug kills (GR below 0) the
    product would turn positive, so the expectation is the lower of the two values there."""
    left, right = alone_1[:, :, None], alone_2[:, None, :]
    return np.where((left < 0) | (right < 0), np.minimum(left, right), left * right)


def score(batch: Batch) -> ModelOutcome:
    reason, invalid = batch.design_reasons()
    rule = expected if batch.options.lower_bound >= 0 else expected_growth
    product = rule(batch.matrices.alone_1, batch.matrices.alone_2)
    return ModelOutcome(100 * (product - batch.matrices.viability), reason, invalid)


def score_many(tensors: Tensors) -> TensorOutcome:
    """`beyond` is the excess less the joint cumulants of fewer drugs, see `lower_orders`."""
    sizes = range(1, tensors.order + 1)
    response = {group: tensors.only(group) for size in sizes for group in tensors.subsets(size)}
    excess, beyond = (
        100 * (product_of_groups(response, tensors.drugs, order) - tensors.viability)
        for order in (1, tensors.order)
    )
    return TensorOutcome(excess, beyond, no_reasons(len(tensors.viability)))


def without_interaction(_batch: Batch, surface: Floats) -> Floats:
    return expected(surface[:, :, 0], surface[:, 0, :])


MODEL = ReferenceModel(
    name="bliss",
    title="Bliss independence",
    label="Bliss",
    null="Bliss independence",
    reference="bliss",
    doi="10.1111/j.1744-7348.1939.tb06990.x",
    score=score,
    many=ManyDrugs(score_many),
    without_interaction=without_interaction,
    curves=False,
    plates=True,
    order=20,
)
