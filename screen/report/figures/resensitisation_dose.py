"""The re-sensitisation dose of every resistant line with every partner."""

import numpy as np

from screen.report.cube_view.number_text import dose_text, hours
from screen.report.drawing.heat_map import Bar, Matrix, matrix_picture, whole_picture
from screen.report.drawing.style import SEQUENTIAL
from screen.report.figures.figure import Figure
from screen.report.findings.findings import Findings


def resensitisation_picture(findings: Findings, most: int = 60) -> str:
    """Re-sensitisation dose, resistant lines x partners of the anchor; in brackets: above Cmax."""
    view, recovery = findings.view, findings.recovery
    rows = np.flatnonzero(recovery.resistant & ~recovery.her2_low)
    anchored = [column for column in findings.partner_order if view.drug_1[column] == view.anchor]
    dose = recovery.dose[:, anchored, -1]
    least = np.where(np.isfinite(dose), dose, np.inf).min(axis=1)
    rows = rows[np.argsort(least[rows], kind="stable")][:most]
    levels = view.concentration_2[np.isfinite(view.concentration_2) & (view.concentration_2 > 0)]
    low, high = np.log10(levels.min()), np.log10(levels.max())
    peaks = [view.peak_nM.get(view.drug_2[column], np.inf) for column in anchored]

    def cell(i: int, j: int) -> tuple[float, str]:
        value = dose[rows[i], j]
        if not np.isfinite(value):
            return np.nan, "?" if np.isnan(value) else "–"
        place = (np.log10(max(value, 10**low)) - low) / (high - low)
        said = dose_text(value) if value else "none"
        return float(place), f"({said})" if value > peaks[j] * 1.0001 else said

    middle = dose_text(10 ** ((low + high) / 2))
    bar = Bar(SEQUENTIAL, (dose_text(10**low), middle, dose_text(10**high)), "partner dose")
    at = hours(view.times_h[-1])
    note = f"smallest partner dose of the grid that closes 80 % of the gap, {at}"
    foot = "– not reached; none: no partner is needed; ? not simulated or failed; in brackets: above Cmax"
    names = [(view.lines[row], view.parents[row] is not None) for row in rows]
    title = "Re-sensitisation dose"
    partners = [view.partners[column] for column in anchored]
    foot += "; bold: derived lines"
    picture = matrix_picture(title, note, Matrix(names, partners, cell, bar), (66, 22), foot)
    return whole_picture(*picture, name=title)


def draw(findings: Findings) -> dict[str, str]:
    recovery = findings.recovery
    if not (recovery.resistant & ~recovery.her2_low).any():
        return {}
    return {"resensitisation-dose": resensitisation_picture(findings)}


FIGURE = Figure(
    name="resensitisation_dose",
    shows="the dose that re-sensitises to the anchor, resistant lines x partners",
    order=30,
    section="resistance",
    panels=(("resensitisation-dose", "Re-sensitisation dose"),),
    file="resensitisation-dose",
    draw=draw,
)
