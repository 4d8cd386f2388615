"""Measured metrics of one drug read off few simulated doses, for many parameter sets at once.

What `screen.analysis.skill.predictions` reads off 33 doses is read off two a decade here, over the doses tested. A
response that does not reach a half goes on with a constant slope, so that it says how far it is from reaching it.
Cells of one metric on curves of one length are read together, as a calibration reads some thousand of them thousands
of times.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from screen.analysis.calibration.rows.residuals import crossing_slopes, first_crossing
from screen.analysis.calibration.well_layout import WellLayout
from screen.analysis.evidence.evidence_table import Condition, Treatment
from screen.analysis.skill.dose_ranges import DECADES, TOP_nM
from screen.analysis.skill.measured_table import CONCENTRATIONS, Cell
from screen.arrays import Floats, Indices
from screen.pathway import Pathway

PER_DECADE = 2
LEAST_GROWTH = 0.02
"""Growth of the control (ln cells) that GR values divide by at least."""
SPAN = (-1.2, 2.5)
"""Responses are kept within."""
SHALLOW = 0.2
"""Responses a decade, assumed: about a response's own error over that of a concentration. A curve that falls less says
little of where it crosses a half, and one that lies flat there jumps between doses. What is compared with a measured
concentration is therefore where the response, less this slope times the distance from what was measured, crosses: of a
steep curve the same, of a shallow one nearer to it, and a smooth function of the curve.
"""
FAR_BELOW, FAR_ABOVE = 5.5, 2.0
"""Concentrations are kept within so many decades below and above the top dose."""
Key = tuple[str, str, float]
Reads = Mapping[tuple[int, float], int]
"""The number of the reading of a well at a time."""


@dataclass(frozen=True)
class Curve:
    """Wells of one line, drug and time at log10 doses `place` (nM), and that of the vehicle."""

    place: Floats
    wells: tuple[int, ...]
    vehicle: int
    time_h: float


@dataclass(frozen=True, eq=False)
class CurveRows:
    """Rows (C,) of one metric on curves of n doses each: which readings (C, n) and controls (C,) of `WellSignals` they
    are read off, log10 nM of doses `place` (C, n) and of the top dose (C,), of concentrations what is taken off
    responses (C, n), and of metrics that are sums of responses the weights (C, n).
    """

    metric: str
    rows: Indices
    reads: Indices
    control: Indices
    place: Floats
    top: Floats
    tilt: Floats
    weights: Floats

    @classmethod
    def of(
        cls,
        metric: str,
        rows: Sequence[int],
        cells: Sequence[Cell],
        curves: Sequence[Curve],
        wells: Reads,
        shallow: float,
    ) -> Self:
        """`cells` and their `curves`, whose readings have the numbers `wells` says."""
        place = np.stack([curve.place for curve in curves])
        top = np.array([math.log10(top_of(cell.top_nM[0])) for cell in cells])
        decades = np.array([cell.decades for cell in cells])
        measured = np.array([cell.value for cell in cells])
        return cls(
            metric,
            np.array(rows, dtype=np.intp),
            np.array(
                [[wells[well, curve.time_h] for well in curve.wells] for curve in curves], dtype=np.intp
            ),
            np.array([wells[curve.vehicle, curve.time_h] for curve in curves], dtype=np.intp),
            place,
            top,
            shallow * (place - measured[:, None]),
            summed(metric, place, top, decades),
        )

    def values(self, log_cells: Floats, control: Floats) -> Floats:
        """The metric (K, C) of curves (K, C, n) and their controls (K, C), concentrations as log10 nM."""
        return self._found(responses(self.metric, log_cells, control)[0])

    def values_and_slopes(self, log_cells: Floats, control: Floats) -> tuple[Floats, Floats, Floats]:
        """The same with its slopes by curves (K, C, n) and by controls (K, C)."""
        response, by_cells, by_control = responses(self.metric, log_cells, control)
        found = self._found(response)
        if self.metric in CONCENTRATIONS:
            inside = (found > self.top - FAR_BELOW) & (found < self.top + FAR_ABOVE)
            turn = np.where(inside[..., None], crossing_slopes(self.place, response - self.tilt), 0.0)
        else:
            turn = np.broadcast_to(self.weights, response.shape)
        return found, turn * by_cells, (turn * by_control).sum(axis=-1)

    def _found(self, response: Floats) -> Floats:
        if self.metric in CONCENTRATIONS:
            crossing = first_crossing(self.place, response - self.tilt)
            return np.asarray(np.clip(crossing, self.top - FAR_BELOW, self.top + FAR_ABOVE))
        mean = np.asarray((response * self.weights).sum(axis=-1))
        return 1 + mean if self.metric == "GR_AOC" else mean


def lay_out_curves(cells: Sequence[Cell], layout: WellLayout, pathway: Pathway) -> dict[Key, Curve]:
    """The curves that single-agent cells are read off, one for each line, drug and time."""
    ends: dict[Key, tuple[float, float]] = {}
    for cell in cells:
        top = math.log10(top_of(cell.top_nM[0]))
        low, high = ends.get(key_of(cell), (math.inf, -math.inf))
        ends[key_of(cell)] = min(low, top - max(cell.decades, DECADES)), max(high, top)
    curves = {}
    for (line, drug, time_h), (low, high) in ends.items():
        place = np.linspace(low, high, math.ceil((high - low) * PER_DECADE - 1e-9) + 1)
        condition = Condition(pathway.cell_lines[line], Treatment({}, (drug,)), {}, time_h)
        wells = tuple(layout.well(condition, {drug: float(10.0**x)}) for x in place)
        curves[line, drug, time_h] = Curve(place, wells, layout.well(condition, {}), time_h)
    return curves


def curve_rows(
    cells: Sequence[Cell], curves: Mapping[Key, Curve], wells: Reads, shallow: float = 0.0
) -> tuple[CurveRows, ...]:
    """All cells, by metric and length of curve."""
    groups: dict[tuple[str, int], list[int]] = {}
    for row, cell in enumerate(cells):
        groups.setdefault((cell.metric, len(curves[key_of(cell)].place)), []).append(row)
    found = []
    for (metric, _), rows in groups.items():
        mine = [cells[row] for row in rows]
        found.append(
            CurveRows.of(metric, rows, mine, [curves[key_of(cell)] for cell in mine], wells, shallow)
        )
    return tuple(found)


def key_of(cell: Cell) -> Key:
    """The curve that a cell is read off."""
    return cell.line, cell.drugs[0], cell.time_h


def top_of(top_nM: float) -> float:
    """The top dose, or the usual one where it is not known (NaN)."""
    return TOP_nM if math.isnan(top_nM) else top_nM


def responses(metric: str, log_cells: Floats, control: Floats) -> tuple[Floats, Floats, Floats]:
    """Responses of curves (..., n) beside their controls (...), and their slopes by both (..., n): GR values, or
    growth or cells beside the control's.
    """
    grown = np.maximum(control, LEAST_GROWTH)[..., None]
    grows = np.asarray(control > LEAST_GROWTH, dtype=float)[..., None]
    with np.errstate(all="ignore"):
        if metric in ("GR50", "GRmax", "GR_AOC"):
            power = 2 ** (log_cells / grown)
            response, by_cells = power - 1, math.log(2) * power / grown
            by_control = -by_cells * log_cells / grown * grows
        elif metric == "GI50":
            whole = np.expm1(grown)
            response, by_cells = np.expm1(log_cells) / whole, np.exp(log_cells) / whole
            by_control = -response * (whole + 1) / whole * grows
        else:
            response = np.exp(log_cells - control[..., None])
            by_cells, by_control = response, -response
    inside = (response > SPAN[0]) & (response < SPAN[1])
    clipped = np.clip(response, *SPAN)
    return clipped, np.where(inside, by_cells, 0.0), np.where(inside, by_control, 0.0)


def summed(metric: str, place: Floats, top: Floats, decades: Floats) -> Floats:
    """The weights (C, n) of responses at log10 doses `place` (C, n) in metrics that are sums: the response at the top
    dose, or its mean over so many decades below (less than 0 where the area is above the curve); NaN for others.
    """
    count = place.shape[1]
    if metric in CONCENTRATIONS:
        return np.full(place.shape, np.nan)
    if metric in ("GRmax", "Emax"):
        return _at(place, top[:, None])[:, 0]
    over = np.linspace(top - decades, top, count, axis=1)
    share = np.ones(count) / (count - 1)
    share[[0, -1]] *= 0.5
    mean = np.einsum("o,con->cn", share, _at(place, over))
    return np.asarray(-mean if metric == "GR_AOC" else mean)


def _at(place: Floats, over: Floats) -> Floats:
    """The weights (C, o, n) of responses at log10 doses `over` (C, o), linear between `place` (C, n) and constant
    beyond.
    """
    count = place.shape[1]
    found = np.zeros((*over.shape, count))
    for row, (mine, doses) in enumerate(zip(place, over, strict=True)):
        spot = np.clip(np.searchsorted(mine, doses, side="right") - 1, 0, count - 2)
        share = np.clip((doses - mine[spot]) / (mine[spot + 1] - mine[spot]), 0, 1)
        found[row, np.arange(len(doses)), spot] = 1 - share
        found[row, np.arange(len(doses)), spot + 1] = share
    return found
