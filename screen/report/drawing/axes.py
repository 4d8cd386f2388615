"""Axes of static pictures: doses on a logarithmic axis with a place of its own for dose 0, and values."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import dose_text
from screen.report.drawing.style import AXIS, GRID, MUTED, PEAK
from screen.report.drawing.svg import element, text, turned

ZERO_SHARE, PAD_SHARE, ZERO_MOST = 0.13, 0.04, 44.0
TICK_ROOM = 52.0  # pixels that the name of a decade needs


@dataclass(frozen=True)
class DoseAxis:
    """Doses of `low` to `high` nM between the pixels `begin` and `end`; `gap` pixels are kept for dose 0."""

    low: float
    high: float
    begin: float
    end: float
    gap: float

    def place(self, dose: float) -> float:
        """The pixel of a dose."""
        toward = math.copysign(1.0, self.end - self.begin)
        if dose <= 0:
            return self.begin + toward * self.gap / 3
        free = abs(self.end - self.begin) - self.gap
        share = math.log10(dose / self.low) / max(math.log10(self.high / self.low), 0.3)
        return self.begin + toward * (self.gap + free * (PAD_SHARE + (1 - 2 * PAD_SHARE) * share))

    def holds(self, dose: float) -> bool:
        """Whether a dose lies on the axis."""
        return self.low * 0.98 <= dose and abs(self.place(dose) - self.begin) <= abs(self.end - self.begin)

    @property
    def decades(self) -> list[float]:
        """Powers of ten on the axis, as many as can be named."""
        powers = range(math.ceil(math.log10(self.low) - 1e-3), math.floor(math.log10(self.high) + 1e-3) + 1)
        room = max(abs(self.end - self.begin) - self.gap, 1.0)
        return [10.0**power for power in powers][:: max(1, math.ceil(len(powers) * TICK_ROOM / room))]


def dose_axis(levels: Array, begin: float, end: float) -> DoseAxis:
    """The axis for the doses `levels` in nM, any of which may be 0 or NaN."""
    known = levels[np.isfinite(levels)]
    above = known[known > 0]
    gap = min(ZERO_MOST, ZERO_SHARE * abs(end - begin)) if (known == 0).any() else 0.0
    return DoseAxis(float(above.min()), float(above.max()), begin, end, gap)


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str = AXIS, width: float = 1.0, dash: str = ""
) -> str:
    """A straight line, dashed where `dash` says so."""
    more = {"stroke_dasharray": dash} if dash else {}
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, **more)


def draw_dose_axis(axis: DoseAxis, y: float, top: float, name: str) -> str:
    """A horizontal dose axis at `y`, its grid lines up to `top`."""
    parts = [line(axis.begin + 0.72 * axis.gap, y, axis.end, y)]
    if axis.gap:
        half = axis.begin + 0.55 * axis.gap
        parts.append(line(axis.begin, y, half, y))
        parts += [line(half + shift, y + 4, half + shift + 4, y - 4) for shift in (0, 4)]
        parts.append(text(axis.place(0), y + 18, "0", 11, anchor="middle", fill=MUTED))
    for dose in axis.decades:
        x = axis.place(dose)
        parts += [line(x, top, x, y, GRID), line(x, y, x, y + 5)]
        parts.append(text(x, y + 18, dose_text(dose), 11, anchor="middle", fill=MUTED))
    parts.append(text((axis.begin + axis.end) / 2, y + 36, name, 12, anchor="middle"))
    return "".join(parts)


def draw_value_axis(
    place: Callable[[float], float],
    ticks: Sequence[tuple[float, str]],
    left: float,
    right: float,
    name: str,
) -> str:
    """A vertical axis at `left` with grid lines to `right`, its name turned beside it."""
    parts = []
    for value, shown in ticks:
        y = place(value)
        parts += [line(left, y, right, y, GRID), text(left - 7, y + 4, shown, 11, anchor="end", fill=MUTED)]
    ends = [place(value) for value, _ in ticks]
    middle = (min(ends) + max(ends)) / 2 if ends else 0.0
    return "".join([*parts, turned(left - 46, middle, name, -90, 12, anchor="middle")])


def ticks_between(low: float, high: float, count: int = 5) -> list[tuple[float, str]]:
    """Round values from `low` to `high`, about `count` of them, with their texts."""
    least = max((high - low) / count, 1e-9)
    power = 10 ** math.floor(math.log10(least))
    step = next(size for size in (1, 2, 2.5, 5, 10) if size * power >= least * 0.999) * power
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(k * step, f"{k * step:.3g}".replace("-", "−")) for k in range(first, last + 1)]


def draw_peak(axis: DoseAxis, peak_nM: float | None, top: float, bottom: float, words: str) -> str:
    """A dashed line at a Cmax, on the left or right of which `words` fit."""
    if peak_nM is None or not axis.holds(peak_nM):
        return ""
    x = axis.place(peak_nM)
    late = x > (axis.begin + axis.end) / 2
    label = text(x - 5 if late else x + 5, top + 9, words, 11, "end" if late else "start", fill=PEAK)
    return line(x, top, x, bottom, PEAK, dash="4 3") + label
