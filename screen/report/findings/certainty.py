"""How confident the numbers of a screen are, in sentences: parameter draws, and agreement of the models."""

import numpy as np

from screen.report.cube_view.number_text import joined, percent
from screen.report.cube_view.view import CubeView
from screen.report.findings.answer import Answer
from screen.report.findings.gap import LEAST_GAP, gapless
from screen.report.findings.resensitisation import Recovery

SOME = 1.0  # percent points: a smaller excess has no sign to agree on
CONFIDENT = 0.95
NAMED = 3
WITHIN = (
    "They are of what calibration leaves open about the parameters alone: a measurement's noise and what the model "
    "misses come on top, and most where a line or drug was not calibrated."
)
"""What the intervals of a screen hold and what not."""


def confidence_words(view: CubeView, recovery: Recovery, answer: Answer, time: int = -1) -> list[str]:
    """Sentences on the screen as a whole and on the pairs that the answer names, at one assay time."""
    return [*of_draws(view, recovery, answer, time), *of_models(view, recovery, time)]


def of_draws(view: CubeView, recovery: Recovery, answer: Answer, time: int) -> list[str]:
    """What the parameter draws say; that there are none, where there are none."""
    if not view.readouts["viability"].bounded:
        return [
            "One parameter set, so no intervals: the numbers say what the model says, not how certain that is. "
            "With an ensemble in the configuration (ensemble: 20) every score has an interval."
        ]
    drawn = view.ensemble
    many = f"{drawn.draws} parameter sets" if drawn.draws else "the parameter sets"
    said = [
        f"Every number is the median of {many} that agree with the evidence; intervals hold {drawn.level} of them."
    ]
    if any(readout.median is None for readout in view.readouts.values()):
        said = [
            f"Intervals hold {drawn.level} of {many} that agree with the evidence; shares of the gap are medians, "
            "other numbers those of the nominal parameters, which may lie outside."
        ]
    if recovery.gap.probability is not None and answer.lines:
        parts = [
            f"{item.partner} in {item.line} {percent(item.probability)}"
            for item in answer.lines[:NAMED]
            if np.isfinite(item.probability)
        ]
        said += [f"Probability that at least 80 % of the gap is closed: {'; '.join(parts)}."] if parts else []
    said.append(WITHIN)
    said += gapless_words(view, recovery, time)
    model = view.main_model
    if model is not None and model.probability is not None:
        share = np.asarray(model.probability[..., time], float)
        share = share[np.isfinite(share)]
        said.append(
            f"{model.label} synergy is above 0 in at least {percent(CONFIDENT)} of the sets for "
            f"{(share >= CONFIDENT).sum()} of {share.size} pairs, and below 0 for {(share <= 1 - CONFIDENT).sum()}."
        )
    if recovery.interval_from == "bounds":
        said.append(
            "Intervals of re-sensitisation doses come from the interval of every well, since the cube keeps no "
            "draws: they are wider than they need be."
        )
    return said


def of_models(view: CubeView, recovery: Recovery, time: int) -> list[str]:
    """In how many pairs of resistant lines the reference models agree on the sign."""
    rows = np.flatnonzero(recovery.resistant & ~recovery.her2_low)
    if len(view.models) < 2 or not len(rows):
        return []
    means = np.stack([np.asarray(model.mean[rows, :, time], float) for model in view.models])
    known = np.isfinite(means).all(axis=0)
    clear = known & (np.abs(means) > SOME).any(axis=0)
    agree = clear & ((means > -SOME).all(axis=0) | (means < SOME).all(axis=0))
    names = joined([model.label for model in view.models])
    return [
        f"{names} agree on synergy or antagonism in {agree.sum()} of the {clear.sum()} pairs of resistant "
        f"lines that any of them calls either (beyond {SOME:g} point)."
    ]


def gapless_words(view: CubeView, recovery: Recovery, time: int) -> list[str]:
    """In which resistant lines some parameter sets have no gap, and how they are counted; nothing where none has."""
    own = [column for column, drug in enumerate(view.drug_1) if drug == view.anchor]
    if not own or recovery.gap.draws < 2:
        return []
    counts = np.where(recovery.counted, gapless(recovery.gap, own[0], time), 0)
    named = [f"{view.lines[row]} {counts[row]}" for row in np.argsort(-counts, kind="stable") if counts[row]]
    if not named:
        return []
    return [
        f"Of the {recovery.gap.draws} parameter sets some have no gap (below {percent(LEAST_GAP)} of the cells) in "
        f"{joined(named[:4], max(0, len(named) - 4))}: they give no share, and count as closed where {view.anchor} "
        "beside the partner removes as much as in the other line."
    ]
