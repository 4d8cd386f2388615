"""The answer in words: which partner brings the anchor drug back in which resistant line, how much of the gap to its
reference it closes, and how sure that is. Every number is one of `screen.report.findings.gap`.
"""

from dataclasses import dataclass

import numpy as np

from screen.pathway.growth import SENSITIVE_EFFECT
from screen.report.cube_view.custom_model import custom_sentence
from screen.report.cube_view.number_text import (
    anchor_dose_text,
    dose_text,
    hours,
    joined,
    needed_text,
    percent,
    points,
    whole_percent,
)
from screen.report.cube_view.view import CubeView
from screen.report.findings.gap import CLOSED, closed_text, draws_text
from screen.report.findings.resensitisation import Recovery

WORTH_NAMING = 0.05
LIKELY = 0.5


@dataclass(frozen=True)
class LineAnswer:
    """The best partner of one resistant line, as the page prints it; fractions of the gap, NaN where not known."""

    line: str
    partner: str
    combination: int
    restored: bool
    closed: float
    low: float
    high: float
    probability: float
    gain: float
    sentence: str
    detail: str


@dataclass(frozen=True)
class PartnerAnswer:
    """One partner over the `lines` resistant lines where its wells are known: the median share of the gap that it
    closes, and in how many lines it is likely to close at least `CLOSED` of it.
    """

    name: str
    restored: int
    lines: int
    closed: float
    dose: str


@dataclass(frozen=True)
class Answer:
    """Sentences, the resistant lines in order, and the partners, the best first."""

    headline: str
    context: tuple[str, ...]
    lines: tuple[LineAnswer, ...]
    partners: tuple[PartnerAnswer, ...]


def answer_of(view: CubeView, recovery: Recovery, time: int = -1) -> Answer:
    """The answer at one assay time (index into `time`)."""
    rows = np.flatnonzero(recovery.counted)
    found = [item for row in rows if (item := line_answer(view, recovery, int(row), time)) is not None]
    notes = view.line_notes.get("parent", ("",) * len(view.lines))
    derived = {view.lines[row] for row in rows if notes[row] or view.parents[row] is not None}
    found.sort(key=lambda item: (item.line not in derived, -known(item.closed)))
    partners = tuple(
        partner_answer(view, recovery, rows, column, time)
        for column in range(len(view.combinations))
        if view.drug_1[column] == view.anchor
    )
    partners = tuple(sorted(partners, key=lambda item: (-known(item.closed), -item.restored)))
    said = headline(view, recovery, found, partners)
    return Answer(said[:1].upper() + said[1:], context(view, recovery, time), tuple(found), partners)


def known(value: float) -> float:
    """A number to sort by: what is not known comes last."""
    return value if np.isfinite(value) else -np.inf


def brought_back(recovery: Recovery, time: int) -> "np.ndarray":
    """(cell_line, combination) bool: at least `CLOSED` of the gap is closed in more than half of the draws; without
    draws under the nominal parameters.
    """
    gap = recovery.gap
    if gap.probability is not None:
        return np.asarray(np.nan_to_num(gap.probability[:, :, time]) > LIKELY)
    return np.asarray(np.nan_to_num(gap.closed[:, :, time], nan=-np.inf) >= CLOSED)


def partner_answer(
    view: CubeView, recovery: Recovery, rows: "np.ndarray", column: int, time: int
) -> PartnerAnswer:
    """One partner over the resistant lines."""
    closed = recovery.gap.closed[rows, column, time]
    there = np.isfinite(closed)
    return PartnerAnswer(
        view.partners[column],
        int(brought_back(recovery, time)[rows, column][there].sum()),
        int(there.sum()),
        float(np.median(closed[there])) if there.any() else float("nan"),
        partner_dose(recovery, column),
    )


def partner_dose(recovery: Recovery, column: int) -> str:
    """`5.98 µM (Cmax)`, the dose at which the gap is read."""
    wells = recovery.gap.wells
    said = dose_text(float(wells.doses[column]))
    return f"{said} (Cmax)" if wells.at_peak[column] else f"{said} (top dose)"


