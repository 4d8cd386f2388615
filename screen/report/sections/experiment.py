"""The section on what to measure: the fewest wells that would tell whether the answer's first pair is right, with what
the model predicts in each and what would be seen if the partner did nothing to the anchor.
"""

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import anchor_dose_text, dose_text, hours, percent, whole_percent
from screen.report.findings.findings import Findings
from screen.report.findings.gap import quantile
from screen.report.sections.section import Content, Section

REPLICATES = 3


def make(findings: Findings) -> Content | None:
    """The wells, for a screen that has an answer."""
    view, recovery, lines = findings.view, findings.recovery, findings.answer.lines
    told = [item for item in lines if np.isfinite(item.closed)]
    if not told:
        return None
    first, wells = told[0], recovery.gap.wells
    place = (view.lines.index(first.line), first.combination, -1)
    alone, partner, both, compared = (
        part[place] for part in (wells.alone, wells.partner, wells.both, wells.compared)
    )
    null = alone * partner
    anchor = f"{view.anchor} {anchor_dose_text(view.anchor, wells.anchor_nM)}"
    added = f"{view.partners[first.combination]} {dose_text(float(wells.doses[first.combination]))}"
    reference = recovery.reference_names[place[0]]
    ends = (view.ensemble.low, view.ensemble.high)
    null_words = f"if {view.partners[first.combination]} does nothing to {view.anchor}"
    rows = [
        ("line", "well", "cells left, predicted", null_words),
        (first.line, "vehicle", "100\u00a0%", "100\u00a0%"),
        (first.line, anchor, left(alone, ends), left(alone, ends)),
        (first.line, added, left(partner, ends), left(partner, ends)),
        (first.line, f"{anchor} and {added}", left(both, ends), left(null, ends)),
    ]
    if reference in view.lines or wells.stored:
        rows += [
            (reference, "vehicle", "100\u00a0%", "100\u00a0%"),
            (reference, anchor, left(compared, ends), left(compared, ends)),
        ]
    apart = whole_percent(float(quantile(null[None])[0])) - whole_percent(float(quantile(both[None])[0]))
    decided = (
        f"The well that decides is {first.line} with both: {left(both, ends)} of the cells left if {first.partner} "
        f"brings {view.anchor} back as predicted, {left(null, ends)} if both merely act side by side, "
        f"{abs(apart)}\u00a0% of the untreated well's cells apart."
    )
    return Content(
        lead=(
            f"{len(rows) - 1} wells would test the first pair of the answer, {first.partner} in {first.line}: seeded "
            f"together, {REPLICATES} replicates each, counted {hours(view.times_h[-1])} after dosing."
        ),
        sentences=(decided,),
        table=tuple(rows),
    )


def left(draws: Array, ends: tuple[float, float]) -> str:
    """`42 % (35 to 51 %)`, the median of draws and its interval; one number of one parameter set."""
    middle = float(quantile(draws[None])[0])
    if draws.size < 2:
        return percent(middle)
    low, high = (float(quantile(draws[None], end)[0]) for end in ends)
    return f"{percent(middle)} ({percent(low)} to {percent(high)})"


SECTION = Section(id="experiment", heading="What to measure next", order=15, make=make, link="Measure next")
