"""Static pictures of one pair's dose plane: the isobologram, and the excess as a contour plot."""

import math

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import dose_text, hours
from screen.report.cube_view.view import CubeView, ModelScore
from screen.report.drawing.axes import (
    DoseAxis,
    dose_axis,
    draw_dose_axis,
    draw_peak,
    draw_value_axis,
    line,
    ticks_between,
)
from screen.report.drawing.contours import Isobole, contour, natural_isobole
from screen.report.drawing.style import AXIS, CATEGORICAL, DIVERGING, GRID, INK, MISSING, MUTED, PEAK, colour
from screen.report.drawing.svg import clip, colour_bar, element, text
from screen.report.figures.curves import doses_of, path, surface_of
from screen.report.figures.heat_maps import whole_picture
from screen.report.figures.overview import nice

WIDTH, HEIGHT = 560.0, 520.0
LEFT, RIGHT, TOP, BOTTOM = 84.0, 530.0, 72.0, 440.0
FINE = 8  # tiles between neighbouring doses of a contour plot


def isobologram(screen: CubeView, row: int, column: int, time: int = -1) -> str | None:
    """The isobole that says most: against the line of additivity where both drugs alone reach it, else over
    their doses; None where no dose pair lowers viability to 0.9.
    """
    one, two = doses_of(screen, row, column)
    found = natural_isobole(surface_of(screen, row, column, time), one, two)
    if found is None:
        return None
    names = screen.drug_1[column], screen.drug_2[column]
    both = bool(found.alone_1 and found.alone_2)
    body, note = shares(found, names) if both else planes(screen, found, names, (one, two))
    title = f"Isobologram at viability {found.level:g}"
    where = f"{screen.lines[row]}, {hours(screen.times_h[time])}"
    head = text(20, 28, title, 17, weight=650) + text(20, 48, f"{where}; {note}", 12, fill=MUTED)
    width = max(WIDTH, 40 + 5.9 * len(f"{where}; {note}"))
    return whole_picture(head + body, width, HEIGHT - 20, f"{title}, {where}")


def shares(found: Isobole, names: tuple[str, str]) -> tuple[str, str]:
    """Doses as a share of what each drug needs alone: below the straight line is synergy."""
    alone_1, alone_2 = found.alone_1 or np.nan, found.alone_2 or np.nan
    points = [(b / alone_2, a / alone_1) for a, b in found.points]
    wide = max(1.15, *(x for x, _ in points))
    high = max(1.15, *(y for _, y in points))

    def across(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * value / wide

    def up(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * value / high

    parts = [draw_value_axis(up, ticks_between(0, high), LEFT, RIGHT, f"{names[0]}, share of its dose alone")]
    for value, shown in ticks_between(0, wide):
        parts.append(line(across(value), TOP, across(value), BOTTOM, GRID))
        parts.append(text(across(value), BOTTOM + 18, shown, 11, anchor="middle", fill=MUTED))
    parts.append(
        text((LEFT + RIGHT) / 2, BOTTOM + 38, f"{names[1]}, share of its dose alone", 12, anchor="middle")
    )
    parts.append(line(across(0), up(1), across(1), up(0), AXIS, 1.4, "6 4"))
    parts.append(text(across(0.64), up(0.41), "additive", 11.5, fill=MUTED))
    parts += curve([(across(x), up(y)) for x, y in points])
    index = "" if found.index is None else f"combination index {found.index:.2f}, below 1 = synergy; "
    alone = f"alone: {dose_text(alone_1)} and {dose_text(alone_2)}"
    return "".join(parts), index + alone


def planes(
    screen: CubeView, found: Isobole, names: tuple[str, str], doses: tuple[Array, Array]
) -> tuple[str, str]:
    """The isobole over logarithmic doses, where a drug alone never reaches it."""
    up, across = dose_axis(doses[0], BOTTOM, TOP), dose_axis(doses[1], LEFT, RIGHT)
    parts = [dose_plane(across, up, names)]
    parts.append(peaks(screen, names, across, up))
    for dose, axis in ((found.alone_1, up), (found.alone_2, across)):
        if dose:
            at = axis.place(dose)
            ends = (LEFT, at, RIGHT, at) if axis is up else (at, TOP, at, BOTTOM)
            parts.append(line(*ends, AXIS, 1.4, "6 4"))
    parts += curve([(across.place(b), up.place(a)) for a, b in found.points])
    lone = [name for name, dose in zip(names, (found.alone_1, found.alone_2)) if not dose]
    who = f"{lone[0]} alone never does" if len(lone) == 1 else "neither drug alone does"
    return "".join(parts), f"reached together, {who}"


def excess_contour(screen: CubeView, row: int, column: int, model: ModelScore, time: int = -1) -> str | None:
    """The excess over a model as a filled contour plot over logarithmic doses; None without an excess."""
    if model.excess is None:
        return None
    one, two = doses_of(screen, row, column)
    values = model.excess[row, column, : len(one), : len(two), time].astype(float)
    names = screen.drug_1[column], screen.drug_2[column]
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
    parts += [dose_plane(across, up, names), peaks(screen, names, across, up)]
    ticks = (f"−{top:g}", "0", f"+{top:g}")
    label = f"{model.label} excess, percent points; positive = synergy"
    parts.append(colour_bar(LEFT + 70, BOTTOM + 54, RIGHT - LEFT - 140, DIVERGING, ticks, label))
    title = f"{model.label} excess over the dose plane"
    note = f"{screen.lines[row]}, {hours(screen.times_h[time])}; a line every {step:g} points, dashed below 0"
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


def dose_plane(across: DoseAxis, up: DoseAxis, names: tuple[str, str]) -> str:
    """Both logarithmic dose axes without grid lines over the plot."""
    ticks = [(dose, dose_text(dose)) for dose in up.decades]
    ticks = [(0.0, "0"), *ticks] if up.gap else ticks
    return "".join(
        (
            draw_value_axis(up.place, ticks, LEFT, LEFT, f"dose of {names[0]}"),
            line(LEFT, BOTTOM, LEFT, TOP),
            draw_dose_axis(across, BOTTOM, BOTTOM, f"dose of {names[1]}"),
        )
    )


def peaks(screen: CubeView, names: tuple[str, str], across: DoseAxis, up: DoseAxis) -> str:
    """The clinically attainable peaks of both drugs."""
    first, second = (screen.peak_nM.get(name) for name in names)
    parts = [draw_peak(across, second, TOP, BOTTOM, f"peak of {clip(names[1], 16)}")]
    if first is not None and up.holds(first):
        y = up.place(first)
        parts.append(line(LEFT, y, RIGHT, y, PEAK, dash="4 3"))
        parts.append(text(RIGHT, y - 5, f"peak of {clip(names[0], 16)}", 11, "end", fill=PEAK))
    return "".join(parts)


def curve(points: list[tuple[float, float]]) -> list[str]:
    """A line through points, with a dot on each."""
    drawn = element("path", d=path(points), fill="none", stroke=CATEGORICAL[1], stroke_width=2.4)
    return [drawn, *(element("circle", cx=x, cy=y, r=4, fill=CATEGORICAL[1]) for x, y in points)]
