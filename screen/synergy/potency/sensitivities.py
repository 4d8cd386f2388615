"""IC50 and the like of the drugs alone."""

from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Floats
from screen.parallel_map import each
from screen.synergy.batch import Batch, ScoringOptions
from screen.synergy.curves.single_agent import SingleAgent
from screen.synergy.dose_matrices import Matrices, prepare
from screen.synergy.potency.potency import sensitivity
from screen.synergy.score import CHUNK

if TYPE_CHECKING:
    pass

if TYPE_CHECKING:
    pass


def sensitivities(
    viability: Floats, conc_1: Floats, conc_2: Floats, single_agent: SingleAgent = "fit", jobs: int = 1
) -> dict[str, Floats]:
    """The columns of `sensitivity` for matrices `(matrix, dose_1, dose_2)`, in bounded memory."""
    matrices, _ = prepare(viability, conc_1, conc_2)
    tasks = [
        (matrices.take(slice(first, first + CHUNK)), single_agent)
        for first in range(0, matrices.count, CHUNK)
    ]
    parts = each(_sensitivity, tasks, jobs)
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _sensitivity(matrices: Matrices, single_agent: SingleAgent) -> dict[str, Floats]:
    return sensitivity(Batch(matrices, ScoringOptions(single_agent)))
