"""Values over the doses of two drugs: a matrix with its numbers, or dots in the plane of doses where a design is no
grid. Texts carry the classes of the page's style sheet besides their colours, so that a dark page can change them.
"""

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from screen.arrays import Array, Bools
from screen.report.drawing.axes import dose_axis, line
from screen.report.drawing.dose_surface import tick_text
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import CONTOUR, GRID, INK, MISSING, MUTED, colour, ink_on
from screen.report.drawing.svg import clip, colour_bar, element, number, turned

SIDE, LEAST, ROOM = 38.0, 15.0, 440.0
LEFT, TOP, FOOT = 70.0, 14.0, 104.0
READABLE = 24.0
"""Pixels of a cell in which a number can be read."""
CORNER = 0.3
"""Share of a cell's side that its marked corner takes."""
SHADES = 400
"""Steps of a colour map."""


@dataclass(frozen=True)
class Paint:
    """A colour map from `low` to `high` with three ticks and a label; `shown` writes a value into its cell."""

    stops: Sequence[str]
    low: float
    high: float
    ticks: Sequence[str]
    label: str
    shown: Callable[[float], str]

    def fill(self, value: float) -> str:
        if math.isnan(value):
            return MISSING
        share = (value - self.low) / (self.high - self.low)
        return _shade(tuple(self.stops), round(SHADES * min(max(share, 0.0), 1.0)))


@dataclass(frozen=True)
class Marks:
    """What is told of cells besides their value, `(dose_1, dose_2)` each: a number `beneath` it, a full `ring`, a
    dashed one, a `tip`, and a full `corner`."""

    beneath: Array | None = None
    ring: Bools | None = None
    dashed: Bools | None = None
    tip: Callable[[int, int], str] | None = None
    corner: Bools | None = None


def label(x: float, y: float, content: str, size: float, anchor: str = "middle", ink: str = "ink") -> str:
    """A line of text with the class of its ink: `ink`, `muted`, or on a cell `dark` or `light`."""
    fill = {"ink": INK, "muted": MUTED, "dark": INK, "light": "#ffffff"}[ink]
    more = {} if ink == "ink" else {"class_": ink}
    return element(
        "text", html.escape(content), x=x, y=y, font_size=size, text_anchor=anchor, fill=fill, **more
    )


def bar(x: float, y: float, width: float, paint: "Paint") -> str:
    """The colour bar of a paint."""
    return _bar(x, y, width, tuple(paint.stops), tuple(paint.ticks), paint.label)


@lru_cache(maxsize=256)
def _bar(x: float, y: float, width: float, stops: tuple[str, ...], ticks: tuple[str, ...], name: str) -> str:
    """Blocks of a screen share their shape, and so their bars."""
    return colour_bar(x, y, width, stops, ticks, name)


@lru_cache(maxsize=4096)
def _shade(stops: tuple[str, ...], place: int) -> str:
    return colour(stops, place / SHADES)


def matrix_picture(
    values: Array, doses: tuple[Array, Array], names: tuple[str, str], paint: Paint, name: str,
    marks: Marks | None = None,
) -> str:  # fmt: skip
    """`values` (dose_1, dose_2) as a matrix: the highest dose of drug 1 on top, that of drug 2 on the right."""
    rows, columns = values.shape
    side = min(SIDE, max(LEAST, ROOM / max(columns, 1)))
    body = [cells(values, paint, side, marks or Marks()), *_axes(doses, names, side)]
    bottom, across = TOP + side * rows, max(side * columns, 150.0)
    body.append(bar(LEFT, bottom + 50, across, paint))
    width = LEFT + max(across, 5.6 * len(paint.label) / 2 + across / 2) + 14
    return whole_picture("".join(body), max(width, 250.0), bottom + FOOT, name)


