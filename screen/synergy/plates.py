"""Measured plates: the long table of SynergyFinder and DrugComb, that of the package `synergy`, or one
matrix a file or sheet, as blocks of viability ready for scoring. What was detected is said; what is wrong
with a block is said with the block, and the others go on. Plates written from a cube say so in a column
`origin`, and are then scored as the cube is.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from screen.errors import InputError
from screen.synergy.columns import convert_units, numbers
from screen.synergy.plate_files import TEXTS, read_table
from screen.synergy.responses import Response, read_responses

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
SIMULATED = "simulated"
DISAGREE = 0.3
OUTLIER = 5.0
MORE_DRUGS = "pairs are scored here, three drugs and more by screen.synergy.higher.score_tensors"


@dataclass(frozen=True)
class Block:
    """One drug pair on one plate. `conc_1` `(dose_1,)`, `conc_2` `(dose_2,)` ascending in `unit`; `wells`
    `(dose_1, dose_2, replicate)` viability as a fraction, NaN where missing; `notes` what is odd about it;
    `simulated` wells carry no noise."""

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

    @property
    def viability(self) -> Floats:
        """Mean over replicates, `(dose_1, dose_2)`."""
        present = ~np.isnan(self.wells)
        count = present.sum(axis=2)
        total = np.where(present, self.wells, 0.0).sum(axis=2)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @property
    def replicates(self) -> int:
        """The largest number of wells of one dose pair."""
        return int((~np.isnan(self.wells)).sum(axis=2).max(initial=0))


@dataclass(frozen=True)
class Plates:
    """Blocks in the order of the file, and what was detected, in words."""

    blocks: tuple[Block, ...]
    messages: tuple[str, ...]


def read_plates(path: str | Path, response: Response | None = None) -> Plates:
    """Read `path` (.csv, .tsv, .txt, .xlsx). `response` says what the values are; None goes by the name of
    their column (`viability`, `inhibition`), else finds out.

    InputError for a file that cannot be read, columns that are missing, and no row left.
    """
    if response not in (None, "viability", "inhibition"):
        raise InputError(f"response: expected 'viability' or 'inhibition', found {response!r}")
    table, messages, named = read_table(Path(path))
    plates = _blocks(table, response or named)
    return Plates(plates.blocks, (*messages, *plates.messages))


def _blocks(table: "pd.DataFrame", response: Response | None) -> Plates:
    values, wrong = {}, {}
    for column in ("conc_1", "conc_2", "response"):
        values[column], wrong[column] = numbers(table[column])
    bad = wrong["conc_1"] | wrong["conc_2"] | wrong["response"]
    lost = np.isnan(values["conc_1"]) | np.isnan(values["conc_2"])
    negative = (values["conc_1"] < 0) | (values["conc_2"] < 0)
    third = _has_more_drugs(table)
    endless = np.isinf(np.column_stack(list(values.values()))).any(axis=1)
    usable = ~(bad | lost | negative | third | endless)
    left_out = (
        (bad, "holds a text that is no number"),
        (negative, "holds a negative dose"),
        (lost & ~bad, "holds no dose"),
        (third, "holds a third drug"),
    )
    codes, names = _name_blocks(table)
    units: dict[str, NDArray[np.object_]] = {}
    for k in (1, 2):
        factors, units[f"unit_{k}"] = convert_units(table[f"unit_{k}"])
        values[f"conc_{k}"] = values[f"conc_{k}"] * factors
    beyond_pairs = (
        f"{int(third.sum())} of {len(table)} rows hold more than two drugs and are left out: {MORE_DRUGS}"
    )
    if third.any() and not usable.any():
        raise InputError(beyond_pairs)
    y = np.where(usable, values["response"], np.nan)
    found = read_responses(y, values["conc_1"], values["conc_2"], codes, names, response)
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
                more = f" (and {hits.size - 1} more)" if hits.size > 1 else ""
                notes.append(f"line {line[hits[0]]}{more} {words}: left out")
        kept = rows[usable[rows]]
        said = {key: text[rows[0]] for key, text in texts.items()}
        for drug in (1, 2):
            dose, unit = values[f"conc_{drug}"], units[f"unit_{drug}"]
            kept, said[f"unit_{drug}"], odd = _of_one_unit(kept, dose, unit)
            notes += odd
        data = values["conc_1"][kept], values["conc_2"][kept], found.viability[kept]
        blocks.append(_block(name, said, *data, notes))
    if not any(block.wells.size for block in blocks):
        raise InputError("no row with two doses and a response is left")
    messages = list(found.messages)
    if third.any():
        messages.append(beyond_pairs)
    if {block.unit for block in blocks} == {""}:
        messages.append("doses: no unit column, numbers kept as they are (taken as nM)")
    if count := sum(block.simulated for block in blocks):
        messages.append(
            f"origin: {count} of {len(blocks)} blocks are simulated, so their single-agent curves pass "
            "through the wells; --single-agent fit smooths them"
        )
    return Plates(tuple(blocks), tuple(messages))


def _has_more_drugs(table: "pd.DataFrame") -> NDArray[np.bool_]:
    """Rows with a dose of a third or fourth drug; what is there and is no number counts as one."""
    more = np.zeros(len(table), dtype=bool)
    for column in {"conc_3", "conc_4"} & set(table.columns):
        doses, wrong = numbers(table[column])
        more |= wrong | (~np.isnan(doses) & (doses != 0))
    return more


def _name_blocks(table: "pd.DataFrame") -> tuple[NDArray[np.intp], list[str]]:
    """The number of each row's block, and the blocks' names. Pairs and lines that share a block_id are blocks
    of their own, named by pair and line too; a row that names neither belongs to the first."""
    import pandas as pd

    ids = table["block_id"].astype(str)
    label = table["drug_1"] + "+" + table["drug_2"]
    label = label.where(table["cell_line"] == "", label + " in " + table["cell_line"])
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
    name: str, said: dict[str, str], conc_1: Floats, conc_2: Floats, viability: Floats, notes: list[str]
) -> Block:
    unit = said["unit_1"] if said["unit_1"] == said["unit_2"] else f"{said['unit_1']}, {said['unit_2']}"
    first, i = np.unique(conc_1, return_inverse=True)
    second, j = np.unique(conc_2, return_inverse=True)
    well = i * max(len(second), 1) + j
    order = np.lexsort((viability, well))
    starts = np.searchsorted(well[order], well[order], side="left")
    copy = np.empty(len(well), dtype=np.intp)
    copy[order] = np.arange(len(well)) - starts
    wells = np.full((len(first), len(second), int(copy.max(initial=0)) + 1 if len(well) else 0), np.nan)
    wells[i, j, copy] = viability
    return Block(name, said["drug_1"], said["drug_2"], said["cell_line"], first, second, unit, wells,
                 (*notes, *_replicate_notes(wells)), said["origin"].lower() == SIMULATED)  # fmt: skip


def _replicate_notes(wells: Floats) -> list[str]:
    count = (~np.isnan(wells)).sum(axis=2) if wells.size else np.zeros((0, 0))
    if not (count >= 2).any():
        return []
    several = wells[count >= 2]
    spread = np.nanmax(several, axis=1) - np.nanmin(several, axis=1)
    notes = []
    if (spread > DISAGREE).any():
        notes.append(
            f"replicates of {int((spread > DISAGREE).sum())} dose pairs differ by more than 30 points"
        )
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
    from screen.synergy.drc import drc_curves

    if how == "none" or not block.wells.size:
        return block
    inhibition = 100.0 * (1.0 - block.viability)
    sides = (block.conc_1, inhibition[:, 0]), (block.conc_2, inhibition[0])
    fitted = np.concatenate([drc_curves(conc[None], alone[None])[0] for conc, alone in sides])
    if np.isnan(fitted).all():
        return replace(block, notes=(*block.notes, "no curve to correct the baseline by"))
    scaled = block.wells * (1.0 + np.nanmin(fitted) / 100.0)
    return replace(block, wells=scaled if how == "all" else np.where(block.wells > 1, scaled, block.wells))
