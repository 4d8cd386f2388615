"""The curve of a pair's first drug with every fixed dose of its second."""

import numpy as np

from screen.report.cube_view.number_text import dose_text, hours
from screen.report.drawing.curves import Series, curves
from screen.report.drawing.style import CATEGORICAL, SEQUENTIAL, colour
from screen.report.drawing.svg import clip
from screen.report.figures.figure import Figure
from screen.report.figures.pair_data import doses_of, surface_of
from screen.report.findings.findings import Findings

FEWEST_POINTS, MOST_CURVES = 4, 12


def fixed_doses(findings: Findings, row: int, column: int) -> str | None:
    """The first drug's curve with every fixed dose of the second, of many some evenly apart; None for a design that
    gives no dose wells enough for a curve.
    """
    view = findings.view
    viability, (one, two) = surface_of(view, row, column), doses_of(view, row, column)
    first, second = view.drug_1[column], view.drug_2[column]
    series = []
    order = list(enumerate(np.argsort(two, kind="stable")))  # doses of rays come as they were simulated
    whole = [
        (rank, j) for rank, j in order if not rank or np.isfinite(viability[:, j]).sum() >= FEWEST_POINTS
    ]
    if len(whole) < 2:
        return None
    apart = -(-(len(whole) - 1) // MOST_CURVES)
    for rank, j in [whole[0], *reversed(whole[:0:-apart])]:
        paint = colour(SEQUENTIAL, 0.74 * (1 - rank / max(len(two) - 1, 1))) if rank else CATEGORICAL[1]
        name = dose_text(two[j]) if rank else f"no {clip(second, 14)}"
        series.append(Series(name, one, viability[:, j], paint, None, rank == 0))
    note = f"{view.lines[row]}, {hours(view.times_h[-1])}; orange: {first} alone"
    return curves(
        f"{first} with fixed doses of {second}", note, series, f"dose of {first}", view.peak_nM, [first]
    )


FIGURE = Figure(
    name="fixed_doses",
    shows="the anchor's curve with every fixed dose of the partner",
    order=90,
    section="pair",
    panels=(("fixed-doses", "Anchor with the partner"),),
    file="fixed-doses",
    draw_pair=fixed_doses,
)
