"""Heat maps of names by names as SVG text, and a whole picture on white."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from screen.report.drawing.style import FONT, MISSING, MUTED, colour, ink_on
from screen.report.drawing.svg import clip, colour_bar, element, text, turned

TOP = 150
HEAD = 24
"""Letters of a column's name."""


@dataclass(frozen=True)
class Bar:
    """A colour map with its three ticks and label."""

    stops: Sequence[str]
    ticks: Sequence[str]
    label: str


@dataclass(frozen=True)
class Matrix:
    """Names by names: `rows` are (name, bold); `cell(i, j)` is a place in 0..1 along the colour map of `bar`
    (NaN = missing) and the text to print, bold where `strong(i, j)` says so.
    """

    rows: Sequence[tuple[str, bool]]
    columns: Sequence[str]
    cell: Callable[[int, int], tuple[float, str]]
    bar: Bar
    strong: Callable[[int, int], bool] | None = None


def matrix_picture(
    title: str,
    note: str,
    matrix: Matrix,
    size: tuple[float, float] = (54, 22),
    foot: str = "",
    longest: int = 22,
) -> tuple[str, float, float]:
    """A heat map and the size it takes: cells of `size` pixels, names of rows cut at `longest` letters."""
    (wide, high), rows, columns, bar = size, matrix.rows, matrix.columns, matrix.bar
    left = 24 + 6.8 * max((len(clip(name, longest)) for name, _ in rows), default=5)
    parts = [text(20, 30, title, 17, weight=650), text(20, 50, note, 12, fill=MUTED)]
    heads = [clip(name, HEAD) for name in columns]
    top = TOP + 4.0 * max(0, max(map(len, heads), default=0) - 18)
    parts += [turned(left + wide * (j + 0.5), top - 8, name, -38, 12) for j, name in enumerate(heads)]
    for i, (name, bold) in enumerate(rows):
        y = top + high * i
        parts.append(text(left - 8, y + high / 2 + 4, clip(name, longest), 12, "end", 650 if bold else 400))
        for j in range(len(columns)):
            place, shown = matrix.cell(i, j)
            x, fill = left + wide * j, MISSING if np.isnan(place) else colour(bar.stops, place)
            parts.append(element("rect", x=x, y=y, width=wide - 1, height=high - 1, fill=fill))
            weight = 700 if matrix.strong is not None and matrix.strong(i, j) else 400
            parts.append(text(x + wide / 2, y + high / 2 + 4, shown, 10.5, "middle", weight, ink_on(fill)))
    bottom = top + high * len(rows)
    across = min(220.0, max(wide * len(columns), 140.0))
    parts.append(colour_bar(left, bottom + 14, across, bar.stops, bar.ticks, bar.label))
    parts.append(text(20, bottom + 78, foot, 11, fill=MUTED))
    ends = [left + wide * (j + 0.5) + 12 + 5.2 * len(name) for j, name in enumerate(heads)]
    width = max(
        left + wide * len(columns) + 40, *ends, 30 + 8.4 * len(title), 30 + 5.6 * max(len(note), len(foot))
    )
    return "".join(parts), width, bottom + 92.0


def whole_picture(body: str, width: float, height: float, name: str) -> str:
    """`body` as one SVG document on white."""
    ground = element("rect", width="100%", height="100%", fill="#ffffff")
    return element(
        "svg",
        ground + body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=round(width),
        height=round(height),
        font_family=FONT,
        role="img",
        aria_label=name,
    )
