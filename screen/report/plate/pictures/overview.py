"""All blocks of a file at a glance: a table, and synergy against efficacy as a scatter plot."""

import html

import numpy as np

from screen.report.cube_view.number_text import points
from screen.report.drawing.axes import line, ticks_between
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import AXIS, CATEGORICAL, GRID
from screen.report.drawing.svg import clip, element, turned
from screen.report.plate.pictures.dose_matrix import label
from screen.report.plate.pictures.picture import Picture
from screen.report.plate.view import BlockView, PlateView
from screen.synergy.models.registry import MODELS

WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM = 560.0, 380.0, 62.0, 540.0, 20.0, 322.0
NAMED = 6
"""Dots that are named: the farthest from no synergy."""
RANKED = 24
"""Blocks in a ranking, at most."""


def efficacy(plates: PlateView) -> tuple[str, list[float]]:
    """What the blocks are compared by besides synergy, in words, and its value for each: CSS where at least half of
    them have one, else the strongest inhibition of any well."""
    css = [view.number_of("css") for view in plates.blocks]
    if sum(np.isfinite(css)) * 2 >= len(css):
        return "combination sensitivity score (CSS), percent points", css
    return "strongest inhibition of a well, percent", [view.strongest_inhibition for view in plates.blocks]


def overview_pictures(plates: PlateView) -> list[Picture]:
    """Synergy against efficacy, and the blocks by synergy, two pictures a model; none for a single block."""
    if len(plates.blocks) < 2:
        return []
    words, across = efficacy(plates)
    found = []
    for model in plates.models:
        up = [view.number_of(model) for view in plates.blocks]
        dots = [
            (x, y, view) for x, y, view in zip(across, up, plates.blocks) if np.isfinite(x) and np.isfinite(y)
        ]
        if dots:
            found.append(_scatter(plates, model, words, dots))
            found.append(_ranking(plates, model))
    return found


def _scatter(
    plates: PlateView, model: str, words: str, dots: list[tuple[float, float, BlockView]]
) -> Picture:
    xs, ys = [dot[0] for dot in dots], [dot[1] for dot in dots]
    (x0, x1), (y0, y1) = _limits(xs), _limits([*ys, 0.0])

    def across(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * (value - x0) / (x1 - x0)

    def up(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - y0) / (y1 - y0)

    parts = []
    for value, shown in ticks_between(y0, y1):
        parts += [
            line(LEFT, up(value), RIGHT, up(value), GRID),
            label(LEFT - 7, up(value) + 4, shown, 10, "end", "muted"),
        ]
    for value, shown in ticks_between(x0, x1):
        parts += [
            line(across(value), BOTTOM, across(value), BOTTOM + 4),
            label(across(value), BOTTOM + 17, shown, 10, ink="muted"),
        ]
    parts.append(line(LEFT, up(0), RIGHT, up(0), AXIS, 1.4))
    name = MODELS[model].label
    far = sorted(dots, key=lambda dot: -abs(dot[1]))[:NAMED]
    for x, y, view in dots:
        tip = f"{view.block.name}: {view.heading}; {name} {points(y)}, {x:.1f}"
        dot = element(
            "circle", element("title", html.escape(tip)), cx=across(x), cy=up(y), r=5, fill_opacity=0.75,
            fill=CATEGORICAL[1] if y > 0 else CATEGORICAL[0],
        )  # fmt: skip
        parts.append(element("a", dot, href=f"#block-{view.number}", aria_label=tip))
    parts += _names(far, across, up)
    parts.append(label((LEFT + RIGHT) / 2, BOTTOM + 40, words, 11.5))
    parts.append(turned(16, (TOP + BOTTOM) / 2, f"mean {name} excess, percent points", -90, 11.5, "middle"))
    title = f"Synergy against efficacy, {name}"
    drawn = whole_picture("".join(parts), WIDE, HIGH, f"{title}, {plates.name}")
    caption = f"One dot a block, {len(dots)} of {len(plates.blocks)}; above the line is synergy."
    return Picture(f"overview-{model}", title, caption, drawn.replace('role="img"', 'role="group"', 1), model)


def _ranking(plates: PlateView, model: str) -> Picture:
    """The blocks from most to least synergy, with intervals; of many those at both ends."""
    known = [view for view in plates.blocks if np.isfinite(view.number_of(model))]
    known.sort(key=lambda view: -view.number_of(model))
    shown = known if len(known) <= RANKED else [*known[: RANKED // 2], *known[-(RANKED - RANKED // 2) :]]
    ends = [view.number_of(f"{model}{end}") for view in shown for end in ("", "_low", "_high")]
    low, high = _limits([*(end for end in ends if np.isfinite(end)), 0.0])
    names = [clip(_told(view, shown), 42) for view in shown]
    step = max(20.0, min(60.0, 240 / len(shown)))  # few blocks fill a card as high as that beside it
    left, right, bottom = 24 + 5.6 * max(map(len, names)), WIDE - 24, TOP + step * len(shown) + 6

    def across(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    parts = []
    for value, text in ticks_between(low, high):
        parts.append(line(across(value), TOP, across(value), bottom, GRID))
        parts.append(label(across(value), bottom + 16, text, 10, ink="muted"))
    parts.append(line(across(0), TOP, across(0), bottom, AXIS, 1.4))
    for k, view in enumerate(shown):
        y, value = TOP + step * (k + 0.5) + 3, view.number_of(model)
        ends = [view.number_of(f"{model}_{end}") for end in ("low", "high")]
        paint = CATEGORICAL[1] if value > 0 else CATEGORICAL[0]
        parts.append(label(left - 10, y + 4, names[k], 10, "end"))
        if np.isfinite(ends).all():
            parts.append(line(across(ends[0]), y, across(ends[1]), y, paint, 1.6))
        parts.append(element("circle", cx=across(value), cy=y, r=4.2, fill=paint))
    name = MODELS[model].label
    parts.append(label((left + right) / 2, bottom + 36, f"mean {name} excess, percent points", 11.5))
    lines = (
        "with 95 % intervals" if any(f"{model}_low" in view.row for view in shown) else "without intervals"
    )
    left_out = (
        f"; the {len(known) - len(shown)} in the middle are left out" if len(known) > len(shown) else ""
    )
    title = f"Blocks by {name} excess"
    drawn = whole_picture("".join(parts), WIDE, bottom + 48, f"{title}, {plates.name}")
    return Picture(f"ranking-{model}", title, f"From most to least synergy, {lines}{left_out}.", drawn, model)


def _told(view: BlockView, among: list[BlockView]) -> str:
    """A block by drugs and line, and by its own name first where another has the same."""
    same = sum(one.heading == view.heading for one in among)
    return f"{view.block.name}: {view.heading}" if same > 1 else view.heading


def _names(far: list[tuple[float, float, BlockView]], across, up) -> list[str]:  # type: ignore[no-untyped-def]
    """Names beside the dots farthest from none, those left out that would stand on another."""
    taken: list[tuple[float, float, float]] = []
    parts = []
    for x, y, view in far:
        text = clip(_told(view, [dot[2] for dot in far]), 34)
        wide = 5.6 * len(text)
        left = across(x) + 9 if across(x) + 9 + wide < RIGHT else across(x) - 9 - wide
        at = up(y) + 4
        if all(abs(at - other) > 12 or left > end or left + wide < start for start, end, other in taken):
            taken.append((left, left + wide, at))
            parts.append(label(left, at, text, 10, "start"))
    return parts


def _limits(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = 0.08 * (high - low) if high > low else 1.0
    return low - room, high + room
