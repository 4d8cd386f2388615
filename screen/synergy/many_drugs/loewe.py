"""Loewe additivity of three and more drugs: the response y at which the doses over the doses needed alone sum
to 1, `sum of d_k / D_k(y) = 1`. Berenbaum 1985, doi:10.1016/S0022-5193(85)80176-4. A drug that cannot reach y
counts for nothing, as in the pair's model (`loewe`).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.synergy.curves.roots import find_roots
from screen.synergy.curves.single_agent import Curves


def additive_of_many(doses: Sequence[Floats], curves: Sequence[Curves]) -> Floats:
    """Expected viability, of the common shape of `doses` `(matrix, ...)`, which broadcast against each other;
    NaN where a dose is 0 or a curve is unknown."""
    with np.errstate(divide="ignore"):
        logs = np.broadcast_arrays(*(np.log(dose) for dose in doses))
    shape = logs[0].shape
    cells = np.flatnonzero(np.isfinite(np.sum(logs, axis=0)).ravel())
    lane = cells // int(np.prod(shape[1:]))
    x = [log.ravel()[cells] for log in logs]
    starts = np.array([curve.start for curve in curves])[:, lane]
    ends = np.array([curve.end for curve in curves])[:, lane]
    able = ends < starts

    def gap(y: Floats, cell: NDArray[np.intp]) -> Floats:
        total = np.zeros(len(y))
        for k, curve in enumerate(curves):
            with np.errstate(invalid="ignore", over="ignore"):
                term = np.exp(x[k][cell] - curve.log_dose(y, lane[cell]))
            total = total + np.where(able[k][cell], term, 0.0)
        return 0.5 - 1 / (1 + total)

    high, low = np.where(able, starts, -np.inf).max(axis=0), np.where(able, ends, np.inf).min(axis=0)
    known = np.isfinite(starts + ends).all(axis=0)
    alone = [curve.response(x[k], lane) for k, curve in enumerate(curves)]
    solved = np.where(known, np.mean(alone, axis=0), np.nan)
    open_ = np.flatnonzero(known & able.any(axis=0))
    solved[open_] = find_roots(lambda y, cell: gap(y, open_[cell]), low[open_], high[open_])
    expected = np.full(int(np.prod(shape)), np.nan)
    expected[cells] = solved
    return expected.reshape(shape)
