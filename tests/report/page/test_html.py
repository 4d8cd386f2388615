"""The page as text: one file, nothing loaded, names as data, sizes and what is left out."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from screen.errors import InputError
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.findings import Findings
from screen.report.page.array_encoding import unpack
from screen.report.page.html import render
from screen.report.page.payload import safe_json
from screen.report.sections import registry
from screen.report.sections.section import Content, Section
from screen.report.write_report import overview_svg, write_report

VOID = {"meta", "link", "br", "hr", "img", "input", "rect", "line", "path", "circle"}


class Page(HTMLParser):
    """Tags with their attributes, the text of scripts and styles, and whether every tag closes in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.raw:
            self.raw[tag].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]][-1] += data
        else:
            self.words.append(data)


@pytest.fixture(scope="module")
def text(cube: xr.DataTree) -> str:
    return render(Findings(read_screen(cube)))


def test_a_section_stands_where_its_order_says_with_its_names_as_text(
    cube: xr.DataTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = '<svg viewBox="0 0 9 9" width="9" height="9"><text>drawn</text></svg>'
    content = Content("In words.", ("<b>said</b>",), pictures=(("note", picture),), table=(("a",), ("1<2",)))
    made = Section("order", "When <order> matters", 55, lambda findings: content)
    absent = Section("absent", "Not in this cube", 56, lambda findings: None)
    known = sorted([*registry.all_sections(), made, absent], key=lambda section: section.order)
    monkeypatch.setattr(registry, "all_sections", lambda: tuple(known))
    shown = render(Findings(read_screen(cube)))
    assert "Not in this cube" not in shown
    assert shown.index('id="resistance"') < shown.index('id="order"') < shown.index('id="markers"')
    for words in (
        "When &lt;order&gt; matters",
        "&lt;b&gt;said&lt;/b&gt;",
        "1&lt;2",
        picture,
        '<a href="#order">',
    ):
        assert words in shown


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def data_of(page: Page) -> dict[str, Any]:
    return dict(json.loads(page.raw["script"][0]))


def test_nothing_in_the_page_loads_anything(page: Page, text: str) -> None:
    loading = {
        "src",
        "srcset",
        "action",
        "formaction",
        "poster",
        "background",
        "ping",
        "manifest",
        "xlink:href",
    }
    for tag, attributes in page.tags:
        assert not loading & attributes.keys(), (tag, attributes)
        assert tag not in {"iframe", "object", "embed", "base", "img", "form"}
        link = attributes.get("href") or "#"
        assert link.startswith("#") or link == "data:,", (tag, link)
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        assert "style" not in attributes
    style = page.raw["style"][0]
    assert "url(" not in style
    assert "@import" not in style
    script = page.raw["script"][1]
    for reach in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "import(",
        "eval(",
        "innerHTML",
        "insertAdjacentHTML",
    ):
        assert reach not in script
    assert re.findall(r"https?://[^\s\"'<]+", script) == ["http://www.w3.org/2000/svg"]


def test_the_policy_admits_this_script_and_this_style_alone(page: Page) -> None:
    policy = next(a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    for kind, content in (("script-src", page.raw["script"][1]), ("style-src", page.raw["style"][0])):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_names_are_data(page: Page, text: str, nasty_names: list[str]) -> None:
    data = data_of(page)
    for name in nasty_names:
        assert name in data["lines"]
        assert any(name in words for words in page.words)
    assert len(page.raw["script"]) == 2
    assert "<script>alert" not in text
    assert "</script><script>" not in text
    assert "\u2028" not in page.raw["script"][0]


def test_tags_close_and_identifiers_are_unique(page: Page) -> None:
    assert page.open == []
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))


