"""The section on schedules: when it matters in which order, and how, the drugs are given."""

import numpy as np

from screen.analysis.cubes.schedule_comparison import Ordering, compare, mirrored
from screen.arrays import Array
from screen.cube.reader import CubeReader
from screen.report.cube_view.groups import MODEL_LABELS
from screen.report.cube_view.number_text import dose_text, hours, points
from screen.report.drawing.heat_map import Bar, Matrix, matrix_picture, whole_picture
from screen.report.drawing.style import DIVERGING, scale_limit
from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section

ROWS = 40
LEAST = 0.01
"""Differences of viability below this are called none."""


def make(findings: Findings) -> Content | None:
    """When order matters, for a cube with more than one schedule."""
    cube = findings.view.cube
    if cube is None:
        return None
    names, root = cube.schedules, cube.root
    if len(names) < 2 or "viability" not in root:
        return None
    dims, time_h = ("cell_line", "combination", "schedule", "dose_1", "dose_2"), float(cube.times_h[-1])
    viability = np.asarray(root["viability"].array(*dims, time=-1), float)
    found = compare(viability)
    order = np.argsort(-np.nan_to_num(found.difference, nan=-1.0), axis=None, kind="stable")
    places = [tuple(map(int, np.unravel_index(k, found.difference.shape))) for k in order]
    label, score = _score(cube)
    sentences = [_most(cube, names, found, places[0])]
    if "exposure_1" in root and "exposure_2" in root:
        given = [root[f"exposure_{k}"].values for k in (1, 2)]
        sentences += [_either_order(cube, names, viability, pair) for pair in mirrored(*given)]
    pictures = ((_caption(label), _picture(cube, names, score, label, time_h)),) if score is not None else ()
    return Content(
        lead=(
            f"{len(names)} schedules at {hours(time_h)}. One that gives less drug does less; the excess says "
            "whether the two drugs still help each other beyond what each does alone when given so."
        ),
        sentences=tuple(sentences),
        pictures=pictures,
        table=_table(cube, names, found, places[:ROWS], label, score),
    )


def _score(cube: CubeReader) -> tuple[str, Array | None]:
    """The mean excess (cell_line, combination, schedule) at the last time of Bliss, or the first model."""
    group = cube.group("scores")
    for name in ("bliss", *MODEL_LABELS):
        if group is not None and name in group and "schedule" in group[name].dims:
            array = group[name].array("cell_line", "combination", "schedule", time=-1)
            return MODEL_LABELS[name], np.asarray(array, float)
    return "", None


def _most(cube: CubeReader, names: tuple[str, ...], found: Ordering, place: tuple[int, ...]) -> str:
    """Where the schedules differ most."""
    if not found.difference[place] >= LEAST:
        return "In no line does the schedule change viability by a percent point at any doses of both drugs."
    line, pair = (cube.cell_lines[place[0]], cube.combinations[place[1]])
    return (
        f"The schedule matters most in {line} with {pair}: at {_doses(cube, found, place)} viability is "
        f"{100 * found.difference[place]:.0f} points lower under “{names[found.lowest[place]]}” than under "
        f"“{names[found.highest[place]]}”."
    )


def _either_order(cube: CubeReader, names: tuple[str, ...], viability: Array, pair: tuple[int, int]) -> str:
    """What it changes to give the drugs in the other order."""
    found, (one, two) = compare(viability, pair), pair
    known = np.isfinite(found.difference)
    if not known.any():
        return f"“{names[one]}” and “{names[two]}” cannot be compared: no well was solved in both."
    most = np.nanargmax(found.difference)
    place = tuple(map(int, np.unravel_index(most, found.difference.shape)))
    matter = int((found.difference[known] >= LEAST).sum())
    words = (
        f"The order alone (“{names[one]}” against “{names[two]}”) changes viability by a point or more "
        f"in {matter} of {int(known.sum())} pairs of line and combination"
    )
    if not matter:
        return f"{words}."
    line, pair_name = (cube.cell_lines[place[0]], cube.combinations[place[1]])
    return (
        f"{words}; most in {line} with {pair_name}, where “{names[found.lowest[place]]}” leaves "
        f"{100 * found.difference[place]:.0f} points less at {_doses(cube, found, place)}."
    )


def _doses(cube: CubeReader, found: Ordering, place: tuple[int, ...]) -> str:
    """The doses at which the schedules differ most, `68 nM and 1 µM`."""
    doses = []
    for k, index in enumerate(found.place[place], start=1):
        at = {"cell_line": place[0], "combination": place[1], f"dose_{k}": int(index)}
        doses.append(dose_text(float(cube.root[f"concentration_{k}"].array(**at))))
    return " and ".join(doses)


def _caption(label: str) -> str:
    return f"Mean {label} excess of each schedule, percent points of inhibition; positive = synergy."


def _picture(cube: CubeReader, names: tuple[str, ...], score: Array, label: str, time_h: float) -> str:
    """Lines with their combinations x schedules, the strongest first."""
    lines, pairs = cube.cell_lines, cube.combinations
    flat = score.reshape(-1, len(names))
    order = np.argsort(-np.nan_to_num(flat, nan=-1e9).max(axis=1), kind="stable")[:ROWS]
    limit = scale_limit(flat)

    def cell(i: int, j: int) -> tuple[float, str]:
        value = flat[order[i], j]
        return (np.nan if np.isnan(value) else float(0.5 + value / (2 * limit))), points(value)

    partner = [pair.split("+", 1)[-1] for pair in pairs]
    rows = [(f"{lines[k // len(pairs)]} · {partner[k % len(pairs)]}", False) for k in order]
    bar = Bar(DIVERGING, (f"−{limit:g}", "0", f"+{limit:g}"), f"{label}, percent points")
    title = f"Mean {label} excess by schedule"
    body, width, height = matrix_picture(
        title, f"{hours(time_h)}; positive = synergy", Matrix(rows, names, cell, bar), longest=34
    )
    return whole_picture(body, width, height, title)


def _table(
    cube: CubeReader,
    names: tuple[str, ...],
    found: Ordering,
    places: list[tuple[int, ...]],
    label: str,
    score: Array | None,
) -> tuple[tuple[str, ...], ...]:
    """One row per (cell line, combination), where schedules differ most first."""
    lines, pairs = cube.cell_lines, cube.combinations
    scored = names if score is not None else ()
    rows = [
        (
            "cell line",
            "combination",
            "largest difference of viability at doses of both, points",
            "at",
            "lowest under",
            "highest under",
            *(f"{label}, {name}" for name in scored),
        )
    ]
    for place in places:
        if not np.isfinite(found.difference[place]):
            continue
        rows.append(
            (
                lines[place[0]],
                pairs[place[1]],
                f"{100 * found.difference[place]:.1f}",
                _doses(cube, found, place),
                names[found.lowest[place]],
                names[found.highest[place]],
                *(points(float(score[(*place, k)])) for k in range(len(scored)) if score is not None),
            )
        )
    return tuple(rows)


SECTION = Section(id="schedules", heading="When order matters", order=60, make=make)
