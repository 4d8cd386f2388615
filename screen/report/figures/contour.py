"""The excess of a pair over the main model as a filled contour plot over logarithmic doses."""

import math

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import hours
from screen.report.drawing.axes import dose_axis, line
from screen.report.drawing.contours import contour
from screen.report.drawing.dose_plane import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, dose_plane, peaks
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import DIVERGING, INK, MISSING, MUTED, colour, nice
from screen.report.drawing.svg import clip, colour_bar, element, text
from screen.report.figures.figure import Figure
from screen.report.figures.pair_data import doses_of
from screen.report.findings.findings import Findings

FINE = 8  # tiles between neighbouring doses


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
    parts = [tiles(values, y, x, top)]
    step = top / 4
    for level in [k * step for k in range(-3, 4) if k]:
        for (i1, j1), (i2, j2) in contour(values, level):
            ends = (at(x, j1), at(y, i1), at(x, j2), at(y, i2))
            parts.append(line(*ends, INK, 1.1, "" if level > 0 else "4 3"))
    parts += [dose_plane(across, up, names), peaks(view.peak_nM, names, across, up)]
    ticks = (f"−{top:g}", "0", f"+{top:g}")
    label = f"{model.label} excess, percent points; positive = synergy"
    parts.append(colour_bar(LEFT + 70, BOTTOM + 54, RIGHT - LEFT - 140, DIVERGING, ticks, label))
    title = f"{model.label} excess over the dose plane"
    note = f"{view.lines[row]}, {hours(view.times_h[-1])}; a line every {step:g} points, dashed below 0"
    head = text(20, 28, title, 17, weight=650) + text(20, 48, clip(note, 92), 12, fill=MUTED)
    return whole_picture(head + "".join(parts), WIDTH, HEIGHT + 24, f"{title}, {note}")


def tiles(values: Array, y: Array, x: Array, top: float) -> str:
    """Small tiles coloured by the excess, bilinear between the doses at the pixels `y` (dose_1,), `x`."""
    parts = []
    steps = [(k + 0.5) / FINE for k in range(FINE)]
    for i in range(len(y) - 1):
        for j in range(len(x) - 1):
            corner = values[i : i + 2, j : j + 2]
            wide, high = (x[j + 1] - x[j]) / FINE, (y[i] - y[i + 1]) / FINE
            for p, u in enumerate(steps):
                for q, v in enumerate(steps):
                    value = float(np.array([1 - u, u]) @ corner @ np.array([1 - v, v]))
                    fill = MISSING if math.isnan(value) else colour(DIVERGING, 0.5 + value / (2 * top))
                    place = {"x": x[j] + q * wide, "y": y[i] - (p + 1) * high}
                    parts.append(element("rect", **place, width=wide + 0.5, height=high + 0.5, fill=fill))
    return "".join(parts)


def at(pixels: Array, index: float) -> float:
    """The pixel at a fractional index."""
    return float(np.interp(index, np.arange(len(pixels)), pixels))


FIGURE = Figure(
    name="contour",
    shows="the excess over the main model as a contour plot, with the Cmax of both drugs",
    order=70,
    file="contour",
    draw_pair=excess_contour,
)
