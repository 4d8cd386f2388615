"""Cross-validation: how well a calibration predicts measured rows of a line or a drug that it never saw.

The rows that no fold leaves out are fitted first, from the prior; each fold leaves out every row that
mentions the line (or its derivatives), or the drug, and is warm-started there, so its start cannot have seen
them either. What it predicts of the measured rows left
out is compared with a null predictor (for a line: the mean of the same drug over the other lines; for a drug: the
mean of the same line over the other drugs) and with a fit of the same budget that saw everything.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.objective import Objective
from screen.analysis.calibration.residuals import MEASURED
from screen.analysis.calibration.search import Progress, search, silent
from screen.analysis.evidence.table import BUILT_IN, Statement, read_evidence
from screen.arrays import Floats
from screen.config.calibration import CalibrationConfig
from screen.errors import InputError
from screen.pathway import Pathway
from screen.pathway.tables.ensemble import Draw

EVERYTHING = "everything"
COLUMNS = (
    "fold", "id", "cell_line", "drug", "statistic", "unit", "lower", "upper", "measured",
    "held_out", "null", "fitted",
)  # fmt: skip


@dataclass(frozen=True)
class HeldOut:
    """A measured row and what was predicted of it, in GR units or log10 nM; `measured` is NaN for a one-sided row,
    whose `lower` or `upper` is infinite.
    """

    fold: str
    id: str
    cell_line: str
    drug: str
    statistic: str
    lower: float
    upper: float
    measured: float
    held_out: float
    null: float
    fitted: float

    @property
    def unit(self) -> str:
        """GR units, or log10 of nM."""
        return "log10 nM" if self.statistic.endswith("_nM") else "GR"


def families(statement: Statement) -> set[str]:
    """The lines that a statement mentions, derivatives counted to their parents."""
    return {c.line.parent or c.line.name for c in (statement.test, statement.reference)}


def drugs(statement: Statement) -> set[str]:
    """The drugs and ligands that a statement mentions."""
    return {
        agent
        for c in (statement.test, statement.reference)
        for agent in (*c.treatment.doses, *c.treatment.swept)
    }


def cross_validate(
    pathway: Pathway,
    settings: CalibrationConfig,
    by: str,
    folder: Path,
    progress: Progress | None = None,
    jobs: int = 1,
) -> list[HeldOut]:
    """Every measured row as its own fold predicts it. `by` is `lines` or `drugs`; `folder` keeps each fold's
    search and is resumed from.
    """
    if by not in ("lines", "drugs"):
        raise InputError(f"--hold-out: found '{by}', expected lines or drugs")
    statements = read_evidence(Path(settings.evidence) if settings.evidence else BUILT_IN, pathway)
    measured = [s for s in statements if s.kind == MEASURED]
    if not measured:
        raise InputError(f"--hold-out: the evidence holds no row of kind {MEASURED}")

    def key(statement: Statement) -> str:
        [agent] = statement.test.treatment.swept
        return statement.test.line.name if by == "lines" else agent

    folds = list(dict.fromkeys(key(s) for s in measured))
    folder.mkdir(parents=True, exist_ok=True)
    whole = lay_out(pathway, statements, settings, jobs)[1]
    tell = progress or silent
    mentioned = [families(s) if by == "lines" else drugs(s) for s in statements]

    def fitted(name: str, kept: Sequence[Statement], warm: Draw | None) -> tuple[Draw, float]:
        _, objective = lay_out(pathway, kept, settings, jobs)
        start = None if warm is None else objective.priors.scores(warm)
        optima, energies = search(objective, settings, folder / f"{by}-{name}.npz", silent, start=start)
        return objective.priors.draw(optima[int(energies.argmin())]), float(energies.min())

    common = [s for s, names in zip(statements, mentioned) if names.isdisjoint(folds)]
    warm = fitted("common", common, None)[0] if common else None
    predicted: dict[str, Floats] = {}
    for number, fold in enumerate([EVERYTHING, *folds]):
        draw, energy = fitted(
            f"{number:02d}", [s for s, m in zip(statements, mentioned) if fold not in m], warm
        )
        predicted[fold] = whole.evaluate(whole.priors.scores(draw)[None]).values[0]
        tell(f"hold out {by}", number + 1, len(folds) + 1, energy)
    return [_row(whole, s, key(s), by, measured, predicted) for s in measured]


def _row(
    whole: Objective,
    statement: Statement,
    fold: str,
    by: str,
    measured: Sequence[Statement],
    predicted: dict[str, Floats],
) -> HeldOut:
    place = {s.id: number for number, s in enumerate(whole.statements)}
    criterion = whole.criteria[place[statement.id]]
    [agent] = statement.test.treatment.swept
    like = [
        whole.criteria[place[s.id]].measured
        for s in measured
        if s.statistic == statement.statistic
        and (s.test.treatment.swept == (agent,)) == (by == "lines")
        and (s.test.line == statement.test.line) == (by == "drugs")
    ]
    known = [value for value in like if not np.isnan(value)]
    return HeldOut(
        fold,
        statement.id,
        statement.test.line.name,
        agent,
        statement.statistic,
        criterion.lower,
        criterion.upper,
        criterion.measured,
        float(predicted[fold][place[statement.id]]),
        float(np.mean(known)) if known else float("nan"),
        float(predicted[EVERYTHING][place[statement.id]]),
    )


@dataclass(frozen=True)
class PredictorSkill:
    """Of one predictor over rows of one statistic: rows with a number, root mean square error and correlation
    with what was measured; rows of all, and how many of these lie in their interval.
    """

    numbers: int
    error: float
    correlation: float
    rows: int
    hold: int


def score(rows: Sequence[HeldOut], predictor: str) -> PredictorSkill:
    """How well `held_out`, `null` or `fitted` did on rows of one statistic."""
    predicted = np.array([getattr(row, predictor) for row in rows])
    truth = np.array([row.measured for row in rows])
    both = ~np.isnan(predicted) & ~np.isnan(truth)
    inside = [row.lower <= value <= row.upper for row, value in zip(rows, predicted)]
    spread = both.sum() > 2 and predicted[both].std() > 0 and truth[both].std() > 0
    return PredictorSkill(
        int(both.sum()),
        float(np.sqrt(np.mean((predicted - truth)[both] ** 2))) if both.any() else float("nan"),
        float(np.corrcoef(predicted[both], truth[both])[0, 1]) if spread else float("nan"),
        len(rows),
        sum(inside),
    )


def write_held_out(rows: Sequence[HeldOut], path: Path) -> None:
    """One line a row, as CSV."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([_text(getattr(row, column)) for column in COLUMNS])


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return "" if not np.isfinite(value) else f"{value:.4g}"


def lighter(settings: CalibrationConfig) -> CalibrationConfig:
    """The settings of a fold: one start, three bursts."""
    return settings.model_copy(update={"starts": 1, "bursts": 3, "evaluations": 8})
