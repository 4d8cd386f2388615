"""A measured block: one combination on one plate, as viability ready for scoring, and what is odd about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from screen.arrays import Bools, Floats, Indices
from screen.synergy.curves.drc import drc_curves

SIMULATED = "simulated"
DISAGREE = 0.3
OUTLIER = 5.0
FEW = 4
LARGE = 100_000
THIN = 10


@dataclass(frozen=True)
class Points:
    """The wells of a block as a list: doses of drug 1 and 2, mean viability over replicates, `(well,)` each, and the
    largest number of replicates."""

    conc_1: Floats
    conc_2: Floats
    viability: Floats
    replicates: int = 1


@dataclass(frozen=True)
class PlateBlock:
    """One drug pair on one plate. `conc_1` `(dose_1,)`, `conc_2` `(dose_2,)` ascending in `unit`; `wells`
    `(dose_1, dose_2, replicate)` viability as a fraction, NaN where missing; `notes` what is odd about it;
    `simulated` wells carry no noise. A block of three drugs has `conc_3` `(dose_3,)` too, and `wells`
    `(dose_1, dose_2, dose_3, replicate)`; one of four `conc_4` and another axis.

    `time_h` is the assay time, NaN where none is given; `growth` says that values below 0 are death (growth, GR
    values); `reading` are the columns of the output table that say how the block was read. `asked` `(dose_1, dose_2)`
    marks the wells that the file has a row for. A design that fills less than a tenth of a large grid is kept as
    `points`, and has no `wells`.
    """

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
    drug_4: str = ""
    conc_4: Floats | None = None
    time_h: float = float("nan")
    schedule: str = ""
    growth: bool = False
    reading: Mapping[str, object] = field(default_factory=dict)
    asked: Bools | None = None
    points: Points | None = None

    @property
    def filled(self) -> bool:
        """Whether it holds any well."""
        return self.points is not None or self.wells.size > 0

    @property
    def concs(self) -> tuple[Floats, ...]:
        """The doses of each drug."""
        more = (conc for conc in (self.conc_3, self.conc_4) if conc is not None)
        return self.conc_1, self.conc_2, *more

    @property
    def drugs(self) -> tuple[str, ...]:
        """The names of its drugs."""
        return (self.drug_1, self.drug_2, self.drug_3, self.drug_4)[: len(self.concs)]

    @property
    def viability(self) -> Floats:
        """Mean over replicates, `(dose_1, dose_2)`, of three drugs `(dose_1, dose_2, dose_3)`."""
        if self.wells.ndim == 3 and self.wells.shape[2] == 1:
            return self.wells[:, :, 0]
        present = ~np.isnan(self.wells)
        count = present.sum(axis=-1)
        total = np.where(present, self.wells, 0.0).sum(axis=-1)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @property
    def replicates(self) -> int:
        """The largest number of wells of the same doses."""
        if self.points is not None:
            return self.points.replicates
        if self.wells.ndim == 3 and self.wells.shape[2] == 1:
            return int(not np.isnan(self.wells).all())
        return int((~np.isnan(self.wells)).sum(axis=-1).max(initial=0))


def block_of(
    name: str,
    about: Mapping[str, str],
    concs: Sequence[Floats],
    viability: Floats,
    notes: Sequence[str],
    more: Mapping[str, object] | None = None,
) -> PlateBlock:
    """A block from the rows of its wells: `concs` of each drug and `viability` `(row,)`; `about` holds its texts
    (`drug_1`, `cell_line`, `origin`, `unit_1`, ...); `more`, other fields of the block."""
    units = [about[f"unit_{drug}"] for drug in range(1, len(concs) + 1)]
    unit = units[0] if len(set(units)) == 1 else ", ".join(units)
    axes, places, well, repeated = _layout(*(conc.tobytes() for conc in concs))
    size = int(np.prod([len(axis) for axis in axes]))
    shared: dict[str, object] = {"simulated": about["origin"].lower() == SIMULATED, **(more or {})}
    if len(axes) == 2 and size > LARGE and size > THIN * len(well):
        points, said = _points(concs, viability, well)
        return PlateBlock(name, about["drug_1"], about["drug_2"], about["cell_line"], axes[0], axes[1], unit,
                          np.empty((0, 0, 0)), (*notes, *said), points=points, **shared)  # type: ignore[arg-type]  # fmt: skip
    copy = np.zeros(len(well), dtype=np.intp)
    if repeated:
        order = np.lexsort((viability, well))
        ordered = well[order]
        copy[order] = np.arange(len(well)) - np.searchsorted(ordered, ordered, side="left")
    wells = np.full((*map(len, axes), int(copy.max(initial=0)) + 1 if len(well) else 0), np.nan)
    wells[(*places, copy)] = viability
    for k in range(3, len(axes) + 1):
        shared |= {f"drug_{k}": about[f"drug_{k}"], f"conc_{k}": axes[k - 1]}
    if len(axes) == 2 and (len(well) < size or repeated):
        asked = np.zeros(tuple(map(len, axes)), dtype=bool)
        asked[places] = True
        shared["asked"] = asked
    found = _replicate_notes(wells) if repeated else []
    return PlateBlock(name, about["drug_1"], about["drug_2"], about["cell_line"], axes[0], axes[1], unit, wells,
                      (*notes, *found), **shared)  # type: ignore[arg-type]  # fmt: skip


@lru_cache(maxsize=64)
def _layout(*concs: bytes) -> tuple[tuple[Floats, ...], tuple[Indices, ...], Indices, bool]:
    """The doses of each drug, ascending, the places of the wells on them, numbers of the wells' cells, and whether
    some share one; for wells whose doses are `concs`, as bytes of floats. Blocks of a screen share few layouts."""
    axes, places = zip(*(np.unique(np.frombuffer(conc), return_inverse=True) for conc in concs))
    well: Indices = np.zeros(len(places[0]), dtype=np.intp)
    for axis, place in zip(axes, places):
        well = well * max(len(axis), 1) + place
    return axes, places, well, len(np.unique(well)) < len(well)


def _points(concs: Sequence[Floats], viability: Floats, well: Indices) -> tuple[Points, list[str]]:
    """Means of wells that share their doses, and words on their disagreement."""
    known = ~np.isnan(viability)
    _, first, place, count = np.unique(
        well[known], return_index=True, return_inverse=True, return_counts=True
    )
    values = viability[known]
    mean = np.bincount(place, values) / count
    most, least = np.full(len(count), -np.inf), np.full(len(count), np.inf)
    np.maximum.at(most, place, values)
    np.minimum.at(least, place, values)
    apart = int((most - least > DISAGREE).sum())
    words = [f"replicates of {apart} dose pairs differ by more than 30 points"] if apart else []
    rows = [conc[known][first] for conc in concs]
    return Points(rows[0], rows[1], mean, int(count.max(initial=0))), words


def _replicate_notes(wells: Floats) -> list[str]:
    count = (~np.isnan(wells)).sum(axis=-1) if wells.size else np.zeros((0, 0))
    if not (count >= 2).any():
        return []
    several = wells[count >= 2]
    spread = np.nanmax(several, axis=1) - np.nanmin(several, axis=1)
    notes = []
    doses = {3: "dose pairs", 4: "dose triples"}.get(wells.ndim, "sets of doses")
    if len(several) >= FEW and not spread.any():
        notes.append("replicates are the same to the last digit, as if written twice: they tell no noise")
    if (spread > DISAGREE).any():
        notes.append(f"replicates of {int((spread > DISAGREE).sum())} {doses} differ by more than 30 points")
    if outliers := int(far_replicates(wells).sum()):
        notes.append(f"{outliers} wells lie far from their replicates (kept)")
    return notes


def far_replicates(wells: Floats) -> Bools:
    """Marks `(..., replicate)` of wells that lie far from the median of theirs, of three and more: by more than five
    standard deviations, of which the block's typical one is taken (a point at least)."""
    marks = np.zeros(wells.shape, dtype=bool)
    count = (~np.isnan(wells)).sum(axis=-1)
    trio = count >= 3
    if trio.any():
        freedom = count[trio] - 1
        middle = (1 - 2 / (9 * freedom)) ** 3  # median of chi square over its mean, Wilson and Hilferty 1931
        variance = np.nanvar(wells[trio], axis=1, ddof=1) / middle
        usual = max(float(np.sqrt(np.median(variance))), 0.01)
        away = np.abs(wells[trio] - np.nanmedian(wells[trio], axis=1, keepdims=True))
        marks[trio] = away > OUTLIER * usual
    return marks


def correct_baseline(block: PlateBlock, how: Literal["none", "part", "all"]) -> PlateBlock:
    """SynergyFinder's correction: the highest viability of the single agents, as drc fits them, is brought
    to 1 by scaling all wells (`all`) or those above 1 (`part`)."""
    if how == "none" or not block.wells.size or block.growth:
        return block
    inhibition = 100.0 * (1.0 - block.viability)
    alone = [np.moveaxis(inhibition, k, 0).reshape(len(conc), -1)[:, 0] for k, conc in enumerate(block.concs)]
    fitted = np.concatenate([drc_curves(conc[None], y[None])[0] for conc, y in zip(block.concs, alone)])
    if np.isnan(fitted).all():
        return replace(block, notes=(*block.notes, "no curve to correct the baseline by"))
    scaled = block.wells * (1.0 + np.nanmin(fitted) / 100.0)
    return replace(block, wells=scaled if how == "all" else np.where(block.wells > 1, scaled, block.wells))
