"""Metrics read off nine doses are those of the finer curve that skill is scored by."""

import math

import numpy as np
import pytest

from screen.analysis.calibration.rows.curve_metrics import (
    SHALLOW,
    Curve,
    CurveRows,
    lay_out_curves,
)
from screen.analysis.calibration.well_layout import WellLayout
from screen.analysis.skill.measured_table import SINGLE, Cell
from screen.analysis.skill.predictions import CURVE_nM, metric
from screen.arrays import Floats
from screen.pathway import load_pathway

CONTROL = 1.1


def log_cells(dose_nM: Floats) -> Floats:
    """A Hill curve that ends below the number of cells at the start."""
    return np.asarray(CONTROL - 1.5 / (1 + (80 / dose_nM) ** 1.2))


def row(
    name: str, place: Floats, top_nM: float = math.nan, measured: float = 2.0, shallow: float = 0.0
) -> CurveRows:
    """One row of one curve."""
    cell = Cell("a", "SKBR3", ("lapatinib",), name, 72.0, measured, 0, 1.0, (top_nM,))
    curve = Curve(place, tuple(range(len(place))), len(place), 72.0)
    reads = {(well, 72.0): well for well in range(len(place) + 1)}
    return CurveRows.of(name, [0], [cell], [curve], reads, shallow)


def read(one: CurveRows, curve: Floats) -> Floats:
    """Its value (K,) of curves (K, n)."""
    return one.values(curve[:, None], np.full((len(curve), 1), CONTROL))[:, 0]


@pytest.mark.parametrize("top_nM", [math.nan, 3000.0])
@pytest.mark.parametrize("name", SINGLE)
def test_nine_doses_tell_what_the_fine_curve_does(name: str, top_nM: float) -> None:
    place = np.linspace(0, 4, 9)
    found = read(row(name, place, top_nM), log_cells(10**place)[None])[0]
    assert found == pytest.approx(metric(name, log_cells(CURVE_nM), CONTROL, top_nM), abs=0.06)


@pytest.mark.parametrize("shallow", [0.0, SHALLOW])
@pytest.mark.parametrize("name", SINGLE)
def test_slopes_by_each_well_and_the_control_are_the_derivatives(name: str, shallow: float) -> None:
    place = np.linspace(0, 4, 9)
    one = row(name, place, 3000.0, 2.5, shallow)
    curve, control = log_cells(10**place)[None, None], np.full((1, 1), CONTROL)
    value, by_curve, by_control = one.values_and_slopes(curve, control)
    assert value == one.values(curve, control)
    for well in range(9):
        moved = curve + 1e-6 * np.eye(9)[well]
        difference = (one.values(moved, control) - value) / 1e-6
        assert by_curve[0, 0, well] == pytest.approx(difference[0, 0], abs=1e-4)
    assert by_control[0, 0] == pytest.approx(
        (one.values(curve, control + 1e-6) - value)[0, 0] / 1e-6, abs=1e-4
    )


def test_a_curve_that_falls_too_little_says_how_far_it_is_from_a_half() -> None:
    place = np.linspace(0, 4, 9)
    found = read(row("GR50", place), np.array([np.full(9, CONTROL), np.full(9, CONTROL - 0.3)]))
    assert 4 < found[1] < found[0] <= 6
    assert np.isnan(read(row("GR50", place), np.full((1, 9), np.nan))[0])


def test_a_flat_curve_s_crossing_jumps_and_what_is_compared_does_not() -> None:
    """A plateau at a half of the growth falls through it at all doses at once."""
    place = np.linspace(0, 4, 9)
    half = CONTROL * math.log2(1.5)
    fall = np.linspace(0, -1e-3, 9)
    plateaus = np.array([half + lift + fall for lift in np.linspace(-5e-3, 5e-3, 41)])
    assert np.abs(np.diff(read(row("GR50", place), plateaus))).max() > 0.5
    smooth = read(row("GR50", place, measured=2.0, shallow=SHALLOW), plateaus)
    assert np.abs(np.diff(smooth)).max() < 0.01
    assert np.abs(smooth - 2.0).max() < 0.1, "it says little of where the curve crosses"


def test_of_a_steep_curve_nearly_the_crossing_itself_is_compared() -> None:
    place = np.linspace(0, 4, 9)
    curve = np.where(place < 2.2, CONTROL, -0.5)[None]
    plain = read(row("GR50", place), curve)[0]
    assert read(row("GR50", place, measured=3.0, shallow=SHALLOW), curve)[0] == pytest.approx(plain, abs=0.06)


def test_one_curve_serves_all_metrics_and_sources_of_a_line_and_drug() -> None:
    def cell(source: str, name: str, top_nM: float, time_h: float = 72.0) -> Cell:
        return Cell(source, "SKBR3", ("lapatinib",), name, time_h, 1.0, 0, 1.0, (top_nM,))

    layout = WellLayout()
    cells = [cell("a", "GR50", math.nan), cell("b", "GRmax", 3e4), cell("a", "GR50", math.nan, 120.0)]
    curves = lay_out_curves(cells, layout, load_pathway())
    assert len(curves) == 2
    assert curves["SKBR3", "lapatinib", 72.0].place[[0, -1]] == pytest.approx([0, 4.477], abs=1e-3)
    assert len(layout.wells) == 10 + 9, "both times share the vehicle and the lowest dose"
