"""A cube as long tables: responses, scores and panel, and those of triples, in CSV, Parquet or XLSX.

CSV and Parquet write the responses to the file asked for, and `_scores`, `_panel`, `_triples` and
`_triples_scores` beside it; XLSX holds one sheet a table, split at the format's row limit. Concentrations are
in nM, times in hours, scores in percent points with positive = synergy; the column names say so.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from screen.analysis.markers.associations import Association
from screen.arrays import Array
from screen.cube.tree import open_cube
from screen.errors import InputError
from screen.files import atomic_write, checked, is_stream
from screen.report.cube_view.from_cube import read_schedules
from screen.report.cube_view.view import DIMS, CubeView
from screen.report.findings.findings import Findings, silent
from screen.report.findings.resensitisation import recovery_of
from screen.report.findings.skill import line_words, verdict
from screen.report.tables.columns import category, dictionary, safe_unit, status_column
from screen.report.tables.csv_file import write_csv
from screen.report.tables.triple_tables import triple_tables
from screen.report.tables.xlsx import write_workbook
from screen.runner.execution.options import Progress

if TYPE_CHECKING:
    import xarray as xr


ENDINGS = (".csv", ".parquet", ".xlsx")
SHEET_ROWS = 1_048_575


def write_tables(
    cube: "str | Path | xr.DataTree", path: Path, progress: Progress | None = None
) -> list[Path]:
    """Write all tables of `cube`; the files written, in order. `progress` hears how many are made and written."""
    tell = progress or silent
    if is_stream(path):
        raise InputError(f"{path}: found a pipe or a device, expected a file: its ending says the format")
    checked(path, ENDINGS, [Path(cube)] if isinstance(cube, str | Path) else [])
    tree = open_cube(cube) if isinstance(cube, str | Path) else cube
    screens = read_schedules(tree)
    makers: tuple[Callable[[], dict[str, pd.DataFrame]], ...] = (
        lambda: {"answer": answer_table(screens[0])},
        lambda: {"responses": by_schedule(responses, screens)},
        lambda: {"scores": by_schedule(scores, screens)},
        lambda: {"panel": panel(screens[0])},
        lambda: triple_tables(tree),
    )
    tables: dict[str, pd.DataFrame] = {}
    for done, make in enumerate(makers):
        tell("tables", done, len(makers))
        tables |= make()
    tables = {name: table for name, table in tables.items() if len(table.columns)}
    if path.suffix.lower() == ".xlsx":
        tell("write", 0, 1)
        return [write_workbook(tables | {"columns": dictionary(screens[0], tables)}, path, SHEET_ROWS)]
    written = []
    del tables["answer"]
    for done, (name, table) in enumerate(tables.items()):
        tell("write", done, len(tables))
        target = path if name == "responses" else path.with_name(f"{path.stem}_{name}{path.suffix}")
        if path.suffix.lower() == ".csv":
            write_csv(table, target, "%.9g")
        else:
            with atomic_write(target) as unfinished:
                table.to_parquet(unfinished, index=False)
        written.append(target)
    return written


def by_schedule(table: "Callable[[CubeView], pd.DataFrame]", screens: Sequence[CubeView]) -> pd.DataFrame:
    """The table of each screen one after the other; where they have schedules, in a column of that name."""
    made = [table(view) for view in screens]
    if not screens[0].schedule:
        return made[0]
    names = tuple(view.schedule for view in screens)
    for number, part in enumerate(made):
        given = pd.Series(category(names, np.full(len(part), number)), index=part.index)
        part.insert(list(part.columns).index("drug_1"), "schedule", given)
    return pd.concat(made, ignore_index=True)


def write_associations(found: Sequence[Association], path: Path) -> Path:
    """Write markers against targets as CSV; rho above 0: the more of the marker, the more of the target."""
    checked(path, (".csv",))
    names = ("marker", "target", "lines", "rho", "low", "high", "p", "q")
    table = pd.DataFrame([[getattr(item, name) for name in names] for item in found], columns=list(names))
    return write_csv(table, path, "%.6g")


def answer_table(view: CubeView) -> pd.DataFrame:
    """One row per resistant line and partner, the best line and partner first: what the page answers."""
    findings = Findings(view)
    gap, row = findings.recovery.gap, {name: place for place, name in enumerate(view.lines)}
    column = {name: place for place, name in enumerate(view.partners)}
    places = [
        (row[one.line], column[two.name]) for one in findings.answer.lines for two in findings.answer.partners
    ]
    rows, pairs = np.array(places, int).reshape(-1, 2).T

    def taken(values: Array | None, factor: float = 1.0) -> Array:
        return np.full(len(rows), np.nan) if values is None else factor * values[rows, pairs, -1]

    table = {
        "cell_line": [view.lines[place] for place in rows],
        "partner": [view.partners[place] for place in pairs],
        "gap_partner_dose_nM": gap.wells.doses[pairs],
        "compared_with": [gap.wells.names[place] for place in rows],
        "gap_closed_percent": taken(gap.closed, 100),
        "gap_closed_percent_low": taken(gap.low, 100),
        "gap_closed_percent_high": taken(gap.high, 100),
        "gap_closed_probability": taken(gap.probability),
        "resensitisation_dose_nM": taken(findings.recovery.dose),
        "measured_skill": [verdict(view, int(place)) for place in pairs],
        "line_calibrated": [line_words(view, int(place)) for place in rows],
    }
    return pd.DataFrame(table)


def responses(view: CubeView) -> pd.DataFrame:
    """One row per (cell line, combination, dose 1, dose 2, time); padding of grids is left out."""
    shape = view.readouts["viability"].values.shape
    axes = np.meshgrid(*(np.arange(size) for size in shape), indexing="ij", sparse=True)
    lines, pairs = axes[0], axes[1]
    one = view.concentration_1[np.minimum(lines, len(view.concentration_1) - 1), pairs, axes[2]]
    two = view.concentration_2[np.minimum(lines, len(view.concentration_2) - 1), pairs, axes[3]]
    keep = np.broadcast_to(np.isfinite(one) & np.isfinite(two), shape).reshape(-1)

    def column(values: Any) -> Any:
        return np.broadcast_to(values, shape).reshape(-1)[keep]

    table: dict[str, Any] = {
        "cell_line": category(view.lines, column(lines)),
        "combination": category(view.combinations, column(pairs)),
        "drug_1": category(view.drug_1, column(pairs)),
        "drug_2": category(view.drug_2, column(pairs)),
        "concentration_1_nM": column(one),
        "concentration_2_nM": column(two),
        "time_h": column(view.times_h[axes[4]]),
    }
    for readout in view.readouts.values():
        label = readout.name if readout.units in ("", "1") else f"{readout.name}_{safe_unit(readout.units)}"
        table[label] = column(readout.nominal())
        if readout.median is not None:
            table[f"{label}_median"] = column(readout.load())
        for end, source in zip(("low", "high"), readout.ends or ()):
            table[f"{label}_{end}"] = column(
                source.array(*DIMS, schedule=readout.schedule).astype(np.float32)
            )
    table["status"] = status_column(column(view.status[..., None]))
    return pd.DataFrame(table)


def scores(view: CubeView) -> pd.DataFrame:
    """One row per (cell line, combination, time): the summaries, in percent points, positive = synergy."""
    shape = (len(view.lines), len(view.combinations), len(view.times_h))
    lines, pairs, times = (axis.reshape(-1) for axis in np.meshgrid(*map(np.arange, shape), indexing="ij"))
    table: dict[str, Any] = {
        "cell_line": category(view.lines, lines),
        "combination": category(view.combinations, pairs),
        "drug_1": category(view.drug_1, pairs),
        "drug_2": category(view.drug_2, pairs),
        "time_h": view.times_h[times],
    }
    for model in view.models:
        nominal = model.mean if model.nominal is None else model.nominal
        best = model.best if model.nominal_best is None else model.nominal_best
        median = model.mean if model.low is not None and model.nominal is not None else None
        best_median = None if model.best is best else model.best
        parts = (("", nominal), ("_max", best), ("_max_median", best_median), ("_median", median), ("_low", model.low),
                 ("_high", model.high), ("_probability", model.probability))  # fmt: skip
        table |= {
            model.name + end: np.asarray(values, float).reshape(-1)
            for end, values in parts
            if values is not None
        }
        if model.reason is not None:
            table[f"{model.name}_reason"] = [str(reason) for reason in model.reason.reshape(-1)]
    table |= {name: np.asarray(values, float).reshape(-1) for name, values in view.extra_scores.items()}
    recovery = recovery_of(view)
    gap, rows = recovery.gap, np.ones(shape)
    table["gap_closed_percent"] = 100 * gap.closed.reshape(-1)
    if gap.low is not None and gap.high is not None and gap.probability is not None:
        table["gap_closed_percent_low"] = 100 * gap.low.reshape(-1)
        table["gap_closed_percent_high"] = 100 * gap.high.reshape(-1)
        table["gap_closed_probability"] = gap.probability.reshape(-1)
    table["gap_partner_dose_nM"] = (rows * gap.wells.doses[None, :, None]).reshape(-1)
    table["compared_with"] = category(gap.wells.names, lines)
    table["gained_effect_percent"] = 100 * gap.gain.reshape(-1)
    table["resensitisation_dose_nM"] = recovery.dose.reshape(-1)
    if recovery.low is not None and recovery.high is not None:
        table["resensitisation_dose_nM_low"] = recovery.low.reshape(-1)
        table["resensitisation_dose_nM_high"] = recovery.high.reshape(-1)
    if gap.probability is not None:
        table["resensitised_share_of_draws"] = gap.probability.reshape(-1)
    return pd.DataFrame(table)


def panel(view: CubeView) -> pd.DataFrame:
    """One row per cell line: names, and every number of the panel under its name and unit."""
    table: dict[str, Any] = {"cell_line": list(view.lines)}
    table |= {name: list(texts) for name, texts in view.line_notes.items()}
    for name, (units, values) in view.markers.items():
        table[name if units in ("", "1") else f"{name}_{safe_unit(units)}"] = values
    return pd.DataFrame(table)
