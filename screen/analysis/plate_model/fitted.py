"""A measured plate beside the lines that `fit-line` found for it: predicted against measured wells, and a verdict by a
noise that is fixed beforehand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from screen.analysis.fit_line.fit_line import MeasuredPlate, PlateWells, Verdict, verdict_of
from screen.analysis.fit_line.wells import SAME_TIME, assay_time, measured_block
from screen.analysis.plate_model.simulated import on_grids
from screen.arrays import Floats
from screen.errors import InputError, plain
from screen.files import LARGEST_TABLE, read_text
from screen.pathway import Assay, Pathway
from screen.pathway.panels.table_lines import table_lines
from screen.synergy.plates.block import PlateBlock

QUANTILES = (0.05, 0.95)


@dataclass(frozen=True)
class FittedBlock:
    """Viability `(dose_1, dose_2)` of a block as the posterior predicts it: the mean over the draws and the ends of
    their 90 % interval; NaN where no well is."""

    predicted: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class FittedPlates:
    """The blocks of the line that was fitted, by their place, `draws` lines of the posterior in `table`, and the
    `verdict` over all of their wells."""

    table: Path
    line: str
    draws: int
    time_h: float
    verdict: Verdict
    blocks: Mapping[int, FittedBlock]


def find_fit(plate: Path) -> Path | None:
    """The posterior that `fit-line` wrote for a plate, where it writes it unless told, or next to the plate."""
    name = f"{plate.stem}-line.csv"
    places = (Path("results") / name, plate.parent / "results" / name, plate.parent / name)
    return next((path for path in places if path.is_file() and path.with_suffix(".json").is_file()), None)


def fit_in(place: Path, plate: Path) -> Path:
    """The posterior in `place`, a table or the folder of one; `InputError` where there is none, or several."""
    if place.suffix.lower() == ".csv" and place.is_file():
        return place
    if not place.is_dir():
        raise InputError(f"--fit: found {place}, expected the table that `fit-line` wrote, or its folder")
    named = place / f"{plate.stem}-line.csv"
    if named.is_file():
        return named
    found = sorted(path for path in place.glob("*.csv") if path.with_suffix(".json").is_file())
    if len(found) != 1:
        raise InputError(f"--fit: found {len(found)} posteriors in {place}, expected one, or the name of one")
    return found[0]


def compare_with_fit(pathway: Pathway, blocks: Sequence[PlateBlock], table: Path) -> FittedPlates:
    """Predict the wells of the blocks that are of the fitted line; `InputError` where none is."""
    lines = table_lines(pathway, table)
    about = _about(table)
    name = str(about.get("line") or lines[0].name.rsplit("-", 1)[0])
    asked = about.get("time_h")
    chosen: dict[int, MeasuredPlate] = {}
    for k, block in enumerate(blocks):
        if _fits(block, name, asked):
            try:
                chosen[k] = measured_block(pathway, block, "plate")
            except InputError:
                continue
    if not chosen:
        raise InputError(f"{table}: found the posterior of {name}, expected that of a line on the plates")
    time_h = float(asked) if asked is not None else assay_time([blocks[k] for k in chosen], table, None)
    wells = PlateWells(Assay.compile(pathway, []), list(chosen.values()), time_h)
    predicted = wells.predict(lines)
    predicted = predicted[np.isfinite(predicted).all(axis=1)]
    if not len(predicted):
        raise InputError(f"{table}: none of its lines could be simulated")
    low, high = np.quantile(predicted, QUANTILES, axis=0)
    parts = [on_grids(values, list(chosen.values())) for values in (predicted.mean(axis=0), low, high)]
    found = {k: FittedBlock(*(part[at] for part in parts)) for at, k in enumerate(chosen)}
    noise = about.get("assay_noise")
    verdict = verdict_of(wells, predicted, None if noise is None else float(noise))
    return FittedPlates(table, name, len(predicted), time_h, verdict, found)


def _about(table: Path) -> dict[str, Any]:
    """What the summary next to a posterior says of its plate."""
    path = table.with_suffix(".json")
    if not path.is_file():
        return {}
    try:
        found = json.loads(read_text(path, LARGEST_TABLE, "the summary of a fit"))
    except json.JSONDecodeError:
        raise InputError(f"{path}: expected JSON, as `fit-line` writes it") from None
    return found if isinstance(found, dict) else {}


def _fits(block: PlateBlock, line: str, time_h: Any) -> bool:
    """Whether a block is of the fitted line at the fitted time; what does not say is taken to be."""
    if block.conc_3 is not None or block.growth or not block.wells.size:
        return False
    if block.cell_line and plain(block.cell_line) != plain(line):
        return False
    return time_h is None or bool(not abs(block.time_h - float(time_h)) > SAME_TIME * float(time_h))
