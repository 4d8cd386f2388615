"""The answer as a picture: how much of the gap each partner closes in every resistant line, at an achievable dose."""

import numpy as np

from screen.report.cube_view.number_text import hours
from screen.report.drawing.heat_map import Bar, Matrix, matrix_picture, whole_picture
from screen.report.drawing.style import SEQUENTIAL
from screen.report.figures.figure import Figure
from screen.report.findings.answer import brought_back
from screen.report.findings.findings import Findings
from screen.report.findings.gap import closed_text

MOST = 60


def gap_body(findings: Findings) -> tuple[str, float, float]:
    """Share of the gap closed, resistant lines x partners of the anchor, in the order of the answer; and its size."""
    view, recovery = findings.view, findings.recovery
    rows = [view.lines.index(item.line) for item in findings.answer.lines][:MOST]
    names = {name: column for column, name in enumerate(view.partners)}
    columns = [names[item.name] for item in findings.answer.partners]
    closed, restored = recovery.gap.closed[..., -1], brought_back(recovery, -1)

    def cell(i: int, j: int) -> tuple[float, str]:
        value = float(closed[rows[i], columns[j]])
        if not np.isfinite(value):
            return np.nan, "?"
        return min(1.0, max(0.0, value)), closed_text(value)

    def strong(i: int, j: int) -> bool:
        return bool(restored[rows[i], columns[j]])

    draws = recovery.gap.draws
    bar = Bar(SEQUENTIAL, ("0 %", "50 %", "100 %"), "share of the gap closed")
    title = f"How much of the gap each partner closes, {hours(view.times_h[-1])}"
    note = f"0 %: {view.anchor} alone in this line; 100 %: {view.anchor} alone in its parent or reference"
    foot = "bold: at least 80 %" + (f" in most of {draws} parameter sets" if draws else "")
    foot += "; partner at Cmax, or its top dose; ? not known"
    lines = [(view.lines[row], False) for row in rows]
    partners = [view.partners[column] for column in columns]
    return matrix_picture(title, note, Matrix(lines, partners, cell, bar, strong), (58, 22), foot)


def draw(findings: Findings) -> dict[str, str]:
    if not findings.answer.lines:
        return {}
    return {"gap-closed": whole_picture(*gap_body(findings), name="Share of the gap closed")}


FIGURE = Figure(
    name="gap_closed",
    shows="how much of the gap to its reference each partner closes in every resistant line",
    order=5,
    section="answer",
    panels=(("gap-closed", "Share of the gap closed"),),
    file="gap-closed",
    draw=draw,
)
