"""One picture of a screen, in SVG without a browser: lines x partners, and the strongest pair beside it.

It opens the README, and stands in the page for readers whose browser runs no script.
"""

from collections.abc import Sequence

import numpy as np

from screen.report.colours import DIVERGING, MISSING, SEQUENTIAL, colour, ink_on
from screen.report.reading import Array, Screen
from screen.report.resensitise import Rescue, rescue_of
from screen.report.svg import FONT, MUTED, clip, colour_bar, element, text, turned
from screen.report.words import dose_text, hours, points

Panel = tuple[str, Array, Sequence[str], float, float, Sequence[str]]
ROWS = 40
WIDE, HIGH, SIDE, TOP = 54, 22, 34, 150


def overview_picture(screen: Screen, rescue: Rescue | None = None, time: int = -1) -> str:
    """The picture as SVG text with fixed colours on white, at one assay time."""
    rescue = rescue_of(screen) if rescue is None else rescue
    score, label = summary_of(screen, rescue, time)
    body, width, height = heat_map(screen, rescue, score, label, time)
    if np.isfinite(score).any():
        pair, pair_width, pair_height = pair_picture(screen, rescue, score, time)
        body += element("g", pair, transform=f"translate({width + 14:.1f},0)")
        width, height = width + pair_width + 14, max(height, pair_height)
    ground = element("rect", width="100%", height="100%", fill="#ffffff")
    return element(
        "svg",
        ground + body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=round(width),
        height=round(height),
        font_family=FONT,
        role="img",
        aria_label=f"{screen.title}: {label} by cell line and partner",
    )


def summary_of(screen: Screen, rescue: Rescue, time: int) -> tuple[Array, str]:
    """The summary that the picture shows, (cell_line, combination), and its name."""
    if (model := screen.main_model) is not None:
        return np.asarray(model.mean[..., time], float), f"mean {model.label} excess"
    return 100 * rescue.gain[..., time], f"gained effect of {screen.anchor}"


def heat_map(screen: Screen, rescue: Rescue, score: Array, label: str, time: int) -> tuple[str, float, float]:
    """Lines x partners with their values printed, and the size it takes."""
    order, limit = row_order(score, rescue)[:ROWS], scale_limit(score)
    left = 24 + 6.8 * max((len(clip(screen.lines[row], 22)) for row in order), default=5)
    columns = range(len(screen.combinations))
    parts = [text(20, 30, f"{screen.anchor} + partner: {label}", 17, weight=650)]
    size = f"{hours(screen.times_h[time])}, {len(screen.lines)} lines; positive = synergy"
    parts.append(text(20, 50, size, 12, fill=MUTED))
    parts += [
        turned(left + WIDE * (k + 0.5), TOP - 8, clip(screen.partners[k], 16), -38, 12) for k in columns
    ]
    for place, row in enumerate(order):
        y = TOP + HIGH * place
        weight = 650 if rescue.resistant[row] else 400
        parts.append(text(left - 8, y + 15, clip(screen.lines[row], 22), 12, anchor="end", weight=weight))
        for column in columns:
            value, x = score[row, column], left + WIDE * column
            fill = MISSING if np.isnan(value) else colour(DIVERGING, 0.5 + value / (2 * limit))
            parts.append(element("rect", x=x, y=y, width=WIDE - 1, height=HIGH - 1, fill=fill))
            parts.append(text(x + WIDE / 2, y + 15, points(value), 10.5, anchor="middle", fill=ink_on(fill)))
    bottom, width = TOP + HIGH * len(order), left + WIDE * len(columns) + 20.0
    bar = min(220.0, max(WIDE * len(columns), 140.0))
    ticks = (f"−{limit:g}", "0", f"+{limit:g}")
    parts.append(colour_bar(left, bottom + 14, bar, DIVERGING, ticks, f"{label}, percent points"))
    foot = "bold: resistant to the anchor alone"
    foot += f"; the first {ROWS} of {len(screen.lines)} lines" if len(screen.lines) > ROWS else ""
    parts.append(text(20, bottom + 78, foot, 11, fill=MUTED))
    return "".join(parts), max(width, 330.0), bottom + 92.0


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


def pair_picture(screen: Screen, rescue: Rescue, score: Array, time: int) -> tuple[str, float, float]:
    """Response and excess surface of the strongest pair in a resistant line, and the size they take."""
    wanted = np.where((rescue.resistant & ~rescue.her2_low)[:, None], score, np.nan)
    wanted = wanted if np.isfinite(wanted).any() else score
    row, column = divmod(int(np.nanargmax(wanted)), wanted.shape[1])
    response = screen.readouts["viability"].values[row, column, :, :, time].astype(float)
    title = f"viability at {hours(screen.times_h[time])} (1 = no effect)"
    panels: list[Panel] = [(title, response, SEQUENTIAL, 0.0, 1.0, ("0", "0.5", "1"))]
    model = screen.main_model
    if model is not None and model.excess is not None:
        excess = model.excess[row, column, :, :, time].astype(float)
        top = nice(float(np.nanmax(np.abs(excess), initial=1.0)))
        title = f"{model.label} excess, percent points; positive = synergy"
        panels.append((title, excess, DIVERGING, -top, top, (f"−{top:g}", "0", f"+{top:g}")))
    one = screen.concentration_1[min(row, len(screen.concentration_1) - 1), column]
    two = screen.concentration_2[min(row, len(screen.concentration_2) - 1), column]
    left, y = 84.0, 72.0
    across = SIDE * len(two)
    parts = [text(20, 30, clip(screen.lines[row], 34), 17, weight=650)]
    parts.append(text(20, 50, f"{screen.drug_1[column]} + {screen.drug_2[column]}", 12, fill=MUTED))
    for title, values, stops, low, high, ticks in panels:
        parts.append(text(20, y + 4, title, 12.5, weight=600))
        parts.append(surface(values, (one, two), stops, (low, high), (left, y + 14)))
        base = y + 14 + SIDE * len(one)
        parts.append(text(left + across / 2, base + 32, screen.drug_2[column], 12, anchor="middle"))
        parts.append(
            turned(22, y + 14 + SIDE * len(one) / 2, screen.drug_1[column], -90, 12, anchor="middle")
        )
        parts.append(colour_bar(left, base + 44, across, stops, ticks, ""))
        y = base + 96
    return "".join(parts), max(left + across + 24.0, 330.0), y


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
        parts.append(text(left - 6, y + SIDE / 2 + 4, dose_text(dose), 10, anchor="end", fill=MUTED))
        for j, value in enumerate(values[i]):
            fill = MISSING if np.isnan(value) else colour(stops, (value - low) / (high - low))
            x, shown = left + SIDE * j, cell_text(value, signed=low < 0)
            parts.append(element("rect", x=x, y=y, width=SIDE - 1, height=SIDE - 1, fill=fill))
            parts.append(text(x + SIDE / 2, y + SIDE / 2 + 4, shown, 10, anchor="middle", fill=ink_on(fill)))
    for j, dose in enumerate(two):
        shown = (f"{dose:.2g}" if dose < 1000 else f"{dose / 1000:.2g}k") if j else "0 nM"
        parts.append(
            text(left + SIDE * (j + 0.5), top + SIDE * len(one) + 14, shown, 10, "middle", fill=MUTED)
        )
    return "".join(parts)


def cell_text(value: float, signed: bool) -> str:
    """A viability with two decimals, or a signed whole number of points."""
    if np.isnan(value):
        return "–"
    if not signed:
        return f"{value:.2f}"
    return f"{value:+.0f}".replace("-", "−") if round(value) else "0"
