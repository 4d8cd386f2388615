"""Sliders on the engine: moving one simulates again, and what is drawn are those courses."""

import sys
from xml.etree import ElementTree

import pytest

import screen
from screen.analysis.explore import explorer
from screen.errors import InputError
from screen.report.standalone.explorer import courses_svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.slow
def test_the_picture_has_a_panel_a_quantity_and_a_curve_a_well() -> None:
    explored = explorer("SKBR3", ("trastuzumab", "linsitinib"), ["pERK"], 24)
    root = ElementTree.fromstring(courses_svg(explored, explored.courses(10, 100)))
    lines = root.findall(f"{SVG}polyline")
    assert len(lines) == 2 * 4
    assert all(len(line.attrib["points"].split()) == 49 for line in lines)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"viability, of the vehicle", "pERK, of the vehicle", "both", "20 h"} <= set(texts)


@pytest.mark.slow
def test_moving_a_slider_simulates_again() -> None:
    pytest.importorskip("ipywidgets", reason="ipywidgets is not installed")
    widget = screen.explore("BT474-HR20", "trastuzumab+linsitinib")
    one, two, sentence, picture = widget.children
    assert all(label.count("M") == 1 for slider in (one, two) for label, _ in slider.options)
    before = sentence.value, picture.value
    one.index, two.index = 0, 0
    assert "1.00 of the vehicle's cells are left at 72 h; +0.0 percent points" in sentence.value
    assert (sentence.value, picture.value) != before


def test_without_ipywidgets_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(InputError, match=r"pip install 'herscreen\[notebook\]'"):
        screen.explore("SKBR3", "trastuzumab+linsitinib")
