"""Numbers read the same in a sentence that Python writes and in a figure that the page's script draws."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from screen.report.cube_view.number_text import dose_text, hours, percent, points
from screen.report.write_report import write_report
from tests.report.driver import in_browser, load

pytestmark = in_browser
CASES: dict[str, tuple[Callable[[float], str], tuple[float, ...]]] = {
    "doseText": (
        dose_text,
        (0, 0.067, 0.5, 1, 3.16228, 67.567, 99.96, 300, 999.4, 999.5, 1234, 10_000, 123_456),
    ),
    "points": (points, (0, 0.04, -0.04, 0.06, -0.06, 1, 9.96, -12.34, 123.456)),
    "percent": (percent, (0, 0.004, 0.126, 0.5, 0.999, 1, 1.234)),
    "hours": (hours, (0, 1 / 12, 0.5, 1, 72, 120, 2.5)),
}


@pytest.fixture(scope="module")
def page(cube: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(cube, None, tmp_path_factory.mktemp("page") / "page.html")


@pytest.mark.parametrize("name", CASES)
def test_both_write_a_number_in_the_same_words(browser: Any, page: Path, name: str) -> None:
    load(browser, page)
    write, values = CASES[name]
    shown = browser.execute_script(f"return arguments[0].map((value) => {name}(value))", list(values))
    assert shown == [write(value) for value in values]


def test_both_say_that_there_is_no_number(browser: Any, page: Path) -> None:
    load(browser, page)
    shown = browser.execute_script("return [points(NaN), percent(null)]")
    assert shown == [points(float("nan")), percent(float("nan"))]
    doses = browser.execute_script("return [recoveryText(NaN), recoveryText(9), recoveryText(2)]")
    assert doses == [dose_text(value) for value in (float("nan"), float("inf"), 100.0)]
