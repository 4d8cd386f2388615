"""One picture of a screen, in SVG without a browser: lines x partners, and the strongest pair beside it.

It opens the README, and stands in the page for readers whose browser runs no script.
"""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import hours, points
from screen.report.cube_view.view import CubeView, ModelScore
from screen.report.drawing.axes import line
from screen.report.drawing.contours import contour
from screen.report.drawing.style import CONTOUR, DIVERGING, MISSING, MUTED, SEQUENTIAL, colour, ink_on
from screen.report.drawing.svg import clip, colour_bar, element, text, turned
from screen.report.figures.heat_maps import Bar, matrix_picture, whole_picture
from screen.report.findings.resensitisation import Rescue, rescue_of

Panel = tuple[str, Array, Sequence[str], float, float, Sequence[str]]
ROWS = 40
SIDE = 34


def overview_picture(screen: CubeView, rescue: Rescue | None = None, time: int = -1) -> str:
    """The picture as SVG text with fixed colours on white, at one assay time."""
    rescue = rescue_of(screen) if rescue is None else rescue
    score, label = summary_of(screen, rescue, time)
    body, width, height = heat_map(screen, rescue, score, label, time)
    if np.isfinite(score).any():
        pair, pair_width, pair_height = pair_picture(screen, rescue, score, time)
        body += element("g", pair, transform=f"translate({width + 14:.1f},0)")
        width, height = width + pair_width + 14, max(height, pair_height)
    return whole_picture(body, width, height, f"{screen.title}: {label} by cell line and partner")


def summary_of(screen: CubeView, rescue: Rescue, time: int) -> tuple[Array, str]:
    """The summary that the picture shows, (cell_line, combination), and its name."""
    if (model := screen.main_model) is not None:
        return np.asarray(model.mean[..., time], float), f"mean {model.label} excess"
    return 100 * rescue.gain[..., time], f"gained effect of {screen.anchor}"


def heat_map(
    screen: CubeView, rescue: Rescue, score: Array, label: str, time: int
) -> tuple[str, float, float]:
    """Lines x partners with their values printed, and the size it takes."""
    order, limit = row_order(score, rescue)[:ROWS], scale_limit(score)

    def cell(i: int, j: int) -> tuple[float, str]:
        value = score[order[i], j]
        return (np.nan if np.isnan(value) else float(0.5 + value / (2 * limit))), points(value)

    names = [(screen.lines[row], bool(rescue.resistant[row])) for row in order]
    note = f"{hours(screen.times_h[time])}, {len(screen.lines)} lines; positive = synergy"
    foot = f"bold: resistant to {screen.anchor} alone"
    foot += f"; the first {ROWS} of {len(screen.lines)} lines" if len(screen.lines) > ROWS else ""
    bar = Bar(DIVERGING, (f"−{limit:g}", "0", f"+{limit:g}"), f"{label}, percent points")
    title = f"{screen.anchor} + partner: {label}"
    return matrix_picture(title, note, names, screen.partners, cell, bar, foot=foot)


def row_order(score: Array, rescue: Rescue) -> Array:
    """Resistant lines first, then by their best score."""
    best = np.nan_to_num(score, nan=-1e9).max(axis=1, initial=-1e9)
    return np.lexsort((-best, ~rescue.resistant, rescue.her2_low))


def scale_limit(score: Array) -> float:
    """A round symmetric limit that covers all but the most extreme hundredth."""
    found = np.abs(score[np.isfinite(score)])
    return nice(float(np.quantile(found, 0.99)) if found.size else 1.0)


def nice(value: float) -> float:
    """The next round number, a small multiple of a power of ten."""
    value = max(value, 0.5)
    power = 10 ** np.floor(np.log10(value))
    steps = (1, 1.2, 1.5, 2, 3, 4, 5, 6, 8, 10)
    return float(next(step * power for step in steps if step * power >= value * 0.999))


def pair_picture(screen: CubeView, rescue: Rescue, score: Array, time: int) -> tuple[str, float, float]:
    """Response and main excess of the strongest pair in a resistant line, one above the other."""
    wanted = np.where((rescue.resistant & ~rescue.her2_low)[:, None], score, np.nan)
    wanted = wanted if np.isfinite(wanted).any() else score
    row, column = divmod(int(np.nanargmax(wanted)), wanted.shape[1])
    models = [screen.main_model] if screen.main_model is not None else []
    return surfaces_picture(screen, row, column, models, time)


