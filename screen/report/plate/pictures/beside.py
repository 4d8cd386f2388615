"""The model beside the plate: simulated responses, simulated or predicted against measured wells, residuals, and how
far off the model is beside predictions that need none."""

import math

import numpy as np

from screen.analysis.fit_line.outputs import verdict_sentence
from screen.arrays import Array
from screen.report.cube_view.number_text import hours, points
from screen.report.drawing.axes import line, ticks_between
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import AXIS, CATEGORICAL, DIVERGING, GRID, nice
from screen.report.drawing.svg import element, turned
from screen.report.plate.pictures.dose_matrix import Paint, label, matrix_picture
from screen.report.plate.pictures.picture import Picture
from screen.report.plate.pictures.response import excess_paint, response_paint
from screen.report.plate.view import BlockView, PlateView
from screen.synergy.models.registry import MODELS

LEFT, RIGHT, TOP, BOTTOM = 58.0, 380.0, 14.0, 310.0
SKILL_HEAD = ("prediction", "combination wells", "rank correlation", "root mean square error, points")


def beside_pictures(view: BlockView) -> list[Picture]:
    """What the model says of a block; nothing where it says nothing."""
    found: list[Picture] = []
    axes = (view.block.conc_1, view.block.conc_2), (view.axis_names[0], view.axis_names[1])
    if view.simulated is not None:
        one = view.simulated
        drawn = matrix_picture(
            100 * one.viability, *axes, response_paint(view), f"simulated response of {view.heading}"
        )
        caption = f"The model's {one.line}, on the colours of the measured response."
        found.append(Picture("simulated", "Simulated response", caption, drawn))
        drawn = against(view, one.viability, None, "simulated")
        caption = "Filled: combinations; rings: single agents. On the line the model is right."
        found.append(Picture("simulated-against-measured", "Simulated against measured", caption, drawn))
    if view.fitted is not None:
        fit = view.fitted
        drawn = against(view, fit.predicted, (fit.low, fit.high), "predicted")
        caption = "By the fitted line, with 90 % intervals over the draws. Filled: combinations; rings: single agents."
        found.append(
            Picture("predicted-against-measured", "Fitted line: predicted against measured", caption, drawn)
        )
        left = 100 * (view.block.viability - fit.predicted)
        top = nice(float(np.nanmax(np.abs(left), initial=1.0)))
        paint = Paint(
            DIVERGING[::-1],
            -top,
            top,
            excess_paint(top).ticks,
            "measured − predicted, points",
            excess_paint(top).shown,
        )
        drawn = matrix_picture(left, *axes, paint, f"residuals of {view.heading}")
        caption = "Runs of one colour are what the model cannot make; noise has none."
        found.append(Picture("residuals", "Fitted line: residuals", caption, drawn))
    return found


def against(view: BlockView, predicted: Array, ends: tuple[Array, Array] | None, word: str) -> str:
    """A dot a dose pair: measured viability across, that of the model up, with the line on which they agree."""
    measured = view.block.viability
    places = np.argwhere(np.isfinite(measured) & np.isfinite(predicted))
    seen = [values[tuple(places.T)] for values in (measured, predicted, *(ends or ()))]
    low, high = min(0.0, *(float(v.min()) for v in seen)), max(1.05, *(float(v.max()) for v in seen))

    def across(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * (value - low) / (high - low)

    def up(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low)

    parts = []
    for value, _ in ticks_between(low, high):
        shown = f"{100 * value:.0f}".replace("-", "−")
        parts += [
            line(LEFT, up(value), RIGHT, up(value), GRID),
            label(LEFT - 6, up(value) + 4, shown, 10, "end", "muted"),
        ]
        parts += [
            line(across(value), TOP, across(value), BOTTOM, GRID),
            label(across(value), BOTTOM + 16, shown, 10, ink="muted"),
        ]
    parts.append(line(across(low), up(low), across(high), up(high), AXIS, 1.4, "6 4"))
    paint = CATEGORICAL[1]
    for i, j in places:
        x, y = across(float(measured[i, j])), up(float(predicted[i, j]))
        if ends is not None:
            parts.append(line(x, up(float(ends[0][i, j])), x, up(float(ends[1][i, j])), paint, 0.9))
        both = view.block.conc_1[i] > 0 and view.block.conc_2[j] > 0
        fill = {"fill": paint, "fill_opacity": "0.8"} if both else {"fill": "none"}
        parts.append(element("circle", cx=x, cy=y, r=3.6, stroke=paint, stroke_width=1.2, **fill))
    parts.append(label((LEFT + RIGHT) / 2, BOTTOM + 36, "measured viability, percent", 11))
    parts.append(turned(14, (TOP + BOTTOM) / 2, f"{word} viability, percent", -90, 11, "middle"))
    return whole_picture(
        "".join(parts), RIGHT + 16, BOTTOM + 46, f"{word} against measured viability of {view.heading}"
    )


def beside_sentences(view: BlockView, plates: PlateView) -> list[str]:
    """What was simulated, how far off it is beside its nulls, and the verdict on a fitted line."""
    said = []
    one = view.simulated
    if one is not None:
        names = [_told(one.line, one.line_calibrated), *map(_told, one.drugs, one.drugs_calibrated)]
        when = f"{hours(one.time_h)}{' (assumed: the plate names no time)' if one.assumed else ''}"
        said.append(f"Simulated: {names[0]} with {names[1]} and {names[2]} at {when}, the same doses.")
        model, null = one.scores.get(plates.main, math.nan), view.number_of(plates.main)
        if math.isfinite(model) and math.isfinite(null):
            said.append(
                f"Mean {MODELS[plates.main].label} excess: simulated {points(model)}, measured {points(null)} points."
            )
        said += _ranked(view)
    if view.fitted is not None and plates.fit is not None:
        fit = plates.fit
        many = f"over its {len(fit.blocks)} blocks" if len(fit.blocks) > 1 else "here"
        said.append(
            f"Fitted line ({fit.table.name}, {fit.draws} draws of {fit.line} at {hours(fit.time_h)}), {many}: "
            f"{verdict_sentence(fit.verdict)}"
        )
    return said


def _ranked(view: BlockView) -> list[str]:
    """Which of the predictions comes nearest."""
    if view.simulated is None or len(view.simulated.skill) < 2:
        return []
    model, *nulls = view.simulated.skill
    better = [null.what for null in nulls if null.rmse <= model.rmse]
    if not better:
        return ["The model comes nearer to the combination wells than either prediction that needs no model."]
    return [f"Nearer to the combination wells than the model: {' and '.join(better)}."]


def skill_rows(view: BlockView) -> list[tuple[str, ...]]:
    """A row a prediction of the combination wells: the model's and its nulls'."""
    if view.simulated is None:
        return []
    return [
        (
            one.what,
            str(one.wells),
            f"{one.rho:.2f}" if math.isfinite(one.rho) else "– (constant)",
            f"{one.rmse:.1f}",
        )
        for one in view.simulated.skill
    ]


def _told(name: str, calibrated: bool) -> str:
    return f"{name} ({'calibrated' if calibrated else 'not calibrated'})"
