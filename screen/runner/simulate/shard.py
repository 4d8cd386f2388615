"""One shard simulated: its wells gathered, the equal ones merged, dosed through the assay in bounded
batches, and laid out as arrays. Pure: it reads no file and writes none, and its numbers depend on the plan
alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array
from screen.cube.status import BY_REFERENCE, FAILED, NOT_SIMULATED, SOLVED, status_code
from screen.pathway import Dosing
from screen.runner.plan.dose_scales import scales
from screen.runner.plan.plan import Design, Plan, Shard
from screen.runner.readouts.readouts import Signals, value_of
from screen.runner.simulate.adaptive import refine
from screen.runner.simulate.gr50 import find_gr50
from screen.runner.simulate.reference_wells import reference_plan, reference_variables
from screen.runner.simulate.simulated_part import Block

if TYPE_CHECKING:
    from screen.pathway import Assay, CellLine, Untreated
    from screen.pathway.tables.ensemble import Draw


def simulate_shard(
    assay: "Assay",
    plan: Plan,
    shard: Shard,
    draws: "Sequence[Draw | None]" = (None,),
    gr50: Array | None = None,
) -> Block:
    """Dose every well of the shard, under the nominal parameters or under `draws`, all lines under the first,
    then all under the next. Lines whose untreated state or vehicle failed are failed throughout. Doses
    centred on GR50 follow from `gr50` (cell_line, drug) where it is known.
    """
    part = slice(*shard.lines)
    untreated = _joined(
        assay.untreated_under(plan.design.lines[part], plan.design.perturbations[part], draws)
    )
    grid = _Wells.of(plan.design, shard)
    if plan.design.centred:
        tiled = None if gr50 is None else np.tile(gr50, (len(draws), 1))
        gr50 = (
            find_gr50(assay, plan.design.centred, plan.outputs.times[-1], untreated)
            if tiled is None
            else tiled
        )
    scale = np.broadcast_to(scales(plan.design, grid.drugs, gr50), (len(untreated.status), len(grid.drugs)))
    wells, codes, steps = _dose(assay, untreated, grid, plan, scale)
    block = replace(_lay_out(plan, shard, grid, untreated, wells, codes, steps), gr50=gr50)
    if plan.design.adaptive:
        block = refine(assay, plan, shard, untreated, block)
    if plan.design.layer_of(shard) is plan.design.layers[0]:
        block = _with_reference(assay, plan, shard, untreated, block)
    return block


def simulate_reference(
    assay: "Assay", plan: Plan, lines: "Sequence[CellLine]", draws: "Sequence[Draw | None]" = (None,)
) -> Array:
    """Viability (draw and line, combination, [schedule], 2, 2, time) of other `lines` in the wells of
    `reference_plan`, all lines under the first draw, then all under the next.
    """
    small = reference_plan(plan, lines)
    untreated = _joined(assay.untreated_under(lines, small.design.perturbations, draws))
    shard = Shard(0, (0, len(lines)), (0, len(small.design.combinations)))
    return _laid_out(assay, small, shard, untreated).readouts["viability"]


def _with_reference(assay: "Assay", plan: Plan, shard: Shard, untreated: "Untreated", block: Block) -> Block:
    """The block with the wells that the answer is read from."""
    small = _laid_out(assay, reference_plan(plan), shard, untreated)
    return replace(
        block,
        drawn=reference_variables(plan.design.layers[0], small.readouts["viability"]),
        steps=block.steps + small.steps,
        wells=block.wells + small.wells,
    )


def _laid_out(assay: "Assay", plan: Plan, shard: Shard, untreated: "Untreated") -> Block:
    """Every well of the shard in a plan whose doses are in nM."""
    grid = _Wells.of(plan.design, shard)
    scale = np.ones((len(untreated.status), len(grid.drugs)))
    wells, codes, steps = _dose(assay, untreated, grid, plan, scale)
    return _lay_out(plan, shard, grid, untreated, wells, codes, steps)


def _joined(parts: "Sequence[Untreated]") -> "Untreated":
    """The same lines several times over, one after the other; mixtures keep their clones."""
    first = parts[0]
    if len(parts) == 1:
        return first
    names = ("parameters", "state", "readouts", "growth_rate", "status")
    columns: dict[str, Any] = {name: np.concatenate([vars(part)[name] for part in parts]) for name in names}
    clones = first.clones
    if clones is not None:
        each, many = np.arange(len(parts))[:, None], len(parts)
        columns["clones"] = replace(
            clones,
            line=(clones.line + len(first.status) * each).reshape(-1),
            fraction=np.tile(clones.fraction, many),
            names=clones.names * many,
            first=(clones.first + len(clones.line) * each).reshape(-1),
        )
    return replace(first, **columns)


@dataclass(frozen=True)
class _Wells:
    """The wells of one cell line in a row, the same for every line of a shard. Where each stands in the
    block: `combination` (N,) and `inner` (schedule where there are any, then the drugs' doses; N); the
    `amounts` (distinct, drug) and `exposures` (distinct, drug), rows of the plan's table, of those that
    differ (single agents and vehicles recur), and which of them each well is: `distinct` (N,). `vehicle` (N,)
    is each well's, among the distinct.
    """

    drugs: tuple[str, ...]
    combination: Array
    inner: Array
    amounts: Array
    exposures: Array
    distinct: Array
    vehicle: Array

    @staticmethod
    def of(design: Design, shard: Shard) -> "_Wells":
        combinations = design.combinations_of(shard)
        drugs = tuple(dict.fromkeys(drug for together in combinations for drug in together.drugs))
        columns, rows = [], []
        for index, together in enumerate(combinations):
            schedules, wells = len(together.given), together.places
            schedule = np.repeat(np.arange(schedules), wells.shape[1])
            places = np.tile(wells, schedules)
            columns.append(np.vstack([np.full(len(schedule), index), schedule, *places]))
            amounts, exposures = np.zeros((2, len(schedule), len(drugs)))
            for k, (drug, doses) in enumerate(zip(together.drugs, together.doses, strict=True)):
                amounts[:, drugs.index(drug)] = np.array(doses)[places[k]]
                exposures[:, drugs.index(drug)] = np.array(together.given)[schedule, k]
            rows.append(np.hstack([amounts, np.where(amounts > 0, exposures, 0)]))
        table, distinct = np.unique(np.concatenate(rows), axis=0, return_inverse=True)
        distinct = distinct.reshape(-1)
        amounts, exposures = table[:, : len(drugs)], table[:, len(drugs) :].astype(np.intp)
        combination, schedule, *dose = np.concatenate(columns, axis=1)
        inner = np.array([schedule, *dose] if design.layer_of(shard).schedules else dose)
        vehicle = np.full(len(distinct), distinct[(np.array(dose) == 0).all(axis=0)][0])
        return _Wells(drugs, combination, inner, amounts, exposures, distinct, vehicle)


def _dose(
    assay: "Assay", untreated: "Untreated", grid: _Wells, plan: Plan, scale: Array
) -> tuple[Signals, Array, int]:
    """What was simulated (line, distinct, time), status codes (line, distinct) and the solver's steps.
    `scale` (line, drug) turns the amounts into nM.
    """
    signals = plan.outputs.composed.signals(plan.outputs.readouts)
    markers = {name: plan.outputs.markers.index(name) for name in signals}
    shares = {
        name: clone for name, clone in plan.outputs.composed.shares.items() if plan.outputs.asks_for(name)
    }
    times, each = np.array(plan.outputs.times), len(grid.amounts)
    log_cells = np.empty((len(scale) * each, len(times)))
    codes, steps = np.empty(len(log_cells), np.int8), 0
    values = {name: np.empty_like(log_cells) for name in (*markers, *shares)}
    batch = plan.outputs.batch
    for start in range(0, len(codes), batch):
        part = slice(start, start + batch)
        line, well = np.divmod(np.arange(len(codes))[part], each)
        amounts = grid.amounts[well] * scale[line]
        doses = {drug: amounts[:, column] for column, drug in enumerate(grid.drugs)}
        more: dict[str, Any] = {}
        if grid.exposures.any():
            which = {drug: grid.exposures[well, column] for column, drug in enumerate(grid.drugs)}
            more["dosing"] = Dosing(plan.design.exposures, which)
        wells = assay.dose(untreated, line, doses, times, **more)
        for name, column in markers.items():
            values[name][part] = wells.values[:, :, column]
        for name, clone in shares.items():
            values[name][part] = wells.share(clone)
        log_cells[part] = wells.log_cells
        codes[part] = status_code(wells.status)
        steps += int(wells.steps.sum())
    shape = (len(scale), each)
    by_line = {name: column.reshape(*shape, -1) for name, column in values.items()}
    return Signals(log_cells.reshape(*shape, -1), by_line), codes.reshape(shape), steps


def _lay_out(
    plan: Plan,
    shard: Shard,
    grid: _Wells,
    untreated: "Untreated",
    wells: Signals,
    codes: Array,
    steps: int,
) -> Block:
    """Put the distinct wells back into their places, relative to the vehicle of the same line."""
    combinations = shard.combinations[1] - shard.combinations[0]
    shape = (len(untreated.status), combinations, *plan.design.layer_of(shard).inner)
    place, vehicle = (slice(None), grid.combination, *grid.inner), grid.vehicle
    baseline_status = status_code(untreated.status)
    well_codes = np.maximum(codes[:, grid.distinct], np.where(codes[:, vehicle] == FAILED, FAILED, SOLVED))
    well_codes = np.maximum(well_codes, np.where(baseline_status == FAILED, FAILED, SOLVED)[:, None])
    status = np.zeros(shape, np.int8)
    for index, together in enumerate(plan.design.combinations_of(shard)):
        if together.wells is not None:
            own = tuple(slice(size) for size in together.grid)
            status[:, index, ..., own[0], own[1]] = NOT_SIMULATED
    status[place] = well_codes
    at = slice(grid.vehicle[0], grid.vehicle[0] + 1)
    controls = {name: column[:, at] for name, column in wells.values.items()}
    none = Signals(wells.log_cells[:, at], controls)
    readouts: dict[str, Array] = {}
    for name in plan.outputs.readouts:
        column = value_of(name, wells, none, np.array(plan.outputs.times), plan.outputs.composed)[
            :, grid.distinct
        ]
        laid = np.full((*shape, len(plan.outputs.times)), np.nan)
        laid[place] = np.where(well_codes[..., None] == FAILED, np.nan, column)
        readouts[name] = laid
    baseline = {name: untreated.readouts[:, index].copy() for index, name in enumerate(plan.outputs.markers)}
    baseline["growth_rate"] = np.array(untreated.growth_rate)
    for column in baseline.values():
        column[baseline_status == FAILED] = np.nan
    reference, failed = int((status == BY_REFERENCE).sum()), int((status == FAILED).sum())
    return Block(readouts, status, baseline, baseline_status, steps, codes.size, reference, failed)
