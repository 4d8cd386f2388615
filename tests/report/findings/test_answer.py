"""The answer in words says what the numbers say."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.cube_view.number_text import dose_text, joined, percent, points
from screen.report.cube_view.view import CubeView
from screen.report.findings.answer import answer_of
from screen.report.findings.gap import gap_from
from screen.report.findings.resensitisation import recovery_of


@pytest.fixture(scope="module")
def screen(make_cube: Callable[..., xr.DataTree]) -> CubeView:
    return read_screen(make_cube(failures=False))


def test_derived_lines_come_first_then_those_whose_gap_is_closed_most(screen: CubeView) -> None:
    answer = answer_of(screen, recovery_of(screen))
    assert {item.line for item in answer.lines[:2]} == {"SKBR3-pool2", "BT474-HR20"}
    closed = [item.closed for item in answer.lines[2:]]
    assert closed == sorted(closed, reverse=True)
    first = next(item for item in answer.lines if item.restored)
    assert first.partner in first.sentence
    assert f"closes {percent(first.closed)} of the gap to" in first.sentence
    assert "of the gap is closed from" in first.detail
    assert "Bliss excess +" in first.detail
    assert "10\u00a0µg/mL" in answer.context[0]


def test_the_headline_counts_the_lines_and_says_how_much(screen: CubeView) -> None:
    answer = answer_of(screen, recovery_of(screen))
    top = answer.partners[0]
    assert f"{top.name.lower()} closes {percent(top.closed)}" in answer.headline.lower()
    assert f"at least 80\u00a0% of it in {top.restored}" in answer.headline


def test_no_partner_that_closes_the_gap_is_an_answer_too(screen: CubeView) -> None:
    changed = replace(screen, peak_nM=dict.fromkeys(screen.drug_2, 0.001))
    answer = answer_of(changed, recovery_of(changed))
    assert all(item.closed < 0.1 and "no partner of this screen" in item.sentence for item in answer.lines)
    assert not any(item.restored for item in answer.lines)


def test_a_superlative_only_where_there_is_a_rival(make_cube: Callable[..., xr.DataTree]) -> None:
    alone = read_screen(make_cube(partners=("linsitinib",), failures=False))
    assert "most of all" not in answer_of(alone, recovery_of(alone)).headline


def test_an_interval_and_its_centre_are_of_the_same_draws(make_cube: Callable[..., xr.DataTree]) -> None:
    view = read_screen(make_cube(draws=15, failures=False))
    gap = recovery_of(view).gap
    assert gap.low is not None
    assert gap.high is not None
    known = np.isfinite(gap.closed)
    assert known.any()
    assert (gap.low[known] <= gap.closed[known]).all()
    assert (gap.closed[known] <= gap.high[known]).all()
    assert "of 15 parameter sets" in answer_of(view, recovery_of(view)).lines[0].sentence


def test_a_screen_of_sensitive_lines_has_nothing_to_overcome(make_cube: Callable[..., xr.DataTree]) -> None:
    screen = read_screen(make_cube(lines=["SKBR3", "BT474"], failures=False))
    assert "no resistance to overcome" in answer_of(screen, recovery_of(screen)).headline


def test_a_resistant_line_that_is_as_sensitive_as_its_reference_has_no_gap(screen: CubeView) -> None:
    recovery = recovery_of(screen)
    wells = recovery.gap.wells
    level = replace(recovery, gap=gap_from(screen, replace(wells, compared=wells.alone)))
    answer = answer_of(screen, level)
    assert answer.headline.startswith("No resistant line of this screen has a gap to close")
    assert "there is no gap to close: trastuzumab alone removes" in answer.lines[0].sentence
    lacking = replace(wells, both=np.full_like(wells.both, np.nan))
    unknown = answer_of(screen, replace(recovery, gap=gap_from(screen, lacking)))
    assert "not simulated" in unknown.headline
    assert "not simulated" in unknown.lines[0].sentence


def test_one_resistant_line(make_cube: Callable[..., xr.DataTree]) -> None:
    screen = read_screen(make_cube(lines=["SKBR3", "SKBR3-pool2"], failures=False))
    headline = answer_of(screen, recovery_of(screen)).headline
    assert "trastuzumab back in SKBR3-pool2: it closes" in headline


def test_lines_low_in_her2_are_named_and_not_counted(screen: CubeView) -> None:
    low = replace(screen, markers={"HER2": ("1", np.where(np.arange(8) == 4, 0.001, 1.0))})
    answer = answer_of(low, recovery_of(low))
    assert screen.lines[4] in answer.context[-1]
    assert screen.lines[4] not in [item.line for item in answer.lines]


def test_words() -> None:
    assert [dose_text(dose) for dose in (0.067, 300, 1234, np.inf, np.nan)] == [
        "0.067\u00a0nM",
        "300\u00a0nM",
        "1.23\u00a0µM",
        "not reached",
        "unknown",
    ]
    assert [points(value) for value in (12.34, -0.5, 0.01, -0.01, np.nan)] == [
        "+12.3",
        "−0.5",
        "0.0",
        "0.0",
        "–",
    ]
    assert percent(0.345) == "35\u00a0%"
    assert joined(["a", "b", "c"]) == "a, b and c"
    assert joined(["a"], 2) == "a and 2 more"
    assert joined([]) == "none"


def test_a_dose_of_zero_is_a_gap_that_needs_no_partner(make_cube: Callable[..., xr.DataTree]) -> None:
    view = read_screen(make_cube(draws=15, failures=False))
    recovery = recovery_of(view)
    assert recovery.low is not None
    answer = answer_of(view, replace(recovery, low=np.zeros_like(recovery.low)))
    details = [item.detail for item in answer.lines if item.restored]
    assert details
    assert all("0\u00a0nM to" not in said for said in details)
    assert any("none needed to" in said for said in details)
    free = answer_of(view, replace(recovery, dose=np.zeros_like(recovery.dose), low=None))
    assert all("no dose is needed to close 80\u00a0%" in item.detail for item in free.lines if item.detail)
