"""Both drugs of a pair alone, with four-parameter fits."""

from collections.abc import Callable

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import hours
from screen.report.drawing.curves import Series, curves
from screen.report.drawing.style import CATEGORICAL
from screen.report.figures.figure import Figure
from screen.report.figures.pair_data import bounds_of, doses_of, surface_of
from screen.report.findings.findings import Findings
from screen.synergy.curves.single_agent import fit_curves


def single_agents(findings: Findings, row: int, column: int) -> str:
    """Both drugs of a combination alone in one line, with four-parameter fits and Cmax."""
    view = findings.view
    viability, (low, high) = surface_of(view, row, column), bounds_of(view, row, column)
    one, two = doses_of(view, row, column)
    series = []
    for name, dose, edge, paint in (
        (view.drug_1[column], one, np.s_[:, 0], CATEGORICAL[0]),
        (view.drug_2[column], two, np.s_[0, :], CATEGORICAL[1]),
    ):
        ends = (low[edge], high[edge]) if low is not None and high is not None else (None, None)
        fit = fitted(dose, viability[edge])
        series.append(Series(name, dose, viability[edge], paint, fit, False, *ends))
    note = f"{view.lines[row]}, {hours(view.times_h[-1])}; points simulated, lines four-parameter fits"
    return curves("Single agents", note, series, "dose of the single agent", view.peak_nM)


def fitted(doses: Array, alone: Array) -> Callable[[Array], Array] | None:
    """The four-parameter curve through a single agent, or None where there is none."""
    keep = np.isfinite(doses) & np.isfinite(alone)
    found = fit_curves(doses[keep][None], alone[keep][None], "fit")
    if not np.isfinite(found.fit.midpoint).all():
        return None
    return lambda at: found.response(np.log(at), np.zeros(len(at), np.intp))


FIGURE = Figure(
    name="single_agents",
    shows="both drugs alone with four-parameter fits",
    order=80,
    section="pair",
    panels=(("single-agents", "Single agents"),),
    file="single-agents",
    draw_pair=single_agents,
)
