"""Dose curves of one drug at fixed doses of the other."""

import numpy as np

from screen.arrays import Array
from screen.report.drawing.axes import dose_axis
from screen.report.drawing.curves import path
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import SEQUENTIAL, colour
from screen.report.drawing.svg import clip, element
from screen.report.plate.pictures.alone import FOOT, LEFT, TOP, dose_ticks, value_axis
from screen.report.plate.pictures.dose_matrix import label
from screen.report.plate.pictures.picture import Picture
from screen.report.plate.view import BlockView, dose_label

WIDE, HIGH, KEY = 330.0, 260.0, 92.0
MOST = 7
"""Curves a panel, at most."""


def slices_picture(view: BlockView) -> Picture | None:
    """Both drugs, each over its doses with the other fixed; None for a design that is no grid."""
    if not view.layers or min(map(len, view.block.concs)) < 2:
        return None
    viability = view.layers[0].viability
    high = max(1.05, float(np.nanmax(viability, initial=0.0)))
    low = min(0.0, float(np.nanmin(viability, initial=0.0)))
    panels = [
        _panel(view, k, values, (low, high)) for k, values in enumerate((viability, viability.T)) if k < 2
    ]
    body = "".join(
        element("g", one, transform=f"translate({WIDE * k:.0f},0)") for k, one in enumerate(panels)
    )
    caption = "Means of wells, joined; dark lines: much of the partner."
    if view.layers[0].at:
        caption += f" At {view.layers[0].at}."
    name = f"dose curves of {view.heading}"
    return Picture(
        "dose-curves",
        "Dose curves at fixed partner dose",
        caption,
        whole_picture(body, WIDE * 2, HIGH + 6, name),
    )


def _panel(view: BlockView, k: int, values: Array, limits: tuple[float, float]) -> str:
    """Drug `k` over its doses (rows of `values`) at doses of the other (columns)."""
    (low, high), right, bottom = limits, WIDE - KEY, HIGH - FOOT
    own, other = view.block.concs[k], view.block.concs[1 - k]
    axis = dose_axis(own, LEFT, right)

    def place(value: float) -> float:
        return bottom - (bottom - TOP) * (value - low) / (high - low)

    parts = [
        label(LEFT, 18, clip(view.drugs[k], 30), 12.5, "start"),
        value_axis(place, limits, right, view.measure),
    ]
    parts.append(dose_ticks(axis, bottom, view.units[k]))
    parts.append(label(right + 10, TOP + 2, f"+ {clip(view.drugs[1 - k], 11)}", 10, "start", "muted"))
    picked = np.unique(np.linspace(0, len(other) - 1, min(MOST, len(other))).round().astype(int))
    for row, j in enumerate(picked):
        paint = _ink(row, len(picked))
        known = np.flatnonzero(np.isfinite(values[:, j]))
        course = [(axis.place(float(own[i])), place(float(values[i, j]))) for i in known]
        if len(course) > 1:
            parts.append(element("path", d=path(course), fill="none", stroke=paint, stroke_width=1.8))
        parts += [element("circle", cx=x, cy=y, r=2.6, fill=paint) for x, y in course]
        y = TOP + 18 + 15 * row
        parts.append(element("rect", x=right + 10, y=y - 7, width=12, height=4, fill=paint))
        parts.append(label(right + 27, y, dose_label(float(other[j]), view.units[1 - k]), 10, "start"))
    return "".join(parts)


def _ink(row: int, count: int) -> str:
    """From a light to a dark line, all of them to be seen on white and on black."""
    return colour(SEQUENTIAL, 0.72 - 0.5 * row / max(count - 1, 1))
