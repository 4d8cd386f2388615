"""The plane of two doses on logarithmic axes: its axes, the Cmax of both drugs, and curves in it."""

from collections.abc import Mapping

from screen.report.cube_view.number_text import dose_text
from screen.report.drawing.axes import DoseAxis, draw_dose_axis, draw_peak, draw_value_axis, line
from screen.report.drawing.curves import path
from screen.report.drawing.style import CATEGORICAL, PEAK
from screen.report.drawing.svg import clip, element, text

WIDTH, HEIGHT = 560.0, 520.0
LEFT, RIGHT, TOP, BOTTOM = 84.0, 530.0, 72.0, 440.0


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


def peaks(peak_nM: Mapping[str, float], names: tuple[str, str], across: DoseAxis, up: DoseAxis) -> str:
    """The Cmax of both drugs."""
    first, second = (peak_nM.get(name) for name in names)
    parts = [draw_peak(across, second, TOP, BOTTOM, f"Cmax of {clip(names[1], 16)}")]
    if first is not None and up.holds(first):
        y = up.place(first)
        parts.append(line(LEFT, y, RIGHT, y, PEAK, dash="4 3"))
        parts.append(text(RIGHT, y - 5, f"Cmax of {clip(names[0], 16)}", 11, "end", fill=PEAK))
    return "".join(parts)


def curve(points: list[tuple[float, float]]) -> list[str]:
    """A line through points, with a dot on each."""
    drawn = element("path", d=path(points), fill="none", stroke=CATEGORICAL[1], stroke_width=2.4)
    return [drawn, *(element("circle", cx=x, cy=y, r=4, fill=CATEGORICAL[1]) for x, y in points)]
