"""Single-agent dose-response curves of a whole batch, in the two forms that the reference models need: fitted
four-parameter log-logistic curves, and monotone curves through the observed values.

`fit` smooths the noise of a plate and is what other tools use. `monotone` passes through (the isotonic
regression of) the values themselves: for simulated wells, which carry no noise, any residual of a
four-parameter curve would turn into synergy that is not there. Between the doses it interpolates with the
fitted sigmoid as the coordinate, so for a curve that is a sigmoid both forms are the same function.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats, Indices
from screen.synergy.curves.fit_sigmoids import fit_sigmoids
from screen.synergy.curves.isotonic import isotonic, monotone_slopes, nearest_present
from screen.synergy.curves.meeting import roots
from screen.synergy.curves.sigmoid import Sigmoids, sigmoid

SingleAgent = Literal["fit", "monotone"]
CurveFit = Literal["drc", "least-squares"]
"""What a fitted curve is: where R's drc ends, as in SynergyFinder, or that of least squares. Unless one is
asked for, Loewe chooses curve by curve (`plate_curves`)."""
MIN_DOSES = 3
REACH = 60.0


class Curves(Protocol):
    """A batch of curves `(curve,)`, falling or rising monotonically from `start` to `end`."""

    @property
    def start(self) -> Floats: ...
    @property
    def end(self) -> Floats: ...
    @property
    def fit(self) -> Sigmoids: ...
    @property
    def doses(self) -> Indices: ...
    def response(self, log_dose: Floats, lane: Indices) -> Floats:
        """Responses of the curves `lane` at `log_dose`, same shape each; `-inf` is no dose, `inf` endless."""
        ...

    def log_dose(self, response: Floats, lane: Indices) -> Floats:
        """Log doses `(point,)` at which the curves `lane` reach `response`: `-inf` where they start beyond
        it, `inf` where they never do."""
        ...

    def rows(self) -> Floats:
        """What the compiled search reads of every curve, `(curve, row)`; see `meeting.roots`."""
        ...


@dataclass(frozen=True)
class FittedCurves:
    """`fit`: the sigmoids, NaN where a curve has fewer than 3 doses above 0; `doses`: how many it has."""

    fit: Sigmoids
    doses: Indices

    @property
    def start(self) -> Floats:
        return self.fit.start

    @property
    def end(self) -> Floats:
        return self.fit.end

    def response(self, log_dose: Floats, lane: Indices) -> Floats:
        fit = self.fit
        s = sigmoid(log_dose, fit.midpoint[lane], fit.hill[lane])
        start = fit.start[lane]
        return start + (fit.end[lane] - start) * s

    def log_dose(self, response: Floats, lane: Indices) -> Floats:
        fit = self.fit
        start, end = fit.start[lane], fit.end[lane]
        with np.errstate(divide="ignore", invalid="ignore"):
            s = (response - start) / (end - start)
            x = fit.midpoint[lane] + np.log(s / (1 - s)) / fit.hill[lane]
        return np.where(s <= 0, -np.inf, np.where(s >= 1, np.inf, x))

    def rows(self) -> Floats:
        """A sigmoid is a straight line in its own coordinate."""
        fit = self.fit
        none, rise = np.zeros(len(fit.hill)), fit.end - fit.start
        knots = (none, none + 1, fit.start, fit.end, rise, rise)
        return np.column_stack([fit.midpoint, fit.hill, none, none, *knots])


@dataclass(frozen=True)
class MonotoneCurves:
    """Monotone cubics through knots `(curve, knot)` in a coordinate that runs from 0 (no dose) to 1
    (endless)."""

    fit: Sigmoids
    doses: Indices
    coordinate: Floats
    value: Floats
    slope: Floats
    middle: Floats
    blend: Floats

    @property
    def start(self) -> Floats:
        return self.value[:, 0]

    @property
    def end(self) -> Floats:
        return self.value[:, -1]

    def response(self, log_dose: Floats, lane: Indices) -> Floats:
        u = _coordinate(
            log_dose, self.fit.midpoint[lane], self.fit.hill[lane], self.middle[lane], self.blend[lane]
        )
        inside = self.coordinate[:, 1:-1]
        left = np.zeros(u.shape, dtype=np.intp)
        for k in range(inside.shape[1]):
            left += u >= inside[lane, k]
        right = left + 1
        u0, u1 = self.coordinate[lane, left], self.coordinate[lane, right]
        y0, y1 = self.value[lane, left], self.value[lane, right]
        width = np.maximum(u1 - u0, 1e-300)
        t = np.clip((u - u0) / width, 0.0, 1.0)
        bend_0 = self.slope[lane, left] * width - (y1 - y0)
        bend_1 = self.slope[lane, right] * width - (y1 - y0)
        values: Floats = y0 + (y1 - y0) * t + t * (1 - t) * (bend_0 * (1 - t) - bend_1 * t)
        return values

    def log_dose(self, response: Floats, lane: Indices) -> Floats:
        start, end = self.start[lane], self.end[lane]
        with np.errstate(divide="ignore", invalid="ignore"):
            s = (response - start) / (end - start)
        result = np.where(s <= 0, -np.inf, np.where(s >= 1, np.inf, np.nan))
        inside = np.flatnonzero((s > 0) & (s < 1))
        if inside.size:
            who, sign = lane[inside], np.sign(end - start)[inside]
            middle = self.middle[who]
            searched = (np.zeros(len(who)), response[inside], sign, middle - REACH, middle + REACH)
            result[inside], _ = roots(searched, [(self.rows(), who)])
        return result

    def rows(self) -> Floats:
        of_a_curve = (self.fit.midpoint, self.fit.hill, self.middle, self.blend)
        return np.column_stack([*of_a_curve, self.coordinate, self.value, self.slope])


def fit_curves(conc: Floats, response: Floats, kind: SingleAgent = "fit", lower_bound: float = 0.0) -> Curves:
    """Curves for responses `(curve, dose)` at concentrations `(curve, dose)`, 0 included, NaN where missing.

    `lower_bound` is the lowest value that the readout can have (0 for viability, -1 for GR values): it bounds
    what a curve may become beyond the doses tested, as does the highest value seen plus the curve's range.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log(conc)
    usable = np.isfinite(response) & ~np.isnan(x)
    doses = (usable & np.isfinite(x)).sum(axis=1)
    y = np.where(usable & (doses >= MIN_DOSES)[:, None], response, np.nan)
    low, high = end_bounds(y, lower_bound)
    fit = fit_sigmoids(x, y, (low, high))
    if kind == "fit":
        return FittedCurves(fit, doses)
    return _monotone(x, y, doses, fit, low)


