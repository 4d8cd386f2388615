"""The single-agent curves of measured wells that Loewe rests on. Where the data cannot tell R's drc's curve
from that of least squares, drc's, which the field's tool takes; where they can, that of least squares.

"Cannot tell" means a sum of squares at most a thousandth larger: of n wells the log-likelihood of normal
errors falls by n / 2000, which no test would see. It is the case where drc's search arrived, and on flat
valleys: two wells between plateaus leave the midpoint of a steep curve open, and any choice is a convention.
It is not where drc's search ended far off, nor on exact data, which drc leaves at 1e-9 and least squares at
1e-20. drc's curve must also stay within the bounds of `end_bounds` at endless dose.
"""

import numpy as np

from screen.arrays import Floats
from screen.synergy.curves.drc import drc_sigmoids
from screen.synergy.curves.sigmoid import Sigmoids
from screen.synergy.curves.single_agent import Curves, FittedCurves, end_bounds

AS_GOOD = 1e-3


def plate_curves(conc: Floats, response: Floats, least: Curves, lower_bound: float = 0.0) -> FittedCurves:
    """Curves for responses `(curve, dose)` at concentrations `(curve, dose)`, NaN where missing; `least`
    are those of least squares."""
    theirs, ours = drc_sigmoids(conc, response).fit, least.fit
    low, high = end_bounds(response, lower_bound)
    with np.errstate(invalid="ignore"):
        taken = (theirs.rss <= (1 + AS_GOOD) * ours.rss) & (low <= theirs.end) & (theirs.end <= high)
    pairs = ((getattr(theirs, name), getattr(ours, name)) for name in Sigmoids.__dataclass_fields__)
    return FittedCurves(Sigmoids(*(np.where(taken, *pair) for pair in pairs)), least.doses)
