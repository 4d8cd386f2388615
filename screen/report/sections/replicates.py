"""The section on virtual plates: how far replicates lie apart, and whether they suffice to tell a synergy from none."""

import math
from dataclasses import dataclass

import numpy as np

from screen.arrays import Array
from screen.report.cube_view.number_text import hours, points
from screen.report.cube_view.view import DIMS, CubeView
from screen.report.drawing.axes import line, ticks_between
from screen.report.drawing.heat_map import whole_picture
from screen.report.drawing.style import AXIS, CATEGORICAL, GRID, MUTED
from screen.report.drawing.svg import clip, element, text
from screen.report.findings.findings import Findings
from screen.report.sections.section import Content, Section

SHOWN = 40
CAPTION = "Orange: plates, and the 95 % interval of their mean; blue: without noise."
LEAST = 1.0
"""Percent points: what is smaller is called none."""
T_95 = (0.0, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)
"""The 97.5 % point of Student's t with so many degrees of freedom; with more 2."""


@dataclass(frozen=True)
class Replicated:
    """The mean Bliss excess of one pair, percent points: without noise, and on each plate (replicate,)."""

    line: str
    partner: str
    truth: float
    plates: Array

    @property
    def interval(self) -> float:
        """Half of the 95 % interval of the plates' mean."""
        many = len(self.plates)
        factor = T_95[many - 1] if many <= len(T_95) else 2.0
        return float(factor * self.plates.std(ddof=1) / math.sqrt(many))

    @property
    def told(self) -> bool:
        """Whether the interval leaves 0 out, on the side of the truth."""
        mean = float(self.plates.mean())
        return abs(mean) > self.interval and mean * self.truth > 0


def make(findings: Findings) -> Content | None:
    """The pairs of a cube with two virtual plates of each or more, the largest excess first."""
    view = findings.view
    if view.replicates is None or view.replicates.shape[view.replicates.dims.index("replicate")] < 2:
        return None
    found, noise = replicated(view)
    if not found:
        return None
    many = len(found[0].plates)
    there = [one for one in found if abs(one.truth) >= LEAST]
    right, apart = sum(one.told for one in there), np.mean([one.plates.std(ddof=1) for one in found])
    rows = [
        (
            one.line,
            one.partner,
            points(one.truth),
            points(float(one.plates.mean())),
            f"± {one.interval:.1f}",
            ", ".join(points(float(value)) for value in one.plates),
            "yes" if one.told else "no",
        )
        for one in found[:SHOWN]
    ]
    head = (
        "line", "partner", "without noise", f"mean of {many} plates", "95 %", "plate by plate",
        "told from 0",
    )  # fmt: skip
    return Content(
        lead=(
            f"{many} virtual plates of each pair with the noise that the configuration states, at "
            f"{hours(view.times_h[-1])}: mean Bliss excess in percent points, positive = synergy. The figures of a "
            "pair show the response without noise; herscreen export --plates writes the plates."
        ),
        sentences=(
            f"A well lies {100 * noise:.1f} percent points from its response without noise (root mean square), the "
            f"mean excess of a plate {apart:.1f} points from that of another (standard deviation).",
            f"Do {many} replicates suffice? Of the {len(there)} pairs with an excess of {LEAST:g} point or more, "
            f"{right} {'is' if right == 1 else 'are'} told from 0 on {many} plates (95 % interval of their mean).",
        ),
        pictures=(
            (
                "Orange: plates, and the 95 % interval of their mean; blue: without noise.",
                picture(found[:SHOWN]),
            ),
        ),
        table=(head, *rows),
    )


def replicated(view: CubeView) -> tuple[list[Replicated], float]:
    """Every pair whose wells are known, the largest excess first, and the noise of a well, a fraction."""
    assert view.replicates is not None
    clean = np.asarray(view.readouts["viability"].nominal()[..., -1], float)
    plates = view.replicates.array(*DIMS, "replicate", schedule=view.schedule_row)[..., -1, :].astype(float)
    noise = float(np.sqrt(np.nanmean((plates - clean[..., None]) ** 2)))
    found = []
    for row, name in enumerate(view.lines):
        for column, partner in enumerate(view.partners):
            one = Replicated(
                name,
                partner,
                float(bliss(clean[row, column])),
                bliss(np.moveaxis(plates[row, column], -1, 0)),
            )
            if np.isfinite(one.truth) and np.isfinite(one.plates).all():
                found.append(one)
    return sorted(found, key=lambda one: -abs(one.truth)), noise


def bliss(viability: Array) -> Array:
    """Mean Bliss excess (...) of viability (..., dose_1, dose_2) over the wells with both drugs, percent points."""
    excess = viability[..., 1:, :1] * viability[..., :1, 1:] - viability[..., 1:, 1:]
    counted = np.isfinite(excess)
    total = np.where(counted, excess, 0.0).sum(axis=(-1, -2))
    return np.asarray(100 * total / np.maximum(counted.sum(axis=(-1, -2)), 1))


def picture(found: list[Replicated]) -> str:
    """A row a pair: the truth as a line, plates as dots, their mean with its interval."""
    values = np.concatenate([[0.0], *([one.truth, *one.plates] for one in found)])
    ends = [float(one.plates.mean()) + side * one.interval for one in found for side in (-1, 1)]
    low, high = float(min(*values, *ends)), float(max(*values, *ends))
    left, right, top, step = 220.0, 620.0, 40.0, 24.0
    bottom = top + step * len(found)

    def at(value: float) -> float:
        return left + (right - left) * (value - low) / ((high - low) or 1.0)

    parts = []
    for value, shown in ticks_between(low, high):
        parts.append(line(at(value), top, at(value), bottom, GRID if value else AXIS))
        parts.append(text(at(value), top - 8, shown, 11, anchor="middle", fill=MUTED))
    for k, one in enumerate(found):
        y, mean = top + step * (k + 0.5), float(one.plates.mean())
        parts.append(text(left - 10, y + 4, clip(f"{one.line}, {one.partner}", 32), 12, anchor="end"))
        parts.append(line(at(mean - one.interval), y, at(mean + one.interval), y, CATEGORICAL[1], 1.6))
        parts.append(line(at(one.truth), y - 9, at(one.truth), y + 9, CATEGORICAL[0], 2.4))
        places = [at(float(value)) for value in one.plates]
        parts += [element("circle", cx=x, cy=y, r=3.4, fill=CATEGORICAL[1]) for x in places]
    parts.append(text((left + right) / 2, 14, "mean Bliss excess, percent points", 12, anchor="middle"))
    return whole_picture("".join(parts), right + 20, bottom + 12, "Mean Bliss excess of every plate")


SECTION = Section(id="replicates", heading="Replicates and noise", order=75, make=make, link="Replicates")