def end_bounds(response: Floats, lower_bound: float) -> tuple[Floats, Floats]:
    """What a curve through `response` `(curve, dose)` may become at endless dose: not below `lower_bound` or
    the lowest value seen, not above the highest one by more than the range."""
    lowest = np.where(np.isnan(response), np.inf, response).min(axis=1, initial=np.inf)
    highest = np.where(np.isnan(response), -np.inf, response).max(axis=1, initial=-np.inf)
    empty = ~np.isfinite(lowest)
    lowest, highest = np.where(empty, 0.0, lowest), np.where(empty, 1.0, highest)
    return np.minimum(lower_bound, lowest), highest + (highest - lowest)


def _coordinate(log_dose: Floats, midpoint: Floats, hill: Floats, middle: Floats, blend: Floats) -> Floats:
    broad = sigmoid(log_dose, middle, np.array(0.5))
    return (sigmoid(log_dose, midpoint, hill) + blend * broad) / (1 + blend)


def _monotone(x: Floats, y: Floats, doses: Indices, fit: Sigmoids, lower_bound: Floats) -> MonotoneCurves:
    present = np.isfinite(y)
    value, _ = isotonic(y)
    spread = np.where(present, value, -np.inf).max(axis=1) - np.where(present, value, np.inf).min(axis=1)
    spread = np.where(np.isfinite(spread), spread, 0.0)
    error = np.sqrt(fit.rss / np.maximum(present.sum(axis=1), 1))
    blend = np.clip(10 * error / np.maximum(spread, 1e-9), 0.0, 10.0)
    dosed = present & np.isfinite(x)
    low, high = np.where(dosed, x, np.inf).min(axis=1), np.where(dosed, x, -np.inf).max(axis=1)
    some = dosed.any(axis=1)
    middle = 0.5 * (np.where(some, low, 0.0) + np.where(some, high, 0.0))
    u = _coordinate(x, fit.midpoint[:, None], fit.hill[:, None], middle[:, None], blend[:, None])
    u, value = _fill(u, value, present)
    slope = monotone_slopes(u, value)
    beyond = value[:, -1] + slope[:, -1] * (1 - u[:, -1])
    top = value.max(axis=1) + spread
    beyond = np.clip(beyond, np.minimum(lower_bound, value[:, -1]), np.maximum(top, value[:, -1]))
    u, value = np.column_stack([u, np.ones(len(u))]), np.column_stack([value, beyond])
    return MonotoneCurves(fit, doses, u, value, monotone_slopes(u, value), middle, blend)


def _fill(u: Floats, value: Floats, present: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Give a missing point the coordinate and value of the point before it: a knot of no width."""
    source = nearest_present(present)
    return np.take_along_axis(u, source, 1), np.take_along_axis(value, source, 1)


def at_doses(curves: Curves, conc: Floats) -> Floats:
    """The curves at their own doses, `(curve, dose)`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log(conc)
    return curves.response(x, np.arange(len(x))[:, None])