def line_answer(view: CubeView, recovery: Recovery, row: int, time: int) -> LineAnswer | None:
    """The partner that closes most of the gap of a line; None for a screen without the anchor."""
    gap, anchor = recovery.gap, view.anchor
    closed, own = gap.closed[row, :, time], [one == anchor for one in view.drug_1]
    if not any(own):
        return None
    line = view.lines[row]
    if not np.isfinite(closed).any():
        nan, column = float("nan"), own.index(True)
        words = (
            no_gap_text(recovery, row, column, time, anchor)
            if gap.none[row, column, time]
            else f"whether a partner brings {anchor} back is not known: the wells were not simulated, or failed."
        )
        return LineAnswer(line, view.partners[column], column, False, nan, nan, nan, nan, nan, words, "")
    column = int(np.nanargmax(closed))
    low, high, share = (
        float("nan") if part is None else float(part[row, column, time])
        for part in (gap.low, gap.high, gap.probability)
    )
    return LineAnswer(
        line,
        view.partners[column],
        column,
        bool(brought_back(recovery, time)[row, column]),
        float(closed[column]),
        low,
        high,
        share,
        float(gap.gain[row, column, time]),
        line_sentence(view, recovery, row, column, time),
        detail_text(view, recovery, row, column, time),
    )


def line_sentence(view: CubeView, recovery: Recovery, row: int, column: int, time: int) -> str:
    """What the best partner does in a line: the gap that it closes, how sure that is, and in cells."""
    gap, anchor, partner = recovery.gap, view.anchor, view.partners[column]
    reference, closed = recovery.reference_names[row], float(gap.closed[row, column, time])
    lead = f"{partner} at {partner_dose(recovery, column)}"
    if gap.gain[row, column, time] < WORTH_NAMING:
        lead = f"no partner of this screen brings {anchor} back: {partner}"
    sure = interval_words(view, recovery, row, column, time)
    first = f"{lead} closes {closed_text(closed)} of the gap to {reference}{sure}."
    own, there, beside = (
        percent(1 - part[row, column, time]) for part in (gap.alone, gap.compared, gap.beside)
    )
    return (
        f"{first} Alone {anchor} removes {own} of the cells here and {there} in {reference}; of the cells that "
        f"{partner} leaves it removes {beside}."
    )


def no_gap_text(recovery: Recovery, row: int, column: int, time: int, anchor: str) -> str:
    """That a line has nothing to gain, with both numbers."""
    gap, reference = recovery.gap, recovery.reference_names[row]
    own, compared = (percent(1 - values[row, column, time]) for values in (gap.alone, gap.compared))
    return f"there is no gap to close: {anchor} alone removes {own} of the cells, in {reference} {compared}."


def interval_words(view: CubeView, recovery: Recovery, row: int, column: int, time: int) -> str:
    """` (90 %: 79 to 104 %), at least 80 % of it in 15 of 16 parameter sets`; what is known of that."""
    gap = recovery.gap
    if gap.low is None or gap.high is None or gap.probability is None:
        verdict = "at least" if gap.closed[row, column, time] >= CLOSED else "less than"
        return f", {verdict} {percent(CLOSED)} under the one parameter set that was simulated"
    low, high = float(gap.low[row, column, time]), float(gap.high[row, column, time])
    said = f" ({view.ensemble.level}: {whole_percent(low)} to {closed_text(high)})".replace("-", "−")
    return f"{said}, {draws_text(gap.probability[row, column, time], gap.draws)}"


def detail_text(view: CubeView, recovery: Recovery, row: int, column: int, time: int) -> str:
    """The smallest dose of the grid that closes enough, the main synergy score, and the other partners that do."""
    dose, parts = recovery.dose[row, column, time], []
    if np.isnan(dose):
        parts.append("at which smaller dose was not simulated")
    elif np.isinf(dose):
        parts.append(f"no dose of the grid closes {percent(CLOSED)} of the gap")
    elif dose == 0:
        parts.append(f"no dose is needed to close {percent(CLOSED)} of the gap")
    else:
        parts.append(f"{percent(CLOSED)} of the gap is closed from {dose_text(dose)}")
    if recovery.low is not None and recovery.high is not None and not np.isnan(dose):
        low, high = (needed_text(float(end[row, column, time])) for end in (recovery.low, recovery.high))
        parts[0] += f" ({view.ensemble.level}: {low if low == high else f'{low} to {high}'})"
    if (model := view.main_model) is not None and np.isfinite(model.mean[row, column, time]):
        interval = ""
        if model.low is not None and model.high is not None:
            interval = f" ({points(model.low[row, column, time])} to {points(model.high[row, column, time])})"
        parts.append(f"{model.label} excess {points(model.mean[row, column, time])} points{interval}")
    closed, restored = recovery.gap.closed[row, :, time], brought_back(recovery, time)[row]
    order = [int(other) for other in np.argsort(-np.nan_to_num(closed, nan=-np.inf), kind="stable")]
    others = [
        f"{view.partners[other]} ({closed_text(float(closed[other]))})"
        for other in order
        if other != column and restored[other]
    ]
    do = "so does" if len(others) == 1 else "so do"
    parts += [f"{do} {joined(others[:3], max(0, len(others) - 3))}"] if others and restored[column] else []
    return "; ".join(parts) + "."


