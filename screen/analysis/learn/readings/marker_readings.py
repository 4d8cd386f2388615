"""Marker readings as rows: each an observable of a line under doses, as the ratio to the vehicle's, in replicates.

The table is `markers.csv` of `herscreen next` with its column `ratio` filled in: several numbers in a cell, or rows
that are repeated. Ratios are compared as natural logarithms, in which antibodies' errors are even.
"""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from screen.analysis.learn.readings.plates import LearnPlate
from screen.analysis.learn.readings.wells import LearnWell, well
from screen.errors import InputError, plain
from screen.files import LARGEST_TABLE, read_text
from screen.pathway import Pathway

COLUMNS = ("cell_line", "readout", "time_h", "doses_nM", "ratio")


def doses_text(doses: Sequence[tuple[str, float]]) -> str:
    """Doses as the table has them: `trastuzumab=68; linsitinib=100`, nM."""
    return "; ".join(f"{drug}={dose:.6g}" for drug, dose in doses)


def read_markers(pathway: Pathway, paths: Sequence[Path]) -> list[LearnPlate]:
    """The readings of all files, a set for each line; rows without a ratio are left out. Raises `InputError`."""
    found: dict[LearnWell, list[float]] = {}
    for path in paths:
        reader = csv.DictReader(io.StringIO(read_text(path, LARGEST_TABLE, "a table of marker readings")))
        try:
            rows = list(reader)
        except csv.Error as error:
            raise InputError(f"{path}: line {reader.line_num}: {error}") from None
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise InputError(f"{path}: found no column {missing[0]}, expected {', '.join(COLUMNS)}")
        for number, row in enumerate(rows, 2):
            try:
                ratios = [float(text) for text in (row["ratio"] or "").replace(";", " ").split()]
                if ratios:
                    found.setdefault(_well(pathway, row), []).extend(map(_logarithm, ratios))
            except (ValueError, AttributeError, TypeError) as error:
                raise InputError(f"{path}: line {number}: {error}") from None
    if paths and not found:
        raise InputError(f"{paths[0]}: found no reading in the column ratio, expected at least one")
    return marker_sets(found)


def marker_sets(readings: dict[LearnWell, list[float]]) -> list[LearnPlate]:
    """A set for each line from logarithms of ratios by well."""
    sets = []
    for line in dict.fromkeys(one.line for one in readings):
        rows = tuple(one for one in readings if one.line == line)
        wells = np.full((len(rows), max(len(readings[one]) for one in rows)), np.nan)
        for k, one in enumerate(rows):
            wells[k, : len(readings[one])] = readings[one]
        sets.append(LearnPlate(f"{line} markers", line, ("", ""), 0.0, rows, wells, np.zeros((len(rows), 2))))
    return sets


def _well(pathway: Pathway, row: dict[str, str]) -> LearnWell:
    known = {plain(one): one for one in pathway.cell_lines}
    doses: dict[str, float] = {}
    for part in filter(str.strip, row["doses_nM"].split(";")):
        name, _, dose = part.partition("=")
        doses[pathway.drug(name.strip()).name] = float(dose)
        if not 0 <= float(dose) < math.inf:
            raise ValueError(f"doses_nM: found {part.strip()!r}, expected drug=nM; drug=nM")
    time_h = float(row["time_h"])
    if not 0 < time_h < math.inf:
        raise ValueError(f"time_h: found {row['time_h']!r}, expected hours after dosing")
    line = row["cell_line"].strip()
    return well(known.get(plain(line), line), doses, time_h, pathway.observable(row["readout"].strip()))


def _logarithm(ratio: float) -> float:
    if not 0 < ratio < math.inf:
        raise ValueError(f"ratio: found {ratio:g}, expected a ratio to the vehicle above 0")
    return math.log(ratio)
