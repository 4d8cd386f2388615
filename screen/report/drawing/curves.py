"""Curves over dose with bands, fits, points, and names at their ends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screen.arrays import Array
from screen.report.drawing.axes import dose_axis, draw_dose_axis, draw_peak, draw_value_axis, line
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import MUTED
from screen.report.drawing.svg import clip, element, text

WIDTH, HEIGHT = 620.0, 430.0
LEFT, TOP, FOOT = 70.0, 76.0, 60.0
QUARTERS = [(share, f"{share:g}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]


@dataclass(frozen=True)
class Series:
    """One curve: viability `y` at the doses `x` in nM; `fit` is drawn where there is one, else the points are
    joined; `low`, `high` bound a band, `dash` is a pattern of dashes.
    """

    name: str
    x: Array
    y: Array
    colour: str
    fit: Callable[[Array], Array] | None = None
    bold: bool = False
    low: Array | None = None
    high: Array | None = None
    dash: str = ""


@dataclass(frozen=True)
class Level:
    """A dotted line at a value, with its words under the axis."""

    value: float
    words: str


def curves(
    title: str,
    note: str,
    series: Sequence[Series],
    x_name: str,
    peak_nM: Mapping[str, float],
    drugs: Sequence[str] | None = None,
    y_name: str = "viability (1 = no effect)",
    level: Level | None = None,
) -> str:
    """The picture of some curves; the Cmax of `drugs` (default: those that the curves are named by)."""
    right, bottom = WIDTH - 152, HEIGHT - FOOT
    axis = dose_axis(np.concatenate([item.x for item in series]), LEFT, right)
    seen = np.concatenate([item.y for item in series])
    high = max(1.05, float(np.nanmax(seen, initial=0.0)))

    def place(value: float) -> float:
        return bottom - (bottom - TOP) * value / high

    parts = [text(20, 30, clip(title, 60), 17, weight=650), text(20, 50, clip(note, 100), 12, fill=MUTED)]
    parts.append(draw_value_axis(place, QUARTERS, LEFT, right, y_name))
    parts.append(draw_dose_axis(axis, bottom, TOP, x_name))
    names = [item.name for item in series] if drugs is None else drugs
    known = [name for name in names if peak_nM.get(name)]
    for k, name in enumerate(known):
        peak = draw_peak(axis, peak_nM[name], TOP - 12 + 14 * k, bottom, f"Cmax of {clip(name, 16)}")
        parts.append(peak)
    if level is not None:
        y = place(level.value)
        parts.append(line(LEFT, y, right, y, MUTED, 1.4, "2 3"))
        below = bottom + 54  # under the axis, where no curve crosses the words
        parts.append(line(LEFT, below - 4, LEFT + 22, below - 4, MUTED, 1.4, "2 3"))
        parts.append(text(LEFT + 28, below, level.words, 11, fill=MUTED))
    for item in series:
        parts += draw_series(item, axis.place, place)
    parts += end_labels(series, place, right, bottom)
    return whole_picture("".join(parts), WIDTH, HEIGHT, f"{title}: {note}")


def draw_series(item: Series, across: Callable[[float], float], place: Callable[[float], float]) -> list[str]:
    """Band, line and points of one curve."""
    known = [k for k, (dose, value) in enumerate(zip(item.x, item.y)) if np.isfinite(dose + value)]
    above = [k for k in known if item.x[k] > 0]
    parts = []
    if item.low is not None and item.high is not None and len(above) > 1:
        edge = [(across(item.x[k]), place(item.high[k])) for k in above]
        edge += [(across(item.x[k]), place(item.low[k])) for k in reversed(above)]
        parts.append(element("path", d=path(edge) + "Z", fill=item.colour, opacity=0.16))
    ends = [float(item.x[k]) for k in (above[0], above[-1])] if above else []
    if item.fit is not None and len(ends) == 2:
        fine = np.geomspace(ends[0], ends[1], 80)
        course = [(across(float(dose)), place(float(value))) for dose, value in zip(fine, item.fit(fine))]
    else:
        course = [(across(item.x[k]), place(item.y[k])) for k in above]
    wide = 2.8 if item.bold else 1.9
    if len(course) > 1:
        dash = {"stroke_dasharray": item.dash} if item.dash else {}
        parts.append(
            element("path", d=path(course), fill="none", stroke=item.colour, stroke_width=wide, **dash)
        )
    size = 4.0 if item.bold else 3.2
    parts += [
        element("circle", cx=across(item.x[k]), cy=place(item.y[k]), r=size, fill=item.colour) for k in known
    ]
    return parts


def end_labels(
    series: Sequence[Series], place: Callable[[float], float], x: float, bottom: float
) -> list[str]:
    """Names beside the last points, pushed apart so that none overlaps."""
    shown = [
        (place(float(item.y[np.isfinite(item.y)][-1])), item) for item in series if np.isfinite(item.y).any()
    ]
    shown.sort(key=lambda tag: tag[0])
    at: list[float] = []
    for y, _ in shown:
        at.append(max(y, at[-1] + 15) if at else y)
    limit = bottom + 4
    for k in reversed(range(len(at))):
        at[k] = min(at[k], limit)
        limit = at[k] - 15
    parts = []
    for (y, item), where in zip(shown, at):
        parts.append(line(x + 2, y, x + 9, where, item.colour, 0.8))
        parts.append(element("rect", x=x + 11, y=where - 4, width=8, height=8, rx=2, fill=item.colour))
        parts.append(text(x + 23, where + 4, clip(item.name, 18), 11.5, weight=650 if item.bold else 400))
    return parts


def path(points: Sequence[tuple[float, float]]) -> str:
    """The `d` of a line through points."""
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
