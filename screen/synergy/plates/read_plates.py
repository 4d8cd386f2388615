"""Measured plates: the long table of SynergyFinder and DrugComb, that of the package `synergy`, or one
matrix a file or sheet, as blocks of viability ready for scoring. Messages tell what was detected; what is wrong
with a block is in its notes, and the others go on. Plates written from a cube say so in a column
`origin`, and are then scored as the cube is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError
from screen.synergy.plates.block import PlateBlock, block_of
from screen.synergy.plates.columns import convert_units, numbers
from screen.synergy.plates.plate_files import TEXTS, name_combinations, read_table
from screen.synergy.plates.responses import Response, read_responses

MORE_DRUGS = "screen.synergy.score_tensors scores them from Python"


@dataclass(frozen=True)
class Plates:
    """Blocks in the order of the file, and what was detected, in words."""

    blocks: tuple[PlateBlock, ...]
    messages: tuple[str, ...]


def read_plates(path: str | Path, response: Response | None = None, drugs: Literal[2, 3] = 2) -> Plates:
    """Read `path` (.csv, .tsv, .txt, .xlsx). `response` says what the values are; None goes by the name of
    their column (`viability`, `inhibition`), else finds out. Wells with more than `drugs` drugs are left out;
    with `drugs=3`, a block with a dose of a third drug anywhere is one of three drugs.

    InputError for a file that cannot be read, columns that are missing, and no row left.
    """
    if response not in (None, "viability", "inhibition"):
        raise InputError(f"response: expected 'viability' or 'inhibition', found {response!r}")
    table, messages, named = read_table(Path(path))
    plates = _blocks(table, response or named, drugs)
    return Plates(plates.blocks, (*messages, *plates.messages))


@dataclass(frozen=True)
class _Rows:
    """The rows of a table, `(row,)` each: `doses` in `units` of each drug; `response`; `usable`; `left_out`, the marks
    of the others with the reason in words; `more`, those that hold more drugs than are read; the `texts` of each, and
    its `line` in the file."""

    doses: list[Floats]
    units: list[NDArray[np.object_]]
    response: Floats
    usable: Bools
    left_out: tuple[tuple[Bools, str], ...]
    more: Bools
    texts: dict[str, NDArray[np.object_]]
    line: Indices


def _rows(table: pd.DataFrame, drugs: int) -> _Rows:
    doses, units, wrong = [], [], []
    for k in range(1, drugs + 1):
        if f"conc_{k}" in table:
            dose, odd = numbers(table[f"conc_{k}"])
            factor, unit = convert_units(table[f"unit_{k}"])
            doses.append((np.where(np.isnan(dose) & ~odd, 0.0, dose) if k == 3 else dose) * factor)
            units.append(unit)
            wrong.append(odd)
    response, odd = numbers(table["response"])
    every = np.column_stack(doses)
    bad, lost, negative = (
        np.asarray(marks.any(axis=1))
        for marks in (np.column_stack([*wrong, odd]), np.isnan(every), every < 0)
    )
    more = _has_more_drugs(table, len(doses))
    endless = np.isinf(every).any(axis=1) | np.isinf(response)
    left_out = (
        (bad, "holds a text that is no number"),
        (negative, "holds a negative dose"),
        (lost & ~bad, "holds no dose"),
        (more, f"holds a {'third' if drugs == 2 else 'fourth'} drug"),
    )
    usable = ~(bad | lost | negative | more | endless)
    texts = {name: table[name].to_numpy(dtype=object) for name in TEXTS}
    return _Rows(doses, units, response, usable, left_out, more, texts, table["row"].to_numpy())


def _blocks(table: pd.DataFrame, response: Response | None, drugs: int) -> Plates:
    rows = _rows(table, drugs)
    codes, names = _name_blocks(table if drugs == 3 else table.assign(drug_3=""))
    too_many = (
        f"{int(rows.more.sum())} of {len(table)} rows hold more than {'two' if drugs == 2 else 'three'} drugs "
        f"and are left out: {MORE_DRUGS}"
    )
    if rows.more.any() and not rows.usable.any():
        raise InputError(too_many)
    found = read_responses(np.where(rows.usable, rows.response, np.nan), rows.doses, codes, names, response)
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(len(names) + 1))
    blocks = []
    for k, name in enumerate(names):
        own = order[edges[k] : edges[k + 1]]
        notes = [found.notes[k]] if k in found.notes else []
        notes += _left_out(rows, own)
        blocks.append(_block(name, rows, own, found.viability, notes))
    if not any(block.wells.size for block in blocks):
        raise InputError("no row with two doses and a response is left")
    messages = [*found.messages, *([too_many] if rows.more.any() else []), *_about(blocks)]
    return Plates(tuple(blocks), tuple(messages))


def _left_out(rows: _Rows, own: Indices) -> list[str]:
    """Words on the rows `own` of a block that are left out."""
    notes = []
    for marks, words in rows.left_out:
        hits = own[marks[own]]
        if hits.size:
            others = f" (and {hits.size - 1} more)" if hits.size > 1 else ""
            notes.append(f"line {rows.line[hits[0]]}{others} {words}: left out")
    return notes


def _block(name: str, rows: _Rows, own: Indices, viability: Floats, notes: list[str]) -> PlateBlock:
    """The block of the rows `own`: of three drugs where a usable one holds a dose of a third."""
    about = {key: text[own[0]] for key, text in rows.texts.items()}
    kept = own[rows.usable[own]]
    here = len(rows.doses)
    if here == 3 and not (rows.doses[2][kept] > 0).any():
        here = 2
    for k in range(here):
        kept, about[f"unit_{k + 1}"], odd = _of_one_unit(kept, rows.doses[k], rows.units[k])
        notes = [*notes, *odd]
    if here == 3:
        about["drug_3"] = next(filter(None, rows.texts["drug_3"][kept]), "")
    return block_of(name, about, [dose[kept] for dose in rows.doses[:here]], viability[kept], notes)


def _about(blocks: Sequence[PlateBlock]) -> Iterator[str]:
    """What a file holds, in words."""
    if count := sum(block.conc_3 is not None for block in blocks):
        yield f"drugs: {count} of {len(blocks)} blocks hold three"
    if {block.unit for block in blocks} == {""}:
        yield "doses: no unit column, numbers kept as they are (taken as nM)"
    if count := sum(block.simulated for block in blocks):
        yield (
            f"origin: {count} of {len(blocks)} blocks are simulated, so their single-agent curves pass "
            "through the wells; --single-agent fit smooths them"
        )


def _has_more_drugs(table: pd.DataFrame, drugs: int) -> NDArray[np.bool_]:
    """Rows with a dose beyond the first `drugs` drugs; what is there and is no number counts as one."""
    more = np.zeros(len(table), dtype=bool)
    for k in range(drugs + 1, 5):
        if f"conc_{k}" in table:
            doses, wrong = numbers(table[f"conc_{k}"])
            more |= wrong | (~np.isnan(doses) & (doses != 0))
    return more


def _name_blocks(table: pd.DataFrame) -> tuple[NDArray[np.intp], list[str]]:
    """The number of each row's block, and the blocks' names. Combinations and lines that share a block_id are
    blocks of their own, named by them too; a row that names no pair belongs to the first, and one that
    names no third drug to the first of its pair."""
    ids = table["block_id"].astype(str)
    if (table["drug_3"] != "").any():
        pair = [ids, table["drug_1"], table["drug_2"], table["cell_line"]]
        named = table["drug_3"].where(table["drug_3"] != "")
        first = named.groupby(pair).transform("first")
        table = table.assign(drug_3=named.fillna(first).fillna(""))
    label = name_combinations(table)
    whole = (table["drug_1"] != "") & (table["drug_2"] != "")
    several = label[whole].groupby(ids[whole]).nunique()
    several = several[several > 1]
    if len(several):
        shared = ids.isin(several.index)
        first = label[whole].groupby(ids[whole]).first()
        ids = ids.where(~shared, ids + " " + label.where(whole, ids.map(first)))
    codes, names = pd.factorize(ids, sort=False)
    return codes.astype(np.intp), [str(name) for name in names]


def _of_one_unit(
    rows: NDArray[np.intp], doses: Floats, units: NDArray[np.object_]
) -> tuple[NDArray[np.intp], str, list[str]]:
    """The rows in the commonest unit of their drug, that unit, and words on the others: molar doses and
    masses do not convert into each other without a molar mass. A dose of 0 needs no unit."""
    dosed = doses[rows] > 0
    names, count = np.unique(units[rows[dosed]].astype(str), return_counts=True)
    if not len(names):
        return rows, str(units[rows[0]]) if rows.size else "", []
    kept = str(names[np.argmax(count)])
    others = ", ".join(f"'{unit}'" for unit in names if unit != kept)
    words = f"doses of one drug in '{kept}' and {others}: {count.sum() - count.max()} rows left out"
    return rows[~dosed | (units[rows] == kept)], kept, [words] if others else []
