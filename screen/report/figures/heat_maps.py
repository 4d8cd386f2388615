"""Static heat maps of names by names, as SVG text: synergy, re-sensitisation dose and markers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from screen.analysis.markers.associations import Association
from screen.arrays import Array
from screen.report.cube_view.number_text import dose_text, hours
from screen.report.cube_view.view import CubeView
from screen.report.drawing.style import DIVERGING, FONT, MISSING, MUTED, SEQUENTIAL, colour, ink_on
from screen.report.drawing.svg import clip, colour_bar, element, text, turned
from screen.report.findings.markers import SEED_MARKERS, marker_table
from screen.report.findings.resensitisation import Rescue

TOP = 150
HEAD = 24
"""Letters of a column's name."""


@dataclass(frozen=True)
class Bar:
    """A colour map with its three ticks and label."""

    stops: Sequence[str]
    ticks: Sequence[str]
    label: str


def matrix_picture(
    title: str,
    note: str,
    rows: Sequence[tuple[str, bool]],
    columns: Sequence[str],
    cell: Callable[[int, int], tuple[float, str]],
    bar: Bar,
    size: tuple[float, float] = (54, 22),
    foot: str = "",
    longest: int = 22,
) -> tuple[str, float, float]:
    """A heat map and the size it takes. `cell(i, j)` is a place in 0..1 along the colour map (NaN = missing)
    and the text to print; `rows` are (name, bold), names cut at `longest` letters.
    """
    wide, high = size
    left = 24 + 6.8 * max((len(clip(name, longest)) for name, _ in rows), default=5)
    parts = [text(20, 30, title, 17, weight=650), text(20, 50, note, 12, fill=MUTED)]
    heads = [clip(name, HEAD) for name in columns]
    top = TOP + 4.0 * max(0, max(map(len, heads), default=0) - 18)
    parts += [turned(left + wide * (j + 0.5), top - 8, name, -38, 12) for j, name in enumerate(heads)]
    for i, (name, bold) in enumerate(rows):
        y = top + high * i
        parts.append(text(left - 8, y + high / 2 + 4, clip(name, longest), 12, "end", 650 if bold else 400))
        for j in range(len(columns)):
            place, shown = cell(i, j)
            x, fill = left + wide * j, MISSING if np.isnan(place) else colour(bar.stops, place)
            parts.append(element("rect", x=x, y=y, width=wide - 1, height=high - 1, fill=fill))
            parts.append(text(x + wide / 2, y + high / 2 + 4, shown, 10.5, "middle", fill=ink_on(fill)))
    bottom = top + high * len(rows)
    across = min(220.0, max(wide * len(columns), 140.0))
    parts.append(colour_bar(left, bottom + 14, across, bar.stops, bar.ticks, bar.label))
    parts.append(text(20, bottom + 78, foot, 11, fill=MUTED))
    ends = [left + wide * (j + 0.5) + 12 + 5.2 * len(name) for j, name in enumerate(heads)]
    width = max(
        left + wide * len(columns) + 40, *ends, 30 + 8.4 * len(title), 30 + 5.6 * max(len(note), len(foot))
    )
    return "".join(parts), width, bottom + 92.0


def whole_picture(body: str, width: float, height: float, name: str) -> str:
    """`body` as one SVG document on white."""
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
        aria_label=name,
    )


