"""The self-contained page of a comparison: for each screen or file of plates that the first is set beside what changed,
what is stated differently, answers, pairs, markers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from screen._version import __version__
from screen.files import checked, write_text
from screen.report.comparison import changed_rows
from screen.report.comparison.measured import BLOCK_HEAD, MeasuredComparison, block_row
from screen.report.comparison.pictures import answers_picture, pairs_pictures
from screen.report.drawing.browser import print_page
from screen.report.findings.gap import CLOSED
from screen.report.findings.panels.compare import Comparison
from screen.report.page.html import policy
from screen.report.page.script import asset
from screen.report.page.still import theme_rules
from screen.report.page.templates import environment

BLOCKS = 1000
"""Blocks of plates in the table, at most."""


@dataclass(frozen=True)
class ChangeTable:
    """A table with its heading and what is not in it."""

    heading: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class ComparedPart:
    """What the page says of one comparison."""

    heading: str
    names: tuple[str, str]
    sentences: tuple[str, ...]
    headlines: tuple[tuple[str, str], ...]
    wide: tuple[tuple[str, Any], ...]
    half: tuple[tuple[str, Any], ...]
    tables: tuple[ChangeTable, ...]


def write_comparison(found: Sequence[Comparison | MeasuredComparison], path: Path) -> Path:
    """Write the page to `path` (.html, or .pdf through an installed Chromium), whole or not at all."""
    checked(path, (".html", ".htm", ".pdf"))
    text = render(found)
    return print_page(text, path) if path.suffix.lower() == ".pdf" else write_text(path, text)


def render(found: Sequence[Comparison | MeasuredComparison]) -> str:
    """The whole page as text; names in it are data."""
    pages = environment(lambda name: asset("comparison", name))
    style = asset("page", "style.css") + asset("comparison", "compare.css") + theme_rules()
    script = asset("page", "still.js") + asset("comparison", "compare.js")
    return pages.get_template("compare.html.j2").render(
        first=found[0].names[0],
        parts=[part_of(one) if isinstance(one, Comparison) else measured_part(one) for one in found],
        version=__version__,
        policy=policy(style, script),
        style=Markup(style),
        script=Markup(script),
    )


def part_of(found: Comparison) -> ComparedPart:
    """Two screens."""
    answers = answers_picture(found)
    caption = f"Open: before, filled: after; dashed: {100 * CLOSED:.0f} %. The partner may be another one."
    tables = (
        ChangeTable("What is stated differently", ("", *found.names), found.stated),
        ChangeTable(
            "The answer of each line",
            changed_rows.LINE_HEAD,
            changed_rows.line_rows(found),
            left(len(found.lines), changed_rows.LINES),
        ),
        ChangeTable(
            "Every common pair",
            changed_rows.PAIR_HEAD,
            changed_rows.pair_rows(found),
            left(len(found.pairs), changed_rows.PAIRS),
        ),
        ChangeTable(
            "Markers",
            changed_rows.MARKER_HEAD,
            changed_rows.marker_rows(found),
            left(len(found.markers), changed_rows.MARKERS),
        ),
    )
    return ComparedPart(
        heading=f"What changed from {found.names[0]} to {found.names[1]}",
        names=found.names,
        sentences=found.sentences,
        headlines=tuple(zip(found.names, found.headlines)),
        wide=((caption, Markup(answers)),) if answers else (),
        half=tuple((caption, Markup(drawn)) for caption, drawn in pairs_pictures(found)),
        tables=tuple(table for table in tables if table.rows),
    )


def measured_part(found: MeasuredComparison) -> ComparedPart:
    """A screen and plates."""
    rows = tuple(block_row(one) for one in found.blocks[:BLOCKS])
    table = ChangeTable("Measured and simulated scores", BLOCK_HEAD, rows, left(len(found.blocks), BLOCKS))
    heading = f"{found.names[1]} as measured, beside {found.names[0]}"
    return ComparedPart(heading, found.names, found.sentences, (), (), (), (table,))


def left(count: int, most: int) -> str:
    """What a table leaves out."""
    if count <= most:
        return ""
    return f"The {most} most changed of {count}."
