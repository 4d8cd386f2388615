"""The pages for people: lines that a review can show, and links and paths that lead somewhere."""

import re
from pathlib import Path

import pytest
import yaml

from screen._version import __version__
from tests.paths import ROOT, tracked

WIDTH = 120
FOLDERS = {".": "*.md", "docs": "**/*.md", "tests": "**/*.md"}
PAGES = [page for folder, pattern in FOLDERS.items() for page in tracked(folder, pattern)]
LINK = re.compile(r"\]\(([^)\s]+)\)")
TOCTREE = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)
NAMED = re.compile(r"`((?:screen|tests|docs|configs|\.ci)/[\w./<>*-]+)`")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_line_of_prose_is_longer_than_a_review_shows(page: Path) -> None:
    fenced, long = False, []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fenced ^= line.lstrip().startswith("```")
        table = line.lstrip().startswith("|")
        text = LINK.sub("]", line)  # an address cannot be broken
        if len(text) > WIDTH and not table and not fenced:
            long.append(f"{named(page)}:{number}: found {len(text)} characters, expected at most {WIDTH}")
    assert not long, "\n".join(long)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = {target.partition("#")[0] for target in LINK.findall(page.read_text(encoding="utf-8"))}
    files = {target for target in targets if target and ":" not in target}
    missing = sorted(target for target in files if not (page.parent / target).exists())
    assert not missing, f"{named(page)} links to {missing}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    """A name in angle brackets stands for one to be written: `screen/synergy/models/<name>.py`."""
    paths = {path.rstrip(".") for path in NAMED.findall(page.read_text(encoding="utf-8"))}
    known = {path: re.sub(r"/[^/]*[<*].*", "", path) for path in paths}
    missing = sorted(path for path, known_part in known.items() if not (ROOT / known_part).exists())
    assert not missing, f"{named(page)} names {missing}"


def test_every_page_has_a_place_in_the_navigation_of_the_site() -> None:
    listed = set()
    for page in tracked("docs", "**/*.md"):
        for names in TOCTREE.findall(page.read_text(encoding="utf-8")):
            words = (re.sub(r".*<|>", "", line.strip()) for line in names.splitlines())
            listed |= {(page.parent / word).resolve() for word in words if word and not word.startswith(":")}
    pages = {*tracked("docs", "**/*.md"), *tracked("docs", "**/*.ipynb")}
    pages -= {ROOT / "docs" / "index.md", ROOT / "docs" / "paper" / "paper.md"}
    missing = sorted(named(page) for page in pages if page.with_suffix("") not in listed)
    assert not missing, f"found no toctree with {missing}, expected each in docs/guides.md or another index"


def test_the_citation_names_the_version() -> None:
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == __version__
