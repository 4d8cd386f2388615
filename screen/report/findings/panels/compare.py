"""What differs between two screens: what they say of themselves, and of all that both have the answer of each line, the
main score of each pair, and how markers go with it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from screen.errors import InputError
from screen.html_table import some
from screen.report.cube_view.from_cube import read_screen
from screen.report.cube_view.number_text import dose_text
from screen.report.cube_view.view import CubeView
from screen.report.findings.answer import LineAnswer, answer_of
from screen.report.findings.findings import Findings

MARKED = 0.1
"""Of the gap: a smaller change of the answer is none to speak of."""
SETTINGS, LONGEST = 24, 160
"""Of the configuration: settings that are listed, and characters of each."""
CALLED = 0.05
"""False-discovery rate up to which a marker counts as one."""


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
class LineChange:
    """The best partner of one resistant line in two screens among those that both have, None where a screen has no
    answer for the line.
    """

    line: str
    answers: tuple[LineAnswer | None, LineAnswer | None]

    @property
    def moved(self) -> float:
        """By how much the share of the gap closed moved, inf where the partner is another one."""
        one, two = self.answers
        if one is None or two is None:
            return -1.0
        return float("inf") if one.partner != two.partner else abs(two.closed - one.closed)


@dataclass(frozen=True)
class MarkerChange:
    """Spearman's rho of a marker with a target in two screens, and its false-discovery rate."""

    marker: str
    target: str
    rho: tuple[float, float]
    q: tuple[float, float]


