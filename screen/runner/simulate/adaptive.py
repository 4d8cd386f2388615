"""An adaptive design: each pair in each line begins with a coarse part of its grid, and wells are added where
the excess over Bliss at the last assay time is most uncertain (`screen.synergy.designs.surrogate`). What is added
follows from the wells of the same line and pair alone, so that it is the same however a screen is divided.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Array
from screen.cube.status import BY_REFERENCE, FAILED, NOT_SIMULATED, status_code
from screen.runner.plan.cube_variables import coordinates
from screen.runner.plan.plan import Plan, Shard
from screen.runner.readouts.readouts import Signals, value_of
from screen.runner.simulate.simulated_part import Block
from screen.synergy.designs.surrogate import next_wells

if TYPE_CHECKING:
    from screen.pathway import Assay, Untreated

ROUNDS = 4


def refine(assay: "Assay", plan: Plan, shard: Shard, untreated: "Untreated", block: Block) -> Block:
    """The block with some rounds of refinement, each pair in each line up to the plan's number of wells."""
    layer = plan.design.layer_of(shard)
    known = coordinates(plan, layer, shard.lines, shard.combinations, block.gr50)
    shape = block.status.shape
    conc = [_by_line(known[f"concentration_{k + 1}"].values, shape[0]) for k in range(2)]
    flat = [grid.reshape(-1, grid.shape[-1]) for grid in conc]
    for left in range(ROUNDS, 0, -1):
        viability = np.where(block.status == NOT_SIMULATED, np.nan, block.readouts["viability"][..., -1])
        viability = np.where(block.status == FAILED, 1.0, viability)
        simulated = (block.status != NOT_SIMULATED) & np.isfinite(_cells(conc))
        many = (plan.design.adaptive - simulated.sum(axis=(2, 3))) // left
        chosen = np.zeros(shape, bool)
        for size in np.unique(many[many > 0]):
            rows = np.flatnonzero(many.ravel() == size)
            matrices = viability.reshape(-1, *shape[2:])[rows]
            picked = next_wells(matrices, flat[0][rows], flat[1][rows], int(size))
            chosen.reshape(-1, *shape[2:])[rows] = picked
        wells = np.argwhere(chosen)
        batch = plan.outputs.batch
        for start in range(0, len(wells), batch):
            part = wells[start : start + batch]
            block = _simulated(assay, plan, shard, untreated, block, conc, part)
    reference, failed = (int((block.status == code).sum()) for code in (BY_REFERENCE, FAILED))
    return replace(block, by_reference=reference, failed=failed)


def _by_line(concentrations: Array, lines: int) -> Array:
    """Doses (cell_line, combination, dose)."""
    values = np.asarray(concentrations, float)
    return values if values.ndim == 3 else np.broadcast_to(values, (lines, *values.shape))


def _cells(conc: list[Array]) -> Array:
    """NaN where a cell is padding, (cell_line, combination, dose_1, dose_2)."""
    return conc[0][:, :, :, None] + conc[1][:, :, None, :]


def _simulated(
    assay: "Assay",
    plan: Plan,
    shard: Shard,
    untreated: "Untreated",
    block: Block,
    conc: list[Array],
    wells: Array,
) -> Block:
    """The block with `wells` (well, 4) simulated too, each line's vehicle again with them."""
    line, combination, *steps = wells.T
    drugs = [together.drugs for together in plan.design.combinations_of(shard)]
    names = tuple(dict.fromkeys(drug for pair in drugs for drug in pair))
    lines = np.unique(line)
    doses = {name: np.zeros(len(lines) + len(line)) for name in names}
    for k, (grid, step) in enumerate(zip(conc, steps, strict=True)):
        given = grid[line, combination, step]
        for name in names:
            its = np.array([pair[k] == name for pair in drugs])[combination]
            doses[name][len(lines) :][its] = given[its]
    found = assay.dose(untreated, np.concatenate([lines, line]), doses, np.array(plan.outputs.times))
    code, vehicle = status_code(found.status), np.searchsorted(lines, line)
    codes = np.maximum(code[len(lines) :], np.where(code[vehicle] == FAILED, FAILED, 0))
    codes = np.maximum(codes, np.where(status_code(untreated.status)[line] == FAILED, FAILED, 0))
    place = tuple(wells.T)
    block.status[place] = codes
    values = {
        name: found.values[:, :, plan.outputs.markers.index(name)]
        for name in plan.outputs.composed.signals(plan.outputs.readouts)
    }
    values |= {
        name: found.share(own)
        for name, own in plan.outputs.composed.shares.items()
        if plan.outputs.asks_for(name)
    }
    rows = np.arange(len(lines), len(code))
    treated, control = (
        Signals(found.log_cells[at], {name: column[at] for name, column in values.items()})
        for at in (rows, vehicle)
    )
    for name, laid in block.readouts.items():
        column = value_of(name, treated, control, np.array(plan.outputs.times), plan.outputs.composed)
        laid[place] = np.where(codes[:, None] == FAILED, np.nan, column)
    return replace(block, steps=block.steps + int(found.steps.sum()), wells=block.wells + len(line))
