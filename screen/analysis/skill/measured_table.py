"""Tables of measured numbers, any laboratory's: IC50, GR50, GRmax ... of one drug, synergy of two.

The columns are those of DESIGN section 8. A line or drug that the model lacks is counted and named, never guessed;
replicates of one cell are joined into one number.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.skill.dose_ranges import USUAL, DoseRange, stated_range
from screen.analysis.skill.measured_values import (
    BLANK,
    bounded,
    censored,
    concentration_factor,
    effect_factor,
    noted_top,
    number,
    top_dose,
    weight_of,
)
from screen.errors import InputError, nearest, plain
from screen.pathway import Drug, Pathway, UnknownName
from screen.pathway.calibrated import MEASURED
from screen.pathway.tables.delimited import read_delimited

CONCENTRATIONS = ("IC50", "GI50", "GR50")
EFFECTS = ("GRmax", "GR_AOC", "AUC", "Emax")
SINGLE = (*CONCENTRATIONS, *EFFECTS)
COLUMNS = (
    *("source", "cell_line", "drug_1", "drug_2", "metric", "value", "unit"),
    *("max_concentration_1_nM", "max_concentration_2_nM", "time_h", "note"),
)
NEEDED = ("cell_line", "drug_1", "metric", "value", "time_h")
BUILT_IN = MEASURED
"""The numbers that the shipped model is calibrated on: HMS LINCS, MEP-LINCS and Gray laboratory, single drugs."""


@dataclass(frozen=True)
class Cell:
    """One measured number, its replicates joined. A concentration is log10 nM, everything else as measured. `top_nM` is
    the highest dose of each drug, NaN where neither the table nor `dose_ranges.tsv` states it. A concentration or Emax
    is a parameter of a Hill fit where `fitted`.

    `side` is 1 where the number is at least `value`, -1 where at most, 0 where it is known. `weight` (0 to 1) is how
    far the fit behind it is to be trusted. `replicates` is how many rows were joined.
    """

    source: str
    line: str
    drugs: tuple[str, ...]
    metric: str
    time_h: float
    value: float
    side: int
    weight: float
    top_nM: tuple[float, ...]
    replicates: int = 1

    @property
    def is_pair(self) -> bool:
        return len(self.drugs) == 2

    @property
    def is_concentration(self) -> bool:
        return self.metric in CONCENTRATIONS

    @property
    def decades(self) -> float:
        """How far below the top dose its source's doses reach."""
        return self._tested.decades

    @property
    def fitted(self) -> bool:
        """Whether its source publishes parameters of Hill fits."""
        return self._tested.fitted

    @property
    def _tested(self) -> DoseRange:
        tested = stated_range(self.source, self.drugs[0])
        return tested if tested is not None and tested.readable else USUAL


@dataclass(frozen=True)
class MeasuredTable:
    """The cells of a table that the model can be asked for, and how many rows were left out, by reason."""

    cells: tuple[Cell, ...]
    skipped: dict[str, int]


def read_measured(path: Path, pathway: Pathway) -> MeasuredTable:
    """Read a table; raises `InputError` naming the row and column of what cannot be read."""
    table = read_delimited(path, ",", "a table of measured numbers")
    found = table.columns
    if missing := [name for name in NEEDED if name not in found]:
        raise InputError(
            f"{path}: found no column '{missing[0]}'{nearest(missing[0], found)}; expected {', '.join(COLUMNS)}"
        )
    skipped: Counter[str] = Counter()
    cells: list[Cell] = []
    for at, row in enumerate(table.records()):
        texts = {name: (text or "").strip() for name, text in row.items()}
        cell = _cell(texts, table.where(at), pathway, skipped)
        if cell is not None:
            cells.append(cell)
    return MeasuredTable(tuple(_joined(cells)), dict(sorted(skipped.items())))


