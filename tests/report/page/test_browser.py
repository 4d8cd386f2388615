"""The page in a headless Chromium: loads clean, opens pairs by mouse, keys and links, and saves pictures."""

import json
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from screen.report.write_report import write_report

pytest.importorskip("selenium", reason="selenium drives the browser")
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.report.driver import barriers, complaints, in_browser, load, wait

pytestmark = in_browser


def count(browser: Any, selector: str) -> int:
    return len(browser.find_elements(By.CSS_SELECTOR, selector))


def heading(browser: Any) -> str:
    return str(browser.find_element(By.ID, "pair-head").text)


@pytest.fixture(scope="module")
def page(cube: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(cube, None, tmp_path_factory.mktemp("page") / "page.html")


def test_it_loads_clean_and_asks_for_nothing(browser: Any, page: Path) -> None:
    load(browser, page)
    assert complaints(browser) == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    outside = [
        url for url in sent if url != page.as_uri() and not url.startswith(("data:", "blob:", "about:"))
    ]
    assert outside == []
    assert (
        browser.execute_script(
            "return document.querySelectorAll('figure:not([hidden]) .drawing > svg').length"
        )
        >= 10
    )
    assert browser.execute_script("return document.querySelectorAll('b, main script').length") == 0


def test_a_summary_is_one_sheet(sure_cube: xr.DataTree, tmp_path: Path) -> None:
    printed = write_report(sure_cube, None, tmp_path / "summary.pdf", summary=True).read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_labels_on_dark_cells_are_light(browser: Any, page: Path) -> None:
    load(browser, page)
    inks = browser.execute_script(
        "return [...document.querySelectorAll('svg text.light')].map((one) => getComputedStyle(one).fill)"
    )
    assert inks
    assert set(inks) == {"rgb(255, 255, 255)"}


def test_a_click_opens_a_pair(browser: Any, page: Path) -> None:
    load(browser, page)
    cell = browser.find_element(
        By.CSS_SELECTOR, "#synergy-map [role=gridcell][aria-label^='JIMT-1, trastuzumab + alpelisib']"
    )
    cell.click()
    assert heading(browser) == "JIMT-1: trastuzumab + alpelisib"
    wait(browser, "return document.querySelector('#response-title').textContent.includes('JIMT-1')")
    assert browser.execute_script("return location.hash") == "#JIMT-1/alpelisib"
    assert "×" in browser.find_element(By.CSS_SELECTOR, "#response svg").text
    scores = browser.find_element(By.ID, "pair-scores").text
    for model in ("HSA", "Bliss", "Loewe", "ZIP"):
        assert model in scores
    assert complaints(browser) == []


def test_the_keyboard_reaches_every_cell(browser: Any, page: Path) -> None:
    load(browser, page)
    browser.execute_script("document.querySelector('#synergy-map [role=gridcell][tabindex=\"0\"]').focus()")
    keys = browser.switch_to.active_element
    keys.send_keys(Keys.HOME)
    for _ in range(3):
        browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    label = browser.switch_to.active_element.get_attribute("aria-label")
    assert "trastuzumab + alpelisib" in label
    assert browser.find_element(By.ID, "tip").is_displayed()
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert heading(browser) == label.split(";")[0].replace(", ", ": ", 1)
    assert browser.switch_to.active_element.get_attribute("id") == "pair-head"
    turn = "return document.querySelector('#relief svg path:nth-of-type(7)').getAttribute('d')"
    before = browser.execute_script(turn)
    browser.find_element(By.CSS_SELECTOR, "#relief svg").send_keys(Keys.ARROW_RIGHT)
    assert browser.execute_script(turn) != before
    assert complaints(browser) == []


def test_links_lead_to_pairs_with_any_name(browser: Any, page: Path, nasty_names: list[str]) -> None:
    load(browser, page, "#SKBR3-pool2/MK-2206")
    assert heading(browser) == "SKBR3-pool2: trastuzumab + MK-2206"
    assert not browser.find_element(By.ID, "parent-response").get_attribute("hidden")
    for link in browser.find_elements(By.CSS_SELECTOR, "#answer a.line"):
        if link.text == nasty_names[0]:
            browser.execute_script("arguments[0].scrollIntoView()", link)
            browser.execute_script("arguments[0].click()", link)
    wait(browser, "return document.getElementById('pair-head').textContent.startsWith('<script>alert')")
    browser.back()
    wait(browser, "return document.getElementById('pair-head').textContent.startsWith('SKBR3-pool2')")
    load(browser, page, "#no-such-line/%E0%A4%A")
    assert complaints(browser) == []


def test_choices_redraw_the_pictures(browser: Any, page: Path) -> None:
    load(browser, page)
    show = Select(browser.find_element(By.CSS_SELECTOR, "#overview-controls select"))
    for choice in [option.get_attribute("value") for option in show.options]:
        show.select_by_value(choice)
    wait(browser, "return document.querySelector('#synergy-map-title').textContent.startsWith('Re-sens')")
    wait(browser, "return document.querySelectorAll('#waterfall .drawing rect.hit').length > 0")
    Select(browser.find_element(By.ID, "pair-readout")).select_by_value("pAKT_S473")
    wait(
        browser, "return document.querySelector('#response-title').textContent.includes('AKT phosphorylated')"
    )
    Select(browser.find_element(By.ID, "pair-time")).select_by_visible_text("72\u00a0h")
    wait(browser, "return document.querySelector('#response-title').textContent.includes('72')")
    field = browser.find_element(By.CSS_SELECTOR, "#overview-controls input")
    field.send_keys("skbr3")
    wait(browser, "return document.querySelectorAll('#synergy-map [role=rowheader]').length === 2")
    browser.find_element(By.ID, "theme").click()
    assert complaints(browser) == []


def test_the_table_sorts_and_filters(browser: Any, page: Path) -> None:
    load(browser, page)
    column = (
        "[...document.querySelectorAll('#pairs thead th')].findIndex(h => h.textContent.startsWith('HSA'))"
    )
    cells = "[...document.querySelectorAll('#pairs tbody tr')].map(row => row.cells[column].textContent)"
    rows = f"const column = {column}; return {cells}"
    values = [float(text.replace("−", "-")) for text in browser.execute_script(rows) if text != "–"]
    button = (
        "[...document.querySelectorAll('#pairs thead button')].find(b => b.textContent.startsWith('HSA'))"
    )
    browser.execute_script(f"{button}.click()")
    sorted_values = [float(text.replace("−", "-")) for text in browser.execute_script(rows) if text != "–"]
    assert sorted_values == sorted(values, reverse=True)
    browser.find_element(By.CSS_SELECTOR, "#table-controls input").send_keys("jimt lapatinib")
    wait(browser, "return document.querySelectorAll('#pairs tbody tr').length === 1")
    assert complaints(browser) == []


def table_button(words: str) -> str:
    """The script that finds a button under the table by its words."""
    return f"[...document.querySelectorAll('#table-controls button')].find((one) => one.textContent === '{words}')"


def test_everything_is_one_zip(browser: Any, page: Path) -> None:
    load(browser, page, "#JIMT-1/lapatinib")
    browser.execute_script(f"{table_button('Save everything')}.click()")
    until = time.perf_counter() + 30
    while not (found := list(browser.downloads.glob("*.zip"))) and time.perf_counter() < until:
        time.sleep(0.05)
    with zipfile.ZipFile(found[0]) as saved:
        assert saved.testzip() is None
        names = saved.namelist()
        wells = saved.read("JIMT-1-lapatinib-wells.csv").decode().splitlines()
    assert names[0] == "synthetic-pairs.csv"
    assert sum(name.endswith(".svg") for name in names) >= 10
    assert len(wells) == 65
    assert wells[0].startswith('"trastuzumab nM","lapatinib nM","viability"')
    found[0].unlink()


def test_a_pair_is_set_beside_any_line(browser: Any, page: Path) -> None:
    load(browser, page, "#JIMT-1/lapatinib")
    assert browser.find_element(By.ID, "parent-response").get_attribute("hidden")
    Select(browser.find_element(By.ID, "pair-other")).select_by_visible_text("BT474")
    wait(browser, "return document.querySelector('#parent-response-title').textContent.endsWith('in BT474')")
    wait(
        browser, "return document.querySelector('#gained-excess-title').textContent.endsWith('that in BT474')"
    )
    assert complaints(browser) == []


def test_the_filter_finds_partners_too(browser: Any, page: Path) -> None:
    load(browser, page)
    browser.find_element(By.CSS_SELECTOR, "#overview-controls input").send_keys("lapat bt474")
    wait(browser, "return document.querySelectorAll('#synergy-map [role=gridcell]').length === 2")
    wait(browser, "return document.querySelectorAll('#synergy-map [role=rowheader]').length === 2")


def test_a_picture_is_enlarged_and_back(browser: Any, page: Path) -> None:
    load(browser, page)
    width = "return document.querySelector('#response svg').getBoundingClientRect().width"
    before = browser.execute_script(width)
    for factor in (1.5, 0):
        browser.execute_script("document.querySelector('#response .larger').click()")
        wait(browser, f"{width} >= {factor} * {before}")
    wait(browser, f"{width} === {before}")


def test_pictures_and_table_are_saved(browser: Any, page: Path) -> None:
    load(browser, page)
    browser.execute_script(
        "[...document.querySelectorAll('.save button:not(.larger)')].slice(0, 4).forEach((one) => one.click())"
    )
    browser.execute_script(f"{table_button('Save as CSV')}.click()")
    wanted, until = {".svg": 2, ".png": 2, ".csv": 1}, time.perf_counter() + 10
    while time.perf_counter() < until:
        found = [
            path for path in browser.downloads.iterdir() if path.suffix in wanted and path.stat().st_size
        ]
        if len(found) == 5:
            break
        time.sleep(0.05)
    assert {ending: sum(path.suffix == ending for path in found) for ending in wanted} == wanted
    from xml.etree import ElementTree

    for path in found:
        if path.suffix == ".svg":
            fills = {node.get("fill") for node in ElementTree.parse(path).iter()}
            assert not any(fill and "var(" in fill for fill in fills)
        elif path.suffix == ".png":
            assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        else:
            assert path.read_text(encoding="utf-8").count("\n") == 8 * 4 + 1
    assert complaints(browser) == []


@pytest.mark.parametrize("width", [420, 1400])
def test_nothing_runs_over_the_side(browser: Any, page: Path, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        load(browser, page)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        clipped = """
            return [...document.querySelectorAll('.drawing > svg')].flatMap(picture => {
              const frame = picture.getBoundingClientRect();
              return [...picture.querySelectorAll('text')].filter(node => {
                const box = node.getBoundingClientRect();
                return box.width && (box.left < frame.left - 2 || box.right > frame.right + 2
                  || box.top < frame.top - 2 || box.bottom > frame.bottom + 2);
              }).map(node => picture.closest('figure').id + ': ' + node.textContent);
            })"""
        assert browser.execute_script(clipped) == []
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("kind", ["one line", "no scores", "draws", "one partner", "few doses"])
def test_unusual_cubes_load_clean(
    browser: Any, make_cube: Callable[..., xr.DataTree], tmp_path: Path, kind: str
) -> None:
    cube = {
        "one line": lambda: make_cube(lines=["JIMT-1"], times=(72.0,)),
        "no scores": lambda: xr.DataTree(make_cube().to_dataset()),
        "draws": lambda: make_cube(draws=4),
        "one partner": lambda: make_cube(partners=("alpelisib",)),
        "few doses": lambda: make_cube(size=3),
    }[kind]()
    load(browser, write_report(cube, None, tmp_path / "page.html"))
    assert complaints(browser) == []


def test_a_line_that_was_left_out_says_so(
    browser: Any, make_cube: Callable[..., xr.DataTree], tmp_path: Path
) -> None:
    cube = make_cube(lines=[f"line {number}" for number in range(300)], times=(120.0,), failures=False)
    load(browser, write_report(cube, None, tmp_path / "page.html", limit_MB=0.5))
    assert "strongest lines" in browser.find_element(By.CSS_SELECTOR, ".checks").text
    best = "Math.max(...[0, 1, 2, 3].map((column) => summary('bliss:mean', row, column)))"
    weakest = browser.execute_script(
        f"const best = (row) => {best};return [...LINES.keys()].reduce((a, b) => (best(b) < best(a) ? b : a))"
    )
    shown = "return document.querySelector('#excess .drawing').textContent"
    browser.execute_script("openPair(arguments[0], 0)", weakest)
    wait(browser, f"{shown}.includes('Not in this page')")
    assert complaints(browser) == []


def test_a_thousand_lines_by_ten_partners_load(
    browser: Any, make_cube: Callable[..., xr.DataTree], tmp_path: Path
) -> None:
    lines = [f"line {number:04d}" for number in range(1000)]
    cube = make_cube(lines=lines, partners=tuple(f"drug {number}" for number in range(10)))
    page = write_report(cube, None, tmp_path / "page.html")
    assert page.stat().st_size < 6e6
    assert load(browser, page) < 15  # three seconds on an idle machine; a busy one must not fail it
    browser.find_element(By.ID, "all-lines").click()
    assert (
        browser.execute_script("return document.querySelectorAll('#synergy-map [role=gridcell]').length")
        == 10_000
    )
    assert complaints(browser) == []


def test_intervals_stand_in_overview_pair_and_table(
    browser: Any, sure_cube: xr.DataTree, tmp_path: Path
) -> None:
    load(browser, write_report(sure_cube, None, tmp_path / "page.html"))
    cell = browser.find_element(By.CSS_SELECTOR, "#synergy-map [role=gridcell][tabindex='0']")
    browser.execute_script("arguments[0].focus()", cell)
    tip = browser.find_element(By.ID, "tip").text
    assert "(90 %:" in tip
    assert "of the parameter sets" in tip
    assert "from the interval of every well" in tip
    scores = browser.find_element(By.ID, "pair-scores").text
    assert "90 % interval" in scores
    assert "Sets above 0" in scores
    assert "Bands: 90 % of the parameter sets" in browser.find_element(By.CSS_SELECTOR, "#single-agents").text
    assert "Re-sensitisation dose, 90 % low" in browser.find_element(By.ID, "pairs").text
    assert count(browser, "#waterfall line.rule") > 8
    assert complaints(browser) == []


def test_paper_has_every_column_of_the_table_and_its_intervals(
    browser: Any, sure_cube: xr.DataTree, tmp_path: Path
) -> None:
    page = write_report(sure_cube, None, tmp_path / "page.html")
    page.write_text(page.read_text().replace("<html ", '<html data-printed="true" ', 1))
    load(browser, page)
    try:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        size = {
            "width": int(186 / 25.4 * 96),
            "height": 1000,
            "deviceScaleFactor": 1,
            "mobile": False,
        }
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        over = "const box = document.querySelector('#table-body .scroll'); return box.scrollWidth - box.clientWidth"
        assert browser.execute_script(over) <= 0
        head = browser.find_element(By.CSS_SELECTOR, "#pairs thead").text
        assert "(90 %)" in head
        assert "low" not in head
        assert " to " in browser.find_element(By.CSS_SELECTOR, "#pairs tbody .note").text
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_network_of_an_explained_pair_is_drawn_and_others_name_the_command(
    browser: Any, explained: Path
) -> None:
    load(browser, explained, "#SKBR3-pool2/linsitinib")
    assert count(browser, "#network:not([hidden]) .drawing > svg") == 1
    assert "IRS1 recruits PI3K" in browser.find_element(By.ID, "why-table").text
    assert "linsitinib alone cut" in browser.find_element(By.ID, "why-table").text
    links = [link.text for link in browser.find_elements(By.CSS_SELECTOR, "#why-body a")]
    assert links == ["SKBR3-pool2 with linsitinib"]
    browser.execute_script("openPair(2, 1)")
    words = "return document.querySelector('#why-body').textContent"
    wait(browser, f"{words}.includes('herscreen explain screen.h5 --line SKBR3-pool2')")
    assert browser.find_element(By.ID, "network").get_attribute("hidden")
    assert browser.execute_script("return shellWord(`a'b c`)") == "'a'\\''b c'"
    assert complaints(browser) == []


def test_a_marker_s_cell_shows_its_lines(
    browser: Any, make_cube: Callable[..., xr.DataTree], tmp_path: Path
) -> None:
    cube = make_cube(lines=[f"line {number}" for number in range(20)], size=5, failures=False)
    load(browser, write_report(cube, None, tmp_path / "page.html"))
    cells = browser.find_elements(By.CSS_SELECTOR, "#marker-associations [role=gridcell]")
    chosen = next(cell for cell in cells if cell.get_attribute("aria-label").startswith("PTEN, effect of"))
    browser.execute_script("arguments[0].focus()", chosen)
    chosen.send_keys(Keys.ENTER)
    wait(
        browser,
        "return document.querySelector('#marker-scatter-title').textContent.startsWith('PTEN and effect')",
    )
    assert count(browser, "#marker-scatter circle") == browser.execute_script(
        "return DATA.her2_low.filter((low) => !low).length"
    )
    assert complaints(browser) == []


def test_wells_outside_the_design_are_not_drawn_as_failed(
    browser: Any, make_cube: Callable[..., xr.DataTree], tmp_path: Path
) -> None:
    cube = make_cube(lines=["BT474", "BT474-HR20"], partners=("linsitinib",), size=6, failures=False)
    root, scores = cube.to_dataset(), cube["scores"].to_dataset(inherit=False)
    codes = root["status"].copy()
    codes[1, 0, 2:5, 3], codes[1, 0, 5, 5] = 3, 2
    root = root.map(lambda data: data.where(codes < 2) if "dose_1" in data.dims else data)
    scores = scores.map(lambda data: data.where(codes < 2) if "dose_1" in data.dims else data)
    root = root.assign(status=codes)
    groups = {name: child.to_dataset(inherit=False) for name, child in cube.children.items()}
    tree = xr.DataTree.from_dict({"/": root, **groups, "scores": scores})
    load(browser, write_report(tree, None, tmp_path / "page.html"), "#BT474-HR20/linsitinib")
    for picture in ("response", "excess", "gained-excess"):
        pale, marked = (
            count(browser, f"#{picture} .unasked"),
            f"return document.querySelector('#{picture} .drawing').textContent.split('×').length - 1",
        )
        surfaces = 4 if picture == "excess" else 1
        assert (pale, browser.execute_script(marked)) == (3 * surfaces, surfaces)
        caption = browser.find_element(By.CSS_SELECTOR, f"#{picture} figcaption").text
        assert "× marks a failed simulation. Pale, empty wells were not simulated" in caption
    assert count(browser, "#parent-response .unasked") == 0
    assert "×" not in browser.find_element(By.CSS_SELECTOR, "#parent-response figcaption").text
    assert "Wells where nothing stands were not simulated" in (
        browser.find_element(By.CSS_SELECTOR, "#relief figcaption").text
    )
    assert complaints(browser) == []


def test_a_pair_without_the_anchor_speaks_of_its_own_drugs(
    browser: Any, make_cube: Callable[..., xr.DataTree], tmp_path: Path
) -> None:
    cube = make_cube(lines=["BT474", "BT474-HR20"], partners=("linsitinib", "alpelisib", "MK-2206"), size=5)
    names = {
        "combination": (
            "combination",
            ["trastuzumab+linsitinib", "trastuzumab+alpelisib", "linsitinib+MK-2206"],
        ),
        "drug_1": ("combination", ["trastuzumab", "trastuzumab", "linsitinib"]),
    }
    groups = {name: child.to_dataset(inherit=False) for name, child in cube.children.items()}
    scores = groups.pop("scores").assign_coords(names)
    tree = xr.DataTree.from_dict({"/": cube.to_dataset().assign_coords(names), **groups, "scores": scores})
    load(browser, write_report(tree, None, tmp_path / "page.html"), "#BT474-HR20/linsitinib%2BMK-2206")
    said = browser.find_element(By.CSS_SELECTOR, "#pair-body .big").text
    assert said.startswith("Linsitinib alone leaves ")
    assert "MK-2206 alone" in said
    assert "assessed only where trastuzumab is the first drug" in said
    assert "–" not in said
    shown = browser.find_element(By.CSS_SELECTOR, "#resensitisation-dose .drawing").text
    assert "alpelisib" in shown
    assert "MK-2206" not in shown
    assert complaints(browser) == []


def test_where_explain_would_refuse_the_page_says_so_and_names_no_command(
    browser: Any, cube: xr.DataTree, tmp_path: Path
) -> None:
    panel = cube["panel"].to_dataset(inherit=False).assign(clone_of=("member", ["JIMT-1", "JIMT-1"]))
    groups = {name: child.to_dataset(inherit=False) for name, child in cube.children.items()}
    tree = xr.DataTree.from_dict({"/": cube.to_dataset(), **groups, "panel": panel})
    load(browser, write_report(tree, None, tmp_path / "page.html"), "#JIMT-1/linsitinib")
    words = "return document.querySelector('#why-body').textContent"
    wait(browser, f"{words}.includes('JIMT-1 is a mixture of clones')")
    assert "herscreen" not in browser.execute_script(words)
    browser.execute_script("openPair(3, 0)")
    wait(browser, f"{words}.includes('herscreen explain')")
    assert complaints(browser) == []


@pytest.mark.parametrize("width", [1400, 1024, 420])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_barrier_is_found(browser: Any, page: Path, width: int, dark: bool) -> None:
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        load(browser, page, "#SKBR3-pool2/linsitinib")
        if dark:
            browser.execute_script("document.getElementById('theme').click()")
        assert barriers(browser) == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_table_is_one_stop_in_which_the_arrow_keys_move(browser: Any, page: Path) -> None:
    load(browser, page)
    links = "[...document.querySelectorAll('#pairs tbody a')]"
    assert browser.execute_script(f"return {links}.filter(n => n.tabIndex === 0).length") == 1
    first, second = browser.execute_script(f"return {links}.slice(0, 2)")
    first.send_keys(Keys.ARROW_DOWN)
    assert browser.switch_to.active_element == second


def test_a_pair_that_is_not_there_is_said_and_back_goes_to_the_first(browser: Any, page: Path) -> None:
    load(browser, page)
    opened = browser.find_element(By.ID, "pair-head").text
    browser.execute_script("location.hash = '#JIMT-1/lapatinib'")
    wait(browser, "return document.getElementById('pair-head').textContent.startsWith('JIMT-1')")
    browser.back()
    wait(browser, f"return document.getElementById('pair-head').textContent === {opened!r}")
    browser.execute_script("location.hash = '#NOPE/x'")
    wait(browser, "return document.getElementById('no-pair') !== null")
    assert "NOPE with x" in browser.find_element(By.ID, "no-pair").text


def at_width(browser: Any, width: int, media: str = "") -> None:
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})


