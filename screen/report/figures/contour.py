"""The excess of a pair over the main model as a filled contour plot over logarithmic doses."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import hours
from screen.report.drawing.axes import dose_axis
from screen.report.drawing.contours import contour, joined_lines
from screen.report.drawing.curves import path
from screen.report.drawing.dose_plane import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, dose_plane, peaks
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import DIVERGING, INK, MISSING, MUTED, colour, nice
from screen.report.drawing.svg import clip, colour_bar, element, text
from screen.report.figures.figure import Figure
from screen.report.figures.pair_data import doses_of
from screen.report.findings.findings import Findings

FINE = 8  # tiles between neighbouring doses
LABELLED = 70.0  # pixels of a level line from which on it bears its number


def excess_contour(findings: Findings, row: int, column: int) -> str | None:
    """The picture, with the Cmax of both drugs; None without an excess."""
    view = findings.view
    model = view.main_model
    if model is None or model.of_doses is None or model.excess is None:
        return None
    one, two = doses_of(view, row, column)
    values = model.excess[row, column, : len(one), : len(two), -1].astype(float)
    names = view.drug_1[column], view.drug_2[column]
    up, across = dose_axis(one, BOTTOM, TOP), dose_axis(two, LEFT, RIGHT)
    top = nice(float(np.nanmax(np.abs(values), initial=1.0)))
    y, x = (
        np.array([axis.place(float(dose)) for dose in level]) for axis, level in ((up, one), (across, two))
    )
    step = top / 4
    parts = [tiles(values, y, x, top), *levels(values, y, x, [k * step for k in range(-3, 4) if k])]
    parts += [dose_plane(across, up, names), peaks(view.peak_nM, names, across, up)]
    ticks = (f"−{top:g}", "0", f"+{top:g}")
    label = f"{model.label} excess, percent points; positive = synergy"
    parts.append(colour_bar(LEFT + 70, BOTTOM + 54, RIGHT - LEFT - 140, DIVERGING, ticks, label))
    title = f"{model.label} excess over the dose plane"
    note = f"{view.lines[row]}, {hours(view.times_h[-1])}; a line every {step:g} points, dashed below 0"
    head = text(20, 28, title, 17, weight=650) + text(20, 48, clip(note, 92), 12, fill=MUTED)
    return whole_picture(head + "".join(parts), WIDTH, HEIGHT + 24, f"{title}, {note}")


def tiles(values: Array, y: Array, x: Array, top: float) -> str:
    """Small tiles coloured by the excess between the doses at the pixels `y` (dose_1,), `x`."""
    parts = []
    middles = [(np.arange((size - 1) * FINE) + 0.5) / FINE for size in values.shape]
    fine = between(values, *middles)
    for i, row in enumerate(fine):
        high = (y[i // FINE] - y[i // FINE + 1]) / FINE
        for j, value in enumerate(row):
            wide = (x[j // FINE + 1] - x[j // FINE]) / FINE
            fill = MISSING if math.isnan(value) else colour(DIVERGING, 0.5 + float(value) / (2 * top))
            place = {"x": x[j // FINE] + j % FINE * wide, "y": y[i // FINE] - (i % FINE + 1) * high}
            parts.append(element("rect", **place, width=wide + 0.5, height=high + 0.5, fill=fill))
    return "".join(parts)


def levels(values: Array, y: Array, x: Array, heights: Sequence[float]) -> list[str]:
    """The level lines at `heights` through the same surface as the tiles', each with its number."""
    fine = between(values, *(np.arange((size - 1) * FINE + 1) / FINE for size in values.shape))
    rows, columns = (
        np.interp(np.arange(size) / FINE, np.arange(len(at)), at) for size, at in zip(fine.shape, (y, x))
    )
    parts: list[str] = []
    for height in heights:
        for course in joined_lines(contour(fine, height)):
            points = [(along(columns, j), along(rows, i)) for i, j in course]
            dash = {} if height > 0 else {"stroke_dasharray": "4 3"}
            parts.append(element("path", d=path(points), fill="none", stroke=INK, stroke_width=1.1, **dash))
            if length(points) > LABELLED:
                parts += number_on(points[len(points) // 2], f"{height:+g}".replace("-", "−"))
    return parts


def between(values: Array, rows: Array, columns: Array) -> Array:
    """`values` (dose_1, dose_2) at fractional `rows` and `columns`: cubic and monotone where they are (Fritsch and
    Butland 1984), so smooth and never beyond a neighbour; linear where one is missing.
    """
    smooth = not np.isnan(values).any()
    return _along(_along(values, rows, smooth).T, columns, smooth).T


def _along(values: Array, places: Array, smooth: bool) -> Array:
    """`values` (n, m) at the fractional `places` of their first axis."""
    low = np.minimum(places.astype(int), len(values) - 2)
    share = (places - low)[:, None]
    step = np.diff(values, axis=0)
    if not smooth:
        return np.asarray(values[low] + share * step[low])
    product, total = step[:-1] * step[1:], step[:-1] + step[1:]
    inner = np.where(product > 0, 2 * product / np.where(product > 0, total, 1.0), 0.0)
    slope = np.concatenate([step[:1], inner, step[-1:]])
    bend = slope[low] + slope[low + 1] - 2 * step[low]
    return np.asarray(
        values[low] + share * (slope[low] + share * (step[low] - slope[low] + (share - 1) * bend))
    )


def length(points: Sequence[tuple[float, float]]) -> float:
    """Pixels along a line."""
    return sum(math.dist(one, two) for one, two in pairwise(points))


def number_on(place: tuple[float, float], shown: str) -> list[str]:
    """The number of a level line, on a ground that interrupts it."""
    x, y = place
    wide = 6.2 * len(shown) + 4
    ground = element(
        "rect", x=x - wide / 2, y=y - 7, width=wide, height=14, rx=3, fill="#ffffff", opacity=0.85
    )
    return [ground, text(x, y + 4, shown, 11, anchor="middle")]


def along(pixels: Array, index: float) -> float:
    """The pixel at a fractional index."""
    return float(np.interp(index, np.arange(len(pixels)), pixels))


FIGURE = Figure(
    name="contour",
    shows="the excess over the main model as a contour plot with numbered lines, and the Cmax of both drugs",
    order=70,
    file="contour",
    draw_pair=excess_contour,
)
