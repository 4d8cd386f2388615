"""Metrics read off nine doses are those of the finer curve that skill is scored by."""

import math

import numpy as np
import pytest

from screen.analysis.calibration.rows.curve_metrics import curve_metric, lay_out_curves
from screen.analysis.calibration.well_layout import WellLayout
from screen.analysis.skill.measured_table import SINGLE, Cell
from screen.analysis.skill.predictions import CURVE_nM, metric
from screen.arrays import Floats
from screen.pathway import load_pathway

CONTROL = 1.1


def log_cells(dose_nM: Floats) -> Floats:
    """A Hill curve that ends below the number of cells at the start."""
    return np.asarray(CONTROL - 1.5 / (1 + (80 / dose_nM) ** 1.2))


@pytest.mark.parametrize("top_nM", [math.nan, 3000.0])
@pytest.mark.parametrize("name", SINGLE)
def test_nine_doses_tell_what_the_fine_curve_does(name: str, top_nM: float) -> None:
    place = np.linspace(0, 4, 9)
    top = 4.0 if math.isnan(top_nM) else math.log10(top_nM)
    found = curve_metric(name, place, log_cells(10**place)[None], np.array([CONTROL]), top)[0]
    fine = metric(name, log_cells(CURVE_nM), CONTROL, top_nM)
    assert found == pytest.approx(fine, abs=0.06)


def test_a_curve_that_falls_too_little_says_how_far_it_is_from_a_half() -> None:
    place = np.linspace(0, 4, 9)
    flat = np.array([np.full(9, CONTROL), np.full(9, CONTROL - 0.3)])
    found = curve_metric("GR50", place, flat, np.array([CONTROL, CONTROL]), 4.0)
    assert 4 < found[1] < found[0] <= 6
    failed = curve_metric("GR50", place, np.full((1, 9), np.nan), np.array([CONTROL]), 4.0)
    assert np.isnan(failed[0])


def test_one_curve_serves_all_metrics_and_sources_of_a_line_and_drug() -> None:
    def cell(source: str, name: str, top_nM: float, time_h: float = 72.0) -> Cell:
        return Cell(source, "SKBR3", ("lapatinib",), name, time_h, 1.0, 0, 1.0, (top_nM,))

    layout = WellLayout()
    cells = [cell("a", "GR50", math.nan), cell("b", "GRmax", 3e4), cell("a", "GR50", math.nan, 120.0)]
    curves = lay_out_curves(cells, layout, load_pathway())
    assert len(curves) == 2
    assert curves["SKBR3", "lapatinib", 72.0].place[[0, -1]] == pytest.approx([0, 4.477], abs=1e-3)
    assert len(layout.wells) == 10 + 9, "both times share the vehicle and the lowest dose"
