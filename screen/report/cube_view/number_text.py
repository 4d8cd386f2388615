"""Numbers as a reader meets them: doses with units, signed points, percentages."""

import math
from collections.abc import Sequence


def dose_text(nM: float) -> str:
    """`300 nM`, `1.2 µM`; three significant digits at most."""
    if not math.isfinite(nM):
        return "not reached" if nM > 0 else "unknown"
    if nM >= 999.5:
        return f"{nM / 1000:.3g}\u00a0µM"
    return f"{nM:.3g}\u00a0nM"


def needed_text(nM: float) -> str:
    """A dose at which enough of a gap is closed; 0 where there is no gap, as in some parameter sets."""
    return dose_text(nM) if nM else "none needed"


def anchor_dose_text(drug: str, nM: float) -> str:
    """A dose of the anchor, that of trastuzumab as it is dosed in cultures too: `10 µg/mL (67.6 nM)`."""
    if drug.lower() != "trastuzumab" or not math.isfinite(nM):
        return dose_text(nM)
    return f"{nM * 148e-3:.3g}\u00a0µg/mL ({dose_text(nM)})"


def points(value: float) -> str:
    """A signed number of percent points with a true minus, `+12.3`; a dash when there is none."""
    if not math.isfinite(value):
        return "–"
    rounded = round(value, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"


def percent(fraction: float) -> str:
    """A fraction as a whole percentage, halves upwards as the page's script rounds them."""
    return f"{whole_percent(fraction)}\u00a0%" if math.isfinite(fraction) else "–"


def whole_percent(fraction: float) -> int:
    """A finite fraction as whole per cent."""
    return math.floor(100 * fraction + 0.5)


def hours(time_h: float) -> str:
    """`120 h`, `5 min`."""
    if 0 < time_h < 1:
        return f"{60 * time_h:g}\u00a0min"
    return f"{time_h:g}\u00a0h"


def read_at(times_h: Sequence[float]) -> str:
    """`24, 72 h`; with minutes among them each time has its unit."""
    if all(time == 0 or time >= 1 for time in times_h):
        return ", ".join(f"{time:g}" for time in times_h) + " h"
    return ", ".join(hours(time) for time in times_h)


def joined(names: list[str], more: int = 0) -> str:
    """`a, b and c`, or `a, b and 3 more`."""
    tail = [f"{more} more"] if more else []
    items = [*names, *tail]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"
