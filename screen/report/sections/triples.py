"""The section on three drugs: what a third drug adds, and what of that the pairs do not explain."""

import numpy as np

from screen.arrays import Array
from screen.cube.stored import StoredGroup, StoredVariable
from screen.report.cube_view.groups import MODEL_LABELS
from screen.report.cube_view.number_text import dose_text, hours, points
from screen.report.drawing.heat_map import Bar, Matrix, matrix_picture, whole_picture
from screen.report.drawing.style import DIVERGING, scale_limit
from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section

ROWS = 40
LEAST = 1.0
"""Percent points below which nothing is said to be there."""
SUMMARY = ("cell_line", "combination")


def make(findings: Findings) -> Content | None:
    """What three drugs do together, for a cube that has triples."""
    cube = findings.view.cube
    if cube is None:
        return None
    root, scores = cube.group("triples"), cube.group("triples/scores")
    if root is None or scores is None:
        return None
    models = [name for name in MODEL_LABELS if f"{name}_beyond" in scores]
    if not models:
        return None
    time_h = float(root["time"].values[-1])
    found = {f"{name}{end}": _summary(scores[f"{name}{end}"]) for name in models for end in ("", "_beyond")}
    first = "bliss" if "bliss" in models else models[0]
    order = np.argsort(-np.nan_to_num(found[f"{first}_beyond"], nan=-1e9), axis=None, kind="stable")
    places = [tuple(map(int, np.unravel_index(k, found[first].shape))) for k in order][:ROWS]
    sentences = [_beyond(root, found[f"{first}_beyond"], places[0], MODEL_LABELS[first])]
    if "hsa_beyond_excess" in scores:
        sentences.append(_third(root, scores))
    return Content(
        lead=(
            f"{root.size('combination')} combinations of three drugs at {hours(time_h)}. Beyond the pairs "
            "is what is left of the excess when that of each pair is taken off; other sections show pairs."
        ),
        sentences=tuple(sentences),
        pictures=((_caption(), _picture(root, found, models, places, time_h)),),
        table=_table(root, found, models, places),
    )


def _summary(values: StoredVariable) -> Array:
    """(cell_line, combination) at the last time, of the first schedule."""
    return np.asarray(values.array(*SUMMARY, time=-1, schedule=0), float)


def _named(root: StoredGroup, place: tuple[int, ...]) -> tuple[str, str]:
    line, combination = (root[name].texts[k] for name, k in zip(SUMMARY, place))
    return line, combination


def _beyond(root: StoredGroup, beyond: Array, place: tuple[int, ...], label: str) -> str:
    """Where three drugs do most that the pairs do not explain."""
    known = np.isfinite(beyond)
    if not known.any():
        return "No combination of three drugs could be scored."
    more = int((beyond[known] >= LEAST).sum())
    words = (
        f"By {label}, three drugs do a point or more beyond their pairs in {more} of {int(known.sum())} cases"
    )
    if not more:
        return f"{words}: what they do together, their pairs explain."
    line, combination = _named(root, place)
    return f"{words}; most in {line} with {combination}, {points(float(beyond[place]))} points on average."


def _third(root: StoredGroup, scores: StoredGroup) -> str:
    """Where three drugs leave least, against the best pair at the same doses."""
    axes = ("dose_1", "dose_2", "dose_3")
    gain = np.asarray(scores["hsa_beyond_excess"].array(*SUMMARY, *axes, time=-1, schedule=0), float)
    if not np.isfinite(gain).any():
        return "No well of three drugs was solved."
    place = tuple(map(int, np.unravel_index(int(np.nanargmax(gain)), gain.shape)))
    line, combination = _named(root, place)
    doses = []
    for k, step in enumerate(place[2:], start=1):
        at = {"cell_line": place[0], "combination": place[1], f"dose_{k}": step}
        doses.append(dose_text(float(root[f"concentration_{k}"].array(**at))))
    where = f"{', '.join(doses[:-1])} and {doses[-1]}"
    return (
        "Against the best of its pairs at the same doses a third drug adds most in "
        f"{line} with {combination}: {gain[place]:.0f} points more at {where}."
    )


def _caption() -> str:
    return (
        "Mean excess of three drugs and what of it lies beyond the pairs, percent points of inhibition; "
        "positive = synergy."
    )


def _columns(models: list[str]) -> list[tuple[str, str]]:
    """(score, heading) of every column."""
    return [
        (f"{name}{end}", f"{MODEL_LABELS[name]}{words}")
        for name in models
        for end, words in (("", ""), ("_beyond", ", beyond"))
    ]


def _picture(
    root: StoredGroup,
    found: dict[str, Array],
    models: list[str],
    places: list[tuple[int, ...]],
    time_h: float,
) -> str:
    """Lines with their triples x scores, most beyond the pairs first."""
    columns = _columns(models)
    limit = scale_limit(np.concatenate([values.ravel() for values in found.values()]))

    def cell(i: int, j: int) -> tuple[float, str]:
        value = float(found[columns[j][0]][places[i]])
        return (np.nan if np.isnan(value) else 0.5 + value / (2 * limit)), points(value)

    named = [_named(root, place) for place in places]
    anchors = {combination.split("+", 1)[0] for _, combination in named}
    rows = [
        (f"{line} · {combination.split('+', 1)[1] if len(anchors) == 1 else combination}", False)
        for line, combination in named
    ]
    bar = Bar(DIVERGING, (f"−{limit:g}", "0", f"+{limit:g}"), "percent points")
    title = (
        f"Mean excess of three drugs, {anchors.pop()} with two"
        if len(anchors) == 1
        else "Mean excess of three drugs"
    )
    subtitle = f"{hours(time_h)}; positive = synergy"
    names = tuple(heading for _, heading in columns)
    body, width, height = matrix_picture(
        title, subtitle, Matrix(rows, names, cell, bar), (58, 22), longest=40
    )
    return whole_picture(body, width, height, title)


def _table(
    root: StoredGroup, found: dict[str, Array], models: list[str], places: list[tuple[int, ...]]
) -> tuple[tuple[str, ...], ...]:
    columns = _columns(models)
    rows = [("cell line", "combination", *(heading for _, heading in columns))]
    rows += [
        (*_named(root, place), *(points(float(found[name][place])) for name, _ in columns))
        for place in places
    ]
    return tuple(rows)


SECTION = Section(id="triples", heading="What a third drug adds", order=80, make=make)
