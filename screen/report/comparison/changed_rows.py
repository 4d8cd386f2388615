"""What the tables of a comparison say: a row a line, a pair, a marker."""

import math

from screen.report.cube_view.marker_names import marker_words
from screen.report.cube_view.number_text import percent, points
from screen.report.findings.answer import LineAnswer
from screen.report.findings.panels.compare import Comparison

LINES, PAIRS, MARKERS = 100, 300, 30
"""Rows of each table, at most."""
Rows = tuple[tuple[str, ...], ...]
LINE_HEAD = (
    "cell line",
    "best partner before",
    "after",
    "gap closed before",
    "after",
    "probability of 80 % before",
    "after",
)
PAIR_HEAD = ("cell line", "combination", "gap closed before", "after", "excess before", "after")
MARKER_HEAD = ("marker", "outcome", "rho before", "after", "false-discovery rate before", "after")


def closed_words(closed: float) -> str:
    """A share of the gap: `87 %`."""
    return percent(closed).replace("-", "−")


def line_rows(found: Comparison) -> Rows:
    """A row a resistant line."""
    return tuple(
        (
            one.line,
            *(item.partner if item else "no answer" for item in one.answers),
            *(share_words(item) for item in one.answers),
            *(percent(item.probability) if item else "–" for item in one.answers),
        )
        for one in found.lines[:LINES]
    )


def share_words(item: LineAnswer | None) -> str:
    """`87 % (79 to 95 %)`."""
    if item is None or not math.isfinite(item.closed):
        return "–"
    if not math.isfinite(item.low):
        return closed_words(item.closed)
    low = closed_words(item.low).removesuffix("\u00a0%")
    return f"{closed_words(item.closed)} ({low} to {closed_words(item.high)})"


def pair_rows(found: Comparison) -> Rows:
    """A row a common pair."""
    return tuple(
        (pair.line, pair.combination, *map(closed_words, pair.closed), *map(points, pair.score))
        for pair in found.pairs[:PAIRS]
    )


def marker_rows(found: Comparison) -> Rows:
    """A row a marker and outcome."""
    return tuple(
        (
            marker_words(item.marker),
            item.target,
            *map(rho_words, item.rho),
            *(f"{q:.2g}" if math.isfinite(q) else "–" for q in item.q),
        )
        for item in found.markers[:MARKERS]
    )


def rho_words(rho: float) -> str:
    """`+0.42`."""
    return f"{rho:+.2f}".replace("-", "−") if math.isfinite(rho) else "–"
