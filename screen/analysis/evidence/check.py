"""Evidence check: every statement of a table is simulated and compared with the interval that holds."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from screen.analysis.evidence.evidence_table import Statement
from screen.analysis.evidence.statistics import NotRunnable, Samples, Steps, evaluate
from screen.analysis.evidence.wells import SimulationCache, Well
from screen.files import table_text, write_text
from screen.pathway import Assay, Pathway
from screen.pathway.names import SIGNALS
from screen.pathway.tables.ensemble import Draw


@dataclass(frozen=True)
class Result:
    """The outcome of one statement; `value` is NaN and `reason` says why where it could not be run."""

    id: str
    kind: str
    value: float
    lower: float | None
    upper: float | None
    passed: bool
    reason: str
    pass_fraction: float | None = None


def check(
    statements: Sequence[Statement],
    pathway: Pathway,
    assay: Assay | None = None,
    rtol: float = 1e-6,
    draw: Draw | None = None,
) -> list[Result]:
    """Simulate every statement on its own terms and say whether it holds.

    Wells that statements share are simulated once. `assay` reuses a compiled model that reports every signal;
    `draw` simulates another parameter set than the nominal one.
    """
    cache = SimulationCache(assay or Assay.compile(pathway, SIGNALS, rtol=rtol), draw)
    results: dict[str, Result] = {}
    running: list[tuple[Statement, Steps, list[Well]]] = []

    def advance(statement: Statement, steps: Steps, samples: Samples | None) -> None:
        try:
            wells = next(steps) if samples is None else steps.send(samples)
            running.append((statement, steps, wells))
        except StopIteration as finished:
            results[statement.id] = result_of(statement, finished.value)
        except NotRunnable as problem:
            results[statement.id] = result_of(statement, math.nan, str(problem))

    for statement in statements:
        advance(statement, evaluate(statement, pathway), None)
    while running:
        batch, running = running, []
        samples = cache.read(well for _, _, wells in batch for well in wells)
        for statement, steps, _ in batch:
            advance(statement, steps, samples)
    return [results[statement.id] for statement in statements]


def check_draws(
    statements: Sequence[Statement], pathway: Pathway, draws: Sequence[Draw], assay: Assay | None = None
) -> list[Result]:
    """The nominal results, each with the share of draws under which its statement holds."""
    assay = assay or Assay.compile(pathway, SIGNALS)
    nominal = check(statements, pathway, assay)
    if not draws:
        return nominal
    passed = [[result.passed for result in check(statements, pathway, assay, draw=draw)] for draw in draws]
    shares = [sum(column) / len(draws) for column in zip(*passed)]
    return [replace(result, pass_fraction=share) for result, share in zip(nominal, shares)]


def result_of(statement: Statement, value: float, problem: str = "") -> Result:
    """Whether `value` lies in the statement's interval, inclusive; infinity satisfies a blank upper bound."""
    lower, upper = statement.lower, statement.upper
    if math.isnan(value):
        problem = problem or "the value is not a number"
    elif lower is not None and value < lower:
        problem = f"{value:.4g} is below {lower:g}"
    elif upper is not None and value > upper:
        problem = f"{value:.4g} is above {upper:g}"
    return Result(statement.id, statement.kind, value, lower, upper, not problem, problem)


def found_of(result: Result) -> str:
    """What the model says in place of the interval; why it could not be run, where it could not."""
    return result.reason if math.isnan(result.value) else f"{result.value:.4g}"


def as_record(result: Result) -> dict[str, object]:
    """A result as DESIGN's JSON object: infinite values as the string "inf", NaN as null."""
    value: object = result.value
    if math.isnan(result.value):
        value = None
    elif math.isinf(result.value):
        value = "inf"
    record: dict[str, object] = {
        "id": result.id,
        "kind": result.kind,
        "value": value,
        "lower": result.lower,
        "upper": result.upper,
        "pass": result.passed,
        "reason": result.reason,
    }
    if result.pass_fraction is not None:
        record["pass_fraction"] = result.pass_fraction
    return record


def by_kind(results: Iterable[Result]) -> dict[str, tuple[int, int]]:
    """Statements that hold and all statements, per kind in the order of the table."""
    counts: dict[str, tuple[int, int]] = {}
    for result in results:
        passed, total = counts.get(result.kind, (0, 0))
        counts[result.kind] = (passed + result.passed, total + 1)
    return counts


def json_text(results: Iterable[Result]) -> str:
    """A list of objects, one a statement."""
    return json.dumps([as_record(result) for result in results], indent=1)


def write_json(results: Iterable[Result], path: Path) -> None:
    """The list as a file."""
    write_text(path, json_text(results) + "\n")


def write_csv(results: Iterable[Result], path: Path) -> None:
    """The same as a table."""
    records = [as_record(result) for result in results]
    columns = ["id", "kind", "value", "lower", "upper", "pass", "reason"]
    if any("pass_fraction" in record for record in records):
        columns.append("pass_fraction")
    write_text(path, table_text([columns, *([record[name] for name in columns] for record in records)]))
