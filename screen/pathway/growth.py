"""Cell numbers as responses: viability and the growth-rate inhibition value."""

import numpy as np
from numpy.typing import ArrayLike

from screen.arrays import Floats

SENSITIVE_EFFECT = 0.25
"""Share of its cells that a line loses to the anchor from which on it counts as sensitive: the bound that the
evidence table gives lines reported resistant to trastuzumab (kind `herceptin_response`, E148 to E156).
"""


def viability(log_cells: ArrayLike, log_cells_vehicle: ArrayLike) -> Floats:
    """Cell number with drug over cell number with vehicle (1 = no effect).

    Arrays of natural logarithms of cell numbers relative to the time of dosing, broadcast against each other. NaN where
    there is nothing with vehicle either.
    """
    with np.errstate(invalid="ignore"):
        return np.exp(np.subtract(log_cells, log_cells_vehicle, dtype=np.float64))


def gr_value(log_cells: ArrayLike, log_cells_vehicle: ArrayLike) -> Floats:
    """GR value 2 ** (log2(x / x0) / log2(x_ctrl / x0)) - 1 (Hafner 2016, 10.1038/nmeth.3853).

    1 no effect, 0 standstill, below 0 loss of cells. NaN where the vehicle does not grow (time 0 included).
    """
    treated, vehicle = np.broadcast_arrays(
        np.asarray(log_cells, dtype=np.float64), np.asarray(log_cells_vehicle, dtype=np.float64)
    )
    result = np.full(treated.shape, np.nan)
    grows = vehicle > 0
    ratio = np.divide(treated, vehicle, out=np.zeros(treated.shape), where=grows)
    np.copyto(result, np.exp2(np.minimum(ratio, 1023.0)) - 1.0, where=grows & np.isfinite(treated))
    return result
