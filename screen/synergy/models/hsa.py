"""Highest single agent (HSA): the combination is expected to do what the stronger of its drugs does alone.
Berenbaum 1989, What is synergy?, Pharmacol Rev 41:93 (PMID 2692037); Gaddum 1940.

Sign: `100 * (min(v1, v2) - v)`, positive = synergy. Limits: the weakest claim of all; a drug combined with
itself looks synergistic, and noise lifts the minimum of two wells into antagonism.
"""

import numpy as np

from screen.arrays import Floats


def expected(alone_1: Floats, alone_2: Floats) -> Floats:
    """Viability expected, `(matrix, dose_1, dose_2)`, from `(matrix, dose_1)` and `(matrix, dose_2)`
    alone."""
    return np.minimum(alone_1[:, :, None], alone_2[:, None, :])