@dataclass(frozen=True)
class Comparison:
    """Two screens by their names: what is stated differently (name, first, second), lines and common pairs and markers,
    most changed first. `scored` is the model of the scores.
    """

    names: tuple[str, str]
    stated: tuple[tuple[str, str, str], ...]
    headlines: tuple[str, str]
    lines: tuple[LineChange, ...]
    pairs: tuple[PairChange, ...]
    markers: tuple[MarkerChange, ...]
    scored: str

    @property
    def changed(self) -> int:
        """Pairs whose answer moved by more than `MARKED`."""
        return sum(abs(pair.change) > MARKED for pair in self.pairs if np.isfinite(pair.change))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What changed, in short."""
        known = sum(np.isfinite(pair.change) for pair in self.pairs)
        both = [line for line in self.lines if None not in line.answers]
        others = [line.line for line in both if line.moved == float("inf")]
        said = [
            f"{self.changed} of {known} shares of the gap moved by more than {100 * MARKED:.0f} points; of the "
            f"partners that both screens have the best is another one in {len(others)} of {len(both)} lines that are "
            "resistant in both" + (f" ({some(others, 5)})." if others else ".")
        ]
        moves = [abs(round(pair.score[1], 1) - round(pair.score[0], 1)) for pair in self.pairs]  # as printed
        moves = [move for move in moves if np.isfinite(move)]
        if moves:
            said.append(
                f"{self.scored} excess of {len(moves)} common pairs moved by {np.median(moves):.1f} percent points in "
                f"the median, by {max(moves):.1f} at most."
            )
        lost = [item for item in self.markers if (item.q[0] <= CALLED) != (item.q[1] <= CALLED)]
        if self.markers:
            said.append(
                f"{len(lost)} of {len(self.markers)} pairs of marker and outcome are called (false-discovery rate of "
                "at most 5 %) in one screen and not in the other."
            )
        return tuple(said)


def compare(first: Path, second: Path) -> Comparison:
    """Compare two cubes at their last assay times. `InputError` where they have no pair in common."""
    one, two = (Findings(read_screen(path)) for path in (first, second))
    common = set(pairs_of(one.view)) & set(pairs_of(two.view))
    if not common:
        raise InputError(
            f"{second}: has no line with the same combination as {first}, expected some in common"
        )
    model, label = common_model(one.view, two.view)
    found = [change_of(one, two, *pair, model) for pair in pairs_of(one.view) if pair in common]
    found.sort(key=lambda pair: -np.nan_to_num(abs(pair.change), nan=-1.0))
    answers = [common_answers(findings, {pair for _, pair in common}) for findings in (one, two)]
    return Comparison(
        names=(first.name, second.name),
        stated=stated(one.view, two.view),
        headlines=(one.answer.headline, two.answer.headline),
        lines=lines_of(answers[0], answers[1], {line for line, _ in common}),
        pairs=tuple(found),
        markers=markers_of(one, two),
        scored=label,
    )


def pairs_of(view: CubeView) -> Mapping[tuple[str, str], tuple[int, int]]:
    """(line, combination) -> (row, column)."""
    return {
        (line, pair): (row, column)
        for row, line in enumerate(view.lines)
        for column, pair in enumerate(view.combinations)
    }


def common_model(one: CubeView, two: CubeView) -> tuple[str, str]:
    """Name and label of the reference model that both are scored by, the main one of the first before others."""
    names = {model.name for model in two.models}
    known = [model for model in one.models if model.name in names]
    known.sort(key=lambda model: model is not one.main_model)
    return (known[0].name, known[0].label) if known else ("", "Main")


def change_of(one: Findings, two: Findings, line: str, combination: str, scored: str) -> PairChange:
    """The same pair in both."""
    closed, score = [], []
    for findings in (one, two):
        row, column = pairs_of(findings.view)[line, combination]
        resistant = bool(findings.recovery.resistant[row])
        closed.append(float(findings.recovery.gap.closed[row, column, -1]) if resistant else np.nan)
        model = next((model for model in findings.view.models if model.name == scored), None)
        score.append(float(model.mean[row, column, -1]) if model is not None else np.nan)
    return PairChange(line, combination, (closed[0], closed[1]), (score[0], score[1]))


def common_answers(findings: Findings, combinations: Collection[str]) -> tuple[LineAnswer, ...]:
    """The answer of each line as if the screen had these combinations alone."""
    recovery = findings.recovery
    kept = np.array([name in combinations for name in findings.view.combinations])
    gap = replace(recovery.gap, closed=np.where(kept[None, :, None], recovery.gap.closed, np.nan))
    found = answer_of(findings.view, replace(recovery, gap=gap)).lines
    return tuple(item for item in found if np.isfinite(item.closed))


def lines_of(
    one: Sequence[LineAnswer], two: Sequence[LineAnswer], lines: Collection[str]
) -> tuple[LineChange, ...]:
    """The resistant lines of either screen among these, those first whose best partner is another one."""
    first, second = ({item.line: item for item in answers} for answers in (one, two))
    found = [
        LineChange(name, (first.get(name), second.get(name))) for name in {**first, **second} if name in lines
    ]
    return tuple(sorted(found, key=lambda item: -np.nan_to_num(item.moved, nan=-1.0)))


def markers_of(one: Findings, two: Findings) -> tuple[MarkerChange, ...]:
    """Every marker and outcome that both screens rank, the most changed first."""
    first, second = (
        {(item.marker, item.target): item for item in findings.associations} for findings in (one, two)
    )
    found = [
        MarkerChange(*key, (first[key].rho, second[key].rho), (first[key].q, second[key].q))
        for key in first
        if key in second
    ]
    return tuple(sorted(found, key=lambda item: -np.nan_to_num(abs(item.rho[1] - item.rho[0]), nan=-1.0)))


def stated(one: CubeView, two: CubeView) -> tuple[tuple[str, str, str], ...]:
    """What the two say of themselves that is not the same: of all, then of their settings."""
    first, second = facts(one), facts(two)
    rows = [(name, first[name], second[name]) for name in first if first[name] != second[name]]
    for what, mine, theirs in (
        ("lines of one alone", one.lines, two.lines),
        ("combinations of one alone", one.combinations, two.combinations),
    ):
        here = [name for name in mine if name not in theirs]
        there = [name for name in theirs if name not in mine]
        if here or there:
            rows.append((what, some(here) or "none", some(there) or "none"))
    before, after = settings(one), settings(two)
    changed = [name for name in {**before, **after} if before.get(name, "") != after.get(name, "")]
    rows += [(f"setting {name}", before.get(name, "–"), after.get(name, "–")) for name in changed[:SETTINGS]]
    return tuple(rows)


def facts(view: CubeView) -> dict[str, str]:
    """What a screen says of itself, in words."""
    about: Mapping[str, Any] = view.provenance
    versions = about.get("versions")
    doses = "; ".join(
        f"{drug} {dose_text(float(np.nanmin(row[row > 0])))} to {dose_text(float(np.nanmax(row)))}"
        for drug, row in zip(view.drug_2, view.concentration_2[0])
    )
    rows, columns = view.status.shape[2:]
    return {
        "herscreen": str(versions.get("herscreen", "")) if isinstance(versions, dict) else "",
        "model": str(about.get("model_sha256", ""))[:12],
        "anchor": view.anchor,
        "cell lines": str(len(view.lines)),
        "combinations": str(len(view.combinations)),
        "dose grid": f"{rows} x {columns}",
        "partner doses": doses,
        "assay times": ", ".join(f"{time:g} h" for time in view.times_h),
        "parameter sets": str(view.ensemble.draws or 1),
        "reference models": ", ".join(model.label for model in view.models),
    }


def setting_words(value: Any) -> str:
    """A setting as one writes it in YAML: `yes`, `viability, gr_value`; of readouts that are formulas the formula."""
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, Mapping):
        given = [
            f"{key}: {setting_words(item)}"
            for key, item in value.items()
            if key != "name" and item is not None
        ]
        name = str(value.get("name", ""))
        return f"{name} ({', '.join(given)})" if name and given else name or ", ".join(given)
    if isinstance(value, list | tuple):
        return ", ".join(map(setting_words, value))
    return str(value)


def settings(view: CubeView) -> dict[str, str]:
    """The resolved configuration, `doses.points: 8`; what names and describes it aside."""
    config = view.provenance.get("config")
    found: dict[str, str] = {}

    def flatten(value: Any, name: str) -> None:
        if isinstance(value, dict) and value:
            for key, item in value.items():
                flatten(item, f"{name}.{key}" if name else str(key))
        elif name not in ("name", "description", "cell_lines", "combinations.partners"):
            words = setting_words(value)
            found[name] = words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"

    flatten(config if isinstance(config, dict) else {}, "")
    return found
