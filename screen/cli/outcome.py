"""What is printed after a run: where a combination does most beyond its single drugs, and the controls."""

from math import isnan, nan, prod

import numpy as np

from screen.cli.console import say, table
from screen.cube.reader import CubeReader
from screen.report.cube_view.from_cube import read_screen
from screen.report.findings.answer import partner_dose
from screen.report.findings.findings import Findings
from screen.report.findings.skill import line_words, skill_sentences

TITLES = {"bliss": "Bliss", "loewe": "Loewe", "zip": "ZIP", "hsa": "HSA"}
"""Excess models, the first that a cube has is shown."""
MOST_VALUES = 5_000_000
"""Of a readout: of a larger screen the answer is left to the report."""


def print_answer(cube: CubeReader, count: int) -> None:
    """Print how much of the gap partners close, the `count` best pairs of the page's answer, and its headline."""
    if prod(cube.root["viability"].shape) > MOST_VALUES:
        return  # a run stays within its memory; the report answers
    findings = Findings(read_screen(cube, scored=False))
    recovery, view, rows = findings.recovery, findings.view, []
    for item in findings.answer.lines[:count]:
        row = view.lines.index(item.line)
        rows.append(
            [
                item.line,
                item.partner,
                partner_dose(recovery, item.combination).replace("\u00a0", " "),
                recovery.reference_names[row],
                _closed(item.closed, bool(recovery.gap.none[row, item.combination, -1])),
                *([f"{100 * item.low:.0f} to {100 * item.high:.0f}%"] if recovery.gap.draws else []),
                *([f"{item.probability:.0%}"] if recovery.gap.draws else []),
                line_words(view, row),
            ]
        )
    for words in (findings.answer.headline, *skill_sentences(view)):
        say(words.replace("\u00a0", " "))
    if not rows:
        return
    columns = ["cell line", "best partner", "dose", "compared with", "gap closed"]
    columns += ["5 to 95 %", "probability of 80 %"] if recovery.gap.draws else []
    title = "How much of the gap the best partner of each resistant line closes"
    table(title, [*columns, "line is"], rows, columns[4:])


def print_strongest(cube: CubeReader, count: int) -> None:
    """Print the `count` strongest synergies of a cube at its last assay time; reads the scores only."""
    model = next((name for name in TITLES if name in cube.models), None)
    if model is None:
        return
    scores, schedules = cube.part("scores"), cube.schedules
    dims = ("cell_line", "combination", *(["schedule"] if schedules else []))
    drawn = f"{model}_median" in scores  # beside an interval stands the centre of the same draws
    shown = [f"{name}_median" if drawn else name for name in (model, f"{model}_max")]
    mean, best = (scores[name].array(*dims, time=-1) for name in shown)
    ends = [f"{model}_{end}" for end in ("low", "high", "probability")]
    spread = [scores[end].array(*dims, time=-1) for end in ends if end in scores]
    order = np.argsort(-np.nan_to_num(mean, nan=-np.inf), axis=None, kind="stable")[:count]
    places = [tuple(map(int, np.unravel_index(k, mean.shape))) for k in order]
    places = [place for place in places if np.isfinite(mean[place])]
    viability = cube.root["viability"]
    grids = [
        viability.array("dose_1", "dose_2", time=-1, **dict(zip(dims, place, strict=True)))
        for place in places
    ]
    lines, combinations, hours = cube.cell_lines, cube.combinations, float(cube.times_h[-1])
    rows = [
        [
            lines[place[0]],
            combinations[place[1]],
            *(schedules[k] for k in place[2:]),
            f"{mean[place]:+.1f}",
            *_interval(*(float(values[place]) for values in spread)),
            f"{best[place]:+.1f}" if np.isfinite(best[place]) else "-",
            f"{np.nanmin(grid):.2f}",
        ]
        for place, grid in zip(places, grids, strict=True)
    ]
    title = (
        f"Strongest synergies at {hours:g} h by {TITLES[model]}: mean excess over the grid, and best window of\n"
        "3 x 3 doses, in percent points of inhibition, positive = synergy; lowest viability of the grid"
    )
    if spread:
        title += ";\nmedian and 5 to 95 % of the draws, and the share of draws above 0"
    numbers = [f"mean {TITLES[model]} excess, points", *(["5 to 95 %", "probability"] if spread else [])]
    numbers += ["best 3x3", "lowest viability"]
    names = [dim.replace("_", " ") for dim in dims]
    table(title, [*names, *numbers], rows, numbers)


def _closed(share: float, no_gap: bool) -> str:
    """The share of the gap as a cell of the table."""
    if np.isfinite(share):
        return f"{100 * share:.0f}%"
    return "no gap" if no_gap else "not simulated"


def _interval(low: float = nan, high: float = nan, probability: float = nan) -> list[str]:
    """An interval and a probability as cells of the table; none without an ensemble."""
    return [] if isnan(probability) else [f"{low:+.1f} to {high:+.1f}", f"{probability:.0%}"]


def print_checks(cube: CubeReader) -> None:
    """Print a line for each control of a cube."""
    for check in cube.checks:
        verdict = "passed" if check.passed else "FAILED"
        say(f"control {verdict}: {check.sentence}")
