"""The answer in words says what the numbers say."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from screen.report.cube_view.number_text import dose_text, joined, percent, points
from screen.report.cube_view.reading import read_screen
from screen.report.cube_view.view import CubeView
from screen.report.findings.answer import answer_of
from screen.report.findings.resensitisation import recovery_of


@pytest.fixture(scope="module")
def screen(make_cube: Callable[..., xr.DataTree]) -> CubeView:
    return read_screen(make_cube(failures=False))


def test_derived_and_then_restored_lines_come_first_and_name_partner_dose_and_reference(
    screen: CubeView,
) -> None:
    answer = answer_of(screen, recovery_of(screen))
    assert {item.line for item in answer.lines[:2]} == {"SKBR3-pool2", "BT474-HR20"}
    flags = [item.restored for item in answer.lines[2:]]
    assert flags == sorted(flags, reverse=True)
    first = next(item for item in answer.lines if item.restored)
    assert first.partner in first.sentence
    assert "re-sensitises it to trastuzumab" in first.sentence
    assert "as sensitive as" in first.detail
    assert "Bliss excess +" in first.detail
    assert "10 µg/mL" in answer.context[0]


def test_the_headline_counts_the_lines(screen: CubeView) -> None:
    answer = answer_of(screen, recovery_of(screen))
    name, restored, resistant, _ = answer.partners[0]
    assert f"{restored} of {resistant} resistant lines to trastuzumab" in answer.headline
    assert name.lower() in answer.headline.lower()


def test_no_achievable_dose_is_an_answer_too(screen: CubeView) -> None:
    peaks = dict.fromkeys(screen.drug_2, 0.001)
    answer = answer_of(replace(screen, peak_nM=peaks), recovery_of(replace(screen, peak_nM=peaks)))
    assert answer.headline.startswith("No partner fully restores trastuzumab in any of 6 resistant lines")
    assert not any(item.restored for item in answer.lines)


def test_a_screen_of_sensitive_lines_has_nothing_to_overcome(make_cube: Callable[..., xr.DataTree]) -> None:
    screen = read_screen(make_cube(lines=["SKBR3", "BT474"], failures=False))
    assert "no resistance to overcome" in answer_of(screen, recovery_of(screen)).headline


def test_one_resistant_line(make_cube: Callable[..., xr.DataTree]) -> None:
    screen = read_screen(make_cube(lines=["SKBR3", "SKBR3-pool2"], failures=False))
    assert answer_of(screen, recovery_of(screen)).headline.endswith(
        "re-sensitises SKBR3-pool2 to trastuzumab."
    )


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
    assert percent(0.345) == "34\u00a0%"
    assert joined(["a", "b", "c"]) == "a, b and c"
    assert joined(["a"], 2) == "a and 2 more"
    assert joined([]) == "none"
