"""The pairs of a measured plate simulated: the same doses in the same named line at the same time, and how far off the
model is beside two predictions that need no model, the plate's own mean and Bliss independence of its single agents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from screen.analysis.fit_line.fit_line import MeasuredPlate, PlateWells
from screen.analysis.fit_line.wells import USUAL_H, measured_block
from screen.analysis.skill.correlations import spearman
from screen.arrays import Floats
from screen.errors import InputError
from screen.pathway import Assay, Pathway
from screen.pathway.calibrated import calibrated_names
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.score_plates import score_blocks

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PlateSkill:
    """How well the viability of `wells` is predicted by `what`: Spearman's `rho` (NaN for a constant), and the root
    mean square error `rmse`, percent points."""

    what: str
    wells: int
    rho: float
    rmse: float


@dataclass(frozen=True)
class SimulatedBlock:
    """The model's `viability` `(dose_1, dose_2)` at the doses of a block, NaN where no well is; the model's names of
    its `line` and `drugs`, whether each is `calibrated`, the assay time (`assumed` where the plate names none), the
    `skill` on its combination wells, and the `scores` of the simulated wells by column of the table of scores."""

    viability: Floats
    line: str
    drugs: tuple[str, str]
    line_calibrated: bool
    drugs_calibrated: tuple[bool, bool]
    time_h: float
    assumed: bool
    skill: tuple[PlateSkill, ...]
    scores: Mapping[str, float]


def simulate_blocks(
    pathway: Pathway, blocks: Sequence[PlateBlock], models: Sequence[str]
) -> tuple[dict[int, SimulatedBlock], dict[int, str]]:
    """The blocks whose line and drugs the model has, by their place, and for each other one the reason."""
    chosen: dict[int, tuple[str, MeasuredPlate]] = {}
    reasons: dict[int, str] = {}
    for k, block in enumerate(blocks):
        try:
            chosen[k] = usable(pathway, block)
        except InputError as error:
            reasons[k] = str(error).removeprefix(f"plate: {block.name}: ")
    if not chosen:
        return {}, reasons
    simulated = _simulated(pathway, blocks, chosen)
    calibrated = calibrated_names(pathway)
    known = list(simulated)
    twins = [replace(blocks[k], wells=simulated[k][:, :, None], simulated=True, notes=()) for k in known]
    table = score_blocks(twins, models)[0]
    bliss = score_blocks([blocks[k] for k in known], ("bliss",))[1]
    found = {}
    for row, k in enumerate(known):
        line, measured = chosen[k]
        own = bliss[bliss["block_id"] == blocks[k].name]
        scores = {name: float(table[name].iloc[row]) for name in models if name in table}
        found[k] = SimulatedBlock(
            viability=simulated[k],
            line=line,
            drugs=measured.drugs,
            line_calibrated=line in calibrated[0],
            drugs_calibrated=(measured.drugs[0] in calibrated[1], measured.drugs[1] in calibrated[1]),
            time_h=_time_of(blocks[k]),
            assumed=bool(np.isnan(blocks[k].time_h)),
            skill=_skills(blocks[k], simulated[k], own),
            scores=scores,
        )
    return found, reasons


def usable(pathway: Pathway, block: PlateBlock) -> tuple[str, MeasuredPlate]:
    """The model's name of a block's line, and its wells as the model doses them; `InputError` says what is in the
    way."""
    if block.conc_3 is not None:
        raise InputError("three drugs: not simulated")
    if block.growth:
        raise InputError("growth values: only viability is compared with the model")
    if not block.wells.size:
        raise InputError("no matrix of wells")
    if not block.cell_line:
        raise InputError("the plate names no cell line")
    return pathway.cell_line(block.cell_line).name, measured_block(pathway, block, "plate")


def _time_of(block: PlateBlock) -> float:
    return USUAL_H if np.isnan(block.time_h) else block.time_h


def _simulated(
    pathway: Pathway, blocks: Sequence[PlateBlock], chosen: Mapping[int, tuple[str, MeasuredPlate]]
) -> dict[int, Floats]:
    """Viability on the grid of each block, those of one line and time simulated together."""
    assay = Assay.compile(pathway, [])
    groups: dict[tuple[str, float], list[int]] = {}
    for k, (line, _) in chosen.items():
        groups.setdefault((line, _time_of(blocks[k])), []).append(k)
    found: dict[int, Floats] = {}
    for (line, time_h), members in groups.items():
        wells = PlateWells(assay, [chosen[k][1] for k in members], time_h)
        predicted = wells.predict([pathway.cell_line(line)])[0]
        found |= dict(zip(members, on_grids(predicted, [chosen[k][1] for k in members])))
    return {k: found[k] for k in chosen}


def on_grids(values: Floats, plates: Sequence[MeasuredPlate]) -> list[Floats]:
    """Values of the mean wells of plates, in the order of `PlateWells`, on the grid of each, NaN where no well is."""
    grids, begin = [], 0
    for plate in plates:
        there = np.isfinite(plate.wells).any(axis=2)
        grid = np.full(there.shape, np.nan)
        grid[there] = values[begin : begin + int(there.sum())]
        begin += int(there.sum())
        grids.append(grid)
    return grids


def _skills(block: PlateBlock, simulated: Floats, cells: "pd.DataFrame") -> tuple[PlateSkill, ...]:
    """The model and both nulls on the combination wells that all of them have."""
    rows = np.searchsorted(block.conc_1, cells["conc_r"].to_numpy())
    columns = np.searchsorted(block.conc_2, cells["conc_c"].to_numpy())
    both = (block.conc_1[rows] > 0) & (block.conc_2[columns] > 0)
    measured, model = cells["viability"].to_numpy(), simulated[rows, columns]
    bliss = measured + cells["bliss_excess"].to_numpy() / 100
    kept = both & np.isfinite(measured) & np.isfinite(model) & np.isfinite(bliss)
    if not kept.any():
        return ()
    seen = measured[kept]
    predictions = {
        "the model": model[kept],
        "Bliss of the plate's own single agents": bliss[kept],
        "the plate's own mean": np.full(len(seen), seen.mean()),
    }
    return tuple(
        PlateSkill(
            what, len(seen), spearman(seen, values), 100 * float(np.sqrt(np.mean((values - seen) ** 2)))
        )
        for what, values in predictions.items()
    )
