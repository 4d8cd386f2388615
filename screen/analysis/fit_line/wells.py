"""Measured plates as the wells of a cell line that the model is asked to make."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from screen.analysis.fit_line.fit_line import MeasuredPlate
from screen.errors import InputError, plain
from screen.pathway import CellLine, Pathway
from screen.pathway.panels.table_lines import table_lines
from screen.synergy.plates.block import PlateBlock
from screen.units import molar_mass, parse_concentration

SAME_TIME = 0.01
USUAL_H = 72.0


def assay_time(blocks: Sequence[PlateBlock], path: Path, asked_h: float | None) -> float:
    """The time in hours that plates are compared at: `asked_h`, where they were read then or do not say when; else
    the only time that they were read at, 72 h among several or where none is said. Raises `InputError`."""
    times = sorted({block.time_h for block in blocks if block.time_h == block.time_h})
    if not times:
        return USUAL_H if asked_h is None else asked_h
    if asked_h is None and len(times) == 1:
        return times[0]
    wanted = USUAL_H if asked_h is None else asked_h
    fits = [time for time in times if abs(time - wanted) <= SAME_TIME * wanted]
    if not fits:
        shown = ", ".join(f"{time:g} h" for time in times)
        found = "no --time" if asked_h is None else f"--time {asked_h:g} h"
        raise InputError(f"{path}: found {found} and plates read at {shown}, expected one of them as --time")
    return fits[0]


def measured_of(
    pathway: Pathway, blocks: Sequence[PlateBlock], path: Path, line: str | None, time_h: float | None = None
) -> list[MeasuredPlate]:
    """The wells of one cell line: of `line`, or of the only one that the plates are of; of the plates read at
    `time_h`, those that do not say when among them.

    Raises `InputError` for drugs that the model does not know, units that are no concentration, and plates of
    several lines.
    """
    chosen = [block for block in blocks if block.wells.size]
    if time_h is not None:
        chosen = [block for block in chosen if not abs(block.time_h - time_h) > SAME_TIME * time_h]
    named = list(dict.fromkeys(block.cell_line for block in chosen if block.cell_line))
    if line is not None and line in named:
        chosen = [block for block in chosen if block.cell_line == line]
    elif len(named) > 1:
        found = f"plates of {', '.join(named[:6])}" + (" and more" if len(named) > 6 else "")
        raise InputError(f"{path}: found {found}, expected one cell line, or --line with its name")
    if not chosen:
        raise InputError(f"{path}: no wells with two doses and a response")
    return [measured_block(pathway, block, str(path)) for block in chosen]


def measured_block(pathway: Pathway, block: PlateBlock, source: str) -> MeasuredPlate:
    """The wells of one block with the model's names of its drugs and doses in nM; `InputError` as `measured_of`."""
    where = f"{source}: {block.name}"
    try:
        drugs = pathway.drug(block.drug_1), pathway.drug(block.drug_2)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    if drugs[0].name == drugs[1].name:
        raise InputError(f"{where}: found {drugs[0].name} with itself, expected two different drugs")
    units = (block.unit.split(", ") * 2)[:2]
    doses = []
    for drug, unit, numbers in zip(drugs, units, (block.conc_1, block.conc_2), strict=True):
        try:
            one = parse_concentration(f"1 {unit or 'nM'}").to_nM(molar_mass(drug))
        except InputError as error:
            raise InputError(f"{where}: {drug.name}: {error}") from None
        doses.append(np.asarray(numbers, float) * one)
    first, second = doses
    return MeasuredPlate((drugs[0].name, drugs[1].name), (first, second), block.wells)


def line_of(blocks: Sequence[PlateBlock]) -> str | None:
    """The cell line that the plates name, where they name one."""
    named = {block.cell_line for block in blocks if block.cell_line}
    return named.pop() if len(named) == 1 else None


def center_of(
    pathway: Pathway,
    table: Path | None,
    around: str | None,
    line: str | None,
    scale: str,
    measured: str | None = None,
) -> CellLine:
    """The line that a prior is drawn around: a named one, or a row of a table of lines: `line`, the line
    `measured` on the plates, or the only one.

    Raises `InputError` for both or neither, and for a row that is not there.
    """
    if (table is None) == (around is None):
        found = "neither" if table is None else "both"
        raise InputError(f"found {found}, expected --panel TABLE or --around LINE (what the line is like)")
    if around is not None:
        return pathway.cell_line(around)
    assert table is not None
    lines = table_lines(pathway, table, scale)
    rows = {plain(row.name): row for row in lines}
    asked = line or (measured if measured is not None and plain(measured) in rows else None)
    if asked is None and len(lines) == 1:
        return lines[0]
    if asked is None or plain(asked) not in rows:
        found = "no --line" if asked is None else f"--line {asked}"
        names = [row.name for row in lines]
        raise InputError(f"{table}: found {found}, expected one of its rows: {', '.join(names[:12])}")
    return rows[plain(asked)]
