"""The isobole of a measured pair against the line of additivity, or over the doses where a drug alone never gets
there."""

import numpy as np

from screen.report.drawing.axes import dose_axis, line, ticks_between
from screen.report.drawing.contours import Isobole, natural_isobole
from screen.report.drawing.curves import path
from screen.report.drawing.dose_surface import tick_text
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import AXIS, CATEGORICAL, GRID
from screen.report.drawing.svg import clip, element, turned
from screen.report.plate.pictures.dose_matrix import label
from screen.report.plate.pictures.picture import Picture
from screen.report.plate.view import BlockView, dose_label

LEFT, RIGHT, TOP, BOTTOM = 62.0, 370.0, 16.0, 300.0


def isobole_picture(view: BlockView) -> Picture | None:
    """The isobole that says most; None where no dose pair lowers viability to 0.9, or without single agents."""
    one, two = view.block.conc_1, view.block.conc_2
    if view.block.conc_3 is not None or not view.layers or not len(one) or not len(two) or one[0] or two[0]:
        return None
    found = natural_isobole(view.layers[0].viability, one, two)
    if found is None:
        return None
    both = bool(found.alone_1 and found.alone_2)
    body, words = _shares(view, found) if both else _doses(view, found)
    name = f"isobologram of {view.heading}"
    left = "the growth is" if view.block.growth else "the cells are"
    caption = f"Where {100 * found.level:g} % of {left} left, between the means of wells; {words}."
    return Picture(
        "isobologram", f"Isobologram at {100 * found.level:g} %", caption, whole_picture(body, 400, 350, name)
    )


def _shares(view: BlockView, found: Isobole) -> tuple[str, str]:
    """Doses as a share of what each drug needs alone: below the straight line is synergy."""
    alone_1, alone_2 = found.alone_1 or np.nan, found.alone_2 or np.nan
    spots = [(b / alone_2, a / alone_1) for a, b in found.points]
    wide = min(max(1.15, *(x for x, _ in spots)), 4.0)
    high = min(max(1.15, *(y for _, y in spots)), 4.0)

    def across(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * min(value, wide) / wide

    def up(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * min(value, high) / high

    parts = []
    for value, shown in ticks_between(0, high):
        parts += [
            line(LEFT, up(value), RIGHT, up(value), GRID),
            label(LEFT - 6, up(value) + 4, shown, 10, "end", "muted"),
        ]
    for value, shown in ticks_between(0, wide):
        parts += [
            line(across(value), TOP, across(value), BOTTOM, GRID),
            label(across(value), BOTTOM + 16, shown, 10, ink="muted"),
        ]
    parts.append(line(across(0), up(1), across(1), up(0), AXIS, 1.4, "6 4"))
    parts.append(label(across(0.66), up(0.4), "additive", 10.5, "start", "muted"))
    parts += _names([f"{name}, share of its dose alone" for name in view.drugs])
    parts += _course([(across(x), up(y)) for x, y in spots])
    index = "" if found.index is None else f"combination index {found.index:.2f}, below 1 = synergy; "
    alone = " and ".join(dose_label(dose, unit) for dose, unit in zip((alone_1, alone_2), view.units))
    return "".join(parts), f"{index}alone {alone}"


def _doses(view: BlockView, found: Isobole) -> tuple[str, str]:
    """The isobole over logarithmic doses, where a drug alone never reaches it."""
    up, across = dose_axis(view.block.conc_1, BOTTOM, TOP), dose_axis(view.block.conc_2, LEFT, RIGHT)
    parts = [line(LEFT, BOTTOM, RIGHT, BOTTOM), line(LEFT, BOTTOM, LEFT, TOP)]
    for dose in [0.0, *up.decades]:
        parts.append(label(LEFT - 6, up.place(dose) + 4, tick_text(dose), 10, "end", "muted"))
    for dose in [0.0, *across.decades]:
        parts.append(label(across.place(dose), BOTTOM + 16, tick_text(dose), 10, ink="muted"))
    for lone_dose, axis in ((found.alone_1, up), (found.alone_2, across)):
        if lone_dose:
            at = axis.place(lone_dose)
            ends = (LEFT, at, RIGHT, at) if axis is up else (at, TOP, at, BOTTOM)
            parts.append(line(*ends, AXIS, 1.4, "6 4"))
    parts += _names(list(view.axis_names))
    parts += _course([(across.place(b), up.place(a)) for a, b in found.points])
    lone = [name for name, dose in zip(view.drugs, (found.alone_1, found.alone_2)) if not dose]
    who = f"{lone[0]} alone never gets there" if len(lone) == 1 else "neither drug alone gets there"
    return "".join(parts), f"reached together, {who}"


def _names(names: list[str]) -> list[str]:
    return [
        turned(16, (TOP + BOTTOM) / 2, clip(names[0], 44), -90, 11, "middle"),
        label((LEFT + RIGHT) / 2, BOTTOM + 36, clip(names[1], 44), 11),
    ]


def _course(spots: list[tuple[float, float]]) -> list[str]:
    paint = CATEGORICAL[1]
    drawn = element("path", d=path(spots), fill="none", stroke=paint, stroke_width=2.2)
    return [drawn, *(element("circle", cx=x, cy=y, r=3.6, fill=paint) for x, y in spots)]
