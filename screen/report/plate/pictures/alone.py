"""Each drug of a block on its own: wells, fitted curve and IC50 as a picture, and what they say in words."""

from collections.abc import Callable

import numpy as np

from screen.report.drawing.axes import DoseAxis, dose_axis, line, ticks_between
from screen.report.drawing.curves import path
from screen.report.drawing.dose_surface import tick_text
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import AXIS, CATEGORICAL, GRID, PEAK
from screen.report.drawing.svg import clip, element, turned
from screen.report.plate.own_wells import Alone
from screen.report.plate.pictures.dose_matrix import label
from screen.report.plate.pictures.picture import Picture
from screen.report.plate.view import BlockView, dose_label

WIDE, HIGH, LEFT, TOP, FOOT = 250.0, 240.0, 52.0, 34.0, 54.0
NEARLY = 0.10
"""Viability: a curve that moves by less over the doses is called nearly flat."""
FINE = 60


def alone_picture(view: BlockView) -> Picture | None:
    """The drugs side by side, all on one scale of viability."""
    drugs = view.alone
    if not drugs:
        return None
    seen = np.concatenate([one.wells[np.isfinite(one.wells)] for one in drugs])
    low, high = min(0.0, float(seen.min())), max(1.05, float(seen.max()))
    body = [
        element("g", _panel(view, one, low, high), transform=f"translate({WIDE * k:.0f},0)")
        for k, one in enumerate(drugs)
    ]
    name = f"single agents of {view.heading}"
    caption = "Circles: wells; line: four-parameter fit; dashed: IC50, with its interval where there is one."
    return Picture(
        "single-agents",
        "Single agents",
        caption,
        whole_picture("".join(body), WIDE * len(drugs), HIGH + 6, name),
    )


def _panel(view: BlockView, one: Alone, low: float, high: float) -> str:
    paint, right, bottom = CATEGORICAL[(one.number - 1) % len(CATEGORICAL)], WIDE - 14, HIGH - FOOT
    axis = dose_axis(one.doses, LEFT, right)

    def place(value: float) -> float:
        return bottom - (bottom - TOP) * (value - low) / (high - low)

    parts = [
        label(LEFT, 18, clip(one.name, 28), 12.5, "start"),
        value_axis(place, (low, high), right, view.measure),
    ]
    parts.append(dose_ticks(axis, bottom, one.unit))
    parts += _half(view, one, axis, bottom)
    if one.curve is not None:
        above = one.doses[one.doses > 0]
        fine = np.geomspace(above.min(), above.max(), FINE)
        course = [
            (axis.place(float(x)), place(float(y))) for x, y in zip(fine, one.curve(fine)) if np.isfinite(y)
        ]
        if len(course) > 1:
            parts.append(element("path", d=path(course), fill="none", stroke=paint, stroke_width=2))
    for dose, wells in zip(one.doses, one.wells):
        parts += [
            element("circle", cx=axis.place(float(dose)), cy=place(float(value)), r=2.8, fill=paint,
                    fill_opacity=0.45, stroke=paint, stroke_width=0.8)
            for value in wells[np.isfinite(wells)]
        ]  # fmt: skip
    return "".join(parts)


def _half(view: BlockView, one: Alone, axis: DoseAxis, bottom: float) -> list[str]:
    """A dashed line at the IC50, with a band over its interval."""
    middle, low, high = (view.number_of(f"ic50_{one.number}{end}") for end in ("", "_low", "_high"))
    parts = []
    if np.isfinite(low) and low > 0 and high > low:
        ends = [min(max(axis.place(x), axis.begin), axis.end) for x in (low, min(high, axis.high * 10))]
        parts.append(
            element(
                "rect",
                x=ends[0],
                y=TOP,
                width=max(ends[1] - ends[0], 1),
                height=bottom - TOP,
                fill=PEAK,
                opacity=0.1,
            )
        )
    if np.isfinite(middle) and middle > 0 and axis.holds(middle):
        x = axis.place(middle)
        parts.append(line(x, TOP, x, bottom, PEAK, dash="4 3"))
    return parts


