"""The shams of a run: every drug combined with itself, both given in one of the ways that the schedules have,
over at most 8 of its doses and 4 of the assay times, in every cell line of a small screen or in a seeded
sample of the lines of a large one. Simulated in one go when the shards are joined, so that they are the same
however the screen was divided, and at the tolerances of draws, whose error adds to what they are judged by.
"""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.arrays import Array
from screen.cube.status import FAILED, status_code
from screen.pathway import Dosing
from screen.pathway.growth import viability
from screen.runner.controls.knots import Respond, finer, refined
from screen.runner.plan.plan import Design, Plan
from screen.synergy.designs.self_combination import self_combination_excess

if TYPE_CHECKING:
    from screen.pathway import Assay, Untreated

MOST_LINES, FEWEST_LINES = 24, 2
MOST_DOSES = 8
MOST_TIMES = 4
SHAM_STREAM, POINT_STREAM = 1, 2


@dataclass(frozen=True)
class Shams:
    """The simulated shams. `lines` are rows of the plan; `drugs` and the `schedules` in which they are given
    so (each the first, empty where there are none) go together, (drug,); `doses` (drug, dose) in nM,
    NaN-padded; `times` (time,) in h; `viability` and `excess` (line, drug, dose, dose, time), excess in
    percent points;
    `status` (line, drug, dose, dose) in the cube's codes; `on_curve` (drug, dose, dose); `mean`, `largest` in
    percent points and `monotone`, (line, drug, time).
    """

    lines: tuple[int, ...]
    drugs: tuple[str, ...]
    schedules: tuple[str, ...]
    doses: Array
    times: Array
    viability: Array
    excess: Array
    status: Array
    on_curve: Array
    mean: Array
    largest: Array
    monotone: Array


def sample(seed: int, stream: int, count: int, most: int) -> tuple[int, ...]:
    """At most `most` of `count` rows in ascending order, drawn by the seed."""
    if count <= most:
        return tuple(range(count))
    drawn = np.random.default_rng([seed, stream]).choice(count, most, replace=False)
    return tuple(sorted(int(row) for row in drawn))


def simulate_shams(assay: "Assay", plan: Plan) -> Shams:
    """Simulate every drug of the plan with itself."""
    ways = ways_of(plan.design)
    drugs, exposures = (tuple(column) for column in zip(*ways))
    most = max(FEWEST_LINES, MOST_LINES * len(plan.design.drugs) // len(ways))
    lines = sample(plan.settings.seed, SHAM_STREAM, len(plan.design.lines), most)
    assay = assay.at(*plan.settings.of_draws)
    untreated = assay.untreated(
        [plan.design.lines[k] for k in lines], [plan.design.perturbations[k] for k in lines]
    )
    grids = [_thinned(_doses(plan.design, drug), MOST_DOSES) for drug in drugs]
    hours = _thinned(plan.outputs.times[::-1], MOST_TIMES)[::-1]
    size, times = max(len(grid) for grid in grids), len(hours)
    shape = (len(lines), len(drugs), size, size)
    viability, excess = np.full((*shape, times), np.nan), np.full((*shape, times), np.nan)
    status, on_curve = np.zeros(shape, np.int8), np.zeros((len(drugs), size, size), np.int8)
    mean, largest = np.full((2, len(lines), len(drugs), times), np.nan)
    monotone = np.zeros((len(lines), len(drugs), times), np.int8)
    doses = np.full((len(drugs), size), np.nan)
    for k, (drug, grid) in enumerate(zip(drugs, grids)):
        n = len(grid)
        doses[k, :n] = grid
        respond = partial(_respond, assay, untreated, plan.design, (drug, exposures[k]), hours)
        fine, curve, cells, codes = _simulate(respond, grid)
        viability[:, k, :n, :n], status[:, k, :n, :n] = cells, codes
        for t in range(times):
            found = self_combination_excess(grid, cells[..., t], fine, curve[..., t])
            excess[:, k, :n, :n, t], on_curve[k, :n, :n] = found.excess, found.on_curve
            mean[:, k, t], largest[:, k, t], monotone[:, k, t] = found.mean, found.largest, found.monotone
    names = tuple(ways.values())
    return Shams(
        lines, drugs, names, doses, hours, viability, excess, status, on_curve, mean, largest, monotone
    )


def ways_of(design: Design) -> dict[tuple[str, int], str]:
    """Every drug with each exposure that it has in some schedule, and the first schedule that gives it so."""
    found: dict[tuple[str, int], str] = {}
    for layer in design.layers:
        for together in layer.combinations:
            for name, rows in zip(layer.schedules or ("",), together.given, strict=True):
                for way in zip(together.drugs, rows, strict=True):
                    found.setdefault(way, name)
    order = {drug: index for index, drug in enumerate(design.drugs)}
    return dict(sorted(found.items(), key=lambda item: (order[item[0][0]], item[0][1])))


def _doses(design: Design, drug: str) -> tuple[float, ...]:
    if drug in design.centred:  # multiples of something that each line has of its own
        return (
            0.0,
            *(float(dose) for dose in np.geomspace(*design.drugs[drug].range_nM, MOST_DOSES - 1)),
        )
    pair = next(pair for pair in design.combinations if drug in pair.drugs)
    return pair.doses[pair.drugs.index(drug)]


def _thinned(values: tuple[float, ...], most: int) -> Array:
    """At most `most` of the values, the first and the last among them."""
    kept = np.unique(np.round(np.linspace(0, len(values) - 1, min(len(values), most))).astype(int))
    thinned: Array = np.array(values)[kept]
    return thinned


def _simulate(respond: Respond, grid: Array) -> tuple[Array, Array, Array, Array]:
    """The knots (knot,) of the single-agent curve, the curve (line, knot, time), the sham (line, dose, dose,
    time) and its status; NaN where a well or its vehicle failed.
    """
    fine = finer(grid)
    wells, place = np.unique(np.concatenate([fine, np.add.outer(grid, grid).ravel()]), return_inverse=True)
    alive, code = respond(wells)
    sham = place[len(fine) :].reshape(len(grid), len(grid))
    return *refined(respond, fine, alive[:, place[: len(fine)]]), alive[:, sham], code[:, sham]


def _respond(
    assay: "Assay", untreated: "Untreated", design: Design, way: tuple[str, int], times: Array, doses: Array
) -> tuple[Array, Array]:
    """Viability (line, dose, time) and status codes (line, dose) at doses of a drug given in one way."""
    drug, exposure = way
    lines = len(untreated.status)
    more: dict[str, Any] = {}
    if exposure:
        more["dosing"] = Dosing(design.exposures, {drug: np.full(len(doses) * lines, exposure)})
    found = assay.dose(
        untreated, np.repeat(np.arange(lines), len(doses)), {drug: np.tile(doses, lines)}, times, **more
    )
    cells = found.log_cells.reshape(lines, len(doses), len(times))
    code = status_code(found.status).reshape(lines, len(doses))
    code = np.maximum(code, np.where(code[:, :1] == FAILED, FAILED, 0))
    code = np.maximum(code, np.where(status_code(untreated.status) == FAILED, FAILED, 0)[:, None])
    alive = np.where((code == FAILED)[..., None], np.nan, viability(cells, cells[:, :1]))
    return alive, code.astype(np.int8)
