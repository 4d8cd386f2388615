"""Each statement of an evidence table as a smooth function of simulated wells: its value, residual and tolerance.

An interval is a one-sided penalty outside it; a measured row (kind `gr_measured`, both bounds given) is a
Gaussian around the middle of its interval, in GR units or log10 concentration, the interval being three
standard deviations each way. Half-concentrations are read off a few doses around the measured one (first
crossing, linear in log dose), grids off every second dose: a fraction of what the check simulates.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.calibration.well_layout import Reading, WellLayout
from screen.analysis.evidence.evidence_table import COMPARED, CURVE, Condition, Statement
from screen.analysis.evidence.statistics import standard_doses
from screen.arrays import Floats, Indices
from screen.pathway import Pathway
from screen.pathway.calibrated import MEASURED_KIND
from screen.pathway.growth import gr_value, viability

Value = Callable[[Reading], Floats]
SIGMA_GR = 0.35 / 3
SIGMA_LOG10 = math.log10(6) / 3
FALL = 0.35
"""GR units or viability lost a decade, assumed beyond the doses that were simulated."""
SMALL = 1e-9
LEAST_TOLD = {"viability": 0.01, "gr_value": 0.01}
"""No count of cells tells less of them from more, however near 0 the bound of a difference is."""


@dataclass(frozen=True)
class Criterion:
    """A statement's value (K,) on the scale that it is compared on, its interval there, and its tolerance, the
    standard deviation of its residual.

    `measured` is the middle of a measured row's interval, NaN where the row is a one-sided penalty.
    """

    value: Value
    lower: float
    upper: float
    tolerance: float
    measured: float = math.nan

    def residual(self, value: Floats, margin: float) -> Floats:
        """Standardised residual (K,), signed: from the measured value, or beyond the interval's bounds, which
        are moved inwards by `margin` tolerances where there is room.
        """
        if not math.isnan(self.measured):
            return (value - self.measured) / self.tolerance
        room = self._room(margin)
        low = np.minimum(value - (self.lower + room), 0.0)
        return (low + np.maximum(value - (self.upper - room), 0.0)) / self.tolerance

    def inside(self, value: float, margin: float) -> float:
        """How far inside its interval a value lies, in tolerances; 0 for a measured row."""
        if not math.isnan(self.measured):
            return 0.0
        room = self._room(margin)
        inside = min(value - (self.lower + room), (self.upper - room) - value)
        return max(inside / self.tolerance, 0.0)

    def bounds(self, margin: float) -> tuple[float, float]:
        """The interval, narrowed by `margin` tolerances where there is room."""
        room = self._room(margin)
        return self.lower + room, self.upper - room

    def _room(self, margin: float) -> float:
        return min(margin * self.tolerance, 0.25 * (self.upper - self.lower))


def criterion_of(statement: Statement, layout: WellLayout, pathway: Pathway) -> Criterion:
    """Lay out the wells of a statement and say what it is compared with."""
    lower = -math.inf if statement.lower is None else statement.lower
    upper = math.inf if statement.upper is None else statement.upper
    measured = statement.kind == MEASURED_KIND and math.isfinite(lower) and math.isfinite(upper)
    middle = (lower + upper) / 2 if measured else math.nan
    if statement.statistic in COMPARED:
        value = _compared(statement, layout)
        if statement.statistic == "ratio":
            tolerance = 0.02 if statement.observable == "viability" else 0.05
            return Criterion(_log(value), _log_bound(lower), _log_bound(upper), tolerance)
        bounds = [abs(bound) for bound in (lower, upper, 0.1) if math.isfinite(bound)]
        return Criterion(
            value, lower, upper, max(0.03 * max(bounds), LEAST_TOLD.get(statement.observable, 0.0))
        )
    if statement.statistic in ("ic50_nM", "gr50_nM"):
        value = _half(statement, layout)
        low, high = _log10(lower), _log10(upper)
        if measured:
            return Criterion(value, low, high, SIGMA_LOG10, (low + high) / 2)
        return Criterion(value, low, high, 0.05)
    if statement.statistic in CURVE:
        value = _top(statement, layout, pathway)
        tolerance = SIGMA_GR if statement.statistic == "gr_max" else 0.03
        return Criterion(value, lower, upper, tolerance, middle)
    return Criterion(_excess(statement, layout, pathway), lower, upper, 0.6)


def _viability(reading: Reading, well: int, vehicle: int, time: float) -> Floats:
    return viability(reading.log_cells(well, time), reading.log_cells(vehicle, time))


def _gr(reading: Reading, well: int, vehicle: int, time: float) -> Floats:
    return gr_value(reading.log_cells(well, time), reading.log_cells(vehicle, time))


def _log(value: Value) -> Value:
    return lambda reading: np.log(np.maximum(value(reading), SMALL))


def _log_bound(bound: float) -> float:
    return bound if math.isinf(bound) else math.log(max(bound, SMALL))


def _log10(bound: float) -> float:
    return bound if math.isinf(bound) else math.log10(max(bound, SMALL))


def _observed(observable: str, condition: Condition, layout: WellLayout) -> Value:
    well, vehicle = layout.well(condition, condition.treatment.doses), layout.well(condition, {})
    time = condition.time_h
    if observable == "viability":
        return lambda reading: _viability(reading, well, vehicle, time)
    if observable == "gr_value":
        return lambda reading: _gr(reading, well, vehicle, time)
    if observable == "growth_rate" and time > 0:
        return lambda reading: reading.log_cells(well, time) / time
    return lambda reading: reading.signal(well, time, observable)


def _compared(statement: Statement, layout: WellLayout) -> Value:
    test = _observed(statement.observable, statement.test, layout)
    if statement.statistic == "value":
        return test
    reference = _observed(statement.observable, statement.reference, layout)
    if statement.statistic == "difference":
        return lambda reading: test(reading) - reference(reading)
    return lambda reading: test(reading) / reference(reading)


def _doses_around(statement: Statement) -> Floats:
    """Doses, nM, that say where the half-concentration lies: about the interval's middle, or its one end."""
    lower, upper = statement.lower, statement.upper
    if lower and upper:
        return math.sqrt(lower * upper) * 6.0 ** np.array([-1.5, -0.75, 0.0, 0.75, 1.5])
    return np.array([0.25, 1.0, 4.0]) * (lower or upper or 100.0)


