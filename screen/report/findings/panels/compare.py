"""What differs between screens: models, panels, and of every pair that both have the answer and the main score."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from screen.errors import InputError
from screen.report.cube_view.from_cube import read_screen
from screen.report.cube_view.view import CubeView
from screen.report.findings.findings import Findings

MARKED = 0.1
"""Of the gap: a smaller change of the answer is none to speak of."""


@dataclass(frozen=True)
class PairChange:
    """One pair in two screens: fractions of the gap and percent points of the main score, NaN where not known."""

    line: str
    combination: str
    closed: tuple[float, float]
    score: tuple[float, float]

    @property
    def change(self) -> float:
        """Of the share of the gap closed."""
        return self.closed[1] - self.closed[0]


@dataclass(frozen=True)
class Comparison:
    """Two screens: what is stated differently (name, first, second), and the common pairs, most changed first."""

    stated: tuple[tuple[str, str, str], ...]
    headlines: tuple[str, str]
    pairs: tuple[PairChange, ...]

    @property
    def changed(self) -> int:
        """Pairs whose answer moved by more than `MARKED`."""
        return sum(abs(pair.change) > MARKED for pair in self.pairs if np.isfinite(pair.change))


def compare(first: Path, second: Path) -> Comparison:
    """Compare two cubes at their last assay times. `InputError` where they have no pair in common."""
    both = tuple(Findings(read_screen(path)) for path in (first, second))
    common = set(pairs_of(both[0].view)) & set(pairs_of(both[1].view))
    if not common:
        raise InputError(
            f"{second}: has no line with the same combination as {first}, expected some in common"
        )
    found = [change_of(both[0], both[1], *pair) for pair in pairs_of(both[0].view) if pair in common]
    found.sort(key=lambda pair: -np.nan_to_num(abs(pair.change), nan=-1.0))
    told = (both[0].answer.headline, both[1].answer.headline)
    return Comparison(stated(both[0].view, both[1].view), told, tuple(found))


def pairs_of(view: CubeView) -> Mapping[tuple[str, str], tuple[int, int]]:
    """(line, combination) -> (row, column)."""
    return {
        (line, pair): (row, column)
        for row, line in enumerate(view.lines)
        for column, pair in enumerate(view.combinations)
    }


def change_of(one: Findings, two: Findings, line: str, combination: str) -> PairChange:
    """The same pair in both."""
    closed, score = [], []
    for findings in (one, two):
        row, column = pairs_of(findings.view)[line, combination]
        resistant = bool(findings.recovery.resistant[row])
        closed.append(float(findings.recovery.gap.closed[row, column, -1]) if resistant else np.nan)
        model = findings.view.main_model
        score.append(float(model.mean[row, column, -1]) if model is not None else np.nan)
    return PairChange(line, combination, (closed[0], closed[1]), (score[0], score[1]))


def stated(one: CubeView, two: CubeView) -> tuple[tuple[str, str, str], ...]:
    """What the two say of themselves that is not the same."""
    first, second = facts(one), facts(two)
    return tuple((name, first[name], second[name]) for name in first if first[name] != second[name])


def facts(view: CubeView) -> dict[str, str]:
    """What a screen says of itself, in words."""
    about: Mapping[str, Any] = view.provenance
    versions = about.get("versions")
    doses = "; ".join(
        f"{drug} {np.nanmin(row[row > 0]):.3g} to {np.nanmax(row):.3g} nM"
        for drug, row in zip(view.drug_2, view.concentration_2[0])
    )
    return {
        "herscreen": str(versions.get("herscreen", "")) if isinstance(versions, dict) else "",
        "model": str(about.get("model_sha256", ""))[:12],
        "lines": ", ".join(view.lines) if len(view.lines) <= 8 else f"{len(view.lines)} lines",
        "combinations": ", ".join(view.combinations),
        "partner doses": doses,
        "assay times": ", ".join(f"{time:g} h" for time in view.times_h),
        "parameter sets": str(view.ensemble.draws or 1),
        "seed": str(about.get("seed", "")),
    }
