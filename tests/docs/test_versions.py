"""Versions of the site stand beside each other and lead to one another, from a disk and without a network; so does the
search.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from screen.report.drawing.browser import browser
from tests.paths import ROOT

pytest.importorskip("pydata_sphinx_theme", reason="the tools of the documentation are not installed")
PAGES = {"1.0.0": ["index", "start"], "1.10.0": ["index", "limits", "start"]}


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of a small site by the project's settings, and `versions.js`."""
    folder = tmp_path_factory.mktemp("sites")
    for version, pages in PAGES.items():
        source = folder / "source" / version
        source.mkdir(parents=True)
        for page in pages:
            (source / f"{page}.md").write_text(f"# The {page} of {version}\n\nA word: antagonism{page}.\n")
        names = "\n".join(pages[1:])
        (source / "index.md").write_text(f"# Index\n\n```{{toctree}}\n{names}\n```\n")
        words = ["-b", "html", "-c", str(ROOT / "docs"), "-D", f"release={version}", str(source)]
        subprocess.run(
            [sys.executable, "-m", "sphinx", "-q", "-W", *words, str(folder / "site" / version)], check=True
        )
    subprocess.run([sys.executable, str(ROOT / "docs" / "versions.py"), str(folder / "site")], check=True)
    return folder / "site"


def shown(page: Path, query: str = "") -> str:
    """A page of a disk as a browser has it once its scripts have run."""
    found = browser()
    if found is None:
        pytest.skip("found no Chromium or Chrome")
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000", "--dump-dom"]
    ended = subprocess.run(
        [found, *words, f"--user-data-dir={page.parent}.profile", f"{page.as_uri()}{query}"],
        capture_output=True, text=True, timeout=120, check=True, env=os.environ,
    )  # fmt: skip
    return ended.stdout


@pytest.mark.slow
def test_the_newest_version_comes_first_with_the_pages_of_each(sites: Path) -> None:
    text = (sites / "versions.js").read_text(encoding="utf-8")
    found = json.loads(text.removeprefix("window.VERSIONS = ").rstrip(";\n"))
    assert list(found) == ["1.10.0", "1.0.0"]
    assert {
        version: [page for page in pages if page in PAGES["1.10.0"]] for version, pages in found.items()
    } == PAGES


@pytest.mark.slow
def test_a_page_loads_nothing_from_elsewhere(sites: Path) -> None:
    for page in sites.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:script|img|iframe)[^>]*src=\"(?:https?:)?//[^\"]*", text)
        assert not re.findall(
            r"<link[^>]*rel=\"(?:stylesheet|preload)\"[^>]*href=\"(?:https?:)?//[^\"]*", text
        )


@pytest.mark.slow
@pytest.mark.browser
def test_a_page_offers_the_other_version(sites: Path) -> None:
    dom = shown(sites / "1.0.0" / "start.html")
    choice, *_ = re.findall(
        r"<select class=\"versions[^>]*>.*?</select>", dom, re.DOTALL
    )  # there, and in the menu
    assert re.findall(r"<option[^>]*>([^<]+)", choice) == ["1.10.0", "1.0.0"]
    assert " hidden" not in choice.partition(">")[0]


@pytest.mark.slow
@pytest.mark.browser
def test_the_search_finds_a_page_from_a_disk(sites: Path) -> None:
    assert (
        "limits.html"
        in shown(sites / "1.10.0" / "search.html", "?q=antagonismlimits").partition("search-results")[2]
    )
