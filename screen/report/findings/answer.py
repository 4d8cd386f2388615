"""The answer in words: which partner re-sensitises which resistant line to the anchor drug, at which dose.

A partner re-sensitises a line when, at a dose that is achievable at Cmax (any dose of the grid where its Cmax
is not known), the anchor together with it works at least as well as in the line's reference.
"""

from dataclasses import dataclass

import numpy as np

from screen.pathway.growth import SENSITIVE_EFFECT
from screen.report.cube_view.custom_model import custom_sentence
from screen.report.cube_view.number_text import dose_text, hours, joined, percent, points
from screen.report.cube_view.view import CubeView
from screen.report.findings.resensitisation import Recovery, TRASTUZUMAB_nM

WORTH_NAMING = 0.05


@dataclass(frozen=True)
class LineAnswer:
    """The best partner of one resistant line, as the page prints it."""

    line: str
    partner: str
    combination: int
    restored: bool
    gain: float
    sentence: str
    detail: str


@dataclass(frozen=True)
class Answer:
    """Sentences, the resistant lines in order, and (partner, restored, resistant, median gain)."""

    headline: str
    context: tuple[str, ...]
    lines: tuple[LineAnswer, ...]
    partners: tuple[tuple[str, int, int, float], ...]


def answer_of(view: CubeView, recovery: Recovery, time: int = -1) -> Answer:
    """The answer at one assay time (index into `time`)."""
    rows = np.flatnonzero(recovery.resistant & ~recovery.her2_low)
    restored = restored_at(view, recovery, time)
    found = [
        item for row in rows if (item := line_answer(view, recovery, restored, int(row), time)) is not None
    ]
    derived = {view.lines[row] for row in rows if view.parents[row] is not None}
    found.sort(key=lambda item: (item.line not in derived, not item.restored, -item.gain))
    partners = tuple(
        (
            view.partners[column],
            int(restored[rows, column].sum()),
            len(rows),
            float(np.nanmedian(recovery.gain[rows, column, time]))
            if len(rows) and np.isfinite(recovery.gain[rows, column, time]).any()
            else float("nan"),
        )
        for column in range(len(view.combinations))
        if view.drug_1[column] == view.anchor
    )
    partners = tuple(sorted(partners, key=lambda item: (-item[1], -np.nan_to_num(item[3], nan=-9))))
    said = headline(view, recovery, found, partners)
    return Answer(said[:1].upper() + said[1:], context(view, recovery, time), tuple(found), partners)


def restored_at(view: CubeView, recovery: Recovery, time: int) -> "np.ndarray":
    """(cell_line, combination) bool: the re-sensitisation dose is reached at an achievable dose."""
    peaks = np.array([view.peak_nM.get(name, np.inf) for name in view.drug_2])
    dose = recovery.dose[:, :, time]
    return np.isfinite(dose) & (dose > 0) & (dose <= peaks[None, :] * 1.0001)


def line_answer(
    view: CubeView, recovery: Recovery, restored: "np.ndarray", row: int, time: int
) -> LineAnswer | None:
    """The partner with the largest gain in a line, among those that restore the anchor where any does."""
    gain = recovery.gain[row, :, time]
    if not np.isfinite(gain).any():
        return None
    key = np.where(np.isfinite(gain), gain + restored[row], -np.inf)
    column = int(np.argmax(key))
    line, partner, anchor = view.lines[row], view.partners[column], view.anchor
    alone, ratio, left = (
        recovery.alone[row, time],
        recovery.ratio[row, column, time],
        recovery.partner_alone[row, column, time],
    )
    at = dose_text(recovery.gain_dose[row, column, time])
    if gain[column] < WORTH_NAMING and np.isnan(recovery.dose[row, :, time]).all():
        sentence = f"whether a partner re-sensitises it to {anchor} cannot be told from the wells that were simulated."
    elif gain[column] < WORTH_NAMING:
        most = points(100 * gain[column])
        sentence = f"no partner of this screen re-sensitises it to {anchor}: the most is {most} points, with {partner}."
    else:
        verdict = (
            f"re-sensitises it to {anchor}"
            if restored[row, column]
            else f"strengthens {anchor} without restoring it"
        )
        sentence = (
            f"{partner} {verdict}: {anchor} alone removes {percent(1 - alone)} of the cells, with {at} "
            f"{partner} it removes {percent(1 - ratio)} of those that {partner} leaves ({percent(left)})."
        )
    return LineAnswer(
        line,
        partner,
        column,
        bool(restored[row, column]),
        float(gain[column]),
        sentence,
        detail_text(view, recovery, restored, row, column, time),
    )


