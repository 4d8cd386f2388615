"""The section on why: what mediates the synergy of the pairs that were explained."""

import math
from collections.abc import Sequence
from typing import Any

from screen.analysis.explain.explain import MOST_DOSES
from screen.cube.status import NOT_SIMULATED
from screen.report.cube_view.view import CubeView
from screen.report.figures.network import explained_svg
from screen.report.findings.findings import Findings
from screen.report.findings.why import Why, sentence, why_nots
from screen.report.sections.section import Content, Section


def make(findings: Findings) -> Content:
    return Content(
        lead=(
            "The grid of a pair is simulated again with one edge of the network clamped at its untreated value, "
            "whatever the drugs do. The synergy that vanishes is what the edge mediates. Edges in a row mediate the "
            "same part, so shares do not add up to 100 %."
        ),
        data={
            "pairs": as_data(findings.explained[0]),
            "refused": why_nots(findings.view),
            "grid": grid_words(findings.view),
        },
    )


def grid_words(view: CubeView) -> str:
    """That a pair is explained on other wells than those that the screen scores; empty where they are the same."""
    sizes = view.status.shape[2:]
    if max(sizes) <= MOST_DOSES and not (view.status == NOT_SIMULATED).any():
        return ""
    one, two = (min(size, MOST_DOSES) for size in sizes)
    return (
        f"For this {one} × {two} doses are simulated as a whole grid; elsewhere on this page stands the mean over the "
        "wells of the screen."
    )


def as_data(whys: Sequence[Why]) -> dict[str, dict[str, Any]]:
    """For the page's script, by "row,column": the words, the numbers of every clamp, and the picture."""
    return {
        f"{why.row},{why.column}": {
            "said": sentence(why),
            "model": why.whole.model,
            "time_h": why.whole.time_h,
            "excess": rounded(why.whole.excess),
            "rows": rows_of(why),
            "picture": explained_svg(why.whole),
        }
        for why in whys
    }


def rows_of(why: Why) -> list[list[Any]]:
    """[words, kind, carried, share, carried by the partner's part, by the anchor's, inhibition lost]."""
    parts = [{row.id: row.carried for row in part.rows} for part in (why.partner, why.anchor)]
    return [
        [
            row.words,
            row.kind,
            rounded(row.carried),
            rounded(row.share),
            *(rounded(part.get(row.id, math.nan)) for part in parts),
            rounded(row.inhibition),
        ]
        for row in why.whole.rows
    ]


def rounded(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None


SECTION = Section(
    id="why", heading="Why: what mediates the synergy", order=40, make=make, link="Why", interactive=True
)
