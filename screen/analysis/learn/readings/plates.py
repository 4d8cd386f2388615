"""Measured plates as rows: each a dose pair of a line with its replicates, viability as a fraction of the vehicle."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.fit_line.wells import USUAL_H, measured_of
from screen.analysis.learn.readings.wells import VIABILITY, LearnWell, well
from screen.arrays import Floats
from screen.errors import InputError, plain
from screen.pathway import Pathway, known_drug
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.meaning.signal_levels import Response
from screen.synergy.plates.read_plates import ReadingOptions, read_plates

BELOW = 1.0
"""Decades below the lowest dose at which 0 nM stands when doses are compared."""


@dataclass(frozen=True, eq=False)
class LearnPlate:
    """A block of one line and drug pair: `rows` (R,) wells of the model, `wells` (R, replicate) viability, NaN where
    missing, and `places` (R, 2) decades of dose, in which near wells share what the model misses.
    """

    name: str
    line: str
    drugs: tuple[str, str]
    time_h: float
    rows: tuple[LearnWell, ...]
    wells: Floats
    places: Floats

    @property
    def is_markers(self) -> bool:
        """Whether these are a line's marker readings, `wells` natural logarithms of ratios to the vehicle."""
        return self.rows[0].readout != VIABILITY

    @property
    def measured(self) -> Floats:
        """The rows' means (R,)."""
        return np.asarray(np.nanmean(self.wells, axis=1))


def find_plates(patterns: Sequence[str]) -> list[Path]:
    """The files of paths and patterns, each once, in order. Raises `InputError` for one that is not there."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        paths = sorted(map(Path, glob.glob(pattern))) or [Path(pattern)]
        if not paths[0].exists():
            raise InputError(f"{pattern}: found no such file, expected measured plates")
        found.update(dict.fromkeys(paths))
    return list(found)


def read_learn_plates(
    pathway: Pathway, paths: Sequence[Path], response: Response | None, time_h: float | None, line: str | None
) -> tuple[list[LearnPlate], list[str]]:
    """The plates of all files, and what was detected, in words. `time_h` counts where a plate does not say when it was
    read, `line` where it names no line.
    """
    plates, messages = [], []
    for path in paths:
        read = read_plates(path, reading=ReadingOptions(response, drug_name=known_drug))
        messages += [f"{path.name}: {message}" for message in read.messages]
        for block in read.blocks:
            if block.growth:
                raise InputError(
                    f"{path}: {block.name}: found growth or GR values, expected viability or inhibition"
                )
            if not block.wells.size or block.conc_3 is not None:
                messages.append(f"{path.name}: {block.name}: left out, expected a matrix of two drugs")
                continue
            plates.append(_plate(pathway, block, path, time_h, line))
    if not plates:
        raise InputError(f"{paths[0]}: found no block of two drugs, expected at least one")
    return _named_apart(plates), messages


def _plate(
    pathway: Pathway, block: PlateBlock, path: Path, time_h: float | None, line: str | None
) -> LearnPlate:
    name = block.cell_line or line
    if not name:
        raise InputError(
            f"{path}: {block.name}: found no cell line, expected a column cell_line or the key `line`"
        )
    [measured] = measured_of(pathway, [block], path, None)
    hours = block.time_h if block.time_h == block.time_h else time_h or USUAL_H
    known = {plain(one): one for one in pathway.cell_lines}
    return learn_plate(
        block.name, known.get(plain(name), name), measured.drugs, measured.doses, measured.wells, hours
    )


def learn_plate(
    name: str,
    line: str,
    drugs: tuple[str, str],
    doses: tuple[Floats, Floats],
    wells: Floats,
    time_h: float,
) -> LearnPlate:
    """A plate from a matrix: `doses` nM, ascending, of each drug; `wells` (dose_1, dose_2, replicate)."""
    place = [_decades(one) for one in doses]
    rows, values, places = [], [], []
    for i, j in np.ndindex(wells.shape[:2]):
        if np.isfinite(wells[i, j]).any():
            given = {drugs[0]: float(doses[0][i]), drugs[1]: float(doses[1][j])}
            rows.append(well(line, given, time_h))
            values.append(wells[i, j])
            places.append((place[0][i], place[1][j]))
    return LearnPlate(name, line, drugs, time_h, tuple(rows), np.array(values), np.array(places))


def _decades(doses: Floats) -> Floats:
    """log10 of doses, 0 nM a decade below the lowest."""
    given = doses[doses > 0]
    floor = np.log10(given.min()) - BELOW if len(given) else 0.0
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(doses > 0, np.log10(np.maximum(doses, 1e-300)), floor))


def _named_apart(plates: Sequence[LearnPlate]) -> list[LearnPlate]:
    """Plates with names that tell them apart: line, pair and time, numbered where these are the same."""
    found, seen = [], dict[str, int]()
    for plate in plates:
        name = f"{plate.line} {'+'.join(plate.drugs)} {plate.time_h:g} h"
        seen[name] = seen.get(name, 0) + 1
        number = f" ({seen[name]})" if seen[name] > 1 else ""
        found.append(LearnPlate(name + number, *(getattr(plate, one) for one in FIELDS)))
    return found


FIELDS = ("line", "drugs", "time_h", "rows", "wells", "places")
