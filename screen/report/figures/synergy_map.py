"""Synergy, lines x partners; and the same with the strongest pair, as the one picture of a screen.

That opens the README, and stands in the page for readers whose browser runs no script.
"""

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import hours, points
from screen.report.cube_view.view import CubeView
from screen.report.drawing.heat_map import Bar, Matrix, matrix_picture, whole_picture
from screen.report.drawing.style import DIVERGING, scale_limit
from screen.report.drawing.svg import element
from screen.report.figures.figure import Figure
from screen.report.figures.surfaces import surfaces_picture
from screen.report.findings.findings import Findings
from screen.report.findings.resensitisation import Recovery

ROWS = 40


def overview_picture(findings: Findings) -> str:
    """The heat map with the strongest pair, as SVG text with fixed colours on white."""
    view, recovery = findings.view, findings.recovery
    score, label = summary_of(view, recovery)
    body, width, height = heat_map(findings)
    if np.isfinite(score).any():
        pair, pair_width, pair_height = pair_picture(findings, score)
        body += element("g", pair, transform=f"translate({width + 14:.1f},0)")
        width, height = width + pair_width + 14, max(height, pair_height)
    return whole_picture(body, width, height, f"{view.title}: {label} by cell line and partner")


def summary_of(view: CubeView, recovery: Recovery) -> tuple[Array, str]:
    """The summary that the picture shows, (cell_line, combination) at the last time, and its name."""
    if (model := view.main_model) is not None:
        return np.asarray(model.mean[..., -1], float), f"mean {model.label} excess"
    return 100 * recovery.gain[..., -1], f"gained effect of {view.anchor}"


def heat_map(findings: Findings) -> tuple[str, float, float]:
    """Lines x partners with their values printed, and the size it takes."""
    view, recovery = findings.view, findings.recovery
    score, label = summary_of(view, recovery)
    order, limit, columns = row_order(score, recovery)[:ROWS], scale_limit(score), findings.partner_order
    anchored = all(drug == view.anchor for drug in view.drug_1)
    pairs = view.partners if anchored else [f"{one} + {two}" for one, two in zip(view.drug_1, view.drug_2)]
    partners = [pairs[column] for column in columns]

    def cell(i: int, j: int) -> tuple[float, str]:
        value = score[order[i], columns[j]]
        return (np.nan if np.isnan(value) else float(0.5 + value / (2 * limit))), points(value)

    names = [(view.lines[row], bool(recovery.counted[row])) for row in order]
    note = f"{hours(view.times_h[-1])}, {len(view.lines)} lines; positive = synergy"
    foot = f"bold: resistant to {view.anchor} alone"
    foot += f"; the first {ROWS} of {len(view.lines)} lines" if len(view.lines) > ROWS else ""
    bar = Bar(DIVERGING, (f"−{limit:g}", "0", f"+{limit:g}"), f"{label}, percent points")
    title = f"{view.anchor} + partner: {label}" if anchored else f"Combinations: {label}"
    return matrix_picture(title, note, Matrix(names, partners, cell, bar), foot=foot)


def row_order(score: Array, recovery: Recovery) -> Array:
    """Resistant lines first, then by their best score."""
    best = np.nan_to_num(score, nan=-1e9).max(axis=1, initial=-1e9)
    return np.lexsort((-best, ~recovery.resistant, recovery.her2_low))


def pair_picture(findings: Findings, score: Array) -> tuple[str, float, float]:
    """Response and main excess of the answer's first pair, else of the strongest, one above the other."""
    view, recovery = findings.view, findings.recovery
    wanted = np.where((recovery.resistant & ~recovery.her2_low)[:, None], score, np.nan)
    wanted = wanted if np.isfinite(wanted).any() else score
    row, column = divmod(int(np.nanargmax(wanted)), wanted.shape[1])
    if findings.answer.lines:
        first = findings.answer.lines[0]
        row, column = view.lines.index(first.line), first.combination
    models = [view.main_model] if view.main_model is not None else []
    return surfaces_picture(view, row, column, models)


def draw(findings: Findings) -> dict[str, str]:
    _, label = summary_of(findings.view, findings.recovery)
    return {"overview": whole_picture(*heat_map(findings), name=label)}


FIGURE = Figure(
    name="synergy_map",
    shows="lines x partners: mean excess, or what else is chosen on the page",
    order=10,
    section="overview",
    panels=(("synergy-map", "Overview"),),
    file="overview",
    draw=draw,
)