def test_what_scrolls_sideways_can_be_scrolled_by_keys(browser: Any, explained: Path) -> None:
    at_width(browser, 420)
    try:
        load(browser, explained, "#SKBR3-pool2/linsitinib")
        stuck = browser.execute_script(
            "return [...document.querySelectorAll('main *')].filter((one) =>"
            " ['auto', 'scroll'].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth"
            " && one.tabIndex < 0 && !one.querySelector('a, button, [tabindex=\"0\"]'))"
            ".map((one) => one.closest('[id]').id)"
        )
        assert stuck == []
        assert barriers(browser) == []
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_every_column_of_the_table_is_on_the_paper(
    browser: Any, sure_cube: xr.DataTree, tmp_path: Path
) -> None:
    page = write_report(sure_cube, None, tmp_path / "page.html")
    at_width(browser, 703, "print")  # A4 without its margins, in pixels
    try:
        load(browser, page)
        inside = (
            "const box = document.querySelector('#table .scroll'); return [box.scrollWidth, box.clientWidth]"
        )
        needed, there = browser.execute_script(inside)
        assert needed <= there
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_axes_and_caption_say_what_unit_and_which_arrow_is_drawn(browser: Any, page: Path) -> None:
    load(browser, page, "#SKBR3-pool2/linsitinib")
    response = browser.find_element(By.ID, "response").text
    assert "linsitinib, nM unless stated" in response
    assert "trastuzumab, nM\n" in response
    assert "Red arrow: Cmax of linsitinib" in response
    assert "Above these doses: Cmax of trastuzumab (1.2" in response


