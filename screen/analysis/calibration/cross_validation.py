"""Cross-validation: does a calibration know how well it predicts lines, drugs or laboratories that it never saw?

The lines (with their derivatives), the drugs or the laboratories of the measured table are dealt to folds. Each fold is
refitted, one smoother from the prior, without any row that mentions its lines or drugs, or that its laboratories
measured; what it then says of their measured numbers, with the noise of a measurement, is compared with the numbers. A
line left out keeps the exponents of its groups and its prior deviations, a drug left out its prior shift. Next to it
stand the means of the drug and of the line over what the fold saw.
"""

import math
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.folder import claim, digest_of
from screen.analysis.calibration.refining import refined
from screen.analysis.calibration.rows.observations import CalibrationRows, Observations, agents_of, lines_of
from screen.analysis.calibration.smoothing import Progress, silent, smoothed
from screen.analysis.evidence.evidence_table import Statement
from screen.analysis.skill.interval_noise import NOISE, Seen, noise_of
from screen.analysis.skill.measured_table import Cell
from screen.analysis.skill.predictive_intervals import LEVEL, holds, noise_needed, predictive_interval
from screen.arrays import Bools, Floats
from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.files import table_text, write_text
from screen.pathway import Pathway
from screen.pathway.calibrated import MEASURED_KIND

BY = ("lines", "drugs", "laboratories")
FOLDS = 5
SAME_LABORATORY = {"GRAY_FallahiSichani2013": "MEP_LINCS"}
"""Sources that are one laboratory, in part with one set of plates."""
MOST_DECADES = 2.0
"""A concentration is off by so many decades at the most."""
COLUMNS = (
    "fold", "source", "cell_line", "drug", "metric", "time_h", "censored", "measured", "predicted", "low", "high",
    "inside", "drug_mean", "line_mean", "noise_needed",
)  # fmt: skip


@dataclass(frozen=True)
class HeldOut:
    """A measured number and what was predicted of it, concentrations as log10 nM: the middle member, the ends of the
    90 % interval with noise, the means of what the fold saw of the drug and of the line, and the least noise with which
    the interval holds the number.
    """

    fold: int
    cell: Cell
    predicted: float
    low: float
    high: float
    inside: bool
    drug_mean: float
    line_mean: float
    noise: float = math.nan


@dataclass(frozen=True)
class Coverage:
    """Of rows with one name: how many, the share inside their interval, and root mean square errors in standard
    deviations of a fitted number: of the prediction, of the drug's mean, of the line's. Of a metric also the noise with
    which 90 % of them would be inside, and the share that is inside with the noise that the other folds ask for.
    """

    name: str
    rows: int
    inside: float
    error: float
    drug_mean: float
    line_mean: float
    noise: float = math.nan
    nested: float = math.nan


def cross_validate(
    pathway: Pathway,
    abundance: AbundancePrior,
    settings: CalibrationConfig,
    by: str,
    folder: Path,
    folds: int = FOLDS,
    progress: Progress = silent,
    jobs: int = 1,
) -> list[HeldOut]:
    """Every measured number as its own fold predicts it. `by` is one of `BY`; `folder` keeps each fold's smoother and
    is resumed from.
    """
    if by not in BY:
        raise InputError(f"--hold-out: found '{by}', expected {', '.join(BY[:-1])} or {BY[-1]}")
    assay, whole = lay_out(pathway, abundance, settings)
    parts = dealt(whole.rows.cells, pathway, by, folds, settings.seed)
    once = settings.model_copy(update={"repeats": 1})
    claim(folder, f"{digest_of(once, whole)} {by} {folds}")
    found: list[HeldOut] = []
    for number, names in enumerate(parts):
        kept, left = split(whole.rows, pathway, by, names)
        path = folder / f"{by}-{number + 1}.npz"

        def tell(_: str, done: int, total: int, misfit: float, number: int = number) -> None:
            progress(f"hold out {by}", number * total + done, len(parts) * total, misfit)

        seen = Observations.lay_out(assay, whole.free, kept)
        members = smoothed(seen, once, number, path, tell, jobs)
        if once.refine:
            members = refined(seen, once, number, members, folder, tell, jobs)[1]
        asked = Observations.lay_out(assay, whole.free, left, shallow=0.0)
        found += _rows(
            number + 1, left.cells, kept.cells, asked.predict(members.scores[~members.failed], jobs)
        )
    return found


def dealt(cells: Sequence[Cell], pathway: Pathway, by: str, folds: int, seed: int) -> list[set[str]]:
    """The lines (by their origin), drugs or laboratories of the cells in `folds` parts, dealt like cards; laboratories
    are few, so that each is a part where there are fewer than `folds`.
    """
    names = {_name(cell, pathway, by) for cell in cells}
    folds = min(folds, len(names)) if by == "laboratories" and len(names) > 1 else folds
    if not 2 <= folds <= len(names):
        raise InputError(f"--folds: found {folds}, expected 2 to {len(names)}, the {by} that were measured")
    order = np.random.default_rng([seed, BY.index(by)]).permutation(sorted(names)).tolist()
    return [set(order[first::folds]) for first in range(folds)]


def split(
    rows: CalibrationRows, pathway: Pathway, by: str, names: Collection[str]
) -> tuple[CalibrationRows, CalibrationRows]:
    """What a fold sees, and the cells that it is asked for. Measured statements leave with any laboratory, for they are
    a second reading of plates in the table.
    """

    def mentions(statement: Statement) -> bool:
        if by == "laboratories":
            return statement.kind == MEASURED_KIND
        lines = {_origin(line, pathway) for line in lines_of(statement)}
        return not (lines if by == "lines" else agents_of(statement)).isdisjoint(names)

    left = tuple(cell for cell in rows.cells if _name(cell, pathway, by) in names)
    cells = tuple(cell for cell in rows.cells if _name(cell, pathway, by) not in names)
    statements = tuple(statement for statement in rows.statements if not mentions(statement))
    return replace(rows, cells=cells, statements=statements), replace(rows, cells=left, statements=())


