"""Markers against outcomes: Spearman's rho of what is measured before treatment with what treatment does."""

from collections.abc import Sequence

import numpy as np

from screen.analysis.markers.associations import JOINED, Association
from screen.report.cube_view.marker_names import marker_words
from screen.report.drawing.heat_map import Bar, Matrix, matrix_picture, whole_picture
from screen.report.drawing.style import DIVERGING
from screen.report.figures.figure import Figure
from screen.report.findings.findings import Findings
from screen.report.findings.markers import FOUNDING_MARKERS


def association_picture(found: Sequence[Association], partners: Sequence[str] = (), most: int = 40) -> str:
    """Spearman's rho of markers with outcomes, the strongest markers first; bold is q at most 5 %."""
    targets = list(dict.fromkeys(item.target for item in found))
    place = {name: k for k, name in enumerate(partners)}
    targets.sort(key=lambda name: place.get(name.split(" synergy with ")[-1], -name.startswith("effect of")))
    names = list(dict.fromkeys(item.marker for item in found))[:most]
    known = {(item.marker, item.target): item for item in found}

    def cell(i: int, j: int) -> tuple[float, str]:
        item = known.get((names[i], targets[j]))
        if item is None:
            return np.nan, ""
        return 0.5 + item.rho / 2, f"{item.rho:.2f}".replace("-0.00", "0.00").replace("-", "−")

    def strong(i: int, j: int) -> bool:
        item = known.get((names[i], targets[j]))
        return item is not None and item.q <= 0.05

    bar = Bar(DIVERGING, ("−1", "0", "+1"), "Spearman's rho")
    note = (
        "positive: more marker, more effect (first column) or synergy; bold: false-discovery rate at most 5 %"
    )
    columns = [name.split(" synergy with ")[-1].replace("effect of ", "") for name in targets]
    rows = [(marker_words(name), bool(set(name.split(JOINED)) & set(FOUNDING_MARKERS))) for name in names]
    title = "What predicts the outcome"
    return whole_picture(
        *matrix_picture(title, note, Matrix(rows, columns, cell, bar, strong)),
        name=title,
    )


def partners_of(findings: Findings) -> list[str]:
    """The partners in the order of the answer."""
    return [findings.view.partners[column] for column in findings.partner_order]


def draw(findings: Findings) -> dict[str, str]:
    found = findings.associations
    return {"markers-against-outcomes": association_picture(found, partners_of(findings))} if found else {}


FIGURE = Figure(
    name="marker_associations",
    shows="which markers predict the anchor's effect and each partner's synergy",
    order=140,
    section="markers",
    panels=(("marker-associations", "Markers against outcomes"),),
    file="markers-against-outcomes",
    draw=draw,
)