def detail_text(
    view: CubeView, recovery: Recovery, restored: "np.ndarray", row: int, column: int, time: int
) -> str:
    """Re-sensitisation dose with its interval and the partner's Cmax, and the main synergy score."""
    reference = recovery.reference_names[row]
    dose = recovery.dose[row, column, time]
    if np.isnan(dose):
        parts = ["re-sensitisation dose not known"]
    elif np.isinf(dose):
        parts = [f"never as sensitive as {reference} on this grid"]
    elif dose == 0:
        parts = [f"already as sensitive as {reference}"]
    else:
        parts = [f"as sensitive as {reference} from {dose_text(dose)}"]
    if (
        recovery.low is not None
        and recovery.high is not None
        and not np.isnan(recovery.low[row, column, time])
    ):
        low, high = dose_text(recovery.low[row, column, time]), dose_text(recovery.high[row, column, time])
        parts[0] += f" ({view.ensemble.level}: {low if low == high else f'{low} to {high}'})"
    if recovery.share is not None and np.isfinite(recovery.share[row, column, time]):
        parts.append(f"re-sensitised in {percent(recovery.share[row, column, time])} of the parameter draws")
    peak = view.peak_nM.get(view.drug_2[column])
    if peak:
        parts.append(f"Cmax {dose_text(peak)}")
    if (model := view.main_model) is not None:
        interval = ""
        if model.low is not None and model.high is not None:
            interval = f" ({points(model.low[row, column, time])} to {points(model.high[row, column, time])})"
        parts.append(f"{model.label} excess {points(model.mean[row, column, time])} points{interval}")
        if model.best is not None:
            parts.append(f"best window {points(model.best[row, column, time])}")
    others = [
        f"{view.partners[other]} from {dose_text(recovery.dose[row, other, time])}"
        for other in np.flatnonzero(restored[row])
        if other != column
    ]
    parts += [f"also re-sensitised by {joined(others[:3], max(0, len(others) - 3))}"] if others else []
    return "; ".join(parts) + "."


def headline(
    view: CubeView,
    recovery: Recovery,
    found: list[LineAnswer],
    partners: tuple[tuple[str, int, int, float], ...],
) -> str:
    """One sentence for the whole screen, or two."""
    anchor, resistant = view.anchor, int((recovery.resistant & ~recovery.her2_low).sum())
    if not resistant:
        if np.isnan(recovery.alone[:, -1]).any():
            return f"No line of this screen is known to resist {anchor}; of some its effect is not known."
        return f"Every line of this screen responds to {anchor}: there is no resistance to overcome."
    winners = [item for item in found if item.restored]
    if not winners:
        best = next((item for item in found if item.gain >= WORTH_NAMING), None)
        gain = (
            f" The largest gain is {points(100 * best.gain)} points, with {best.partner} in {best.line}."
            if best
            else ""
        )
        where = "the one resistant line" if resistant == 1 else f"any of {resistant} resistant lines"
        rows = recovery.resistant & ~recovery.her2_low
        if np.isnan(recovery.dose[rows, :, -1]).all():
            told = f"Whether a partner restores {anchor} in {where} cannot be told"
            return f"{told} from the wells of this screen.{gain}"
        return f"No partner fully restores {anchor} in {where} at achievable doses.{gain}"
    if resistant == 1:
        return f"{winners[0].partner} re-sensitises {winners[0].line} to {anchor}."
    top = partners[0]
    tied = [name for name, count, _, _ in partners if count == top[1]]
    rest = (
        f" All partners taken together reach {len(winners)} of {resistant}." if len(winners) > top[1] else ""
    )
    if len(tied) == 1:
        where = f"{top[1]} of {resistant} resistant lines"
        said = f"{top[0]} re-sensitises {where} to {anchor}, more than any other partner"
        return f"{said}{over_draws(view, recovery, top[0])}.{rest}"
    names = joined(tied[:3], max(0, len(tied) - 3))
    return f"{names} re-sensitise {top[1]} of {resistant} resistant lines to {anchor} each.{rest}"


def over_draws(view: CubeView, recovery: Recovery, partner: str) -> str:
    """In how many lines a partner does so over the parameter draws; empty where the cube keeps none."""
    if recovery.share is None:
        return ""
    rows = recovery.resistant & ~recovery.her2_low
    share = recovery.share[rows, view.partners.index(partner), -1]
    return f" (over the parameter draws in {np.nansum(share):.1f} on average)"


def context(view: CubeView, recovery: Recovery, time: int) -> tuple[str, ...]:
    """What the words mean, in numbers of this screen."""
    dose = dose_text(recovery.anchor_nM)
    if view.anchor.lower() == "trastuzumab" and abs(recovery.anchor_nM - TRASTUZUMAB_nM) < 0.5:
        dose = f"10 µg/mL ({dose})"
    known = [name for name in dict.fromkeys(view.drug_2) if name in view.peak_nM]
    peaks = (
        "at doses achievable at Cmax (its clinical peak concentration)"
        if known
        else "at any dose of the grid"
    )
    anchor, share = view.anchor, percent(SENSITIVE_EFFECT)
    others = (name for name, parent in zip(recovery.reference_names, view.parents) if parent is None)
    other = next(others, "the median sensitive line")
    lines = [
        f"{anchor[:1].upper()}{anchor[1:]} is taken at {dose}, {hours(view.times_h[time])} after dosing. "
        f"A line is resistant when {anchor} alone removes less than {share} of its cells, or less than in "
        "its parent.",
        f"Re-sensitised means: together with the partner, {peaks}, {anchor} removes at least the share of cells "
        f"that it removes in the parent line (for a line without a parent: in {other}).",
    ]
    left = [view.lines[row] for row in np.flatnonzero(recovery.her2_low)]
    if left:
        names = joined(left[:5], max(0, len(left) - 5))
        lines.append(f"Not counted, because HER2 is below a tenth of the panel's median: {names}.")
    own = custom_sentence(view)
    return tuple([own, *lines] if own else lines)
