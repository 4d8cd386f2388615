"""Highest single agent (HSA): the combination is expected to do what the stronger of its drugs does alone.
Berenbaum 1989, What is synergy?, Pharmacol Rev 41:93 (PMID 2692037); Gaddum 1940.

Sign: `100 * (min(v1, v2) - v)`, positive = synergy. Limits: the weakest claim of all; a drug combined with
itself looks synergistic, and noise lifts the minimum of two wells into antagonism.
"""

import numpy as np

from screen.arrays import Floats
from screen.synergy.batch import Batch
from screen.synergy.dose_matrices import no_reasons
from screen.synergy.many_drugs.tensors import TensorOutcome, Tensors
from screen.synergy.models.reference_model import ManyDrugs, ModelOutcome, ReferenceModel


def expected(alone_1: Floats, alone_2: Floats) -> Floats:
    """Viability expected, `(matrix, dose_1, dose_2)`, from `(matrix, dose_1)` and `(matrix, dose_2)`
    alone."""
    return np.minimum(alone_1[:, :, None], alone_2[:, None, :])


def score(batch: Batch) -> ModelOutcome:
    reason, invalid = batch.design_reasons()
    alone = expected(batch.matrices.alone_1, batch.matrices.alone_2)
    return ModelOutcome(100 * (alone - batch.matrices.viability), reason, invalid)


def score_many(tensors: Tensors) -> TensorOutcome:
    """`beyond` is the excess over the best combination of fewer drugs."""

    def over_best(size: int) -> Floats:
        best = np.minimum.reduce(np.broadcast_arrays(*map(tensors.only, tensors.subsets(size))))
        return np.asarray(100 * (best - tensors.viability))

    return TensorOutcome(over_best(1), over_best(tensors.order), no_reasons(len(tensors.viability)))


def without_interaction(_batch: Batch, surface: Floats) -> Floats:
    return expected(surface[:, :, 0], surface[:, 0, :])


MODEL = ReferenceModel(
    name="hsa",
    title="Highest single agent",
    label="HSA",
    null="highest single agent",
    reference="hsa",
    doi="",
    score=score,
    many=ManyDrugs(score_many),
    without_interaction=without_interaction,
    curves=False,
    plates=True,
    order=10,
)
