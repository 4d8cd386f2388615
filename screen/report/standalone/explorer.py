"""Sliders on the engine, for notebooks: two doses, and at once what the line does in time."""

from typing import TYPE_CHECKING, Any

import numpy as np

from screen.analysis.explore import Courses, Explorer
from screen.errors import InputError
from screen.report.cube_view.number_text import dose_text
from screen.report.drawing.axes import draw_value_axis, line, ticks_between
from screen.report.drawing.style import AXIS, GRID, MUTED
from screen.report.drawing.svg import clip, element, text

if TYPE_CHECKING:
    import ipywidgets

WIDTH, HEIGHT, TOP, FOOT, LEFT = 270.0, 250.0, 46.0, 40.0, 58.0
COLOURS = ("#8a8a8a", "#30557a", "#a3452c", "#1d1d1b")  # vehicle, drug 1, drug 2, both


def courses_svg(explorer: Explorer, courses: Courses) -> str:
    """The courses as one SVG picture: a panel for viability, one for each readout."""
    panels = {"viability": courses.viability, **courses.readouts}
    names = ("vehicle", *(drug.name for drug in explorer.drugs), "both")
    parts = [
        _panel(k * WIDTH, name, courses.time_h, values) for k, (name, values) in enumerate(panels.items())
    ]
    for k, (name, colour) in enumerate(zip(names, COLOURS, strict=True)):
        x = LEFT + 140 * k
        parts += [line(x, HEIGHT + 12, x + 18, HEIGHT + 12, colour, 2.5)]
        parts += [text(x + 24, HEIGHT + 16, clip(name, 16), 12, fill=MUTED)]
    wide, high = WIDTH * len(panels) + 20, HEIGHT + 26
    return element(
        "svg",
        "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {wide:g} {high:g}",
        width=f"{wide:g}",
        font_family="Helvetica, Arial, sans-serif",
        role="img",
    )


def _panel(left: float, name: str, time_h: Any, values: Any) -> str:
    """Four curves of one quantity relative to the vehicle, over time in hours."""
    begin, end, bottom = left + LEFT, left + WIDTH - 6, HEIGHT - FOOT
    high = max(1.05, float(np.nanmax(values)))

    def across(hour: float) -> float:
        return begin + (end - begin) * hour / float(time_h[-1])

    def up(value: float) -> float:
        return bottom - (bottom - TOP) * value / high

    parts = [text(begin, 24, clip(f"{name}, of the vehicle", 34), 14, weight=650)]
    parts.append(draw_value_axis(up, ticks_between(0, high, 4), begin, end, ""))
    parts.append(line(begin, bottom, end, bottom, AXIS))
    for hour, shown in ticks_between(0, float(time_h[-1]), 4):
        parts += [line(across(hour), bottom, across(hour), TOP, GRID)]
        parts += [text(across(hour), bottom + 16, f"{shown} h", 11, anchor="middle", fill=MUTED)]
    for row, colour in zip(values, COLOURS, strict=True):
        known = np.isfinite(row)
        points = " ".join(
            f"{across(x):.1f},{up(y):.1f}" for x, y in zip(time_h[known], row[known], strict=True)
        )
        parts.append(element("polyline", points=points, fill="none", stroke=colour, stroke_width=2.2))
    return "".join(parts)


def explorer_widget(explorer: Explorer) -> "ipywidgets.VBox":
    """Two sliders, a sentence and the picture; moving a slider simulates again.

    Raises `InputError` where ipywidgets is not installed.
    """
    try:
        import ipywidgets
    except ImportError:
        raise InputError("explore needs ipywidgets: pip install 'herscreen[notebook]'") from None
    sliders = []
    for which, drug in enumerate(explorer.drugs):
        options = [(dose_text(dose), dose) for dose in explorer.doses_nM(which).tolist()]
        slider = ipywidgets.SelectionSlider(options=options, index=len(options) // 2, description=drug.name)
        slider.style.description_width, slider.layout.width = "9em", "32em"
        sliders.append(slider)
    sentence, picture = ipywidgets.HTML(), ipywidgets.HTML()

    def draw(_change: object = None) -> None:
        found = explorer.courses(*(slider.value for slider in sliders))
        left = f"{found.viability[3, -1]:.2f} of the vehicle's cells are left at {explorer.time_h:g} h"
        beyond = f"{found.excess:+.1f} percent points beyond Bliss (positive = synergy)"
        sentence.value = f"<b>{explorer.line.name}</b>: {left}; {beyond}"
        picture.value = courses_svg(explorer, found)

    for slider in sliders:
        slider.observe(draw, names="value")
    draw()
    return ipywidgets.VBox([*sliders, sentence, picture])