def cells(values: Array, paint: Paint, side: float, marks: Marks) -> str:
    """The cells with their numbers and marks; many are drawn, so their texts are short: a path a cell, and numbers in
    two groups, those on light and those on dark cells."""
    rows, size = len(values), number(side - 1)
    squares: list[str] = []
    rings: list[str] = []
    written: dict[str, list[str]] = {"dark": [], "light": []}
    beneath = np.full(values.shape, np.nan) if marks.beneath is None else marks.beneath
    for i, j in np.ndindex(*values.shape):
        value, x, y = float(values[i, j]), LEFT + side * j, TOP + side * (rows - 1 - i)
        fill = paint.fill(value)
        tip = f"<title>{html.escape(marks.tip(i, j))}</title>" if marks.tip is not None else ""
        square = f'd="M{number(x)} {number(y)}h{size}v{size}h-{size}z"'
        squares.append(
            f'<path {square} fill="{fill}">{tip}</path>' if tip else f'<path {square} fill="{fill}"/>'
        )
        if side >= READABLE:
            more, ink = bool(np.isfinite(beneath[i, j])), "dark" if ink_on(fill) == INK else "light"
            middle, line_at = number(x + (side - 1) / 2), y + side / 2
            shown = "–" if math.isnan(value) else html.escape(paint.shown(value))
            written[ink].append(
                f'<text x="{middle}" y="{number(line_at + (0 if more else 4))}">{shown}</text>'
            )
            if more:
                small = f'<text x="{middle}" y="{number(line_at + 11)}" font-size="8.5">±{beneath[i, j]:.0f}</text>'
                written[ink].append(small)
        for mark, dash in ((marks.ring, ""), (marks.dashed, ' stroke-dasharray="3 2"')):
            if mark is not None and mark[i, j]:
                rings.append(f'<path {square} fill="none" stroke="{CONTOUR}" stroke-width="2.6"{dash}/>')
        if marks.corner is not None and marks.corner[i, j]:
            edge = number(CORNER * side)
            at = f"M{number(x + side - 1)} {number(y)}"
            rings.append(f'<path d="{at}h-{edge}l{edge} {edge}z" fill="{CONTOUR}"/>')
    inks = {"dark": INK, "light": "#ffffff"}
    numbers = [
        f'<g class="{ink}" fill="{inks[ink]}" font-size="11" text-anchor="middle">{"".join(texts)}</g>'
        for ink, texts in written.items()
        if texts
    ]
    return "".join([f'<g stroke="{GRID}" stroke-width="0.8">', *squares, "</g>", *numbers, *rings])


def _axes(doses: tuple[Array, Array], names: tuple[str, str], side: float) -> list[str]:
    """The doses beside the rows and under the columns, and the names of the drugs."""
    one, two = doses
    bottom, every = TOP + side * len(one), 1 if side >= 18 else 2
    parts = [
        label(LEFT - 6, bottom - side * (i + 0.5) + 4, tick_text(dose), 10, "end", "muted")
        for i, dose in enumerate(one)
        if i % every == 0
    ]
    for j, dose in enumerate(two):
        if j % every == 0 and side >= 30:
            parts.append(label(LEFT + side * (j + 0.5), bottom + 14, tick_text(dose), 10, ink="muted"))
        elif j % every == 0:
            parts.append(turned(LEFT + side * (j + 0.5) + 3, bottom + 12, tick_text(dose), -40, 9, "end"))
    middle = LEFT + side * len(two) / 2
    parts.append(label(max(middle, LEFT + 60), bottom + 36, clip(names[1], 34), 12))
    parts.append(turned(16, TOP + side * len(one) / 2, clip(names[0], 34), -90, 12, "middle"))
    return parts


def dots_picture(
    values: Array, doses: tuple[Array, Array], names: tuple[str, str], paint: Paint, name: str,
    tip: Callable[[int], str],
) -> str:  # fmt: skip
    """`values` `(well,)` as dots over both doses `(well,)` on logarithmic axes."""
    left, right, top, bottom = 70.0, 430.0, 18.0, 340.0
    up, across = dose_axis(doses[0], bottom, top), dose_axis(doses[1], left, right)
    parts = [line(left, bottom, right, bottom), line(left, bottom, left, top)]
    for axis, upright in ((across, False), (up, True)):
        for dose in [*([0.0] if axis.gap else []), *axis.decades]:
            at = axis.place(dose)
            where = (left - 7, at + 4, "end") if upright else (at, bottom + 16, "middle")
            parts.append(label(where[0], where[1], tick_text(dose), 10, where[2], "muted"))
            parts.append(line(left - 4, at, left, at) if upright else line(at, bottom, at, bottom + 4))
    for k, value in enumerate(values):
        parts.append(
            element("circle", element("title", html.escape(tip(k))), cx=across.place(float(doses[1][k])),
                    cy=up.place(float(doses[0][k])), r=6.5 if len(values) < 200 else 4,
                    fill=paint.fill(float(value)), stroke=INK, stroke_width=0.6)
        )  # fmt: skip
    parts.append(label((left + right) / 2, bottom + 36, clip(names[1], 40), 12))
    parts.append(turned(16, (top + bottom) / 2, clip(names[0], 40), -90, 12, "middle"))
    parts.append(bar(left, bottom + 50, right - left, paint))
    return whole_picture("".join(parts), right + 20, bottom + FOOT, name)
