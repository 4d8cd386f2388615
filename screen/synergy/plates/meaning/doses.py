"""Doses: their units, logarithms taken for doses, and doses that are meant to be equal.

Doses of a drug in one block are one dose where they differ by no more than `SAME` from the next and most doses are
written so (nominal beside dispensed doses), or by no more than `ROUNDING` (mixed units), as long as groups so made are
no wider than `WIDEST` and further apart than they are wide: else only the last digits of a computer are forgiven
(`DUST`).
"""

import difflib
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.arrays import Floats, Indices
from screen.errors import InputError
from screen.synergy.plates.reading.headers import fold
from screen.units import MASS_UG_PER_ML, MOLAR_NM, table_unit

SAME = 0.05
WIDEST = 0.12
FEWER = 0.7
ROUNDING = 0.01
DUST = 1e-6
EVEN = 1.15
MOST_LOG = 12.0
DATED = re.compile(r"\d.*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|/|:)|\d-\d", re.IGNORECASE)
KEPT = ("nM", "ug/mL", "")
LEFT_OUT = "rows left out"


def convert_units(
    texts: pd.Series, where: str, cells: pd.Series | None = None, lines: Indices | None = None
) -> tuple[Floats, NDArray[np.object_]]:
    """For each row the factor to the unit that it is kept in, nM or ug/mL, and that unit, `''` where none is said.
    InputError for a unit that is not known, with the cell of the dose and the line of the file where they are given."""
    codes, found = pd.factorize(texts)
    pairs = [table_unit(str(unit)) for unit in found]
    for text, (_, unit) in zip(found, pairs):
        if unit not in KEPT:
            known = [*MOLAR_NM, *MASS_UG_PER_ML]
            if fold(str(text)).startswith("log") or "log" in fold(str(text)):
                raise InputError(
                    f"{where}: doses are logarithms ('{text}'), expected concentrations: 10**dose and its unit"
                )
            close = difflib.get_close_matches(str(text), known, n=1, cutoff=0.5)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            at = ""
            if cells is not None and lines is not None:
                row = int(np.flatnonzero((texts == text).to_numpy())[0])
                cell = str(cells.iloc[row])
                at = f"line {lines[row]}: " + (f"found '{cell}', " if str(text) in cell else "")
                hint += "; a date? spreadsheets make them of numbers" if DATED.search(cell) else ""
            raise InputError(f"{where}: {at}unknown unit '{text}' of a dose; known: {', '.join(known)}{hint}")
    factors, units = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs], dtype=object)
    return factors[codes], units[codes]


def refuse_logs(doses: Floats, head: str, where: str) -> None:
    """InputError for a column of doses that is one of logarithms: by its name, by several values below 0, or by some
    below 0 where none is 0 and the others rise by equal steps."""
    named = "log" in fold(head)
    below = np.unique(doses[doses < 0])
    several = len(below) >= 2 and (doses < 0).mean() > 0.1
    steps = len(below) > 0 and not (doses == 0).any() and bool(even_steps(np.unique(doses[doses > 0])))
    if named or several or steps:
        low, high = np.nanmin(doses), np.nanmax(doses)
        raise InputError(
            f"{where}: column '{head}' looks like logarithms of doses ({low:g} to {high:g}), expected "
            "concentrations with their unit: 10**dose (or exp), and 0 for no drug"
        )


def even_steps(axis: Floats) -> str:
    """Words where the doses above 0 of a block rise by equal steps, as logarithms do."""
    dosed = axis[axis > 0]
    if len(dosed) < 3 or dosed[-1] > MOST_LOG or dosed[-1] > 10 * dosed[0]:
        return ""
    step = np.diff(dosed)
    if step.max() > EVEN * step.min():
        return ""
    shown = ", ".join(f"{dose:.3g}" for dose in axis[:4])
    return f"doses rise by equal steps ({shown} ...): if they are logarithms, 0 is no untreated well, give 10**dose"


def same_doses(doses: Floats, block: Indices) -> tuple[Floats, dict[int, str]]:
    """`doses` `(row,)` with those meant to be equal made equal in each block, and words on blocks where more than the
    last digits were joined."""
    order = np.lexsort((doses, block))
    sorted_doses, sorted_block = doses[order], block[order]
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.diff(np.log(sorted_doses))
    near = (gap > 0) & (gap < np.log1p(SAME)) & (np.diff(sorted_block) == 0)
    if not near.any():
        return doses, {}
    result, words = doses.copy(), {}
    edges = np.searchsorted(sorted_block, np.unique(sorted_block[1:][near]))
    for first in edges:
        number = int(sorted_block[first])
        rows = order[first : np.searchsorted(sorted_block, number, side="right")]
        rows = rows[doses[rows] > 0]
        result[rows], joined = _one_block(doses[rows])
        if joined:
            words[number] = joined
    return result, words


def _one_block(doses: Floats) -> tuple[Floats, str]:
    values, place, count = np.unique(doses, return_inverse=True, return_counts=True)
    logs = np.log(values)
    for gap, fewer in ((SAME, FEWER), (ROUNDING, 1.0), (DUST, 1.0)):
        step = np.diff(logs)
        group = np.concatenate([[0], np.cumsum(step > np.log1p(gap))])
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        width = np.maximum.reduceat(logs, starts) - np.minimum.reduceat(logs, starts)
        apart = np.min(step[step > np.log1p(gap)], initial=np.inf)
        tight = width.max() <= np.log1p(WIDEST) and apart >= 2 * width.max()
        if tight and len(starts) <= fewer * len(values):
            break
    stands = np.array([_stand_in(values[group == k], count[group == k]) for k in range(len(starts))])
    said = ""
    if width.max() > 2 * DUST:
        said = (
            f"doses within {100 * np.expm1(width.max()):.2g} % of each other are taken as one "
            f"({len(values)} written, {len(starts)} meant)"
        )
    return stands[group][place], said


def _stand_in(values: Floats, count: Indices) -> float:
    """The dose written most often; where none is, their geometric mean."""
    if (count == count.max()).sum() == 1 or np.ptp(np.log(values)) < DUST:
        return float(values[np.argmax(count)])
    return float(np.exp(np.average(np.log(values), weights=count)))


def one_unit(rows: Indices, doses: Floats, units: NDArray[np.object_]) -> tuple[Indices, str, Sequence[str]]:
    """The rows in the commonest unit of their drug, that unit, and words on the others: molar doses and
    masses do not convert into each other without a molar mass. A dose of 0 needs no unit."""
    dosed = doses[rows] > 0
    found = units[rows[dosed]]
    if not len(found):
        return rows, str(units[rows[0]]) if rows.size else "", []
    if (found == found[0]).all():
        return rows, str(found[0]), []
    names, count = np.unique(found.astype(str), return_counts=True)
    kept = str(names[np.argmax(count)])
    others = ", ".join(f"'{unit}'" for unit in names if unit != kept)
    words = f"doses of one drug in '{kept}' and {others}: {count.sum() - count.max()} {LEFT_OUT}"
    return rows[~dosed | (units[rows] == kept)], kept, [words]
