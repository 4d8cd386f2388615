"""Metrics of a curve whose answer is known by hand, and of the model against the evidence check."""

import math
from pathlib import Path

import numpy as np
import pytest

from screen.analysis.evidence.check import check
from screen.analysis.evidence.evidence_table import read_evidence
from screen.analysis.skill.measured_table import Cell
from screen.analysis.skill.predictions import CURVE_nM, first_crossing, metric, predict
from screen.pathway import Assay, load_pathway
from screen.pathway.names import SIGNALS

DOUBLINGS = 2.0
CONTROL = DOUBLINGS * math.log(2)


def hill_gr(midpoint_nM: float, floor: float) -> np.ndarray:
    """Log cell numbers whose GR values follow a Hill curve from 1 down to `floor`."""
    gr = floor + (1 - floor) / (1 + CURVE_nM / midpoint_nM)
    return np.log2(gr + 1) * CONTROL


def test_gr_metrics_of_a_hill_curve() -> None:
    curve = hill_gr(10.0, 0.0)
    assert metric("GR50", curve, CONTROL, math.nan) == pytest.approx(1.0, abs=0.01)
    assert metric("GRmax", curve, CONTROL, 10.0) == pytest.approx(0.5, abs=0.01)
    area = math.log10((1 + 1e4 / 10) / (1 + 1 / 10)) / 4  # over 1 nM to 10 uM
    assert metric("GR_AOC", curve, CONTROL, math.nan) == pytest.approx(area, abs=0.01)


def test_half_of_the_added_cells_is_not_half_of_the_cells() -> None:
    log_cells = np.log(
        np.interp(np.log10(CURVE_nM), [0, 4], [4.0, 1.0])
    )  # 4 cells of one, down to none added
    half_added = metric("GI50", log_cells, math.log(4), math.nan)
    half_left = metric("IC50", log_cells, math.log(4), math.nan)
    assert half_added == pytest.approx(2.0, abs=0.02)
    assert half_left == pytest.approx(4 * 2 / 3, abs=0.02)


def test_an_effect_that_is_not_reached_is_infinite() -> None:
    flat = np.full(len(CURVE_nM), CONTROL)
    assert metric("IC50", flat, CONTROL, math.nan) == math.inf
    assert metric("AUC", flat, CONTROL, math.nan) == pytest.approx(1.0)
    assert first_crossing(np.array([0.0, 1.0]), np.array([0.2, 0.1])) == -math.inf


def left(midpoint_nM: float, least: float) -> np.ndarray:
    """Log cell numbers of a viability that falls from 1 to `least`, half way at `midpoint_nM`."""
    return CONTROL + np.log(least + (1 - least) / (1 + CURVE_nM / midpoint_nM))


def test_of_a_fitted_source_ic50_is_the_midpoint_of_its_fit_though_more_than_half_of_the_cells_are_left() -> (
    None
):
    shallow = left(100.0, 0.6)
    assert metric("IC50", shallow, CONTROL, 1000.0, 2.0) == math.inf
    assert metric("IC50", shallow, CONTROL, 1000.0, 2.0, fitted=True) == pytest.approx(2.0, abs=0.02)
    assert metric("Emax", shallow, CONTROL, 1000.0, 2.0, fitted=True) == pytest.approx(0.6, abs=0.01)
    assert metric("Emax", shallow, CONTROL, 1000.0, 2.0) > 0.63  # at the top dose, which is not the end
    assert metric("AUC", shallow, CONTROL, 1000.0, 2.0, fitted=True) == metric(
        "AUC", shallow, CONTROL, 1000.0, 2.0
    )


def test_a_midpoint_outside_the_doses_stands_at_their_end() -> None:
    flat = np.full(len(CURVE_nM), CONTROL)
    assert metric("IC50", flat, CONTROL, 1000.0, 2.0, fitted=True) == pytest.approx(3.0)
    assert metric("IC50", left(5e4, 0.0), CONTROL, 1000.0, 2.0, fitted=True) == pytest.approx(3.0)
    assert metric("IC50", left(0.1, 0.2), CONTROL, 1000.0, 2.0, fitted=True) == pytest.approx(1.0)


def test_a_line_that_does_not_grow_has_no_gr_value() -> None:
    assert math.isnan(metric("GRmax", np.zeros(len(CURVE_nM)), 0.0, math.nan))


def test_the_evidence_check_reads_the_same_numbers(tmp_path: Path) -> None:
    pathway = load_pathway()
    assay = Assay.compile(pathway, SIGNALS)
    cells = [
        Cell("lab", "SKBR3", ("lapatinib",), "GR50", 72.0, 0, 0, 1, (math.nan,)),
        Cell("lab", "BT474", ("alpelisib",), "GRmax", 72.0, 0, 0, 1, (math.nan,)),
    ]
    table = tmp_path / "evidence.csv"
    table.write_text(
        "id,kind,cell_line,treatment,perturbation,time_h,ref_cell_line,ref_treatment,ref_perturbation,ref_time_h,"
        "observable,statistic,lower,upper,confidence,source,note\n"
        "1,k,SKBR3,lapatinib,,72,,,,,gr_value,gr50_nM,1,2,,,\n"
        "2,k,BT474,alpelisib,,72,,,,,gr_value,gr_max,0,1,,,\n"
    )
    checked = check(read_evidence(table, pathway), pathway, assay)
    found = predict(assay, cells)
    assert found[0] == pytest.approx(math.log10(checked[0].value), abs=0.02)
    assert found[1] == pytest.approx(checked[1].value, abs=1e-3)
