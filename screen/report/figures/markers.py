"""The untreated readouts of every line, as fold of the panel's median; on the page its abundances too."""

import numpy as np

from screen.report.drawing.heat_map import Bar, Matrix, matrix_picture, whole_picture
from screen.report.drawing.style import DIVERGING
from screen.report.figures.figure import Figure
from screen.report.figures.synergy_map import row_order, summary_of
from screen.report.findings.findings import Findings
from screen.report.findings.markers import marker_table


def marker_picture(findings: Findings, most: int = 60) -> str:
    """Untreated readouts of every line as fold of the panel's median, in the order of the synergy map."""
    view, recovery = findings.view, findings.recovery
    order = row_order(summary_of(view, recovery)[0], recovery)
    table = [row for row in marker_table(view) if row["untreated"] and row["label"]]
    values = np.array([row["values"] for row in table], float).reshape(len(table), len(view.lines))
    middle = np.nanmedian(values, axis=1) if values.size else np.zeros(len(table))
    with np.errstate(divide="ignore", invalid="ignore"):
        fold = np.log2(values / middle[:, None])
    shown = order[:most]

    def cell(i: int, j: int) -> tuple[float, str]:
        value = fold[j, shown[i]]
        return (np.nan, "") if np.isnan(value) else (float(0.5 + value / 6), fold_text(2**value))

    bar = Bar(DIVERGING, ("⅛", "1", "8 ×"), "fold of the panel's median")
    names = [(view.lines[row], bool(recovery.counted[row])) for row in shown]
    columns = [row["label"] for row in table]
    note = "untreated readouts; bold: resistant to the anchor alone"
    return whole_picture(
        *matrix_picture("Markers", note, Matrix(names, columns, cell, bar), (34, 22)), name="Markers"
    )


def fold_text(fold: float) -> str:
    return f"{fold:.0f}" if fold >= 9.95 else f"{fold:.1f}"


def draw(findings: Findings) -> dict[str, str]:
    return {"markers": marker_picture(findings)} if findings.view.markers else {}


FIGURE = Figure(
    name="markers",
    shows="untreated readouts, lines x markers, as fold of the panel's median",
    order=160,
    section="markers",
    panels=(("marker-map", "Markers"),),
    file="markers",
    draw=draw,
)
