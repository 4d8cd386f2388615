"""The response surface of a pair and its excess over every model; on the page those of its parent too."""

import math
from collections.abc import Sequence

import numpy as np

from screen.report.cube_view.number_text import hours
from screen.report.cube_view.view import CubeView, ModelScore
from screen.report.drawing.dose_surface import SIDE, Panel, panel_picture
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import DIVERGING, MUTED, SEQUENTIAL, nice
from screen.report.drawing.svg import clip, element, text
from screen.report.figures.figure import Figure
from screen.report.figures.pair_data import doses_of
from screen.report.findings.findings import Findings

ACROSS = 3
"""Surfaces in a row, so that a figure as wide as a page can be read."""


def surfaces_picture(
    view: CubeView, row: int, column: int, models: Sequence[ModelScore], across: bool = False
) -> tuple[str, float, float]:
    """The response of one pair and its excess over each of `models`, on one scale; and the size they take."""
    return _picture(view, row, column, list(_panels(view, row, column, models).values()), across)


def _panels(view: CubeView, row: int, column: int, models: Sequence[ModelScore]) -> dict[str, Panel]:
    """The response and the excess over each of `models`, by `viability` and the model's name."""
    response = view.readouts["viability"].values[row, column, :, :, -1].astype(float)
    title = f"viability at {hours(view.times_h[-1])} (1 = no effect)"
    panels: dict[str, Panel] = {"viability": (title, response, SEQUENTIAL, 0.0, 1.0, ("0", "0.5", "1"))}
    found = [(m, m.excess[row, column, :, :, -1].astype(float)) for m in models if m.excess is not None]
    top = nice(max((float(np.nanmax(np.abs(values), initial=1.0)) for _, values in found), default=1.0))
    ticks = (f"−{top:g}", "0", f"+{top:g}")
    for model, values in found:
        title = f"{model.label} excess, percent points; positive = synergy"
        panels[model.name] = (title, values, DIVERGING, -top, top, ticks)
    return panels


def _picture(
    view: CubeView, row: int, column: int, panels: Sequence[Panel], across: bool
) -> tuple[str, float, float]:
    one, two = doses_of(view, row, column)
    wide, high = max(84.0 + SIDE * len(two) + 24.0, 330.0), 110.0 + SIDE * len(one)
    parts = [text(20, 30, clip(view.lines[row], 34), 17, weight=650)]
    parts.append(text(20, 50, f"{view.drug_1[column]} + {view.drug_2[column]}", 12, fill=MUTED))
    many = min(len(panels), ACROSS) if across else 1
    for place, panel in enumerate(panels):
        x, y = wide * (place % many), 72.0 + high * (place // many)
        names = view.drug_1[column], view.drug_2[column]
        parts.append(
            element("g", panel_picture(panel, (one, two), names), transform=f"translate({x:.1f},{y:.1f})")
        )
    return "".join(parts), wide * many, 72.0 + high * math.ceil(len(panels) / many)


def draw_pair(findings: Findings, row: int, column: int) -> str:
    view = findings.view
    body = surfaces_picture(view, row, column, view.models, across=True)
    return whole_picture(*body, name=f"{view.lines[row]} {view.combinations[column]}")


def draw_column(findings: Findings, row: int, column: int) -> dict[str, str]:
    """Each surface by itself, as wide as a column, where all of them beside each other could not be read."""
    view = findings.view
    name = f"{view.lines[row]} {view.combinations[column]}"
    panels = _panels(view, row, column, view.models)
    return {
        f"surface-{key}": whole_picture(*_picture(view, row, column, [panel], False), name=f"{name}, {key}")
        for key, panel in panels.items()
    }


FIGURE = Figure(
    name="surfaces",
    shows="response with level lines, and the excess over every model",
    order=60,
    section="pair",
    panels=(
        ("response", "Response"),
        ("parent-response", "Parent"),
        ("excess", "Excess"),
        ("gained-excess", "Excess gained"),
    ),
    file="surfaces",
    draw_pair=draw_pair,
    draw_column=draw_column,
)