def surfaces_picture(
    screen: CubeView,
    row: int,
    column: int,
    models: Sequence[ModelScore],
    time: int = -1,
    across: bool = False,
) -> tuple[str, float, float]:
    """The response of one pair and its excess over each of `models`, on one scale; and the size they take."""
    response = screen.readouts["viability"].values[row, column, :, :, time].astype(float)
    title = f"viability at {hours(screen.times_h[time])} (1 = no effect)"
    panels: list[Panel] = [(title, response, SEQUENTIAL, 0.0, 1.0, ("0", "0.5", "1"))]
    found = {m.label: m.excess[row, column, :, :, time].astype(float) for m in models if m.excess is not None}
    top = nice(max((float(np.nanmax(np.abs(values), initial=1.0)) for values in found.values()), default=1.0))
    ticks = (f"−{top:g}", "0", f"+{top:g}")
    for label, values in found.items():
        title = f"{label} excess, percent points; positive = synergy"
        panels.append((title, values, DIVERGING, -top, top, ticks))
    one = screen.concentration_1[min(row, len(screen.concentration_1) - 1), column]
    two = screen.concentration_2[min(row, len(screen.concentration_2) - 1), column]
    one, two = one[np.isfinite(one)], two[np.isfinite(two)]
    wide, high = max(84.0 + SIDE * len(two) + 24.0, 330.0), 110.0 + SIDE * len(one)
    parts = [text(20, 30, clip(screen.lines[row], 34), 17, weight=650)]
    parts.append(text(20, 50, f"{screen.drug_1[column]} + {screen.drug_2[column]}", 12, fill=MUTED))
    for place, panel in enumerate(panels):
        x, y = (wide * place, 72.0) if across else (0.0, 72.0 + high * place)
        names = screen.drug_1[column], screen.drug_2[column]
        parts.append(
            element("g", panel_picture(panel, (one, two), names), transform=f"translate({x:.1f},{y:.1f})")
        )
    size = (wide * len(panels), 72.0 + high) if across else (wide, 72.0 + high * len(panels))
    return "".join(parts), *size


def panel_picture(panel: Panel, doses: tuple[Array, Array], names: tuple[str, str]) -> str:
    """One surface with its title, axes and colour bar."""
    title, values, stops, low, high, ticks = panel
    left, base, across = 84.0, 14.0 + SIDE * len(doses[0]), SIDE * len(doses[1])
    return "".join(
        (
            text(20, 4, title, 12.5, weight=600),
            surface(values, doses, stops, (low, high), (left, 14)),
            levels_of(values, (left, 14), len(doses[0])) if stops is SEQUENTIAL else "",
            text(left + across / 2, base + 32, f"{names[1]}, nM", 12, anchor="middle"),
            turned(22, 14 + SIDE * len(doses[0]) / 2, f"{names[0]}, nM", -90, 12, anchor="middle"),
            colour_bar(left, base + 44, across, stops, ticks, ""),
        )
    )


def surface(
    values: Array,
    doses: tuple[Array, Array],
    stops: Sequence[str],
    limits: tuple[float, float],
    corner: tuple[float, float],
) -> str:
    """A dose x dose heat map with its values printed; the highest dose of drug 1 on top."""
    (one, two), (low, high), (left, top) = doses, limits, corner
    parts = []
    for i, dose in enumerate(one):
        y = top + SIDE * (len(one) - 1 - i)
        parts.append(text(left - 6, y + SIDE / 2 + 4, tick_text(dose), 10, anchor="end", fill=MUTED))
        for j, value in enumerate(values[i, : len(two)]):
            fill = MISSING if np.isnan(value) else colour(stops, (value - low) / (high - low))
            x, shown = left + SIDE * j, cell_text(value, signed=low < 0)
            parts.append(element("rect", x=x, y=y, width=SIDE - 1, height=SIDE - 1, fill=fill))
            parts.append(text(x + SIDE / 2, y + SIDE / 2 + 4, shown, 10, anchor="middle", fill=ink_on(fill)))
    for j, dose in enumerate(two):
        parts.append(
            text(
                left + SIDE * (j + 0.5), top + SIDE * len(one) + 14, tick_text(dose), 10, "middle", fill=MUTED
            )
        )
    return "".join(parts)


def levels_of(values: Array, corner: tuple[float, float], rows: int) -> str:
    """Level lines of a viability surface: 0.75 dotted, 0.5 full, 0.25 dashed."""
    (left, top), parts = corner, []
    for level, dash in ((0.75, "2 4"), (0.5, ""), (0.25, "7 4")):
        for ends in contour(values, level):
            (x1, y1), (x2, y2) = ((left + SIDE * (j + 0.5), top + SIDE * (rows - 0.5 - i)) for i, j in ends)
            parts.append(line(x1, y1, x2, y2, CONTOUR, 2.0, dash))
    return "".join(parts)


def tick_text(dose: float) -> str:
    """A dose in nM with three digits, thousands as `10k`."""
    return f"{dose / 1000:.3g}k" if dose >= 9999.5 else f"{float(f'{dose:.3g}'):g}"


def cell_text(value: float, signed: bool) -> str:
    """A viability with two decimals, or a signed whole number of points."""
    if np.isnan(value):
        return "–"
    if not signed:
        return f"{value:.2f}"
    return f"{value:+.0f}".replace("-", "−") if round(value) else "0"