def rescue_picture(screen: CubeView, rescue: Rescue, time: int = -1, most: int = 60) -> str:
    """Re-sensitisation dose, resistant lines x partners of the anchor; an asterisk: above the peak."""
    rows = np.flatnonzero(rescue.resistant & ~rescue.her2_low)
    own = [column for column, drug in enumerate(screen.drug_1) if drug == screen.anchor]
    dose = rescue.dose[:, own, time]
    least = np.where(np.isfinite(dose), dose, np.inf).min(axis=1)
    rows = rows[np.argsort(least[rows], kind="stable")][:most]
    levels = screen.concentration_2[np.isfinite(screen.concentration_2) & (screen.concentration_2 > 0)]
    low, high = np.log10(levels.min()), np.log10(levels.max())
    peaks = [screen.peak_nM.get(screen.drug_2[column], np.inf) for column in own]

    def cell(i: int, j: int) -> tuple[float, str]:
        value = dose[rows[i], j]
        if not np.isfinite(value):
            return np.nan, "?" if np.isnan(value) else "–"
        place = (np.log10(max(value, 10**low)) - low) / (high - low)
        return float(place), ("*" if value > peaks[j] * 1.0001 else "") + (dose_text(value) if value else "0")

    middle = dose_text(10 ** ((low + high) / 2))
    bar = Bar(SEQUENTIAL, (dose_text(10**low), middle, dose_text(10**high)), "partner dose")
    at = hours(screen.times_h[time])
    note = f"smallest partner dose beside which {screen.anchor} works as in the reference, {at}"
    foot = "– not reached; ? unknown; * above the attainable peak"
    names = [(screen.lines[row], screen.parents[row] is not None) for row in rows]
    title = "Re-sensitisation dose"
    partners = [screen.partners[column] for column in own]
    foot += "; bold: derived lines"
    picture = matrix_picture(title, note, names, partners, cell, bar, (66, 22), foot)
    return whole_picture(*picture, name=title)


def marker_picture(screen: CubeView, rescue: Rescue, order: Array, most: int = 60) -> str:
    """Untreated readouts of every line as fold of the panel's median, lines in `order`."""
    table = [row for row in marker_table(screen) if row["untreated"]]
    values = np.array([row["values"] for row in table], float).reshape(len(table), len(screen.lines))
    middle = np.nanmedian(values, axis=1) if values.size else np.zeros(len(table))
    with np.errstate(divide="ignore", invalid="ignore"):
        fold = np.log2(values / middle[:, None])
    shown = np.array(order)[:most]

    def cell(i: int, j: int) -> tuple[float, str]:
        value = fold[j, shown[i]]
        return (np.nan, "") if np.isnan(value) else (float(0.5 + value / 6), fold_text(2**value))

    bar = Bar(DIVERGING, ("⅛", "1", "8 ×"), "fold of the panel's median")
    names = [(screen.lines[row], bool(rescue.resistant[row])) for row in shown]
    columns = [row["name"] for row in table]
    note = "untreated readouts; bold: resistant to the anchor alone"
    return whole_picture(
        *matrix_picture("Markers", note, names, columns, cell, bar, (34, 22)), name="Markers"
    )


def fold_text(fold: float) -> str:
    return f"{fold:.0f}" if fold >= 9.95 else f"{fold:.1f}"


def foretold_picture(found: Sequence[Association], most: int = 40) -> str:
    """Spearman's rho of markers with outcomes, the strongest markers first; an asterisk is q at most 5 %."""
    targets = list(dict.fromkeys(item.target for item in found))
    targets.sort(key=lambda name: not name.startswith("effect of"))
    names = list(dict.fromkeys(item.marker for item in found))[:most]
    known = {(item.marker, item.target): item for item in found}

    def cell(i: int, j: int) -> tuple[float, str]:
        item = known.get((names[i], targets[j]))
        if item is None:
            return np.nan, ""
        star = "*" if item.q <= 0.05 else ""
        return 0.5 + item.rho / 2, f"{item.rho:.2f}".replace("-0.00", "0.00").replace("-", "−") + star

    bar = Bar(DIVERGING, ("−1", "0", "+1"), "Spearman's rho")
    note = "positive: more marker, more effect (first column) or synergy; * false-discovery rate at most 5 %"
    columns = [name.split(" synergy with ")[-1].replace("effect of ", "") for name in targets]
    title = "What foretells the outcome"
    return whole_picture(
        *matrix_picture(title, note, [(name, name in SEED_MARKERS) for name in names], columns, cell, bar),
        name=title,
    )
