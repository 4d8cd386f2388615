"""What a figure's `.py` draws as a file and its `.js` on the page is the same: marks, names and printed numbers."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xarray as xr

from screen.report.cube_view.from_cube import read_screen
from screen.report.figures.figure import Figure
from screen.report.figures.registry import all_figures
from screen.report.findings.findings import Findings
from screen.report.write_report import write_report
from tests.report.driver import in_browser, load, wait

pytestmark = in_browser
DRAWN_TWICE = [figure for figure in all_figures() if figure.panels and figure.file]
TEXTS = """return [...document.querySelectorAll(arguments[0])]
    .filter((node) => node.closest('figure:not([hidden])')).map((node) => node.textContent)"""
Reading = Callable[[Any, ElementTree.Element], tuple[list[Any], list[Any]]]
"""The browser and the drawn file -> what each of the two shows, file first."""


def texts(picture: ElementTree.Element, **attributes: str) -> list[str]:
    """The texts of a drawn file with these attributes, in order."""
    wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
    return [
        node.text or ""
        for node in picture.iter()
        if node.tag.endswith("text") and all(node.get(name) == value for name, value in wanted.items())
    ]


def on_page(browser: Any, selector: str) -> list[str]:
    return list(browser.execute_script(TEXTS, selector))


def circles(panel: str) -> Reading:
    """One mark a dose or dose pair."""

    def read(browser: Any, picture: ElementTree.Element) -> tuple[list[Any], list[Any]]:
        drawn = sum(node.tag.endswith("circle") for node in picture.iter())
        return [drawn], [len(on_page(browser, f"#{panel} .drawing svg circle.tell"))]

    return read


def matrix(panel: str) -> Reading:
    """The names of the rows, then what is printed in every cell, row by row."""

    def read(browser: Any, picture: ElementTree.Element) -> tuple[list[Any], list[Any]]:
        names, printed = (
            texts(picture, text_anchor="end", font_size="12"),
            texts(picture, text_anchor="middle", font_size="10.5"),
        )
        shown = on_page(browser, f"#{panel} [role=row] text[aria-hidden=true]")
        cells = [text for text in printed if text]
        assert len(printed) == len(on_page(browser, f"#{panel} [role=gridcell]"))
        return [*names, *cells], [*on_page(browser, f"#{panel} [role=rowheader]"), *shown]

    return read


def waterfall(browser: Any, picture: ElementTree.Element) -> tuple[list[Any], list[Any]]:
    """The names of the lines, best first, and their values."""
    numbers = [text for text in texts(picture, font_size="10.5") if re.match(r"[+−\d]", text)]
    bars = "#waterfall svg rect.hit"
    values = browser.execute_script(
        f"return [...document.querySelectorAll({bars!r})].map((bar) => bar.getAttribute('aria-label'))"
    )
    shown = [label.rsplit(": ", 1) for label in values]
    names = texts(picture, text_anchor="end", font_size="11.5")
    return [*names, *numbers], [*(clip(name) for name, _ in shown), *(number for _, number in shown)]


def clip(name: str) -> str:
    return name if len(name) <= 22 else name[:21] + "…"


def surfaces(browser: Any, picture: ElementTree.Element) -> tuple[list[Any], list[Any]]:
    """What is printed in every well: the response, then the excess over each model."""
    printed = [
        text
        for node in picture.iter()
        if node.get("font-size") == "10"
        and node.get("fill") in ("#16202b", "#ffffff")
        and (text := node.text)
    ]
    panels = [
        on_page(browser, f"#{name} .drawing text[pointer-events=none]") for name in ("response", "excess")
    ]
    return printed, panels[0] + panels[1]


COMPARED: dict[str, Reading] = {
    "gap_closed": matrix("gap-closed"),
    "synergy_map": matrix("synergy-map"),
    "waterfall": waterfall,
    "resensitisation_dose": matrix("resensitisation-dose"),
    "surfaces": surfaces,
    "single_agents": circles("single-agents"),
    "fixed_doses": circles("fixed-doses"),
    "isobologram": circles("isobologram"),
    "recovery_curve": circles("recovery-curve"),
    "marker_associations": matrix("marker-associations"),
    "markers": matrix("marker-map"),
}
OWN_TEST = {"network"}
"""Drawn by the same code in both places."""


def alike(one: Any, other: Any) -> bool:
    """Equal, or numbers that differ by no more than one in the last digit: the page's are rounded to travel."""
    number = re.compile(r"([+−]?\d+(?:\.\d+)?)(.*)")
    first, second = (number.fullmatch(str(text).replace("\u2212", "−")) for text in (one, other))
    if one == other or first is None or second is None or first[2] != second[2]:
        return bool(one == other)
    digits = [len(found[1].partition(".")[2]) for found in (first, second)]
    values = [float(found[1].replace("−", "-")) for found in (first, second)]
    return abs(values[0] - values[1]) <= 1.01 * 10.0 ** -min(digits)


@pytest.fixture(scope="module")
def shown(browser: Any, cube: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """The findings of the cube whose page is open."""
    load(browser, write_report(cube, None, tmp_path_factory.mktemp("page") / "page.html"))
    return Findings(read_screen(cube))


def test_every_figure_that_is_drawn_twice_is_compared() -> None:
    assert {figure.name for figure in DRAWN_TWICE} == set(COMPARED) | OWN_TEST


@pytest.mark.parametrize(
    "figure",
    [figure for figure in DRAWN_TWICE if figure.name not in OWN_TEST],
    ids=lambda figure: figure.name,
)
def test_a_figure_shows_the_same_in_a_file_and_on_the_page(
    browser: Any, shown: Findings, figure: Figure
) -> None:
    row, column = browser.execute_script("return [state.row, state.column]")
    if figure.draw_pair is not None:
        drawn = figure.draw_pair(shown, row, column)
    else:
        assert figure.draw is not None
        pictures = figure.draw(shown)
        drawn = pictures[figure.file.replace("<partner>", shown.view.partners[column])]
    assert drawn is not None
    in_file, here = COMPARED[figure.name](browser, ElementTree.fromstring(drawn))
    assert len(in_file) == len(here) > 0
    assert [pair for pair in zip(in_file, here) if not alike(*pair)] == []


def test_the_network_of_the_page_is_the_one_of_the_file(
    browser: Any, explained: Path, why_of: Callable[..., Any]
) -> None:
    from screen.report.figures.network import explained_svg

    load(browser, explained, "#SKBR3-pool2/linsitinib")
    wait(browser, "return document.querySelectorAll('#network .drawing > svg').length === 1")
    drawn = texts(ElementTree.fromstring(explained_svg(why_of().whole)))
    assert on_page(browser, "#network .drawing svg text") == drawn