def _half(statement: Statement, layout: WellLayout) -> Value:
    """log10 of the concentration (nM) at which the response first falls to 0.5."""
    condition = statement.test
    [agent] = condition.treatment.swept
    doses = _doses_around(statement)
    background = condition.treatment.doses
    wells = [layout.well(condition, {**background, agent: float(dose)}) for dose in doses]
    vehicle = layout.well(condition, {})
    response = _viability if statement.statistic == "ic50_nM" else _gr
    place = np.log10(doses)

    def value(reading: Reading) -> Floats:
        curve = np.stack([response(reading, well, vehicle, condition.time_h) for well in wells], axis=1)
        return first_crossing(place, curve)

    return value


def first_crossing(place: Floats, curve: Floats, level: float = 0.5) -> Floats:
    """Where curves (..., n) first fall to `level`, over log10 doses (n,) or (..., n); extended at both ends by a
    constant slope, so that a curve that never falls there still says how far it is from falling.
    """
    doses = np.broadcast_to(place, curve.shape)
    first, inner, high, low = _around(curve, level)
    before, after = (np.take_along_axis(doses, spot, -1)[..., 0] for spot in (inner - 1, inner))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = before + high / (high - low) * (after - before)
    begun = doses[..., 0] + (curve[..., 0] - level) / FALL
    beyond = doses[..., -1] + (curve[..., -1] - level) / FALL
    found = np.where(first == 0, begun, np.where(first == curve.shape[-1], beyond, found))
    return np.where(np.isnan(curve).any(axis=-1), np.nan, found)


def crossing_slopes(place: Floats, curve: Floats, level: float = 0.5) -> Floats:
    """The slopes (..., n) of `first_crossing` by the curve."""
    count = curve.shape[-1]
    doses = np.broadcast_to(place, curve.shape)
    first, inner, high, low = _around(curve, level)
    gap = (np.take_along_axis(doses, inner, -1) - np.take_along_axis(doses, inner - 1, -1))[..., 0]
    within = (first > 0) & (first < count)
    fall = np.where(within, high - low, 1.0)
    found = np.zeros(curve.shape)
    np.put_along_axis(found, inner - 1, np.where(within, -low * gap / fall**2, 0.0)[..., None], -1)
    np.put_along_axis(found, inner, np.where(within, high * gap / fall**2, 0.0)[..., None], -1)
    found[..., 0] += (first == 0) / FALL
    found[..., -1] += (first == count) / FALL
    return found


def _around(curve: Floats, level: float) -> tuple[Indices, Indices, Floats, Floats]:
    """The first dose (...) at or below `level`, n where there is none; the dose after the crossing (..., 1) where it
    lies between two, and the curve less `level` before and after it (...).
    """
    count = curve.shape[-1]
    below = curve <= level
    first = np.where(below.any(axis=-1), below.argmax(axis=-1), count)
    inner = np.clip(first, 1, count - 1)[..., None]
    high = np.take_along_axis(curve, inner - 1, -1)[..., 0] - level
    low = np.take_along_axis(curve, inner, -1)[..., 0] - level
    return first, inner, high, low


def _top(statement: Statement, layout: WellLayout, pathway: Pathway) -> Value:
    condition = statement.test
    [agent] = condition.treatment.swept
    dose = float(standard_doses(pathway, agent, 8)[-1])
    top = layout.well(condition, {**condition.treatment.doses, agent: dose})
    vehicle, time = layout.well(condition, {}), condition.time_h
    if statement.statistic == "gr_max":
        return lambda reading: _gr(reading, top, vehicle, time)
    return lambda reading: 1 - _viability(reading, top, vehicle, time)


def _excess(statement: Statement, layout: WellLayout, pathway: Pathway) -> Value:
    """Mean excess in percent points over a coarse grid; Loewe and ZIP are approximated by Bliss."""
    condition = statement.test
    one, two = condition.treatment.swept
    first: Sequence[float] = [0.0, *standard_doses(pathway, one, 7)[::2]]
    second: Sequence[float] = [0.0, *standard_doses(pathway, two, 7)[::2]]
    background = condition.treatment.doses
    grid = [[layout.well(condition, {**background, one: a, two: b}) for b in second] for a in first]
    vehicle, time = layout.well(condition, {}), condition.time_h

    def value(reading: Reading) -> Floats:
        hit = 1 - np.array([[_viability(reading, well, vehicle, time) for well in row] for row in grid])
        expected = np.maximum(hit[:, :1], hit[:1])
        if statement.statistic != "hsa":
            expected = hit[:, :1] + hit[:1] - hit[:, :1] * hit[:1]
        excess = (hit - expected)[1:, 1:]
        by_set = np.ascontiguousarray(excess.reshape(-1, excess.shape[-1]).T)
        return np.asarray(100 * by_set.mean(axis=1))

    return value
