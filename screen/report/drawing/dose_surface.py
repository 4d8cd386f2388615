"""The surface of a dose pair as cells with their values printed, with level lines, axes and a colour bar."""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Array
from screen.report.drawing.axes import line
from screen.report.drawing.contours import contour
from screen.report.drawing.style import CONTOUR, MISSING, MUTED, SEQUENTIAL, colour, ink_on
from screen.report.drawing.svg import colour_bar, element, text, turned

Panel = tuple[str, Array, Sequence[str], float, float, Sequence[str]]
"""Title, values (dose_1, dose_2), colour map, the values at its two ends, three ticks."""
SIDE = 34


def panel_picture(panel: Panel, doses: tuple[Array, Array], names: tuple[str, str]) -> str:
    """One surface with its title, axes and colour bar."""
    title, values, stops, low, high, ticks = panel
    left, base, across = 84.0, 14.0 + SIDE * len(doses[0]), SIDE * len(doses[1])
    return "".join(
        (
            text(20, 4, title, 12.5, weight=600),
            *surface(values, doses, stops, (low, high), (left, 14)),
            text(left + across / 2, base + 32, grid_name(names[1], doses[1]), 12, anchor="middle"),
            turned(
                22, 14 + SIDE * len(doses[0]) / 2, grid_name(names[0], doses[0]), -90, 12, anchor="middle"
            ),
            colour_bar(left, base + 44, across, stops, ticks, ""),
        )
    )


def surface(
    values: Array,
    doses: tuple[Array, Array],
    stops: Sequence[str],
    limits: tuple[float, float],
    corner: tuple[float, float],
) -> tuple[str, str, str]:
    """A dose x dose heat map: its cells, level lines and, above them, the values printed; the highest dose of drug 1
    on top.
    """
    (one, two), (low, high), (left, top) = doses, limits, corner
    cells, parts = [], []
    levels = levels_of(values, corner, len(one)) if stops is SEQUENTIAL else ""
    for i, dose in enumerate(one):
        y = top + SIDE * (len(one) - 1 - i)
        parts.append(text(left - 6, y + SIDE / 2 + 4, tick_text(dose), 10, anchor="end", fill=MUTED))
        for j, value in enumerate(values[i, : len(two)]):
            fill = MISSING if np.isnan(value) else colour(stops, (value - low) / (high - low))
            x, shown = left + SIDE * j, cell_text(value, signed=low < 0)
            cells.append(element("rect", x=x, y=y, width=SIDE - 1, height=SIDE - 1, fill=fill))
            if levels:
                parts.append(halo(x + SIDE / 2, y + SIDE / 2 + 4, shown, fill))
            parts.append(text(x + SIDE / 2, y + SIDE / 2 + 4, shown, 10, anchor="middle", fill=ink_on(fill)))
    for j, dose in enumerate(two):
        parts.append(
            text(
                left + SIDE * (j + 0.5), top + SIDE * len(one) + 14, tick_text(dose), 10, "middle", fill=MUTED
            )
        )
    return "".join(cells), levels, "".join(parts)


def halo(x: float, y: float, shown: str, fill: str) -> str:
    """The ground on which a number stands where a level line passes: not crossed, and readable."""
    wide = 5.6 * len(shown) + 2
    return element("rect", x=x - wide / 2, y=y - 9, width=wide, height=11, fill=fill)


def levels_of(values: Array, corner: tuple[float, float], rows: int) -> str:
    """Level lines of a viability surface: 0.75 dotted, 0.5 full, 0.25 dashed."""
    (left, top), parts = corner, []
    for level, dash in ((0.75, "2 4"), (0.5, ""), (0.25, "7 4")):
        for ends in contour(values, level):
            (x1, y1), (x2, y2) = ((left + SIDE * (j + 0.5), top + SIDE * (rows - 0.5 - i)) for i, j in ends)
            parts.append(line(x1, y1, x2, y2, CONTOUR, 2.0, dash))
    return "".join(parts)


def tick_text(dose: float) -> str:
    """A dose in nM with three digits; from 1000 nM on in µM, which is written."""
    return f"{float(f'{dose / 1000:.3g}'):g}µM" if dose >= 999.5 else f"{float(f'{dose:.3g}'):g}"


def grid_name(name: str, doses: Array) -> str:
    """What an axis with these doses says: `linsitinib, nM`, or that some of them are in µM."""
    return f"{name}, nM unless stated" if np.nanmax(doses, initial=0) >= 999.5 else f"{name}, nM"


def cell_text(value: float, signed: bool) -> str:
    """A viability with two decimals, or a signed whole number of points."""
    if np.isnan(value):
        return "–"
    if not signed:
        return f"{value:.2f}"
    return f"{value:+.0f}".replace("-", "−") if round(value) else "0"