def _cell(row: dict[str, str], where: str, pathway: Pathway, skipped: Counter[str]) -> Cell | None:
    """The cell of a row, or None where the model cannot be asked for it."""
    drugs = [row["drug_1"]] + [drug for drug in (row.get("drug_2", ""),) if drug.casefold() not in BLANK]
    metric = _metric(row["metric"], len(drugs), where)
    reason, line, names = _names(row["cell_line"], drugs, pathway)
    if reason:
        skipped[reason] += 1
        return None
    time_h = number(row["time_h"], f"{where}: time_h")
    if not 0 < time_h < math.inf:
        raise InputError(f"{where}: time_h: found '{row['time_h']}', expected hours above 0")
    columns = [f"max_concentration_{k}_nM" for k in range(1, len(drugs) + 1)]
    top_nM = tuple(top_dose(row.get(column, ""), f"{where}: {column}") for column in columns)
    if len(names) == 1 and math.isnan(top_nM[0]):
        top_nM = (noted_top(row.get("note", "")),)
    source, tested = row.get("source", ""), None
    if len(names) == 1 and (tested := stated_range(source, names[0])) is not None:
        if math.isnan(top_nM[0]) and not tested.readable:
            skipped[f"the doses of {names[0]} in {source} cannot be read"] += 1
            return None
        top_nM = (tested.top_nM,) if math.isnan(top_nM[0]) else top_nM
        tested = tested if tested.readable else None
    value, side = _value(row, metric, where, pathway.drug(names[0]), top_nM[0], tested)
    if math.isnan(value):
        skipped["no value"] += 1
        return None
    return Cell(
        source or "table", line, tuple(names), metric, time_h, value, side, weight_of(row.get("note", "")), top_nM
    )  # fmt: skip


def _metric(text: str, drugs: int, where: str) -> str:
    """The metric of one drug as `SINGLE` spells it, or of two as the table does."""
    is_pair, known = text.lower().startswith("synergy"), {plain(name): name for name in SINGLE}
    if not is_pair and plain(text) not in known:
        raise InputError(f"{where}: metric: found '{text}', expected {', '.join(SINGLE)} or synergy...")
    if is_pair != (drugs == 2):
        raise InputError(f"{where}: found {drugs} drugs with the metric '{text}', expected {1 + is_pair}")
    return text if is_pair else known[plain(text)]


def _names(line: str, drugs: Sequence[str], pathway: Pathway) -> tuple[str, str, list[str]]:
    """Why the model cannot be asked ("" where it can), and its names of the line and the drugs."""
    reason, known_line, names = "", "", []
    try:
        known_line = pathway.cell_line(line).name
    except UnknownName:
        reason = f"cell line {line} is not in the model"
    for drug in drugs:
        try:
            names.append(pathway.drug(drug).name)
        except UnknownName:
            reason = reason or f"drug {drug} is not in the model"
    if not reason and len(set(names)) < len(names):
        reason = "a drug with itself"
    return reason, known_line, names


def _value(
    row: dict[str, str], metric: str, where: str, drug: Drug, top_nM: float, tested: DoseRange | None
) -> tuple[float, int]:
    """(value, side) of a row, a concentration as log10 nM; NaN where the row has none."""
    text, unit, place = row["value"], row.get("unit", ""), f"{where}: value"
    if metric in CONCENTRATIONS:
        value, side = bounded(text, place)
        if math.isnan(value):
            return value, 0
        value, beyond = censored(
            value * concentration_factor(unit, drug, where), top_nM, row.get("note", ""), where, tested
        )
        return value, beyond or side
    value = number(text, place)
    if math.isinf(value):
        raise InputError(f"{place}: found {text}, expected a number")
    return (value * effect_factor(unit, where) if metric in EFFECTS else value), 0


def _joined(cells: Sequence[Cell]) -> Iterable[Cell]:
    """Cells with their replicates joined: the weighted median; censored where most of the weight is."""
    groups: dict[tuple[object, ...], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.source, cell.line, cell.drugs, cell.metric, cell.time_h), []).append(cell)
    for group in groups.values():
        if len(group) == 1:
            yield group[0]
            continue
        ordered = sorted(group, key=lambda cell: (cell.value, cell.side))
        weights = np.array([cell.weight for cell in ordered])
        middle = ordered[int(np.searchsorted(np.cumsum(weights), weights.sum() / 2))]
        tops = np.array([cell.top_nM for cell in group])
        top_nM = tuple(float(np.nanmax(one)) if np.isfinite(one).any() else math.nan for one in tops.T)
        yield Cell(
            middle.source, middle.line, middle.drugs, middle.metric, middle.time_h, middle.value, middle.side,
            float(weights.mean()), top_nM, len(group),
        )  # fmt: skip
