"""What learning leaves in its folder: the new ensemble with its record, posteriors of lines and of shared values,
predicted against measured, a verdict a plate, the gain on what was left out, and how registered predictions did.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from screen.analysis.learn.held_out import LeftOutRow
from screen.analysis.learn.learn import Learning
from screen.analysis.learn.prior import PLAIN
from screen.analysis.learn.promises import Kept
from screen.analysis.learn.readings.wells import LearnWell
from screen.analysis.learn.smoothing import of_markers, split
from screen.analysis.learn.verdicts import predictive
from screen.files import table_text, write_text
from screen.pathway.tables.ensemble import write_draws
from screen.pathway.tables.learnt_draws import LearntDraws, write_learnt

ENSEMBLE = "learnt.h5"
Table = dict[str, list[Any]]


def write_learning(
    learning: Learning, folder: Path, settings: Mapping[str, Any], plans: Sequence[Kept] = ()
) -> list[Path]:
    """Write every file of the folder; returns their paths, the ensemble's first."""
    record = {"settings": dict(settings), **summary(learning), "plans": [as_plan(one) for one in plans]}
    tables = {
        "lines": posterior(learning, of_lines=True),
        "shared": posterior(learning, of_lines=False),
        "wells": wells(learning),
        "plates": verdicts(learning),
        "left_out": left_out([row for rows in learning.left_out.values() for row in rows]),
        "gains": gains(learning),
    }
    if any(plate.is_markers for plate in learning.learnt.plates):
        tables["markers"] = wells(learning, markers=True)
    lines = tuple(dict.fromkeys(one.origin for one in learning.prior.subjects.values()))
    known = LearntDraws(learning.draws, learning.nominal, lines, json.dumps(record))
    paths = [
        write_learnt(
            folder / ENSEMBLE, known, {name: one for name, one in tables.items() if any(one.values())}
        )
    ]
    write_draws(learning.draws, folder / "ensemble.tsv")
    paths.append(folder / "ensemble.tsv")
    for name, table in tables.items():
        tabs = name in ("lines", "shared")
        ending = ".tsv" if tabs else ".csv"
        paths.append(write_text(folder / f"{name}{ending}", _text(table, "\t" if tabs else ",")))
    paths.append(write_text(folder / "record.json", json.dumps(record, indent=1) + "\n"))
    return paths


def summary(learning: Learning) -> dict[str, Any]:
    """Everything about it that is no table, as JSON can hold it."""
    learnt, noise = learning.learnt, learning.learnt.noise
    reading = learnt.reading[learnt.whole]
    before = np.concatenate(learning.before, axis=1)
    markers = of_markers(learnt.plates)
    measured, before = noise.means(learnt.plates)[~markers], before[:, ~markers]
    return {
        "plates": sum(not plate.is_markers for plate in learnt.plates),
        "rows": len(measured),
        "marker_readings": int(markers.sum()),
        "marker_noise": noise.marker if markers.any() else None,
        "members": len(learnt.scores),
        "failed_members": int((~learnt.whole).sum()),
        "draws": len(learning.draws),
        "noise": noise.sigma,
        "discrepancy": noise.delta,
        "laboratory": {"gain_score": _middle(reading[:, 0]), "offset_score": _middle(reading[:, 1])},
        "miss_by_step": list(learnt.misfits),
        "miss_of_prior": float(np.sqrt(np.mean((np.nanmean(before, axis=0) - measured) ** 2))),
        "explained": sum(one.explained for one in learning.verdicts),
        "coverage_left_out": learning.coverage,
        "gains": [vars(one) for one in learning.gains],
        "lines_learnt": sorted({one.origin for one in learning.prior.subjects.values()}),
    }


def _middle(values: Any) -> list[float]:
    return [float(value) for value in np.quantile(values, [0.05, 0.5, 0.95])]


def posterior(learning: Learning, of_lines: bool) -> Table:
    """Before and after of each free value that plates could move: of the plates' lines, or shared ones."""
    prior, learnt = learning.prior, learning.learnt
    origins = {one.origin for one in prior.subjects.values()}
    kept = learnt.scores[learnt.whole]
    before, after = prior.natural(prior.scores), prior.natural(kept)
    names = ("line", "quantity", "before_q05", "before", "before_q95", "q05", "median", "q95", "width_left")
    table: Table = {name: [] for name in names}
    for k, item in enumerate(prior.items):
        if item.scale == PLAIN or (item.line in origins) != of_lines or (item.line and not of_lines):
            continue
        numbers = [np.quantile(values[:, k], [0.05, 0.5, 0.95]) for values in (before, after)]
        width = float(kept[:, k].std() / prior.scores[:, k].std())
        row: list[Any] = [item.line or "all", item.name, *np.concatenate(numbers).tolist(), width]
        for name, value in zip(names, row, strict=True):
            table[name].append(value)
    return table


