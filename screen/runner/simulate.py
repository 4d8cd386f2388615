"""One shard simulated: its wells gathered, the equal ones merged, dosed through the assay in bounded
batches, and laid out as arrays. Pure: it reads no file and writes none, and its numbers depend on the plan
alone.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.runner.plan import GROWTH_READOUTS, Plan, Shard

if TYPE_CHECKING:
    from screen.pathway import Assay, Untreated

Array = np.ndarray[Any, Any]
BATCH_BYTES = 64_000_000
VALUES_A_WELL = 400  # its parameters and states, beside the readouts
SOLVED, BY_REFERENCE, FAILED = 0, 1, 2
STATUS_MEANINGS = ("solved", "solved_by_reference_solver", "failed")


@dataclass(frozen=True)
class Block:
    """A shard's responses. `readouts` are (cell_line, combination, dose_1, dose_2, time), `status` without
    time; grids smaller than the plan's largest are padded with NaN and status 0. `baseline` holds, per cell
    line, the untreated readouts and `growth_rate` per hour; `baseline_status` is 0 solved, 1 by the
    reference solver, 2 failed.
    """

    readouts: dict[str, Array]
    status: Array
    baseline: dict[str, Array]
    baseline_status: Array
    steps: int
    wells: int


def simulate_shard(assay: "Assay", plan: Plan, shard: Shard) -> Block:
    """Dose every well of the shard. Lines whose untreated state or vehicle failed are failed throughout."""
    first, last = shard.lines
    untreated = assay.untreated(plan.lines[first:last], plan.perturbations[first:last])
    grid = _Wells.of(plan, shard)
    line, doses, inverse = grid.distinct()
    values, log_cells, codes, steps = _dose(assay, untreated, line, doses, plan)
    return _lay_out(plan, shard, grid, inverse, untreated, values, log_cells, codes, steps)


@dataclass(frozen=True)
class _Wells:
    """The wells of a shard in a row: `line` (N,) within the shard, `amounts` (N, drug) in nM, and where each
    stands in the block: `combination`, `dose_1`, `dose_2` (N,)."""

    drugs: tuple[str, ...]
    line: Array
    combination: Array
    dose_1: Array
    dose_2: Array
    amounts: Array

    @staticmethod
    def of(plan: Plan, shard: Shard) -> "_Wells":
        combinations = plan.combinations[slice(*shard.combinations)]
        drugs = tuple(dict.fromkeys(drug for pair in combinations for drug in (pair.drug_1, pair.drug_2)))
        columns, rows = [], []
        for index, pair in enumerate(combinations):
            one, two = np.meshgrid(np.arange(len(pair.doses_1)), np.arange(len(pair.doses_2)), indexing="ij")
            columns.append(np.stack([np.full(one.size, index), one.ravel(), two.ravel()]))
            amounts = np.zeros((one.size, len(drugs)))
            amounts[:, drugs.index(pair.drug_1)] = np.array(pair.doses_1)[one.ravel()]
            amounts[:, drugs.index(pair.drug_2)] = np.array(pair.doses_2)[two.ravel()]
            rows.append(amounts)
        place, amounts = np.concatenate(columns, axis=1), np.concatenate(rows)
        lines = shard.lines[1] - shard.lines[0]
        combination, dose_1, dose_2 = np.tile(place, (1, lines))
        line = np.repeat(np.arange(lines), place.shape[1])
        return _Wells(drugs, line, combination, dose_1, dose_2, np.tile(amounts, (lines, 1)))

    def distinct(self) -> tuple[Array, dict[str, Array], Array]:
        """The wells that differ (single agents and vehicles recur), and which of them each well is."""
        keyed = np.column_stack([self.line, self.amounts])
        wells, inverse = np.unique(keyed, axis=0, return_inverse=True)
        doses = {drug: np.ascontiguousarray(wells[:, index + 1]) for index, drug in enumerate(self.drugs)}
        return wells[:, 0].astype(np.intp), doses, inverse.reshape(-1)


def _dose(
    assay: "Assay", untreated: "Untreated", line: Array, doses: dict[str, Array], plan: Plan
) -> tuple[Array, Array, Array, int]:
    """Readouts (N, time, marker), log cell numbers (N, time), status codes (N,) and the solver's steps."""
    markers = [plan.markers.index(name) for name in plan.readouts if name not in GROWTH_READOUTS]
    times = np.array(plan.times)
    values = np.empty((len(line), len(times), len(markers)))
    log_cells, codes, steps = np.empty((len(line), len(times))), np.empty(len(line), np.int8), 0
    batch = max(64, BATCH_BYTES // (8 * (VALUES_A_WELL + len(times) * len(plan.markers))))
    for start in range(0, len(line), batch):
        part = slice(start, start + batch)
        wells = assay.dose(untreated, line[part], {drug: dose[part] for drug, dose in doses.items()}, times)
        values[part], log_cells[part] = wells.values[:, :, markers], wells.log_cells
        codes[part] = status_code(wells.status)
        steps += int(wells.steps.sum())
    return values, log_cells, codes, steps


def status_code(status: Array) -> Array:
    """The cube's three codes from the engine's: ok and retried are solved, then the reference solver, then
    failed.
    """
    status = np.asarray(status)
    return np.where(status <= 1, SOLVED, np.where(status == 2, BY_REFERENCE, FAILED)).astype(np.int8)


def _lay_out(
    plan: Plan,
    shard: Shard,
    grid: _Wells,
    inverse: Array,
    untreated: "Untreated",
    values: Array,
    log_cells: Array,
    codes: Array,
    steps: int,
) -> Block:
    """Put the distinct wells back into their places, relative to the vehicle of the same line."""
    from screen.pathway.growth import gr_value, viability

    first, last = shard.lines
    pairs = shard.combinations[1] - shard.combinations[0]
    shape = (last - first, pairs, *plan.shape[2:4])
    place = (grid.line, grid.combination, grid.dose_1, grid.dose_2)
    vehicle = np.empty(shape[:2], np.intp)
    at_zero = (grid.dose_1 == 0) & (grid.dose_2 == 0)
    vehicle[grid.line[at_zero], grid.combination[at_zero]] = inverse[at_zero]
    vehicle_of_well = vehicle[grid.line, grid.combination]
    baseline_status = status_code(untreated.status)
    well_codes = np.maximum(codes[inverse], np.where(codes[vehicle_of_well] == FAILED, FAILED, SOLVED))
    well_codes = np.maximum(well_codes, np.where(baseline_status[grid.line] == FAILED, FAILED, SOLVED))
    status = np.zeros(shape, np.int8)
    status[place] = well_codes
    cells, cells_vehicle = log_cells[inverse], log_cells[vehicle_of_well]
    names = [name for name in plan.readouts if name not in GROWTH_READOUTS]
    readouts: dict[str, Array] = {}
    for name in plan.readouts:
        if name == "viability":
            column = viability(cells, cells_vehicle)
        elif name == "gr_value":
            column = gr_value(cells, cells_vehicle)
        elif name == "growth_rate":
            hours = np.array(plan.times)
            column = np.divide(cells, hours, out=np.full_like(cells, np.nan), where=hours > 0)
        else:
            column = values[inverse, :, names.index(name)]
        laid = np.full((*shape, len(plan.times)), np.nan)
        laid[place] = np.where(well_codes[:, None] == FAILED, np.nan, column)
        readouts[name] = laid
    baseline = {name: untreated.readouts[:, index].copy() for index, name in enumerate(plan.markers)}
    baseline["growth_rate"] = np.array(untreated.growth_rate)
    for column in baseline.values():
        column[baseline_status == FAILED] = np.nan
    return Block(readouts, status, baseline, baseline_status, steps, len(codes))