def test_no_sentence_says_that_a_share_is_closed_from_a_dose_that_is_not_reached(
    browser: Any, page: Path
) -> None:
    load(browser, page)
    found = browser.execute_async_script(
        "const done = arguments[0];"
        "(async () => { const said = [];"
        " for (const row of range(LINES.length)) if (DATA.resistant[row])"
        "  for (const column of range(PARTNERS.length)) {"
        "   openPair(row, column, false); await figures.find((own) => own.id === 'recovery-curve').drawn;"
        "   said.push(closedFrom(row, column), document.getElementById('recovery-curve').textContent); }"
        " done(said); })()"
    )
    assert any("no dose of the grid closes 80" in said for said in found)
    assert not [said for said in found if "from not reached" in said or "from unknown" in said]


def test_a_line_that_needs_no_partner_is_not_coloured_as_the_smallest_dose(browser: Any, page: Path) -> None:
    load(browser, page)
    browser.execute_script("change({show: 'recovery'})")
    found = "document.querySelectorAll('#synergy-map [role=gridcell][aria-label^=\"SKBR3,\"]')"
    wait(browser, f"return {found}[0]?.getAttribute('aria-label').includes('Re-sensitisation dose')")
    fills = browser.execute_script(f"return [...{found}].map((one) => one.getAttribute('fill'))")
    assert set(fills) == {browser.execute_script("return PALETTE.missing")}
    assert "empty: not resistant" in browser.find_element(By.ID, "synergy-map").text