def headline(
    view: CubeView, recovery: Recovery, found: list[LineAnswer], partners: tuple[PartnerAnswer, ...]
) -> str:
    """One sentence for the whole screen, or two."""
    anchor, resistant = view.anchor, int(recovery.counted.sum())
    if not resistant:
        if np.isnan(recovery.alone[:, -1]).any():
            return f"No line of this screen is known to resist {anchor}; of some its effect is not known."
        return f"Every line of this screen responds to {anchor}: there is no resistance to overcome."
    told = [item for item in found if np.isfinite(item.closed)]
    if found and all(recovery.gap.none[view.lines.index(item.line), item.combination, -1] for item in found):
        return f"No resistant line of this screen has a gap to close: {anchor} alone does as much in its reference."
    if not told:
        return (
            f"Whether a partner brings {anchor} back is not known: the wells were not simulated, or failed."
        )
    if resistant == 1:
        item = told[0]
        verb = "brings" if item.restored else "does not bring"
        sure = interval_words(view, recovery, view.lines.index(item.line), item.combination, -1)
        return (
            f"{item.partner} {verb} {anchor} back in {item.line}: it closes {closed_text(item.closed)} of the gap to "
            f"{recovery.reference_names[view.lines.index(item.line)]}{sure}."
        )
    top, rivals = partners[0], [item for item in partners[1:] if np.isfinite(item.closed)]
    most = ", the most of all partners" if rivals and top.closed > rivals[0].closed else ""
    winners = sum(item.restored for item in told)
    likely = "" if recovery.gap.probability is None else " (in most parameter sets)"
    closes = f"{top.name} closes {closed_text(top.closed)} of the gap to a sensitive line"
    if top.lines == 1:
        return f"{closes} in the only resistant line where that is known{most}."
    said = (
        f"{closes} in the median of {top.lines} resistant lines{most}, and at least {percent(CLOSED)} of it in "
        f"{top.restored}{likely}."
    )
    if winners > top.restored:
        return f"{said} With the best partner of each line it is {winners} of {len(told)}."
    return said


def context(view: CubeView, recovery: Recovery, time: int) -> tuple[str, ...]:
    """What the words mean, in numbers of this screen."""
    anchor, share = view.anchor, percent(SENSITIVE_EFFECT)
    wells, dose = recovery.gap.wells, anchor_dose_text(view.anchor, recovery.anchor_nM)
    notes = view.line_notes.get("parent", ("",) * len(view.lines))
    others = [
        name
        for name, parent, note in zip(recovery.reference_names, view.parents, notes)
        if parent is None and not note
    ]
    other = f" (for a line without a known parent, {others[0]})" if others else ""
    where = "its clinical peak (Cmax)" if wells.at_peak.any() else "the top of its dose range"
    if wells.at_peak.any() and not wells.at_peak.all():
        where += ", or the top of its dose range where no Cmax is known"
    lines = [
        f"The gap: {anchor} at {dose} removes fewer cells of a resistant line than of its parent{other}, "
        f"{hours(view.times_h[time])} after dosing. 0 % closed is the resistant line under {anchor} alone, 100 % is "
        f"the other line under {anchor} alone; above 100 % it works even better than there.",
        f"What counts is {anchor}'s own effect: of the cells that the partner leaves, the share that {anchor} "
        f"removes. The partner stands at {where}.",
        f"A line is resistant when {anchor} alone removes less than {share} of its cells, or less than in its parent.",
    ]
    if not wells.stored:
        lines.append(
            "This cube holds no reference wells (it was made by an older version): doses between those of the grid "
            "are interpolated, and lines are compared with lines of this panel only."
        )
    left = [view.lines[row] for row in np.flatnonzero(recovery.her2_low)]
    if left:
        names = joined(left[:5], max(0, len(left) - 5))
        lines.append(f"Controls, not counted, because HER2 is not amplified in them: {names}.")
    own = custom_sentence(view)
    return tuple([own, *lines] if own else lines)
