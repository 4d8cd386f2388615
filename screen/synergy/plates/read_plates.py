"""Measured plates: the long table of SynergyFinder and DrugComb, that of the package `synergy`, or one
matrix a file or sheet, as blocks of viability ready for scoring. What was detected is said; what is wrong
with a block is said with the block, and the others go on. Plates written from a cube say so in a column
`origin`, and are then scored as the cube is.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.errors import InputError
from screen.synergy.curves.drc import drc_curves
from screen.synergy.plates.columns import convert_units, numbers
from screen.synergy.plates.plate_files import TEXTS, name_combinations, read_table
from screen.synergy.plates.responses import Response, read_responses

SIMULATED = "simulated"
DISAGREE = 0.3
OUTLIER = 5.0
MORE_DRUGS = "screen.synergy.score_tensors scores them from Python"


@dataclass(frozen=True)
class Block:
    """One drug pair on one plate. `conc_1` `(dose_1,)`, `conc_2` `(dose_2,)` ascending in `unit`; `wells`
    `(dose_1, dose_2, replicate)` viability as a fraction, NaN where missing; `notes` what is odd about it;
    `simulated` wells carry no noise. A block of three drugs has `conc_3` `(dose_3,)` too, and `wells`
    `(dose_1, dose_2, dose_3, replicate)`."""

    name: str
    drug_1: str
    drug_2: str
    cell_line: str
    conc_1: Floats
    conc_2: Floats
    unit: str
    wells: Floats
    notes: tuple[str, ...] = ()
    simulated: bool = False
    drug_3: str = ""
    conc_3: Floats | None = None

    @property
    def concs(self) -> tuple[Floats, ...]:
        """The doses of each drug."""
        pair = self.conc_1, self.conc_2
        return pair if self.conc_3 is None else (*pair, self.conc_3)

    @property
    def viability(self) -> Floats:
        """Mean over replicates, `(dose_1, dose_2)`, of three drugs `(dose_1, dose_2, dose_3)`."""
        present = ~np.isnan(self.wells)
        count = present.sum(axis=-1)
        total = np.where(present, self.wells, 0.0).sum(axis=-1)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @property
    def replicates(self) -> int:
        """The largest number of wells of the same doses."""
        return int((~np.isnan(self.wells)).sum(axis=-1).max(initial=0))


@dataclass(frozen=True)
class Plates:
    """Blocks in the order of the file, and what was detected, in words."""

    blocks: tuple[Block, ...]
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


def _blocks(table: pd.DataFrame, response: Response | None, drugs: int) -> Plates:
    numbered = [k for k in range(1, drugs + 1) if f"conc_{k}" in table]
    values, wrong = {}, {}
    for column in (*(f"conc_{k}" for k in numbered), "response"):
        values[column], wrong[column] = numbers(table[column])
    if 3 in numbered:
        values["conc_3"] = np.where(np.isnan(values["conc_3"]) & ~wrong["conc_3"], 0.0, values["conc_3"])
    doses = np.column_stack([values[f"conc_{k}"] for k in numbered])
    bad, lost, negative = (
        np.asarray(marks.any(axis=1))
        for marks in (np.column_stack(list(wrong.values())), np.isnan(doses), doses < 0)
    )
    more = _has_more_drugs(table, len(numbered))
    endless = np.isinf(doses).any(axis=1) | np.isinf(values["response"])
    usable = ~(bad | lost | negative | more | endless)
    left_out = (
        (bad, "holds a text that is no number"),
        (negative, "holds a negative dose"),
        (lost & ~bad, "holds no dose"),
        (more, f"holds a {'third' if drugs == 2 else 'fourth'} drug"),
    )
    codes, names = _name_blocks(table if drugs == 3 else table.assign(drug_3=""))
    units: dict[str, NDArray[np.object_]] = {}
    for k in numbered:
        factors, units[f"unit_{k}"] = convert_units(table[f"unit_{k}"])
        values[f"conc_{k}"] = values[f"conc_{k}"] * factors
    too_many = (
        f"{int(more.sum())} of {len(table)} rows hold more than {'two' if drugs == 2 else 'three'} drugs and "
        f"are left out: {MORE_DRUGS}"
    )
    if more.any() and not usable.any():
        raise InputError(too_many)
    y = np.where(usable, values["response"], np.nan)
    found = read_responses(y, [values[f"conc_{k}"] for k in numbered], codes, names, response)
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(len(names) + 1))
    texts = {name: table[name].to_numpy() for name in TEXTS}
    line = table["row"].to_numpy()
    blocks = []
    for k, name in enumerate(names):
        rows = order[edges[k] : edges[k + 1]]
        notes = [found.notes[k]] if k in found.notes else []
        for marks, words in left_out:
            hits = rows[marks[rows]]
            if hits.size:
                others = f" (and {hits.size - 1} more)" if hits.size > 1 else ""
                notes.append(f"line {line[hits[0]]}{others} {words}: left out")
        kept = rows[usable[rows]]
        said = {key: text[rows[0]] for key, text in texts.items()}
        here = numbered if 3 in numbered and (values["conc_3"][kept] > 0).any() else [1, 2]
        for drug in here:
            dose, unit = values[f"conc_{drug}"], units[f"unit_{drug}"]
            kept, said[f"unit_{drug}"], odd = _of_one_unit(kept, dose, unit)
            notes += odd
        if len(here) == 3:
            said["drug_3"] = next(filter(None, texts["drug_3"][kept]), "")
        concs = [values[f"conc_{drug}"][kept] for drug in here]
        blocks.append(_block(name, said, concs, found.viability[kept], notes))
    if not any(block.wells.size for block in blocks):
        raise InputError("no row with two doses and a response is left")
    messages = list(found.messages)
    if more.any():
        messages.append(too_many)
    if count := sum(block.conc_3 is not None for block in blocks):
        messages.append(f"drugs: {count} of {len(blocks)} blocks hold three")
    if {block.unit for block in blocks} == {""}:
        messages.append("doses: no unit column, numbers kept as they are (taken as nM)")
    if count := sum(block.simulated for block in blocks):
        messages.append(
            f"origin: {count} of {len(blocks)} blocks are simulated, so their single-agent curves pass "
            "through the wells; --single-agent fit smooths them"
        )
    return Plates(tuple(blocks), tuple(messages))


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


def _block(
    name: str, said: dict[str, str], concs: list[Floats], viability: Floats, notes: list[str]
) -> Block:
    units = [said[f"unit_{drug}"] for drug in range(1, len(concs) + 1)]
    unit = units[0] if len(set(units)) == 1 else ", ".join(units)
    axes, places = zip(*(np.unique(conc, return_inverse=True) for conc in concs))
    well = np.zeros(len(viability), dtype=np.intp)
    for axis, place in zip(axes, places):
        well = well * max(len(axis), 1) + place
    order = np.lexsort((viability, well))
    starts = np.searchsorted(well[order], well[order], side="left")
    copy = np.empty(len(well), dtype=np.intp)
    copy[order] = np.arange(len(well)) - starts
    wells = np.full((*map(len, axes), int(copy.max(initial=0)) + 1 if len(well) else 0), np.nan)
    wells[(*places, copy)] = viability
    third = (said["drug_3"], axes[2]) if len(axes) == 3 else ()
    return Block(name, said["drug_1"], said["drug_2"], said["cell_line"], axes[0], axes[1], unit, wells,
                 (*notes, *_replicate_notes(wells)), said["origin"].lower() == SIMULATED, *third)  # fmt: skip


def _replicate_notes(wells: Floats) -> list[str]:
    count = (~np.isnan(wells)).sum(axis=-1) if wells.size else np.zeros((0, 0))
    if not (count >= 2).any():
        return []
    several = wells[count >= 2]
    spread = np.nanmax(several, axis=1) - np.nanmin(several, axis=1)
    notes = []
    doses = "dose pairs" if wells.ndim == 3 else "dose triples"
    if (spread > DISAGREE).any():
        notes.append(f"replicates of {int((spread > DISAGREE).sum())} {doses} differ by more than 30 points")
    trio = wells[count >= 3]
    if len(trio):
        away = np.abs(trio - np.nanmedian(trio, axis=1, keepdims=True))
        scale = max(1.4826 * float(np.nanmedian(away)), 0.01)
        outliers = int((away > OUTLIER * scale).sum())
        if outliers:
            notes.append(f"{outliers} wells lie far from their replicates (kept)")
    return notes


def correct_baseline(block: Block, how: Literal["none", "part", "all"]) -> Block:
    """SynergyFinder's correction: the highest viability of the single agents, as drc fits them, is brought
    to 1 by scaling all wells (`all`) or those above 1 (`part`)."""
    if how == "none" or not block.wells.size:
        return block
    inhibition = 100.0 * (1.0 - block.viability)
    alone = [np.moveaxis(inhibition, k, 0).reshape(len(conc), -1)[:, 0] for k, conc in enumerate(block.concs)]
    fitted = np.concatenate([drc_curves(conc[None], y[None])[0] for conc, y in zip(block.concs, alone)])
    if np.isnan(fitted).all():
        return replace(block, notes=(*block.notes, "no curve to correct the baseline by"))
    scaled = block.wells * (1.0 + np.nanmin(fitted) / 100.0)
    return replace(block, wells=scaled if how == "all" else np.where(block.wells > 1, scaled, block.wells))
