"""How sure: what stands behind a screen's numbers, in sentences: parameter draws, agreement of the models."""

import numpy as np

from screen.report.cube_view.number_text import joined, percent
from screen.report.cube_view.view import CubeView
from screen.report.findings.answer import Answer
from screen.report.findings.resensitisation import Rescue

SOME = 1.0  # percent points: a smaller excess has no sign to agree on
SURE = 0.95
NAMED = 3


def how_sure(screen: CubeView, rescue: Rescue, answer: Answer, time: int = -1) -> list[str]:
    """Sentences on the screen as a whole and on the pairs that the answer names, at one assay time."""
    return [*of_draws(screen, rescue, answer, time), *of_models(screen, rescue, time)]


def of_draws(screen: CubeView, rescue: Rescue, answer: Answer, time: int) -> list[str]:
    """What the parameter draws say; that there are none, where there are none."""
    if not screen.readouts["viability"].bounded:
        return [
            "One parameter set, so no intervals: the numbers say what the model says, not how sure it is. "
            "With an ensemble in the configuration (ensemble: 20) every score has an interval."
        ]
    drawn = screen.ensemble
    many = f"{drawn.draws} parameter draws" if drawn.draws else "the parameter draws"
    beside = (
        "the numbers beside them are those of the nominal parameters, one fit, and may lie outside"
        if drawn.nominal
        else "the numbers beside them are medians"
    )
    said = [f"Intervals hold {drawn.level} of {many} that agree with the evidence; {beside}."]
    model = screen.main_model
    if model is not None and model.probability is not None:
        share = np.asarray(model.probability[..., time], float)
        share = share[np.isfinite(share)]
        said.append(
            f"{model.label} synergy is above 0 in at least {percent(SURE)} of the draws for "
            f"{(share >= SURE).sum()} of {share.size} pairs, and below 0 for {(share <= 1 - SURE).sum()}."
        )
    if rescue.share is not None:
        parts = [
            f"{item.partner} in {item.line}: {percent(sure)}"
            for item in answer.lines[:NAMED]
            if np.isfinite(sure := float(rescue.share[screen.lines.index(item.line), item.combination, time]))
        ]
        said += (
            [f"Share of the draws in which {screen.anchor} is brought back: {'; '.join(parts)}."]
            if parts
            else []
        )
    elif rescue.interval_from == "bounds":
        said.append(
            "Intervals of re-sensitisation doses come from the bounds of every well, since the cube keeps no "
            "draws: they are wider than they need be."
        )
    return said


def of_models(screen: CubeView, rescue: Rescue, time: int) -> list[str]:
    """In how many pairs of resistant lines the reference models agree on the sign."""
    rows = np.flatnonzero(rescue.resistant & ~rescue.her2_low)
    if len(screen.models) < 2 or not len(rows):
        return []
    means = np.stack([np.asarray(model.mean[rows, :, time], float) for model in screen.models])
    known = np.isfinite(means).all(axis=0)
    clear = known & (np.abs(means) > SOME).any(axis=0)
    agree = clear & ((means > -SOME).all(axis=0) | (means < SOME).all(axis=0))
    names = joined([model.label for model in screen.models])
    return [
        f"{names} agree on synergy or antagonism in {agree.sum()} of the {clear.sum()} pairs of resistant "
        f"lines that any of them calls either (beyond {SOME:g} point)."
    ]
