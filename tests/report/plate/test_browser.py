"""The page of measured plates in a headless Chromium: loads, unfolds blocks, chooses models, turns, sorts."""

import json
from pathlib import Path
from typing import Any

import pytest

from screen.report.plate.figures import plate_pictures
from screen.report.plate.page import write_plate_page
from screen.report.plate.view import PlateView

pytest.importorskip("selenium", reason="selenium drives the browser")
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.report.driver import barriers, complaints, in_browser, load, wait

pytestmark = in_browser
SHOWN = "return [...document.querySelectorAll('#block-1 [data-of]')].filter(n => !n.hidden).map(n => n.dataset.of)"


@pytest.fixture(scope="module")
def page(view: PlateView, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plate_page(view, tmp_path_factory.mktemp("page") / "plates.html")


def test_it_loads_clean_and_asks_for_nothing(browser: Any, page: Path) -> None:
    load(browser, page)
    assert complaints(browser) == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]
    assert [
        url for url in sent if url != page.as_uri() and not url.startswith(("data:", "blob:", "about:"))
    ] == []
    assert browser.execute_script("return document.querySelectorAll('#block-1 figure svg').length") >= 9
    assert browser.execute_script("return document.querySelectorAll('img, main script').length") == 0


def test_a_block_is_unfolded_by_a_link_and_its_names_are_text(browser: Any, page: Path) -> None:
    load(browser, page)
    assert browser.execute_script("return document.querySelectorAll('#block-2 figure').length") == 0
    browser.execute_script("document.querySelector('#all a[href=\"#block-2\"]').click()")
    wait(browser, "return document.querySelectorAll('#block-2 figure .save').length >= 9")
    assert "<script>alert" in browser.find_element(By.CSS_SELECTOR, "#block-2 summary").text
    load(browser, page, "#block-3")
    assert browser.execute_script("return document.querySelectorAll('#block-3 figure').length") >= 9
    assert browser.execute_script("return document.querySelectorAll('img, main script').length") == 0
    assert complaints(browser) == []


def test_paper_has_every_open_block_and_every_model(browser: Any, page: Path) -> None:
    load(browser, page)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = "return [...document.querySelectorAll('%s')].every(n => getComputedStyle(n).display !== 'none')"
    try:
        assert browser.execute_script(shown % "details.block[open]")
        assert browser.execute_script(shown % "#block-1 figure")
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_chooser_shows_one_model_and_colours_the_relief(browser: Any, page: Path) -> None:
    load(browser, page)
    assert set(browser.execute_script(SHOWN)) == {"bliss"}
    fills = (
        "return [...document.querySelectorAll('#b1-relief .face')].map(n => n.getAttribute('fill')).join()"
    )
    before = browser.execute_script(fills)
    Select(browser.find_element(By.ID, "model")).select_by_value("hsa")
    assert set(browser.execute_script(SHOWN)) == {"hsa"}
    assert browser.execute_script(fills) != before
    assert browser.find_element(By.ID, "overview-overview-hsa").is_displayed()
    assert not browser.find_element(By.ID, "overview-overview-bliss").is_displayed()


def test_the_relief_turns_by_keys_and_back(browser: Any, page: Path) -> None:
    load(browser, page)
    places = (
        "return [...document.querySelectorAll('#b1-relief [data-p]')].map(n => n.getAttribute('d')).join()"
    )
    picture = browser.find_element(By.CSS_SELECTOR, "#b1-relief svg")
    picture.send_keys(Keys.ARROW_UP)
    picture.send_keys(Keys.ARROW_DOWN)
    start = browser.execute_script(places)
    picture.send_keys(Keys.ARROW_RIGHT)
    turned = browser.execute_script(places)
    picture.send_keys(Keys.ARROW_LEFT)
    assert turned != start
    assert sorted(browser.execute_script(places).split(",")) == sorted(start.split(","))


def test_the_script_projects_as_the_picture_was_drawn(browser: Any, page: Path) -> None:
    """Nothing moves by more than a tenth of a pixel when the script takes a relief over."""
    load(browser, page)
    numbers = """return [...document.querySelectorAll('#b1-relief .face')].map(n =>
        [n.dataset.p, n.getAttribute('d').match(/-?[\\d.]+/g).map(Number)])"""
    drawn = dict(browser.execute_script(numbers))
    picture = browser.find_element(By.CSS_SELECTOR, "#b1-relief svg")
    picture.send_keys(Keys.ARROW_UP)
    picture.send_keys(Keys.ARROW_DOWN)
    again = dict(browser.execute_script(numbers))
    assert max(abs(a - b) for key in drawn for a, b in zip(drawn[key], again[key])) < 0.5


def test_the_table_sorts(browser: Any, page: Path) -> None:
    load(browser, page)
    column = (
        "[...document.querySelectorAll('#all thead button')].find(b => b.textContent.startsWith('Bliss'))"
    )
    names = "return [...document.querySelectorAll('#all tbody th')].map(n => n.textContent)"
    browser.execute_script(f"{column}.click()")
    down = browser.execute_script(names)
    assert down[-1] == "2"
    browser.execute_script(f"{column}.click()")
    assert browser.execute_script(names) == down[::-1]


@pytest.mark.parametrize("width", [420, 1400])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_runs_over_the_side(browser: Any, page: Path, width: int, theme: str) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        load(browser, page, "#block-2")
        browser.execute_script(f"if (document.documentElement.dataset.theme !== '{theme}') theme.click()")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        clipped = """
            return [...document.querySelectorAll('figure:not([hidden]) .drawing > svg')].flatMap(picture => {
              const frame = picture.getBoundingClientRect();
              return [...picture.querySelectorAll('text')].filter(node => {
                const box = node.getBoundingClientRect();
                return box.width && (box.left < frame.left - 2 || box.right > frame.right + 2
                  || box.top < frame.top - 2 || box.bottom > frame.bottom + 2);
              }).map(node => picture.closest('figure').id + ': ' + node.textContent);
            })"""
        assert browser.execute_script(clipped) == []
        assert complaints(browser) == []
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_all_blocks_stand_on_paper(view: PlateView, tmp_path: Path) -> None:
    assert write_plate_page(view, tmp_path / "plates.pdf").read_bytes().startswith(b"%PDF")
    drawn = plate_pictures(view)["1_alpha+beta-response"].save(tmp_path / "response.png")
    assert drawn.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("width", [1400, 420])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_barrier_is_found(browser: Any, page: Path, width: int, dark: bool) -> None:
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        load(browser, page, "#block-2")
        if dark:
            browser.execute_script("document.getElementById('theme').click()")
        assert barriers(browser) == []
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