def test_a_share_has_its_unit_on_the_axis_of_the_waterfall(browser: Any, page: Path) -> None:
    load(browser, page)
    browser.execute_script("change({show: 'closed'})")
    wait(browser, "return document.querySelector('#waterfall h3').textContent.includes('Share of the gap')")
    ticks = browser.execute_script(
        "return [...document.querySelectorAll('#waterfall svg text.muted')].map((one) => one.textContent)"
    )
    assert ticks
    assert all(tick.endswith("%") for tick in ticks)


def test_a_design_that_leaves_wells_out_has_no_level_lines(
    browser: Any, make_cube: Callable[..., xr.DataTree], tmp_path: Path
) -> None:
    cube = make_cube(lines=["BT474", "BT474-HR20"], partners=("linsitinib",), failures=False)
    status = cube["status"].copy()
    status[:, :, 5, 5] = 3
    root = cube.to_dataset().assign(status=status, viability=cube["viability"].where(status != 3))
    groups = {name: child.to_dataset(inherit=False) for name, child in cube.children.items()}
    load(browser, write_report(xr.DataTree.from_dict({"/": root, **groups}), None, tmp_path / "page.html"))
    assert count(browser, "#response .cell") == 64
    assert count(browser, "#response .contour") == 0
    assert "Lines: viability" not in browser.find_element(By.ID, "response").text