def test_surfaces_in_the_page_are_those_of_the_cube(page: Page, cube: xr.DataTree) -> None:
    chunks = data_of(page)["chunks"]
    viability = cube["viability"].values
    np.testing.assert_allclose(unpack(chunks["viability@1"]), viability[..., 1], atol=0.000101)
    np.testing.assert_allclose(unpack(chunks["viability@0"]), viability[..., 0], atol=0.000101)
    np.testing.assert_allclose(
        unpack(chunks["zip_excess@1"]), cube["scores/zip_excess"].values[..., 1], atol=0.0101
    )
    np.testing.assert_allclose(unpack(chunks["bliss:mean"]), cube["scores/bliss"].values, atol=0.0501)


def test_the_page_says_how_it_was_made(page: Page) -> None:
    words = " ".join(page.words)
    for said in (
        "numpy 2.4.6",
        "rtol 1e-06",
        "ab" * 32,
        "10.1016/j.csbj.2015.09.001",
        "solved by reference solver",
    ):
        assert said in words
    assert "positive = synergy" in words
    assert "1 of 2,048 simulations failed" in words


def test_many_failures_turn_the_banner_red(cube: xr.DataTree) -> None:
    root = cube.to_dataset().copy(deep=True)
    root["status"].values[:4] = 2
    groups = {"/": root, "/scores": cube["scores"].to_dataset()}
    assert '<li class="bad">' in render(Findings(read_screen(xr.DataTree.from_dict(groups))))


@pytest.mark.slow
def test_a_small_limit_leaves_data_out_and_says_so(make_cube: Callable[..., xr.DataTree]) -> None:
    lines = [f"line {number}" for number in range(300)]
    screen = read_screen(make_cube(lines=lines, failures=False))
    text = render(Findings(screen), limit_MB=1.0)
    assert len(text.encode()) < 1e6
    assert "Left out to keep the page small" in text
    assert "viability@1" in data_of(Page(text))["chunks"]


def test_a_cube_without_scores_or_panel_still_makes_a_page(cube: xr.DataTree) -> None:
    page = Page(render(Findings(read_screen(xr.DataTree(cube.to_dataset())))))
    assert data_of(page)["models"] == []
    assert any("no synergy scores" in words for words in page.words)


def test_json_cannot_leave_its_element() -> None:
    value = {
        "a": "</script><!--\u2028\u2029&",
        "b": [float("nan"), np.float32(1.5), np.int64(3), float("inf")],
    }
    text = safe_json(value)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": value["a"], "b": [None, 1.5, 3, None]}


def test_a_report_is_written_whole_or_not_at_all(cube: xr.DataTree, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    assert write_report(cube, None, path) == path
    assert [item.name for item in tmp_path.iterdir()] == ["page.html"]
    before = path.read_bytes()
    with pytest.raises(InputError, match="viability"):
        write_report(xr.DataTree(cube.to_dataset().drop_vars("viability")), None, path)
    assert path.read_bytes() == before
    with pytest.raises(InputError, match="does not exist"):
        write_report(cube, None, tmp_path / "absent" / "page.html")
    with pytest.raises(InputError, match=r"expected \.html"):
        write_report(cube, None, tmp_path / "page.docx")


def test_the_overview_is_one_picture(cube: xr.DataTree, nasty_names: list[str]) -> None:
    from xml.etree import ElementTree

    picture = ElementTree.fromstring(overview_svg(cube))
    words = [node.text or "" for node in picture.iter() if node.tag.endswith("text")]
    assert any("positive = synergy" in line for line in words)
    assert any(line.startswith(nasty_names[0][:15]) for line in words)
    assert "+" in "".join(words)
    assert sum(node.tag.endswith("rect") for node in picture.iter()) > 8 * 4 + 2 * 64


def test_links_of_the_answer_lead_to_what_is_there(make_cube: Callable[..., xr.DataTree]) -> None:
    few = render(Findings(read_screen(make_cube(lines=["SKBR3", "JIMT-1"], size=4, failures=False))))
    assert "All markers against all outcomes" not in few
    assert "The untreated lines, marker by marker" in few
    assert "The network, edge by edge" not in few
