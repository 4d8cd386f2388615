"""What `herscreen next` writes: the plan with its registered predictions, plate maps, lists for dispensers."""

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from screen._version import __version__
from screen.analysis.calibration.folder import claim, refuse_other
from screen.analysis.learn.promises import KIND, digest
from screen.analysis.learn.readings.marker_readings import COLUMNS, doses_text
from screen.analysis.next_experiments.experiments import MARKER, in_words
from screen.analysis.next_experiments.next_experiments import NextPlan
from screen.analysis.next_experiments.plate_maps import (
    MAP_COLUMNS,
    PlacedWell,
    Transfer,
    dispenser_rows,
    map_rows,
    pick_list,
)
from screen.files import atomic_write, guarded, occupied, table_text, write_text

PLAN = "plan.json"
D300 = ("Plate ID", "Dispensed well", "Fluid name", "Dispensed conc.", "Conc. units")
ECHO = (
    "Source Plate Name", "Source Well", "Destination Plate Name", "Destination Well", "Transfer Volume", "Sample Name",
    "Source Concentration (nM)", "Asked (nM)", "Got (nM)",
)  # fmt: skip
PREDICTED = ("cell_line", "treatment", "time_h", "readout", "predicted", "low", "high")


def registered(plan: NextPlan, settings: Mapping[str, Any], now: datetime.datetime) -> dict[str, Any]:
    """The plan as JSON: what is registered, its SHA-256, and when it was written."""
    promise = {
        "about": plan.question.name,
        "beliefs": [
            {"question": one.question, "probability": dict(zip(one.options, one.probability, strict=True))}
            for one in plan.beliefs
        ],
        "predictions": [
            {"cell_line": one.well.line, "doses_nM": dict(one.well.doses), "time_h": one.well.time_h,
             "readout": one.well.readout, "predicted": one.predicted, "low": one.low, "high": one.high}
            for one in plan.predictions
        ],
        "decides": [
            {"experiment": one.experiment, "question": one.question, "mean_of_wells": one.at,
             "below": dict(one.below), "above": dict(one.above)}
            for one in plan.decisions
        ],
        "settings": dict(settings),
    }  # fmt: skip
    batch = plan.batch
    sure = [batch.certainty, *(one.certainty for one in batch.choices)]
    return {
        "kind": KIND,
        "herscreen": __version__,
        "written": now.isoformat(timespec="seconds"),
        "sha256": digest(promise),
        "bits": batch.bits,
        "bits_checked": _or_none(plan.checked),
        "right_in": {"now": _or_none(plan.right[0]), "then": _or_none(plan.right[1])},
        "certainty": [_or_none(one) for one in sure],
        "chosen": [
            {"experiment": one.experiment.name, "kind": one.experiment.kind, "wells": one.experiment.cost,
             "bits": one.bits}
            for one in batch.choices
        ],
        "offered": plan.offered,
        "registered": promise,
    }  # fmt: skip


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def write_next(
    plan: NextPlan,
    placed: Sequence[PlacedWell],
    folder: Path,
    settings: Mapping[str, Any],
    stocks: Mapping[str, float],
    now: datetime.datetime,
) -> list[Path]:
    """Write every file of the folder, the plan last, for it says that all are there; their paths, the plan's first."""
    claim(folder, digest(settings), "a plan")
    found = registered(plan, settings, now)
    paths: list[Path] = []
    transfers, sources = pick_list(placed, stocks, float(settings["volume_uL"]))
    tables: dict[str, tuple[Sequence[str], list[list[str]]]] = {
        "map.csv": (MAP_COLUMNS, map_rows(placed, plan.shelf.anchor)),
        "d300.csv": (D300, dispenser_rows(placed)),
        "echo.csv": (ECHO, [_transfer(one) for one in transfers]),
        "sources.csv": (
            ("well", "drug", "concentration_nM"),
            [[k, v[0], f"{v[1]:.6g}"] for k, v in sources.items()],
        ),
        "predicted.csv": (PREDICTED, _predicted(plan)),
    }
    markers = [one.experiment for one in plan.batch.choices if one.experiment.kind == MARKER]
    if markers:
        rows = [
            [
                one.name,
                str(one.replicates),
                each.line,
                each.readout,
                f"{each.time_h:g}",
                doses_text(each.doses),
                "",
            ]
            for one in markers
            for each in one.wells
        ]
        tables["markers.csv"] = (("measurement", "replicates", *COLUMNS), rows)
    for name, (head, rows) in tables.items():
        paths.append(write_text(folder / name, table_text([head, *rows])))
    paths.append(_workbook(folder / "plates.xlsx", placed, tables))
    return [write_text(folder / PLAN, json.dumps(found, indent=1, ensure_ascii=False) + "\n"), *paths]


def check_folder(folder: Path, settings: Mapping[str, Any]) -> None:
    """Raise `InputError` where the folder holds a plan, or files that are not of a plan with these settings."""
    if (folder / PLAN).exists():
        raise occupied(folder, "holds a plan, whose predictions stay as they are", force=False)
    refuse_other(folder, digest(settings), "a plan")


def _transfer(one: Transfer) -> list[str]:
    numbers = (one.source_nM, one.asked_nM, one.got_nM)
    return [
        "source",
        one.source,
        one.plate,
        one.well,
        f"{one.nL:g}",
        one.drug,
        *(f"{value:.6g}" for value in numbers),
    ]


def _predicted(plan: NextPlan) -> list[list[str]]:
    return [
        [one.well.line, in_words(one.well), f"{one.well.time_h:g}", one.well.readout,
         *(f"{value:.4f}" for value in (one.predicted, one.low, one.high))]
        for one in plan.predictions
    ]  # fmt: skip


def _workbook(
    path: Path, placed: Sequence[PlacedWell], tables: Mapping[str, tuple[Sequence[str], list[list[str]]]]
) -> Path:
    """The map as a list, each plate as it looks from above, and what is predicted."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "map"
    for row in (tables["map.csv"][0], *tables["map.csv"][1]):
        sheet.append([guarded(cell) for cell in row])
    for plate in dict.fromkeys(one.plate for one in placed):
        here = {one.name: one for one in placed if one.plate == plate}
        side = book.create_sheet(plate)
        columns = 24 if any(int(name[1:]) > 12 or name[0] > "H" for name in here) else 12
        side.append(["", *range(1, columns + 1)])
        for letter in "ABCDEFGHIJKLMNOP"[: 16 if columns == 24 else 8]:
            cells = [here.get(f"{letter}{k}") for k in range(1, columns + 1)]
            side.append([letter, *(guarded(in_words(one.well)) if one else "" for one in cells)])
    side = book.create_sheet("predicted")
    for row in (tables["predicted.csv"][0], *tables["predicted.csv"][1]):
        side.append([guarded(cell) for cell in row])
    with atomic_write(path) as unfinished, unfinished.open("wb") as file:
        book.save(file)
    return path