def _name(cell: Cell, pathway: Pathway, by: str) -> str:
    """The line, drug or laboratory of a cell."""
    if by == "laboratories":
        return SAME_LABORATORY.get(cell.source, cell.source)
    return _origin(cell.line, pathway) if by == "lines" else cell.drugs[0]


def _origin(line: str, pathway: Pathway) -> str:
    return pathway.cell_lines[line].parent or line


def _rows(fold: int, cells: Sequence[Cell], seen: Sequence[Cell], values: Floats) -> list[HeldOut]:
    """The held-out rows of a fold from values (K, cells) of its members."""
    low, high = predictive_interval(cells, values, noise_of(cells, Seen.of(seen)))
    middle, inside = np.nanmedian(values, axis=0), holds(cells, low, high)
    drug = _means(cells, seen, lambda cell: cell.drugs)
    line = _means(cells, seen, lambda cell: cell.line)
    columns = (middle, low, high, inside, drug, line, noise_needed(cells, values))
    return [
        HeldOut(fold, cell, float(a), float(b), float(c), bool(d), float(e), float(f), float(g))
        for cell, a, b, c, d, e, f, g in zip(cells, *columns, strict=True)
    ]


def _means(cells: Sequence[Cell], seen: Sequence[Cell], name: Callable[[Cell], Hashable]) -> Floats:
    """Mean (cells,) of the same metric and name in the same source; else in any source; else of the metric."""
    groups: dict[Hashable, list[float]] = {}
    for cell in seen:
        for key in ((cell.metric, name(cell), cell.source), (cell.metric, name(cell)), cell.metric):
            groups.setdefault(key, []).append(cell.value)
    found = []
    for cell in cells:
        keys = ((cell.metric, name(cell), cell.source), (cell.metric, name(cell)), cell.metric)
        known = next((groups[key] for key in keys if key in groups), [math.nan])
        found.append(float(np.mean(known)))
    return np.array(found)


def errors(rows: Sequence[HeldOut], predictor: str) -> Floats:
    """Differences (rows,) of `predicted`, `drug_mean` or `line_mean` from what was measured, in standard deviations of
    a number that was fitted; a censored number is missed on its known side only.
    """
    predicted = np.array([getattr(row, predictor) for row in rows])
    measured = np.array([row.cell.value for row in rows])
    side = np.array([row.cell.side for row in rows])
    away = np.clip(predicted - measured, -MOST_DECADES, MOST_DECADES)
    away = np.where(side > 0, np.minimum(away, 0), np.where(side < 0, np.maximum(away, 0), away))
    return np.asarray(away / np.array([NOISE[row.cell.metric].fitted for row in rows]))


def coverage(rows: Sequence[HeldOut], name: Callable[[HeldOut], str]) -> list[Coverage]:
    """Figures by `name`, in the order of the names."""
    found = []
    labels = np.array([name(row) for row in rows])
    for label in sorted(set(labels.tolist())):
        members = [row for row, mine in zip(rows, labels == label, strict=True) if mine]
        inside: Bools = np.array([row.inside for row in members])
        root = [
            float(np.sqrt(np.mean(errors(members, predictor) ** 2)))
            for predictor in ("predicted", "drug_mean", "line_mean")
        ]
        found.append(Coverage(label, len(members), float(inside.mean()), *root))
    return found


def tables(rows: Sequence[HeldOut]) -> dict[str, list[Coverage]]:
    """Figures of all rows, by metric, line by line and drug by drug."""
    return {
        "all": coverage(rows, _everything),
        "metric": [
            with_noise(one, [row for row in rows if row.cell.metric == one.name])
            for one in coverage(rows, lambda row: row.cell.metric)
        ],
        "line": coverage(rows, lambda row: row.cell.line),
        "drug": coverage(rows, lambda row: row.cell.drugs[0]),
    }


def with_noise(figures: Coverage, rows: Sequence[HeldOut]) -> Coverage:
    """The figures of one metric's rows with `noise` and `nested`; the latter is NaN where they are of one fold."""
    needed, fold = np.array([row.noise for row in rows]), np.array([row.fold for row in rows])
    inside = [
        needed[fold == one] <= np.quantile(needed[fold != one], LEVEL)
        for one in sorted(set(fold.tolist()))
        if (fold != one).any()
    ]
    nested = float(np.concatenate(inside).mean()) if inside else math.nan
    return replace(figures, noise=float(np.quantile(needed, LEVEL)), nested=nested)


def _everything(_: HeldOut) -> str:
    return "all"


def write_held_out(rows: Sequence[HeldOut], path: Path) -> None:
    """One line a row, as CSV; concentrations in log10 nM."""
    lines: list[Sequence[object]] = [COLUMNS]
    for row in rows:
        cell = row.cell
        numbers = (row.predicted, row.low, row.high)
        nulls = (row.drug_mean, row.line_mean)
        lines.append(
            [row.fold, cell.source, cell.line, cell.drugs[0], cell.metric, f"{cell.time_h:g}"]
            + [{1: "above", -1: "below"}.get(cell.side, ""), f"{cell.value:.4g}"]
            + [f"{value:.4g}" for value in numbers]
            + ["yes" if row.inside else "no", *(f"{value:.4g}" for value in (*nulls, row.noise))]
        )
    write_text(path, table_text(lines))
