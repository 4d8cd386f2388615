"""The page of a comparison in a headless Chromium: sorts, fits a phone, has no barriers."""

from pathlib import Path
from typing import Any

import pytest

from screen.report.comparison.comparison_page import write_comparison
from screen.report.findings.panels.compare import compare
from tests.report.conftest import build

pytest.importorskip("selenium", reason="selenium drives the browser")
from tests.report.driver import barriers, complaints, in_browser, load

pytestmark = in_browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two")
    for seed in (7, 8):
        cube = build(size=4, times=(72.0,), failures=False, seed=seed)
        cube.to_netcdf(folder / f"{seed}.h5", engine="h5netcdf")
    return write_comparison([compare(folder / "7.h5", folder / "8.h5")], folder / "both.html")


def test_a_head_sorts_its_table(browser: Any, page: Path) -> None:
    load(browser, page)
    column = "return [...document.querySelectorAll('table')][2].tBodies[0].rows[0].cells[%d].textContent"
    head = "[...document.querySelectorAll('table')][2].tHead.rows[0].cells[0].querySelector('button').click()"
    browser.execute_script(f"{head}; {head}")
    assert browser.execute_script(column % 0).startswith("<script>")
    assert complaints(browser) == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1400, 420])
def test_it_fits_and_has_no_barriers(browser: Any, page: Path, width: int, dark: bool) -> None:
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        load(browser, page)
        if dark:
            browser.execute_script("document.getElementById('theme').click()")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert barriers(browser) == []
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
