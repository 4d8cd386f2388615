"""The waterfall: one partner's synergy in every line, the best first."""

import numpy as np

from screen.report.cube_view.number_text import hours, points
from screen.report.drawing.axes import line, ticks_between
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import CATEGORICAL, GRID, INK, MUTED
from screen.report.drawing.svg import clip, element, text
from screen.report.figures.figure import Figure
from screen.report.figures.file_name import file_name
from screen.report.figures.synergy_map import summary_of
from screen.report.findings.findings import Findings

STEP, TOP, WIDTH, MOST = 20.0, 92.0, 560.0, 80
SENSITIVE = "#e0b595"
PARTNERS = 24
"""Of this many partners at most a picture is written."""


def waterfall_picture(findings: Findings, column: int) -> str | None:
    """Bars of the summary for one partner, with intervals where the cube has them;
    None where no line has a value. At most `MOST` lines: the best, and the worst.
    """
    view, recovery = findings.view, findings.recovery
    score, label = summary_of(view, recovery)
    order = [int(row) for row in np.argsort(-score[:, column]) if np.isfinite(score[row, column])]
    if not order:
        return None
    shown = order if len(order) <= MOST else [*order[: MOST // 2], *order[-MOST // 2 :]]
    model = view.main_model
    ends = np.stack([score[shown, column]] * 2)
    if model is not None and model.low is not None and model.high is not None:
        ends = np.stack([model.low[shown, column, -1], model.high[shown, column, -1]])
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    left = 30 + 6.6 * max(len(clip(view.lines[row], 22)) for row in shown)
    right, span = WIDTH - 60, max(high - low, 1e-9)

    def across(value: float) -> float:
        room = 44.0 if low < 0 else 0.0
        return left + room + (right - left - room) * (value - low) / span

    bottom = TOP + STEP * len(shown)
    title = f"{view.drug_1[column]} + {view.drug_2[column]}: {label}"
    note = f"percent points, {hours(view.times_h[-1])}; dark: lines resistant to {view.anchor} alone"
    parts = [text(20, 30, title, 17, weight=650), text(20, 50, note, 12, fill=MUTED)]
    for value, word in ticks_between(low, high, 4):
        parts.append(line(across(value), TOP - 6, across(value), bottom, GRID))
        word = f"+{word}" if value > 0 else word
        parts.append(text(across(value), TOP - 12, word, 11, anchor="middle", fill=MUTED))
    for k, row in enumerate(shown):
        y, value = TOP + STEP * k, float(score[row, column])
        dark = bool(recovery.counted[row])
        fill = CATEGORICAL[1] if dark else SENSITIVE
        name = text(left - 8, y + STEP / 2 + 4, clip(view.lines[row], 22), 11.5, "end", 650 if dark else 400)
        x, wide = min(across(0), across(value)), max(1.0, abs(across(value) - across(0)))
        parts += [name, element("rect", x=x, y=y + 3, width=wide, height=STEP - 6, fill=fill)]
        first, last = float(ends[0, k]), float(ends[1, k])
        if last > first:
            parts.append(line(across(first), y + STEP / 2, across(last), y + STEP / 2, INK, 1.4))
        side = 1 if value >= 0 else -1
        far = max(across(value), across(last)) if side > 0 else min(across(value), across(first))
        parts.append(
            text(
                far + 6 * side,
                y + STEP / 2 + 4,
                points(value),
                10.5,
                "start" if side > 0 else "end",
                fill=MUTED,
            )
        )
    parts.append(line(across(0), TOP - 6, across(0), bottom, INK))
    foot = f"{len(order) - len(shown)} lines in the middle are not drawn" if len(order) > len(shown) else ""
    foot = (
        f"line: {view.ensemble.level} of the parameter sets" + ("; " + foot if foot else "")
        if (ends[1] > ends[0]).any()
        else foot
    )
    parts.append(text(20, bottom + 24, foot, 11, fill=MUTED))
    width = max(WIDTH, 30 + 8.4 * len(title), 30 + 5.8 * len(note))
    return whole_picture("".join(parts), width, bottom + 36, title)


def draw(findings: Findings) -> dict[str, str]:
    found = {
        f"waterfall-{file_name(partner)}": waterfall_picture(findings, column)
        for column, partner in enumerate(findings.view.partners[:PARTNERS])
    }
    return {name: picture for name, picture in found.items() if picture is not None}


FIGURE = Figure(
    name="waterfall",
    shows="one partner over all lines, best first, with intervals where the cube has them",
    order=20,
    section="overview",
    panels=(("waterfall", "Waterfall"),),
    file="waterfall-<partner>",
    draw=draw,
)
