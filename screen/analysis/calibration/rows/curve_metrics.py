"""Measured metrics of one drug read off few simulated doses, for many parameter sets at once.

What `screen.analysis.skill.predictions` reads off 33 doses is read off two a decade here, over the doses tested. A
response that does not reach a half goes on with a constant slope, so that it says how far it is from reaching it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.calibration.rows.residuals import first_crossing
from screen.analysis.calibration.well_layout import WellLayout, WellSignals
from screen.analysis.evidence.evidence_table import Condition, Treatment
from screen.analysis.skill.dose_ranges import DECADES, TOP_nM
from screen.analysis.skill.measured_table import CONCENTRATIONS, Cell
from screen.arrays import Floats
from screen.pathway import Pathway

PER_DECADE = 2
LEAST_GROWTH = 0.02
"""Growth of the control (ln cells) that GR values divide by at least."""
SPAN = (-1.2, 2.5)
"""Responses are kept within."""
FAR_BELOW, FAR_ABOVE = 5.5, 2.0
"""Concentrations are kept within so many decades below and above the top dose."""
Key = tuple[str, str, float]


@dataclass(frozen=True)
class Curve:
    """Wells of one line, drug and time at log10 doses `place` (nM), and that of the vehicle."""

    place: Floats
    wells: tuple[int, ...]
    vehicle: int
    time_h: float

    def metric(self, reading: WellSignals, name: str, top_nM: float, decades: float) -> Floats:
        """A metric (K,), concentrations as log10 nM; areas and effects end at `top_nM` (NaN: 10 uM), areas begin so
        many `decades` below it.
        """
        log_cells = np.stack([reading.log_cells(well, self.time_h) for well in self.wells], axis=1)
        control = reading.log_cells(self.vehicle, self.time_h)
        return curve_metric(name, self.place, log_cells, control, math.log10(top_of(top_nM)), decades)


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


def key_of(cell: Cell) -> Key:
    """The curve that a cell is read off."""
    return cell.line, cell.drugs[0], cell.time_h


def top_of(top_nM: float) -> float:
    """The top dose, or the usual one where it is not known (NaN)."""
    return TOP_nM if math.isnan(top_nM) else top_nM


def curve_metric(
    name: str, place: Floats, log_cells: Floats, control: Floats, top: float, decades: float = DECADES
) -> Floats:
    """A metric (K,) of curves `log_cells` (K, doses) and their `control` (K,); `top` is the log10 of the top dose."""
    with np.errstate(all="ignore"):
        if name in ("GR50", "GRmax", "GR_AOC"):
            response = 2 ** (log_cells / np.maximum(control, LEAST_GROWTH)[:, None]) - 1
        elif name == "GI50":
            response = np.expm1(log_cells) / np.expm1(np.maximum(control, LEAST_GROWTH))[:, None]
        else:
            response = np.exp(log_cells - control[:, None])
    response = np.clip(response, *SPAN)
    if name in CONCENTRATIONS:
        return np.clip(first_crossing(place, response), top - FAR_BELOW, top + FAR_ABOVE)
    if name in ("GRmax", "Emax"):
        return _at(place, response, np.array([top]))[:, 0]
    over = np.linspace(top - decades, top, len(place))
    parts = _at(place, response, over).T
    mean = np.asarray((sum(parts[1:-1]) + 0.5 * (parts[0] + parts[-1])) / (len(parts) - 1))
    return 1 - mean if name == "GR_AOC" else mean


def _at(place: Floats, response: Floats, over: Floats) -> Floats:
    """Responses (K, doses) at log10 doses `over`, linear between `place` and constant beyond."""
    spot = np.clip(np.searchsorted(place, over, side="right") - 1, 0, len(place) - 2)
    share = np.clip((over - place[spot]) / (place[spot + 1] - place[spot]), 0, 1)
    return np.asarray(response[:, spot] * (1 - share) + response[:, spot + 1] * share)
