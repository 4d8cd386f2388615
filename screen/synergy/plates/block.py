"""A measured block: one combination on one plate, as viability ready for scoring, and what is odd about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from screen.arrays import Floats
from screen.synergy.curves.drc import drc_curves

SIMULATED = "simulated"
DISAGREE = 0.3
OUTLIER = 5.0


@dataclass(frozen=True)
class PlateBlock:
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


def block_of(
    name: str, about: Mapping[str, str], concs: Sequence[Floats], viability: Floats, notes: Sequence[str]
) -> PlateBlock:
    """A block from the rows of its wells: `concs` of each drug and `viability` `(row,)`; `about` holds its texts
    (`drug_1`, `cell_line`, `origin`, `unit_1`, ...)."""
    units = [about[f"unit_{drug}"] for drug in range(1, len(concs) + 1)]
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
    third = (about["drug_3"], axes[2]) if len(axes) == 3 else ()
    return PlateBlock(name, about["drug_1"], about["drug_2"], about["cell_line"], axes[0], axes[1], unit, wells,
                 (*notes, *_replicate_notes(wells)), about["origin"].lower() == SIMULATED, *third)  # fmt: skip


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


def correct_baseline(block: PlateBlock, how: Literal["none", "part", "all"]) -> PlateBlock:
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
