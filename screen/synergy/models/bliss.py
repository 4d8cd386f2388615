"""Bliss independence: the survivors of one drug are hit by the other as if it were alone, so fractions
multiply. Bliss 1939, Ann Appl Biol 26:585, doi:10.1111/j.1744-7348.1939.tb06990.x. For GR values, which run
from -1 to 1, the generalisation of gDR and of Holbeck 2017 (doi:10.1158/0008-5472.CAN-17-0489) is used.

Sign: `100 * (v1 * v2 - v)`, positive = synergy. Limits: a drug combined with itself is not Bliss-neutral
(steep curves look synergistic, shallow ones antagonistic); viability above 1 multiplies into more than
either.
"""

import numpy as np

from screen.arrays import Floats


def expected(alone_1: Floats, alone_2: Floats) -> Floats:
    """Viability expected, `(matrix, dose_1, dose_2)`, from `(matrix, dose_1)` and `(matrix, dose_2)`
    alone."""
    return alone_1[:, :, None] * alone_2[:, None, :]


def expected_growth(alone_1: Floats, alone_2: Floats) -> Floats:
    """GR value expected. Growing cells multiply as fractions do; where either drug kills (GR below 0) the
    product would turn positive, so the expectation is the lower of the two values there."""
    left, right = alone_1[:, :, None], alone_2[:, None, :]
    return np.where((left < 0) | (right < 0), np.minimum(left, right), left * right)
