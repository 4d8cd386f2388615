"""The isobole of a pair against the line of additivity, or over the doses where a drug alone never reaches it."""

from collections.abc import Mapping

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import dose_text, hours
from screen.report.drawing.axes import dose_axis, draw_value_axis, line, ticks_between
from screen.report.drawing.contours import Isobole, natural_isobole
from screen.report.drawing.dose_plane import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, curve, dose_plane, peaks
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import AXIS, GRID, MUTED
from screen.report.drawing.svg import text
from screen.report.figures.figure import Figure
from screen.report.figures.pair_data import doses_of, surface_of
from screen.report.findings.findings import Findings


def isobologram(findings: Findings, row: int, column: int) -> str | None:
    """The isobole that says most: against the line of additivity where both drugs alone reach it, else over
    their doses; None where no dose pair lowers viability to 0.9.
    """
    view = findings.view
    one, two = doses_of(view, row, column)
    found = natural_isobole(surface_of(view, row, column), one, two)
    if found is None:
        return None
    names = view.drug_1[column], view.drug_2[column]
    both = bool(found.alone_1 and found.alone_2)
    body, note = shares(found, names) if both else planes(view.peak_nM, found, names, (one, two))
    title = f"Isobologram at viability {found.level:g}"
    where = f"{view.lines[row]}, {hours(view.times_h[-1])}"
    head = text(20, 28, title, 17, weight=650) + text(20, 48, f"{where}; {note}", 12, fill=MUTED)
    width = max(WIDTH, 40 + 5.9 * len(f"{where}; {note}"))
    return whole_picture(head + body, width, HEIGHT - 20, f"{title}, {where}")


def shares(found: Isobole, names: tuple[str, str]) -> tuple[str, str]:
    """Doses as a share of what each drug needs alone: below the straight line is synergy."""
    alone_1, alone_2 = found.alone_1 or np.nan, found.alone_2 or np.nan
    points = [(b / alone_2, a / alone_1) for a, b in found.points]
    wide = max(1.15, *(x for x, _ in points))
    high = max(1.15, *(y for _, y in points))

    def across(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * value / wide

    def up(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * value / high

    parts = [draw_value_axis(up, ticks_between(0, high), LEFT, RIGHT, f"{names[0]}, share of its dose alone")]
    for value, shown in ticks_between(0, wide):
        parts.append(line(across(value), TOP, across(value), BOTTOM, GRID))
        parts.append(text(across(value), BOTTOM + 18, shown, 11, anchor="middle", fill=MUTED))
    parts.append(
        text((LEFT + RIGHT) / 2, BOTTOM + 38, f"{names[1]}, share of its dose alone", 12, anchor="middle")
    )
    parts.append(line(across(0), up(1), across(1), up(0), AXIS, 1.4, "6 4"))
    parts.append(text(across(0.64), up(0.41), "additive", 11.5, fill=MUTED))
    parts += curve([(across(x), up(y)) for x, y in points])
    index = "" if found.index is None else f"combination index {found.index:.2f}, below 1 = synergy; "
    alone = f"alone: {dose_text(alone_1)} and {dose_text(alone_2)}"
    return "".join(parts), index + alone


def planes(
    peak_nM: Mapping[str, float], found: Isobole, names: tuple[str, str], doses: tuple[Array, Array]
) -> tuple[str, str]:
    """The isobole over logarithmic doses, where a drug alone never reaches it."""
    up, across = dose_axis(doses[0], BOTTOM, TOP), dose_axis(doses[1], LEFT, RIGHT)
    parts = [dose_plane(across, up, names)]
    parts.append(peaks(peak_nM, names, across, up))
    for dose, axis in ((found.alone_1, up), (found.alone_2, across)):
        if dose:
            at = axis.place(dose)
            ends = (LEFT, at, RIGHT, at) if axis is up else (at, TOP, at, BOTTOM)
            parts.append(line(*ends, AXIS, 1.4, "6 4"))
    parts += curve([(across.place(b), up.place(a)) for a, b in found.points])
    lone = [name for name, dose in zip(names, (found.alone_1, found.alone_2)) if not dose]
    who = f"{lone[0]} alone never does" if len(lone) == 1 else "neither drug alone does"
    return "".join(parts), f"reached together, {who}"


FIGURE = Figure(
    name="isobologram",
    shows="the isobole against additivity, or over the doses where a drug alone never gets there",
    order=100,
    section="pair",
    panels=(("isobologram", "Isobologram"),),
    file="isobologram",
    draw_pair=isobologram,
)
