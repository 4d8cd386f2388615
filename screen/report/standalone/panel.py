"""A panel's response to one drug beside the named lines, as two distribution functions in one SVG picture."""

import numpy as np
from numpy.typing import NDArray

from screen.analysis.markers.panel_response import PanelResponse
from screen.report.drawing.style import AXIS, FONT, GRID, INK, MUTED
from screen.report.drawing.svg import element, text

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720.0, 420.0, 60.0, 56.0, 24.0, 56.0
PANEL, NAMED = "#2f6f9f", "#b3432b"
MOST = 1.05


def panel_picture(response: PanelResponse) -> str:
    """The whole picture as text."""
    title = f"{response.drug}, {response.dose_nM:g} nM, {response.time_h:g} h"
    words = (
        f"{len(response.panel)} lines of the panel and {len(response.named)} named lines; "
        f"largest distance {response.distance:.2f} (p = {response.p_value:.2f})"
    )
    parts = [
        element("rect", width=WIDTH, height=HEIGHT, fill="#ffffff"),
        text(LEFT, 24, title, 16, weight=600),
        text(LEFT, 42, words, 12, fill=MUTED),
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _up(share)
        parts.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, stroke=GRID))
        parts.append(text(LEFT - 8, y + 4, f"{share:g}", 11, anchor="end", fill=MUTED))
    for value in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        parts.append(
            text(_across(value), HEIGHT - BOTTOM + 18, f"{value:g}", 11, anchor="middle", fill=MUTED)
        )
    parts.append(element("rect", x=LEFT, y=TOP, width=WIDTH - LEFT - RIGHT, height=HEIGHT - TOP - BOTTOM,
                         fill="none", stroke=AXIS))  # fmt: skip
    parts += [_steps(response.panel, PANEL, 2.0), _steps(response.named, NAMED, 2.0)]
    for rank, (name, value) in enumerate(zip(response.names, response.named)):
        dot = element(
            "circle",
            element("title", f"{name}: {value:.2f}"),
            cx=_across(value),
            cy=_up((rank + 1) / len(response.names)),
            r=3.0,
            fill=NAMED,
        )
        parts.append(dot)
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    parts.append(text(middle, HEIGHT - 16, "viability (1 = no effect)", 12, anchor="middle", fill=INK))
    parts.append(text(LEFT + 12, TOP + 20, "share of lines at or below", 12, fill=INK))
    parts.append(text(LEFT + 12, TOP + 40, "panel", 12, weight=600, fill=PANEL))
    parts.append(text(LEFT + 12, TOP + 58, "named lines", 12, weight=600, fill=NAMED))
    size = f"0 0 {WIDTH:g} {HEIGHT:g}"
    inner = "".join(parts)
    drawn = element("svg", inner, xmlns="http://www.w3.org/2000/svg", viewBox=size, font_family=FONT)
    return drawn + "\n"


def _across(value: float) -> float:
    return LEFT + min(max(value, 0.0), MOST) / MOST * (WIDTH - LEFT - RIGHT)


def _up(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _steps(values: NDArray[np.float64], stroke: str, width: float) -> str:
    """A distribution function as a staircase, thinned to what the picture can show."""
    shares = np.arange(1, len(values) + 1) / len(values)
    if len(values) > 1000:
        places = np.linspace(0, len(values) - 1, 1000).astype(int)
        values, shares = values[places], shares[places]
    points = [f"{_across(0):.1f},{_up(0):.1f}"]
    last = 0.0
    for value, share in zip(values, shares):
        points += [f"{_across(value):.1f},{_up(last):.1f}", f"{_across(value):.1f},{_up(share):.1f}"]
        last = float(share)
    points.append(f"{_across(MOST):.1f},{_up(1):.1f}")
    return element("polyline", points=" ".join(points), fill="none", stroke=stroke, stroke_width=width)
