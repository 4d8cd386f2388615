"""Evidence tables: statements that a credible model must satisfy, read from CSV and checked name by name."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from screen.errors import InputError
from screen.pathway import CellLine, Pathway
from screen.pathway.calibrated import EVIDENCE
from screen.pathway.names import find
from screen.pathway.tables.delimited import proper_name, read_delimited

BUILT_IN = EVIDENCE
COLUMNS = (
    "id",
    "kind",
    "cell_line",
    "treatment",
    "perturbation",
    "time_h",
    "ref_cell_line",
    "ref_treatment",
    "ref_perturbation",
    "ref_time_h",
    "observable",
    "statistic",
    "lower",
    "upper",
)
COMPARED = ("ratio", "difference", "value")
CURVE = ("ic50_nM", "gr50_nM", "max_inhibition", "gr_max")
GRID = ("bliss", "loewe", "hsa", "zip", "bliss_max")
STATISTICS = (*COMPARED, *CURVE, *GRID)


@dataclass(frozen=True)
class Treatment:
    """Doses in nM, and the drugs or ligands (no dose) that the statistic sweeps."""

    doses: Mapping[str, float]
    swept: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """What is done to one line, and when it is read (hours; 0 is the untreated steady state)."""

    line: CellLine
    treatment: Treatment
    perturbation: Mapping[str, float]
    time_h: float


@dataclass(frozen=True)
class Statement:
    """One row of an evidence table with its names resolved."""

    id: str
    kind: str
    test: Condition
    reference: Condition
    observable: str
    statistic: str
    lower: float | None
    upper: float | None
    row: Mapping[str, str]


def read_evidence(path: Path, pathway: Pathway) -> list[Statement]:
    """The statements of a table, in its order.

    Raises InputError that names the file, the row's id, the column, what was found and what is known.
    """
    table = read_delimited(path, ",", "an evidence table", COLUMNS)
    statements = []
    seen: set[str] = set()
    for number, row in enumerate(table.records()):
        proper_name(row["id"], table.where(number, "id"))
        if row["id"] in seen:
            raise InputError(f"{table.where(number, 'id')}: duplicate '{row['id']}', expected it once")
        seen.add(row["id"])
        statements.append(parse_statement(row, pathway, f"{path}: {row['id']}"))
    return statements


def parse_statement(row: Mapping[str, str], pathway: Pathway, where: str) -> Statement:
    """One row with its names resolved against the pathway; `where` begins every error."""
    statistic = find(row["statistic"], STATISTICS, "statistic", f"{where}: statistic")
    time = _number(row, "time_h", where)
    if time is None:
        raise InputError(f"{where}: time_h is blank, expected hours")
    line = _line(row["cell_line"], pathway, f"{where}: cell_line")
    test = Condition(
        line,
        _treatment(row, "treatment", pathway, where),
        _factors(row, "perturbation", pathway, where),
        time,
    )
    reference_time = _number(row, "ref_time_h", where)
    reference = Condition(
        _line(row["ref_cell_line"], pathway, f"{where}: ref_cell_line") if row["ref_cell_line"] else line,
        _treatment(row, "ref_treatment", pathway, where),
        _factors(row, "ref_perturbation", pathway, where),
        time if reference_time is None else reference_time,
    )
    lower, upper = (_number(row, column, where, signed=True) for column in ("lower", "upper"))
    if lower is not None and upper is not None and lower > upper:
        raise InputError(f"{where}: found lower {lower:g} above upper {upper:g}, expected them in order")
    return Statement(
        id=row["id"],
        kind=row["kind"],
        test=test,
        reference=reference,
        observable=find(row["observable"], pathway.observables, "observable", f"{where}: observable"),
        statistic=statistic,
        lower=lower,
        upper=upper,
        row=row,
    )


def _line(name: str, pathway: Pathway, where: str) -> CellLine:
    return pathway.cell_lines[find(name, pathway.cell_lines, "cell line", where)]


def _number(row: Mapping[str, str], column: str, where: str, signed: bool = False) -> float | None:
    if not row[column]:
        return None
    try:
        value = float(row[column]) if "_" not in row[column] else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (value < 0 and not signed):
        expected = "a number" if signed else "a number of 0 or more"
        raise InputError(f"{where}: {column} is '{row[column]}', expected {expected}")
    return value


def _items(row: Mapping[str, str], column: str) -> list[tuple[str, str, str]]:
    parts = (part.strip() for part in row[column].split(";"))
    return [
        (name.strip(), equals, value.strip())
        for name, equals, value in (p.partition("=") for p in parts if p)
    ]


def _treatment(row: Mapping[str, str], column: str, pathway: Pathway, where: str) -> Treatment:
    doses: dict[str, float] = {}
    swept: list[str] = []
    for name, equals, value in _items(row, column):
        agent = pathway.agent(name, f"{where}: {column}")
        if agent in doses or agent in swept:
            raise InputError(f"{where}: {column}: duplicate {agent}")
        if equals:
            dose = _number({column: value}, column, where)
            if dose is None:
                raise InputError(f"{where}: {column}: {agent} has no dose after '=', expected nM")
            doses[agent] = dose
        else:
            swept.append(agent)
    return Treatment(doses, tuple(swept))


def _factors(row: Mapping[str, str], column: str, pathway: Pathway, where: str) -> dict[str, float]:
    factors: dict[str, float] = {}
    for name, _, value in _items(row, column):
        entity = find(name, pathway.entities, "entity", f"{where}: {column}")
        factor = _number({column: value}, column, where)
        if factor is None:
            raise InputError(f"{where}: {column}: {entity} has no factor, expected {entity}=number")
        if entity in factors:
            raise InputError(f"{where}: {column}: duplicate {entity}")
        factors[entity] = factor
    return factors
