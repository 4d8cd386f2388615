"""How the anchor recovers its effect with the dose of the partner, against the line that it is compared with."""

import numpy as np

from screen.report.cube_view.number_text import anchor_dose_text, hours
from screen.report.drawing.curves import Level, Series, curves
from screen.report.drawing.style import CATEGORICAL
from screen.report.figures.figure import Figure
from screen.report.figures.pair_data import doses_of, surface_of
from screen.report.findings.findings import Findings


def recovery_curve(findings: Findings, row: int, column: int) -> str | None:
    """What the anchor still leaves beside each dose of the partner; None where the pair lacks the anchor."""
    view, recovery = findings.view, findings.recovery
    _, two = doses_of(view, row, column)
    ratio = np.asarray(recovery.ratios[row, column, : len(two), -1], float)
    if not np.isfinite(ratio).any():
        return None
    partner, alone = view.drug_2[column], surface_of(view, row, column)[0]
    series = [
        Series(f"{view.anchor[:11]} effect", two, ratio, CATEGORICAL[1], None, True),
        Series(f"{partner} alone", two, alone, CATEGORICAL[0], dash="5 4"),
    ]
    goal = float(recovery.reference[row, -1])
    aim = (
        Level(goal, f"{view.anchor} alone in {recovery.reference_names[row]}") if np.isfinite(goal) else None
    )
    title = f"Recovery of {view.anchor} at {anchor_dose_text(view.anchor, recovery.anchor_nM)}"
    note = f"{view.lines[row]}, {hours(view.times_h[-1])}; orange: viability with both over that with {partner} alone"
    words = f"dose of {partner}"
    return curves(title, note, series, words, view.peak_nM, [partner], "fraction of cells left", aim)


FIGURE = Figure(
    name="recovery_curve",
    shows="how the anchor recovers its effect with the dose of the partner",
    order=110,
    section="pair",
    panels=(("recovery-curve", "Recovery"),),
    file="recovery-curve",
    draw_pair=recovery_curve,
)
