"""The re-sensitisation dose against closed forms, and its edges: already there, never, not known."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.cube_view.view import CubeView
from screen.report.findings.anchor_effect import TRASTUZUMAB_nM, interpolate_dose
from screen.report.findings.findings import Findings
from screen.report.findings.resensitisation import first_crossing, goal, recovery_of
from screen.report.page.html import render

LEVELS = np.array([0.0, 1.0, 10.0, 100.0])[None, None]


def crossing(course: list[float], reference: float) -> float:
    ratios = np.array(course)[None, None, :, None]
    return float(first_crossing(ratios, LEVELS, np.array([[reference]]))[0, 0, 0])


def test_crossing_is_linear_in_log_dose() -> None:
    assert crossing([1.0, 0.9, 0.5, 0.3], 0.7) == pytest.approx(10**0.5)


def test_crossing_below_the_lowest_dose_is_linear_in_dose() -> None:
    assert crossing([1.0, 0.5, 0.4, 0.3], 0.75) == pytest.approx(0.5)


def test_already_sensitive_never_and_unknown() -> None:
    assert crossing([0.6, 0.5, 0.4, 0.3], 0.7) == 0
    assert crossing([1.0, 0.9, 0.9, 0.8], 0.7) == np.inf
    assert np.isnan(crossing([1.0, np.nan, 0.5, 0.3], 0.7))
    assert np.isnan(crossing([1.0, 0.9, 0.5, 0.3], np.nan))
    assert crossing([1.0, 0.9, 0.5, np.nan], 0.7) == pytest.approx(10**0.5)


def test_interpolation_hits_grid_doses_and_ends_exactly() -> None:
    levels = np.array([0.0, 1.0, 10.0])
    values = np.array([1.0, 0.8, 0.2])[:, None, None]
    for dose, expected in ((0.5, 0.9), (1.0, 0.8), (10**0.5, 0.5), (10.0, 0.2), (99.0, 0.2)):
        assert interpolate_dose(values, levels, dose)[0, 0] == pytest.approx(expected)


def test_a_failed_neighbour_does_not_reach_a_dose_on_the_grid() -> None:
    values = np.array([1.0, 0.8, np.nan])[:, None, None]
    assert interpolate_dose(values, np.array([0.0, 1.0, 10.0]), 1.0)[0, 0] == pytest.approx(0.8)


@pytest.fixture(scope="module")
def screen(make_cube: Callable[..., xr.DataTree]) -> CubeView:
    return read_screen(make_cube(failures=False))


def test_trastuzumab_stands_at_ten_micrograms_per_millilitre(screen: CubeView) -> None:
    assert recovery_of(screen).anchor_nM == pytest.approx(67.57, abs=0.01)
    assert pytest.approx(TRASTUZUMAB_nM * 148e3 / 1e9) == 10e-3


def test_parents_and_the_median_sensitive_line_are_the_reference(screen: CubeView) -> None:
    recovery = recovery_of(screen)
    child, parent = screen.lines.index("SKBR3-pool2"), screen.lines.index("SKBR3")
    np.testing.assert_array_equal(recovery.reference[child], recovery.alone[parent])
    other = screen.lines.index("JIMT-1")
    both = recovery.alone[[parent, screen.lines.index("BT474")]]
    np.testing.assert_allclose(recovery.reference[other], np.median(both, axis=0))
    assert recovery.reference_names[child] == "SKBR3"
    assert list(recovery.resistant) == [name not in ("SKBR3", "BT474") for name in screen.lines]
    assert (recovery.dose[parent] == 0).all()


def test_a_line_without_a_parent_is_resistant_by_the_threshold_alone(screen: CubeView) -> None:
    viability = screen.readouts["viability"]
    row, effect = screen.lines.index("JIMT-1"), 0.25
    values = viability.source.values.copy()
    values[row, :, 1:, 0] = 1 - effect
    values[screen.lines.index("SKBR3-pool2"), :, 1:, 0] = 1 - effect
    source = replace(viability.source, read=values.__getitem__)
    changed = replace(screen, readouts={"viability": replace(viability, source=source)})
    recovery = recovery_of(changed)
    assert recovery.alone[row, -1] > recovery.reference[row, -1] + 0.02
    assert not recovery.resistant[row]
    assert recovery.resistant[screen.lines.index("SKBR3-pool2")]


def test_the_ratio_at_the_dose_is_the_reference(screen: CubeView) -> None:
    recovery = recovery_of(screen)
    reached = np.argwhere(np.isfinite(recovery.dose) & (recovery.dose > 0))
    assert len(reached) > 3
    for row, column, time in reached:
        course, doses = recovery.ratios[row, column, :, time], screen.concentration_2[0, column]
        at = np.interp(np.log(recovery.dose[row, column, time]), np.log(doses[1:]), course[1:])
        assert at == pytest.approx(goal(recovery.alone, recovery.reference)[row, time], abs=1e-6)


def test_the_gap_is_read_at_the_peak_or_at_the_top_dose(screen: CubeView) -> None:
    low = recovery_of(replace(screen, peak_nM={"linsitinib": 50.0}))
    assert low.gap.wells.doses[0] == 50
    assert list(low.gap.wells.at_peak) == [True, False, False, False]
    np.testing.assert_array_equal(low.gain[:, 1], recovery_of(replace(screen, peak_nM={})).gain[:, 1])


def test_without_a_sensitive_line_the_threshold_is_the_reference(
    make_cube: Callable[..., xr.DataTree],
) -> None:
    recovery = recovery_of(read_screen(make_cube(lines=["JIMT-1"], failures=False)))
    assert recovery.reference[0] == pytest.approx(0.75)
    assert "25 %" in recovery.reference_names[0]


def test_intervals_hold_the_nominal_dose(make_cube: Callable[..., xr.DataTree]) -> None:
    recovery = recovery_of(read_screen(make_cube(draws=15, failures=False)))
    assert recovery.low is not None
    assert recovery.high is not None
    assert np.isnan([recovery.low[~recovery.resistant], recovery.high[~recovery.resistant]]).all()
    known = np.isfinite(recovery.dose) & recovery.resistant[:, None, None]
    assert (recovery.low[known] <= recovery.dose[known] * 1.001).all()
    assert (recovery.high[known] >= recovery.dose[known] * 0.999).all()


def test_lines_low_in_her2_are_set_apart(screen: CubeView) -> None:
    values = np.where(np.arange(8) == 4, 0.001, 1.0)
    recovery = recovery_of(replace(screen, markers={"HER2 (factor)": ("1", values)}))
    assert list(np.flatnonzero(recovery.her2_low)) == [4]


@pytest.mark.slow
def test_single_agents_of_a_grid_simulated_in_part_are_interpolated(
    make_cube: Callable[..., xr.DataTree],
) -> None:
    whole = make_cube(failures=False)
    part = whole.copy(deep=True)
    skipped = np.zeros(part["status"].shape, bool)
    skipped[:, :, [2, 4, 6]], skipped[:, :, 1:, 3] = True, True
    part["status"].values[skipped] = 3
    part["viability"].values[skipped] = np.nan
    expected, found = recovery_of(read_screen(whole)), recovery_of(read_screen(part))
    np.testing.assert_allclose(found.alone, expected.alone, atol=0.03)
    assert found.resistant.tolist() == expected.resistant.tolist()
    page = render(Findings(read_screen(part)))
    assert "simulations failed" not in page
    assert "not simulated" in page


def test_a_line_without_amplified_her2_is_a_control(make_cube: Callable[..., xr.DataTree]) -> None:
    view = read_screen(make_cube(lines=["SKBR3", "JIMT-1", "MCF10A"]))
    recovery = recovery_of(view)
    assert recovery.her2_low.tolist() == [False, False, True]
    assert not recovery.counted[2]
