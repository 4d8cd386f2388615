"""The section on a cohort: in which share of virtual tumours each treatment leaves how many of the cells."""

from typing import Any

from screen.errors import InputError
from screen.report.cube_view.number_text import percent
from screen.report.cube_view.view import CubeView
from screen.report.findings.findings import Findings
from screen.report.findings.panels.cohort import (
    CLASS_WORDS,
    LIMITS,
    CohortResponse,
    cohort,
    head_words,
    row_words,
)
from screen.report.sections.section import Content, Section
from screen.report.standalone.cohort import waterfall_of_cohort

FEWEST = 8
"""Lines of which shares are given on the page."""
DRAWN = ("expression", "sample")
"""Keys of `cell_lines` that stand for a population."""


def make(findings: Findings) -> Content | None:
    """Classes of every treatment, and waterfalls of the anchor alone and of the treatment that leaves least, for a
    screen all of whose lines are drawn from expression tables or from the population.
    """
    view = findings.view
    if len(view.lines) < FEWEST or not _is_cohort(view):
        return None
    try:
        found = cohort(view, findings.recovery)
    except InputError:
        return None
    if not found:
        return None
    strongest = min(found, key=lambda one: one.mean)
    return Content(
        lead=(
            f"The {len(view.lines)} lines as tumours of a cohort, each of which counts alike, at {view.times_h[-1]:g} "
            f"h: {CLASS_WORDS}. The command herscreen cohort weights them to prevalence and draws any treatment."
        ),
        sentences=(_strongest(strongest, found[0]), LIMITS),
        pictures=tuple(
            (f"Waterfall: {one.treatment}", waterfall_of_cohort(one))
            for one in dict.fromkeys((found[0], strongest))
        ),
        table=(head_words(), *map(row_words, found)),
    )


def _is_cohort(view: CubeView) -> bool:
    """Whether all lines are drawn, by the configuration in the cube."""
    config: Any = view.provenance.get("config") or view.provenance.get("configuration")
    lines = config.get("cell_lines") if isinstance(config, dict) else None
    if not isinstance(lines, list) or not lines:
        return False
    return all(isinstance(one, dict) and any(one.get(key) for key in DRAWN) for one in lines)


def _strongest(best: CohortResponse, alone: CohortResponse) -> str:
    share, low, high = best.shares["strong"]
    first = alone.shares["strong"]
    return (
        f"{best.treatment[:1].upper()}{best.treatment[1:]} leaves {percent(best.mean)} of the cells on average and is "
        f"strong in {percent(share)} of the tumours ({percent(low)} to {percent(high)}); {alone.treatment} alone "
        f"leaves {percent(alone.mean)} and is strong in {percent(first[0])}."
    )


SECTION = Section(id="cohort", heading="The lines as a cohort", order=57, make=make, link="Cohort")
