"""Tables of measured numbers, any laboratory's: IC50, GR50, GRmax ... of one drug, synergy of two.

The columns are those of DESIGN section 8. A line or drug that the model lacks is counted and named, never guessed;
replicates of one cell are joined into one number. What was not reached at any dose (`inf`), was reached below all
(`-inf`) or is capped at the top dose is *censored*: it says only on which side the number lies.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.skill.dose_ranges import USUAL, DoseRange, stated_range
from screen.errors import InputError, nearest
from screen.pathway import Pathway, UnknownName
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
LEAST_WEIGHT = 0.05
AT_TOP = 1e-3
"""A concentration within so many decades of the top dose is capped at it."""
QUALITY = re.compile(r"\br2 (-?[\d.]+)")
COMBINATION_QUALITY = re.compile(r"\bQA (-?\d+)")


@dataclass(frozen=True)
class Cell:
    """One measured number, its replicates joined. A concentration is log10 nM, everything else as measured. `top_nM` is
    the highest dose of each drug, NaN where neither the table nor `dose_ranges.tsv` states it.

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
        tested = stated_range(self.source, self.drugs[0])
        return tested.decades if tested is not None and tested.readable else USUAL.decades


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
    for number, row in enumerate(table.records()):
        cell = _cell(row, table.where(number), pathway, skipped)
        if cell is not None:
            cells.append(cell)
    return MeasuredTable(tuple(_joined(cells)), dict(sorted(skipped.items())))


def _cell(row: dict[str, str], where: str, pathway: Pathway, skipped: Counter[str]) -> Cell | None:
    """The cell of a row, or None where the model cannot be asked for it."""
    metric, texts = row["metric"].strip(), {name: (text or "").strip() for name, text in row.items()}
    drugs = [texts["drug_1"], *([texts["drug_2"]] if texts.get("drug_2") else [])]
    is_pair = metric.lower().startswith("synergy")
    known = {name.casefold(): name for name in SINGLE}
    if not is_pair and metric.casefold() not in known:
        raise InputError(f"{where}: metric: found '{metric}', expected {', '.join(SINGLE)} or synergy...")
    if is_pair != (len(drugs) == 2):
        raise InputError(
            f"{where}: found {len(drugs)} drugs with the metric '{metric}', expected {1 + is_pair}"
        )
    reason, names = "", []
    try:
        line = pathway.cell_line(texts["cell_line"]).name
    except UnknownName:
        reason = f"cell line {texts['cell_line']} is not in the model"
    for drug in drugs:
        try:
            names.append(pathway.drug(drug).name)
        except UnknownName:
            reason = reason or f"drug {drug} is not in the model"
    if reason:
        skipped[reason] += 1
        return None
    if len(set(names)) < len(names):
        skipped["a drug with itself"] += 1
        return None
    time_h = _number(texts["time_h"], f"{where}: time_h")
    if not 0 < time_h < math.inf:
        raise InputError(f"{where}: time_h: found {texts['time_h']}, expected hours above 0")
    value = _number(texts["value"], f"{where}: value")
    if math.isnan(value):
        skipped["no value"] += 1
        return None
    tops = [texts.get(f"max_concentration_{k}_nM", "") for k in range(1, len(drugs) + 1)]
    top_nM = tuple(_number(text, f"{where}: max_concentration") if text else math.nan for text in tops)
    source = texts.get("source", "")
    tested = None if is_pair else stated_range(source, names[0])
    if tested is not None and math.isnan(top_nM[0]):
        if not tested.readable:
            skipped[f"the doses of {names[0]} in {source} cannot be read"] += 1
            return None
        top_nM = (tested.top_nM,)
    elif tested is not None and not tested.readable:
        tested = None
    metric = metric if is_pair else known[metric.casefold()]
    note = texts.get("note", "")
    side = 0
    if metric in CONCENTRATIONS:
        value, side = _censored(value, top_nM[0], note, where, tested)
    elif math.isinf(value):
        raise InputError(f"{where}: value: found {texts['value']}, expected a number")
    return Cell(
        source or "table",
        line,
        tuple(names),
        metric,
        time_h,
        value,
        side,
        weight_of(note),
        top_nM,
    )


def _number(text: str, where: str) -> float:
    try:
        return float(text) if text else math.nan
    except ValueError:
        raise InputError(f"{where}: found '{text}', expected a number") from None


def _censored(
    value: float, top_nM: float, note: str, where: str, tested: DoseRange | None
) -> tuple[float, int]:
    """(log10 nM, side): infinite values and those capped at the top dose stand at the ends of the doses, and so does
    what a fit puts beyond doses that are known.
    """
    top = USUAL.top_nM if math.isnan(top_nM) else top_nM
    log_top, decades = math.log10(top), (tested or USUAL).decades
    if value == math.inf:
        return log_top, 1
    if value == -math.inf or value == 0:
        return log_top - decades, -1
    if value < 0:
        raise InputError(f"{where}: value: found {value:g}, expected a concentration in nM above 0")
    place = math.log10(value)
    if tested is not None:
        side = int(place >= log_top - AT_TOP) - int(place < log_top - decades)
        return min(max(place, log_top - decades), log_top), side
    capped = "capped" in note and (math.isnan(top_nM) or value >= top_nM * (1 - 1e-6))
    if capped and math.isnan(top_nM) and (stated := re.search(r"max dose ([\d.]+) uM", note)):
        capped = value >= float(stated[1]) * 1000 * (1 - 1e-6)
    return place, int(capped)


def weight_of(note: str) -> float:
    """How far a number is to be trusted: the r2 of its fit, or whether its combination passed quality control."""
    if found := QUALITY.search(note):
        return min(max(float(found[1]), LEAST_WEIGHT), 1.0)
    if found := COMBINATION_QUALITY.search(note):
        return 1.0 if int(found[1]) == 1 else LEAST_WEIGHT
    return 1.0


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
