"""The waterfall of a cohort: what each tumour loses of its cells under a treatment, the most first."""

import numpy as np

from screen.report.cube_view.number_text import percent
from screen.report.drawing.axes import line
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import GRID, INK, MUTED
from screen.report.drawing.svg import element, text
from screen.report.findings.panels.cohort import CLASSES, LIMITS, CohortResponse

WIDTH, HEIGHT, LEFT, TOP = 720.0, 300.0, 60.0, 70.0
COLOURS = {"strong": "#1b6a8f", "partial": "#6aa7c4", "minor": "#d9c38c", "none": "#c9c9c9"}


def waterfall_of_cohort(found: CohortResponse) -> str:
    """Bars of the change of the cell number against the untreated tumour, in percent, by class; SVG."""
    order = np.argsort(found.left)
    step = (WIDTH - LEFT - 20) / max(1, len(order))

    def down(share: float) -> float:
        return TOP + (HEIGHT - TOP - 60) * min(1.0, max(0.0, share))

    parts = [
        text(20, 28, f"{found.treatment}: cells lost by each of {len(order)} virtual tumours", 16, weight=650)
    ]
    for lost in (0.0, 0.2, 0.5, 0.8, 1.0):
        parts.append(line(LEFT, down(lost), WIDTH - 20, down(lost), GRID))
        parts.append(
            text(LEFT - 8, down(lost) + 4, f"−{percent(lost)}" if lost else percent(0), 11, "end", fill=MUTED)
        )
    for place, row in enumerate(order):
        left = float(found.left[row])
        if left != left:
            continue
        name = next(name for name, most in CLASSES.items() if left <= most)
        high = max(0.5, down(1 - left) - down(0))
        x, wide = LEFT + place * step, max(0.3, step * 0.9)
        parts.append(element("rect", x=x, y=down(0), width=wide, height=high, fill=COLOURS[name]))
    parts.append(line(LEFT, down(0), WIDTH - 20, down(0), INK))
    for place, (name, (share, low, high)) in enumerate(found.shares.items()):
        x = LEFT + place * 165
        parts.append(element("rect", x=x, y=HEIGHT - 42, width=10, height=10, fill=COLOURS[name]))
        words = f"{name} {percent(share)} ({percent(low)} to {percent(high)})"
        parts.append(text(x + 15, HEIGHT - 33, words, 11.5))
    half = LIMITS.index(". ") + 1
    parts += [
        text(20, HEIGHT - 12, LIMITS[:half], 9.5, fill=MUTED),
        text(20, HEIGHT + 2, LIMITS[half + 1 :], 9.5, fill=MUTED),
    ]
    return whole_picture("".join(parts), WIDTH, HEIGHT + 12, found.treatment)
