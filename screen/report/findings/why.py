"""Why: what mediates the synergy of a screen's strongest pairs, computed for the page and said in words."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.explain.clamped_grids import UNTREATED
from screen.analysis.explain.explain import Counterfactual, Explanation, explain_pairs
from screen.errors import InputError
from screen.report.cube_view.custom_model import custom_mapping
from screen.report.cube_view.number_text import percent, points
from screen.report.cube_view.view import CubeView
from screen.report.findings.answer import Answer
from screen.report.findings.resensitisation import Recovery
from screen.report.findings.strength import strength
from screen.runner.execution.options import Progress

MUCH = 0.5  # of the excess: an edge that mediates less is not named among those that mediate it
NAMED = 4
LITTLE = 0.1
LOOP = {
    "miRs_IRS1": "miR-128 and miR-30a on IRS1",
    "miR193a_IGF2": "miR-193a on IGF2",
    "mTORC1_PPP3CB": "mTORC1 on PPP3CB",
    "PPP3CB_FOXO3a": "PPP3CB on FOXO3a",
    "STAT5_PPP3CB": "STAT5 on PPP3CB",
}
FEEDBACKS = {"S6K": "all links of S6K", "FOXO3a_HER3": "FOXO3a on HER3"}


@dataclass(frozen=True)
class Why:
    """A pair of the screen (its row and column) explained: `whole` with edges at their untreated values,
    `partner` with edges as the anchor alone leaves them, which cuts the partner, and `anchor` the other way.
    """

    row: int
    column: int
    whole: Explanation
    partner: Explanation
    anchor: Explanation
    pair: str = ""
    """What the page calls the drugs: the partner, or both where not every pair begins with the anchor."""


def whys_of(
    path: Path,
    view: CubeView,
    recovery: Recovery,
    answer: Answer,
    count: int,
    progress: Progress | None = None,
) -> tuple[tuple[Why, ...], str]:
    """The explanations of `count` pairs of the cube at `path`, and, where there is none, why not."""
    refused, chosen = why_nots(view), strongest(view, recovery, answer, count)
    if "all" in refused:
        return (), refused["all"]
    reasons = [refused[str(row)] for row, _ in chosen if str(row) in refused]
    chosen = [place for place in chosen if str(place[0]) not in refused]
    if not chosen:
        return (), next(iter(reasons), "")
    model = view.main_model.name if view.main_model is not None else "bliss"
    names = [(view.lines[row], view.combinations[column]) for row, column in chosen]
    try:
        found = explain_pairs(view.cube or path, names, model, progress=progress)
    except InputError as error:
        return (), str(error).replace(str(path), path.name)
    return tuple(
        Why(row, column, whole, partner, anchor, view.pair_name(column))
        for (row, column), (whole, partner, anchor) in zip(chosen, found, strict=True)
    ), ""


def why_nots(view: CubeView) -> dict[str, str]:
    """Why `herscreen explain` would refuse: of the whole screen as `all`, else of lines by row."""
    if custom_mapping(view) is not None:
        words = "which edges of a custom model can be cut is not known; those of the built-in one are"
        return {"all": words}
    if view.schedule:
        return {"all": "herscreen explain gives every drug throughout, and the cube has schedules"}
    return {
        str(row): f"{name} is a mixture of clones; explain one of them, in a screen that has it as a line"
        for row, name in enumerate(view.lines)
        if name in view.mixtures
    }


def strongest(view: CubeView, recovery: Recovery, answer: Answer, count: int) -> list[tuple[int, int]]:
    """(row, column) of the pairs worth explaining: the pairs that the answer names, whose first the page opens with,
    and then the strongest synergies in resistant lines (in any, where none is).
    """
    score = np.where(np.isfinite(strength(view, recovery)), strength(view, recovery), -np.inf)
    wanted = recovery.resistant & ~recovery.her2_low
    ranked = np.where(wanted[:, None], score, -np.inf) if wanted.any() else score
    order = [divmod(int(k), score.shape[1]) for k in np.argsort(-ranked, axis=None, kind="stable")]
    order = [place for place in order if np.isfinite(ranked[place])]
    answers = [(view.lines.index(item.line), item.combination) for item in answer.lines]
    return list(dict.fromkeys([*answers[: max(1, count - 1)], *order]))[:count]


def sentence(why: Why, whole: bool = True) -> str:
    """What mediates the synergy or antagonism of one pair, and the part of the mechanism's loop (`whole`: feedbacks
    too).
    """
    found = why.whole
    pair = f"{why.pair or found.drugs[1]} in {found.cell_line}"
    if not any(math.isfinite(row.share) for row in found.rows):
        return f"{pair}: there is too little excess ({points(found.excess)} points) to say what mediates it."
    what = "synergy" if found.excess > 0 else "antagonism"
    edges = [row for row in found.rows if row.kind == "edge" and row.share >= MUCH][:NAMED]
    named = "; ".join(f"{row.words} ({percent(row.share)})" for row in edges)
    said = f"{pair}: most of the {what} is gone when one of these links of the network is cut: {named}."
    if not edges:
        said = f"{pair}: no single link of the network carries half of the {what}."
    rows = {row.id: row for row in found.rows}
    if any(name in rows for name in LOOP):
        said += f" {loop_words(rows, what)}"
    if whole and (feedback := loop_part(rows, FEEDBACKS)):
        said += f" Feedbacks: {'; '.join(feedback)}."
    return said


def loop_words(rows: dict[str, Counterfactual], what: str) -> str:
    """What the edges of the loop carry of a pair's excess, and what that comes to."""
    parts = loop_part(rows, LOOP)
    if not parts:
        return "The FOXO3a-microRNA loop plays no part in this pair."
    said = f"Of the FOXO3a-microRNA loop: {'; '.join(parts)}."
    most = max((rows[name].share for name in LOOP if name in rows), key=abs)
    if abs(most) < LITTLE:
        return f"{said} The loop plays hardly a part in this pair."
    does = "carries" if most > 0 else "works against"
    return f"{said} The loop plays a part in this pair: its strongest link {does} {percent(abs(most))} of the {what}."


def loop_part(rows: dict[str, Counterfactual], names: dict[str, str]) -> list[str]:
    """`miR-193a on IGF2 16 %` for every edge that mediates a per cent or more, either way."""
    known = [(words, rows[name].share) for name, words in names.items() if name in rows]
    return [f"{words} {percent(share).replace('-', '−')}" for words, share in known if abs(share) >= 0.01]


def clamp_words(found: Explanation) -> str:
    """Where the edges are clamped: `clamped at its untreated value`, or at what it carries under one drug alone."""
    if found.at == UNTREATED:
        return "clamped at its untreated value"
    return f"clamped at what it carries under {found.at} alone"
