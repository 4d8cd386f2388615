"""The style of every picture: two colour maps (diverging with white at 0 for excess, sequential for
responses), the colours of lines, inks, the typeface.

Both maps keep their order for colour-blind readers and on a grey printer: lightness falls from the light end.
The first two line colours, blue and orange, differ to every eye; where more lines stand together they are
named at their ends. The page's script draws with the same stops; they travel in its data.
"""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Array

DIVERGING = (
    "#0a2a5e",
    "#1f5a96",
    "#5a93c0",
    "#a3c5dd",
    "#ffffff",
    "#f3c6a5",
    "#d98a58",
    "#a94a1c",
    "#5f1c05",
)
SEQUENTIAL = ("#11224d", "#1d4a7a", "#23749a", "#3f9ca4", "#78bfa3", "#b5dba9", "#e3efc3", "#fbfae8")
CATEGORICAL = ("#0a5a9c", "#c2571a", "#2b8a6b", "#8a4fa3", "#a3821a", "#5b6670")
MISSING = "#d4d7dc"
INK, MUTED, AXIS, GRID = "#16202b", "#5a6672", "#8a939c", "#e5e8ea"
PEAK = "#b3261e"  # Cmax
CONTOUR = "#c2571a"
FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"


def colour(stops: Sequence[str], position: float) -> str:
    """The colour at `position` in 0..1 along `stops`, linear in sRGB between neighbours."""
    place = min(max(position, 0.0), 1.0) * (len(stops) - 1)
    index = min(int(place), len(stops) - 2)
    share = place - index
    low, high = (
        tuple(int(stops[at][part : part + 2], 16) for part in (1, 3, 5)) for at in (index, index + 1)
    )
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low, high))


def ink_on(background: str) -> str:
    """Dark or light text, whichever reads better on `background`."""
    red, green, blue = (int(background[part : part + 2], 16) / 255 for part in (1, 3, 5))
    return "#16202b" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.3 else "#ffffff"


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