def wells(learning: Learning, markers: bool = False) -> Table:
    """Predicted against measured, a row a dose pair of a plate; or a row a marker reading, as ratios to the vehicle."""
    learnt, noise = learning.learnt, learning.learnt.noise
    table: Table = {}
    parts = zip(
        learnt.plates, split(learnt.plates, noise.means(learnt.plates)), learnt.of_plates(), learning.before,
        noise.weights, strict=True,
    )  # fmt: skip
    for plate, measured, after, before, weight in parts:
        if plate.is_markers != markers:
            continue
        counts = weight.sum(axis=1)
        rows = after[learnt.whole]
        if markers:
            low, high = predictive(rows, np.full(len(counts), noise.marker))
            for k, row in enumerate(plate.rows):
                logs = {"measured": measured[k], "predicted": np.nanmean(rows[:, k]), "low": low[k], "high": high[k],
                        "before": np.nanmean(before[:, k])}  # fmt: skip
                ratios = {name: float(np.exp(value)) for name, value in logs.items()}
                _add(table, {"readout": row.readout, **_of_well(row), **ratios})
            continue
        low, high = predictive(rows, np.sqrt(noise.sigma**2 / counts + noise.delta**2))
        for k, row in enumerate(plate.rows):
            _add(
                table,
                {"plate": plate.name, **_of_well(row), "measured": float(measured[k]),
                 "replicates": int(np.isfinite(plate.wells[k]).sum()), "weight": float(counts[k]),
                 "predicted": float(np.nanmean(rows[:, k])), "low": float(low[k]), "high": float(high[k]),
                 "before": float(np.nanmean(before[:, k]))},
            )  # fmt: skip
    return table


def verdicts(learning: Learning) -> Table:
    """A verdict a plate."""
    table: Table = {}
    for one in learning.verdicts:
        _add(table, {**vars(one), "verdict": one.words})
    return table


def gains(learning: Learning) -> Table:
    """What was gained on plates and lines left out."""
    table: Table = {}
    for one in learning.gains:
        _add(table, vars(one))
    return table


def left_out(rows: Sequence[LeftOutRow]) -> Table:
    """Rows that were left out: measured, predicted, by the prior and by nulls."""
    table: Table = {}
    for row in rows:
        nulls = dict(zip(("same_wells_other_lines", "line_mean", "line_and_wells_mean"), row.nulls))
        about = {"left_out": row.by, "part": row.fold, "plate": row.plate}
        numbers = {name: getattr(row, name) for name in ("measured", "predicted", "low", "high", "prior")}
        _add(table, {**about, **_of_well(row.well), **numbers, **nulls})
    return table


def as_plan(one: Kept) -> dict[str, Any]:
    """How a plan did, as JSON can hold it."""
    numbers = {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in vars(one).items()}
    return {**numbers, "verdict": one.words}


def _of_well(row: LearnWell) -> dict[str, Any]:
    doses = [*row.doses, ("", 0.0), ("", 0.0)][:2]
    return {
        "cell_line": row.line,
        "drug_1": doses[0][0], "dose_1_nM": doses[0][1], "drug_2": doses[1][0], "dose_2_nM": doses[1][1],
        "time_h": row.time_h,
    }  # fmt: skip


def _add(table: Table, row: Mapping[str, Any]) -> None:
    for name, value in row.items():
        table.setdefault(name, []).append(value)


def _text(table: Table, separator: str) -> str:
    rows = [[_cell(value) for value in row] for row in zip(*table.values(), strict=True)]
    return table_text([list(table), *rows], separator)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.5g}"
    return str(value)


def narrowest(learning: Learning, most: int) -> list[list[str]]:
    """The values that plates say most of: line, quantity, before, after with its interval, width left."""
    rows = []
    for of_lines in (True, False):
        table = posterior(learning, of_lines)
        rows += list(zip(*table.values(), strict=True))
    ordered = sorted(rows, key=lambda row: row[-1])[:most]
    return [
        [row[0], row[1], f"{row[3]:.3g}", f"{row[6]:.3g}", f"{row[5]:.3g} to {row[7]:.3g}", f"{row[8]:.0%}"]
        for row in ordered
    ]
