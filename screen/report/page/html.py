"""The page: data, style, script and words joined into one file that needs nothing else.

The script and the style are files of the report, admitted by their hashes in the page's content security policy;
nothing else may run or load. Names from a cube enter through autoescape or as JSON, never as markup.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from screen._version import __version__
from screen.errors import InputError
from screen.files import checked, write_text
from screen.report.cube_view.from_cube import read_screen
from screen.report.cube_view.number_text import read_at
from screen.report.cube_view.provenance import without_host
from screen.report.cube_view.view import CubeView
from screen.report.drawing.browser import print_page
from screen.report.figures.registry import all_figures
from screen.report.findings.checks import simulations_by_status
from screen.report.findings.findings import Findings, silent
from screen.report.page.glossary import GLOSSARY, explained
from screen.report.page.payload import payload_of, safe_json
from screen.report.page.printed_pairs import PRINTED_PAIRS
from screen.report.page.script import asset, script
from screen.report.page.stamp import stamp_of
from screen.report.page.templates import environment
from screen.report.sections.registry import sections_of
from screen.report.sections.section import Content, Section
from screen.runner.execution.options import Progress

if TYPE_CHECKING:
    import xarray as xr

PAGE_ITSELF = 300_000
SUMMARY = ("answer", "experiment")
"""The sections of a summary."""
HALF_WIDTH = 730
"""Pixels inside a figure that is half as wide as the page."""


@dataclass(frozen=True)
class Page:
    """What the template lays out; `drawn` names the sections that hold figures of the script, and `data`, `style`
    and `script` are markup.
    """

    title: str
    version: str
    stamp: str
    policy: str
    size: list[tuple[str, str]]
    sections: tuple[tuple[Section, Content], ...]
    drawn: frozenset[str]
    notes: list[str]
    data: Any
    style: Any
    script: Any
    glossary: tuple[tuple[str, str], ...] = tuple(GLOSSARY.items())
    summary: bool = False


def write_page(
    cube: "str | Path | xr.DataTree",
    scores: "xr.Dataset | xr.DataTree | None",
    path: Path,
    limit_MB: float,
    explain: int = 0,
    summary: bool = False,
    host: bool = True,
    progress: Progress = silent,
) -> Path:
    """Write the page of `cube` to `path`, whole or not at all; a `summary` is its answer alone, on one sheet, and
    without `host` it does not say where the cube was made. `progress` hears how far it is.
    """
    checked(path, (".html", ".htm", ".pdf"))
    file = Path(cube) if isinstance(cube, str | Path) else None
    if file is None and explain:
        raise InputError("explain: the counterfactuals need the cube as a file, found a tree in memory")
    whole = scores is None and file is not None and file.is_file()
    stamp = stamp_of(file, limit_MB, explain, summary, host) if file is not None and whole else ""
    progress("read", 0, 1)
    view = read_screen(cube, scores)
    progress("read", 1, 1)
    if not host:
        view = replace(view, provenance=without_host(view.provenance))
    paper = path.suffix.lower() == ".pdf"
    text = render(Findings(view, file, explain, progress), limit_MB, stamp, summary, paper)
    progress("write", 0, 1)
    written = print_page(text, path, summary) if paper else write_text(path, text)
    progress("write", 1, 1)
    return written


def render(
    findings: Findings, limit_MB: float = 6.0, stamp: str = "", summary: bool = False, paper: bool = False
) -> str:
    """The whole page as text, its data kept so small that it stays under `limit_MB`; of a `summary` the answer, and for
    `paper` every pair of the answer.
    """
    sections = sections_of(findings)
    if summary:
        sections = tuple(pair for pair in sections if pair[0].id in SUMMARY)
    elif paper and (pairs := PRINTED_PAIRS.make(findings)) is not None:
        sections = tuple(sorted((*sections, (PRINTED_PAIRS, pairs)), key=lambda pair: pair[0].order))
    data, notes = payload_of(findings, sections, limit_MB * 1e6 - PAGE_ITSELF)
    style, code = asset("page", "style.css"), script()
    page = Page(
        title=findings.view.title,
        version=__version__,
        stamp=stamp,
        policy=policy(style, code),
        size=size_of(findings.view),
        sections=sections,
        drawn=frozenset(figure.section for figure in all_figures()),
        notes=notes,
        data=Markup(safe_json(data)),
        style=Markup(style),
        script=Markup(code),
        summary=summary,
    )
    pages = environment(template)
    pages.tests["wide"] = is_wide
    pages.filters["explained"] = explained
    return pages.get_template("page.html.j2").render(page=page)


def template(name: str) -> str:
    """The page's template, or the template of a section."""
    return asset("page" if name == "page.html.j2" else "sections", name)


def is_wide(picture: str) -> bool:
    """Whether a picture, as `screen.report.drawing.svg` writes it, needs more than half the width of the page."""
    size = re.search(r'viewBox="0 0 (\d+)', picture)
    return size is not None and int(size[1]) > HALF_WIDTH


def policy(style: str, script: str) -> str:
    """The content security policy that admits this style and this script alone, and no request at all."""

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; script-src {digest(script)}; style-src {digest(style)}; img-src data: blob:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def size_of(view: CubeView) -> list[tuple[str, str]]:
    """The screen in a few numbers."""
    rows, columns = view.status.shape[2:]
    many = int(simulations_by_status(view).sum())
    return [
        (f"{len(view.lines):,}", "cell lines" if len(view.lines) != 1 else "cell line"),
        (f"{len(view.combinations):,}", "combinations" if len(view.combinations) != 1 else "combination"),
        (f"{rows} × {columns}", "doses"),
        (f"{many:,}", "simulations"),
        (read_at(list(view.times_h[-3:])), "read at"),
    ]
