"""Optimised doses for people and programs: a table of all fronts, the same as JSON, and their picture."""

import json
import math
import textwrap
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from screen.analysis.optimise.optimise import SHARED, Front, Optimum
from screen.files import checked, table_text, write_text
from screen.report.cube_view.number_text import hours, percent
from screen.report.drawing.axes import draw_value_axis, line
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import CATEGORICAL, GRID, MUTED
from screen.report.drawing.svg import clip, element, text

WIDTH, HEIGHT, LEFT, TOP, FOOT = 980.0, 430.0, 70.0, 92.0, 78.0
PANEL, GAP, LABELS = 330.0, 150.0, 118.0
QUARTERS = [(share, f"{share:g}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]


def write_optimum(optimum: Optimum, table: Path) -> list[Path]:
    """Write the fronts to `table` (.csv), as JSON and as a picture beside it."""
    checked(table, (".csv",))
    return [
        write_text(table, front_table(optimum)),
        write_text(table.with_suffix(".json"), front_json(optimum)),
        write_text(table.with_suffix(".svg"), front_picture(optimum)),
    ]


def front_table(optimum: Optimum) -> str:
    """A row a point of a front; doses in nM and as fractions of the clinical peak (blank where unknown)."""
    most = max(len(front.drugs) for front in optimum.fronts)
    columns = ["combination", "of", "against"]
    for k in range(1, most + 1):
        columns += [f"drug_{k}", f"dose_{k}_nM", f"of_peak_{k}"]
    columns += ["viability", "effect_on_reference", "total_dose", "worst_line"]
    rows: list[list[object]] = [list(columns)]
    for front in optimum.fronts:
        for k, doses in enumerate(front.doses):
            row = ["+".join(front.drugs), front.of, front.against]
            for drug, dose in zip(front.drugs, doses):
                share = dose / optimum.peaks[drug]
                row += [drug, f"{dose:.5g}", f"{share:.4g}" if math.isfinite(share) else ""]
            row += [""] * (3 * (most - len(front.drugs)))
            numbers = (front.viability[k], front.effect[k], front.total[k])
            rows.append([*row, *(f"{number:.5g}" for number in numbers), front.worst[k]])
    return table_text(rows)


def front_json(optimum: Optimum) -> str:
    """Everything about the optimum; NaN becomes null."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        if isinstance(value, np.ndarray):
            return plain(value.tolist())
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(plain(asdict(optimum)), indent=1, ensure_ascii=False) + "\n"


def best_within(front: Front, effect: float) -> int | None:
    """The point of a front with least viability among those with at most this effect on the reference."""
    allowed = np.flatnonzero(front.effect <= effect + 1e-9)
    return int(allowed[front.viability[allowed].argmin()]) if len(allowed) else None


@dataclass(frozen=True)
class Price:
    """A horizontal axis: where values stand, its ticks and its name."""

    place: Callable[[float], float]
    ticks: list[tuple[float, str]]
    name: str


def front_picture(optimum: Optimum) -> str:
    """Worst case (full) and mean (broken) of every combination, against the effect on the reference and
    against total dose.
    """
    prices = list(dict.fromkeys(front.against for front in optimum.fronts))
    parts = []
    for number, against in enumerate(prices):
        left = LEFT + number * (PANEL + GAP)
        price = _effect_axis(optimum, left) if against == "reference" else _dose_axis(optimum, left)
        parts.append(_panel(optimum, against, price, left))
    counted = list(dict.fromkeys(name for names in optimum.lines.values() for name in names))
    lines = f"{len(counted)} lines" if len(counted) > 4 else ", ".join(counted)
    note = (
        f"least viability of {lines} at {hours(optimum.time_h)}, every dose at most its cap, at most "
        f"{percent(optimum.reference_effect)} of {optimum.reference} lost"
    )
    foot = "full: the line that is left most; broken: mean over the lines. " + " ".join(optimum.notes)
    parts += [
        text(LEFT - 46, HEIGHT - 18 + 13 * k, words, 10.5, fill=MUTED)
        for k, words in enumerate(_wrapped(foot, 150))
    ]
    width = LEFT + len(prices) * (PANEL + GAP) - GAP + LABELS + 10
    title = "The best doses under caps"
    head = text(LEFT - 46, 26, title, 16, weight=650) + text(LEFT - 46, 46, note, 11.5, fill=MUTED)
    height = HEIGHT + 13 * len(_wrapped(foot, 150))
    return whole_picture(head + "".join(parts), max(width, 760.0), height, name=title)


def _panel(optimum: Optimum, against: str, price: Price, left: float) -> str:
    bottom = HEIGHT - FOOT

    def height(viability: float) -> float:
        return bottom - (bottom - TOP) * min(viability, 1.05)

    parts = [draw_value_axis(height, QUARTERS, left, left + PANEL, "viability")]
    for value, shown in price.ticks:
        x = price.place(value)
        parts += [line(x, TOP, x, bottom, GRID), text(x, bottom + 18, shown, 11, anchor="middle", fill=MUTED)]
    parts += [line(left, bottom, left + PANEL, bottom)]
    parts.append(text(left + PANEL / 2, bottom + 38, price.name, 12, anchor="middle"))
    ends: list[tuple[float, float, str, str]] = []
    names = list(dict.fromkeys(front.drugs for front in optimum.fronts))
    for front in optimum.fronts:
        if front.against != against or front.of not in SHARED or not len(front.doses):
            continue
        paint = CATEGORICAL[names.index(front.drugs) % len(CATEGORICAL)]
        prices = front.effect if against == "reference" else front.total
        order = np.argsort(prices, kind="stable")
        places = [(price.place(float(prices[k])), height(float(front.viability[k]))) for k in order]
        more = {} if front.of == SHARED[0] else {"stroke_dasharray": "5 4"}
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(element("polyline", points=path, fill="none", stroke=paint, stroke_width=1.8, **more))
        if front.of == SHARED[0]:
            ends.append((*places[-1], "+".join(front.drugs[1:]), paint))
    last = -math.inf
    for x, y, name, paint in sorted(ends, key=lambda end: end[1]):
        last = max(y + 4, last + 14)
        parts.append(text(min(x + 6, left + PANEL + 6), last, clip(name, 18), 11.5, fill=paint))
    return "".join(parts)


def _effect_axis(optimum: Optimum, left: float) -> Price:
    top = optimum.reference_effect
    ticks = [(top * k / 4, percent(top * k / 4)) for k in range(5)]
    return Price(
        lambda effect: left + PANEL * max(effect, 0.0) / top, ticks, f"{optimum.reference} cells lost"
    )


def _dose_axis(optimum: Optimum, left: float) -> Price:
    totals = np.concatenate([front.total for front in optimum.fronts])
    above = totals[totals > 0]
    low, high = (float(above.min()), float(above.max())) if len(above) else (1e-3, 1.0)
    low = max(low, 1e-4 * high)
    span = math.log(high / low) or 1.0

    def place(total: float) -> float:
        return left + PANEL * max(0.0, math.log(max(total, low) / low)) / span

    powers = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
    return Price(place, [(10.0**k, f"{10.0**k:g}") for k in powers], "total dose, clinical peaks")


def _wrapped(words: str, width: int) -> list[str]:
    return textwrap.wrap(words, width)