def value_axis(place: Callable[[float], float], limits: tuple[float, float], right: float, name: str) -> str:
    """An axis in percent at `LEFT`, grid lines to `right`."""
    low, high = limits
    parts = []
    for value, _ in ticks_between(low, high, 4):
        y = place(value)
        shown = f"{100 * value:.0f}".replace("-", "−")
        parts += [line(LEFT, y, right, y, GRID), label(LEFT - 6, y + 4, shown, 10, "end", "muted")]
    parts.append(turned(14, (place(low) + place(high)) / 2, f"{name}, %", -90, 11, "middle"))
    return "".join(parts)


def dose_ticks(axis: DoseAxis, y: float, unit: str, name: str = "dose") -> str:
    """A horizontal dose axis at `y` in the file's own unit."""
    parts = [line(axis.begin, y, axis.end, y, AXIS)]
    for dose in [*([0.0] if axis.gap else []), *axis.decades]:
        x = axis.place(dose)
        parts += [line(x, y, x, y + 4), label(x, y + 16, tick_text(dose), 10, ink="muted")]
    parts.append(label((axis.begin + axis.end) / 2, y + 34, f"{name}, {unit}" if unit else name, 11))
    return "".join(parts)


def alone_rows(view: BlockView) -> list[tuple[str, ...]]:
    """A row a drug: name, IC50, EC50, Emax, slope, R², and a word on its shape."""
    rows = []
    for one in view.alone:
        k = one.number
        rows.append(
            (
                one.name,
                *(_dose(view, f"{name}_{k}", one.unit) for name in ("ic50", "ec50")),
                _percent(view, f"emax_{k}"),
                *(_plain(view.number_of(f"{name}_{k}")) for name in ("hill", "r2")),
                shape_words(view, one),
            )
        )
    return rows


def shape_words(view: BlockView, one: Alone) -> str:
    """What the curve looks like over the doses tested; `flat` is said as flat."""
    middle, half = view.number_of(f"ec50_{one.number}"), view.number_of(f"ic50_{one.number}")
    top = float(one.doses.max())
    if one.curve is None:
        return f"{int((one.doses > 0).sum())} doses above 0: no curve"
    if np.isinf(middle):
        return "flat: does nothing at these doses"
    ends = one.curve(np.array([one.doses[one.doses > 0].min(), top]))
    start = one.mean[0] if one.doses[0] == 0 else ends[0]
    moved = float(start - ends[1])
    if abs(moved) < NEARLY:
        return f"nearly flat: moves by {abs(100 * moved):.0f} points over the doses"
    if moved < 0:
        return f"rises by {-100 * moved:.0f} points over the doses"
    if np.isfinite(half) and half <= top:
        return f"halves {'growth' if view.block.growth else 'the cells'} at {dose_label(half, one.unit)}"
    left = f"leaves {100 * ends[1]:.0f} % at the highest dose".replace("-", "−")
    return left if np.isnan(half) else f"{left}; half is not reached"


def _dose(view: BlockView, name: str, unit: str) -> str:
    value, low, high = (view.number_of(f"{name}{end}") for end in ("", "_low", "_high"))
    if np.isnan(value):
        return "–"
    shown = "not reached" if np.isinf(value) else dose_label(value, unit)
    if np.isnan(low) or np.isnan(high) or (np.isinf(value) and np.isinf(low)):
        return shown
    ends = ["∞" if np.isinf(end) else dose_label(end, unit) for end in (low, high)]
    return f"{shown} ({ends[0]} to {ends[1]})"


def _percent(view: BlockView, name: str) -> str:
    value, low, high = (100 * view.number_of(f"{name}{end}") for end in ("", "_low", "_high"))
    if not np.isfinite(value):
        return "–"
    interval = (
        f" ({low:.0f} to {high:.0f})".replace("-", "−") if np.isfinite(low) and np.isfinite(high) else ""
    )
    return f"{value:.0f}\u00a0%".replace("-", "−") + interval


def _plain(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "–"
