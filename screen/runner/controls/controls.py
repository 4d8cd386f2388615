"""The controls of a run, in the group `/controls` of its cube: each drug with itself, the share of
simulations by status, and random grid points recomputed by the reference solver; each ends in a check that
passed or failed. They depend on the plan and the responses alone; what the plan decides is simulated
while the shards are, and compared when these are joined.

Their axes have names of their own (`sham_line`, `sham`): a group's dimensions must agree with those of the
root group of the same name, and a sample of the lines does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Array
from screen.cube import schema
from screen.cube.netcdf import Variable, hdf5_of, write
from screen.cube.reader import Check
from screen.cube.status import ENDED, FAILED, flags
from screen.pathway import Dosing
from screen.runner.controls.recompute import (
    ControlPoints,
    DosedWells,
    deviation,
    draw_points,
    limit,
    recompute,
    stricter,
)
from screen.runner.controls.self_combination import POINT_STREAM, Shams, sample, simulate_shams
from screen.runner.plan.dose_scales import scales
from screen.runner.plan.plan import Design, Layer, Plan
from screen.runner.simulate.gr50 import find_gr50

if TYPE_CHECKING:
    import h5netcdf

    from screen.pathway import Assay

SHAM_LIMIT = 0.5  # percent points
FAILED_LIMIT = 0.01  # of all simulations
MOST_POINTS, MOST_POINT_LINES = 24, 6


@dataclass(frozen=True)
class Controls:
    """What the controls simulate: the shams, and random points of every layer by the reference solver."""

    shams: Shams
    points: tuple["Recomputed", ...]


@dataclass(frozen=True)
class Recomputed:
    """Points of a layer, their doses in nM (drug, point) and each readout by the reference solver (point,
    time).
    """

    layer: Layer
    points: ControlPoints
    amounts: Array
    again: Mapping[str, Array]


def simulate_controls(assay: "Assay", plan: Plan) -> Controls:
    """Simulate the controls of a plan."""
    points = tuple(_recomputed(assay, plan, number) for number in range(len(plan.design.layers)))
    return Controls(simulate_shams(assay, plan), points)


def _recomputed(assay: "Assay", plan: Plan, number: int) -> Recomputed:
    """Random points of the plan's layer `number`, by the reference solver."""
    layer = plan.design.layers[number]
    count = min(MOST_POINTS, max(4, plan.design.simulations // 100))
    lines = sample(
        plan.settings.seed, POINT_STREAM, len(plan.design.lines), min(MOST_POINT_LINES, max(1, count // 2))
    )
    wells = [together.places for together in layer.combinations]
    drawing = np.random.default_rng([plan.settings.seed, POINT_STREAM, 1 + number])
    points = draw_points(drawing, lines, wells, count, max(1, len(plan.design.schedules)))
    drawn, row = np.unique(points.cell_line, return_inverse=True)
    untreated = assay.untreated(
        [plan.design.lines[k] for k in drawn], [plan.design.perturbations[k] for k in drawn]
    )
    drugs = tuple(plan.design.drugs)
    gr50 = (
        find_gr50(assay, plan.design.centred, plan.outputs.times[-1], untreated)
        if plan.design.centred
        else None
    )
    scale = np.broadcast_to(scales(plan.design, drugs, gr50), (len(drawn), len(drugs)))
    amounts = np.zeros(points.dose.shape)
    doses = {name: np.zeros(len(points)) for name in drugs}
    which = {name: np.zeros(len(points), np.intp) for name in drugs}
    for k, combination in enumerate(points.combination):
        together, given = layer.combinations[combination], points.schedule[k]
        for place, drug in enumerate(together.drugs):
            amount = together.doses[place][points.dose[place, k]] * scale[row[k], drugs.index(drug)]
            amounts[place, k] = doses[drug][k] = amount
            which[drug][k] = together.given[given][place]
    strict = stricter(plan.settings.rtol, plan.settings.atol)
    dosing = Dosing(plan.design.exposures, which) if plan.design.schedules else None
    again = recompute(
        assay,
        untreated,
        DosedWells(row, doses, dosing),
        np.array(plan.outputs.times),
        plan.outputs.readouts,
        strict,
        plan.outputs.composed,
    )
    return Recomputed(layer, points, amounts, again)


def write_controls(
    file: "h5netcdf.File", plan: Plan, controls: Controls, counts: Mapping[str, int]
) -> tuple[Check, ...]:
    """Compare the controls with the responses in `file` and write its group `/controls`; `counts` are the
    simulations, and those among them solved by the reference solver (`reference`) and `failed`.
    """
    shams = controls.shams
    points = [_compared(file, plan, one) for one in controls.points]
    worst = np.concatenate([gaps for _, _, gaps in points], axis=1)
    many = np.array(
        [
            counts["simulations"] - counts["reference"] - counts["failed"],
            counts["reference"],
            counts["failed"],
        ]
    )
    checks = (_sham_check(plan.design, shams), _point_check(plan, worst), _status_check(many))
    group = file.create_group("controls")
    write(group, _sham_variables(plan.design, shams))
    write(group, _point_variables(plan, points))
    write(group, _status_variables(many))
    write(group, _check_variables(checks))
    return checks


def _compared(
    file: "h5netcdf.File", plan: Plan, recomputed: Recomputed
) -> tuple[Recomputed, dict[str, Array], Array]:
    """The points of a layer that were solved in the cube, their stored readouts (point, time), and each
    readout's deviation (readout, point).
    """
    group = hdf5_of(file[recomputed.layer.group] if recomputed.layer.group else file)
    places = recomputed.points.places(bool(plan.design.schedules))
    arrays = {name: group[name] for name in ("status", *plan.outputs.readouts)}
    alive = np.flatnonzero([int(arrays["status"][place]) < FAILED for place in places])
    again = {name: values[alive] for name, values in recomputed.again.items()}
    kept = Recomputed(recomputed.layer, recomputed.points.take(alive), recomputed.amounts[:, alive], again)
    stored, gaps = {}, []
    for name in plan.outputs.readouts:
        values = [arrays[name][places[k]] for k in alive]
        stored[name] = np.array(values).reshape(len(alive), len(plan.outputs.times))
        gaps.append(deviation(stored[name], again[name], plan.outputs.labels[name][0]))
    return kept, stored, np.array(gaps)


def _sham_check(design: Design, shams: Shams) -> Check:
    known = np.isfinite(shams.largest)
    if not known.any():
        words = "no two doses of a drug have a sum on its curve, so drugs with themselves were not judged"
        return Check("sham", True, np.nan, SHAM_LIMIT, f"Sham combinations: {words}.")
    worst = np.unravel_index(np.nanargmax(shams.largest), shams.largest.shape)
    value, mean = float(shams.largest[worst]), float(np.nanmax(np.abs(shams.mean)))
    where = f"{shams.drugs[worst[1]]} in {design.lines[shams.lines[worst[0]]].name}"
    drugs = len(set(shams.drugs))
    sentence = (
        f"{drugs} drugs combined with themselves in {len(shams.lines)} lines: Loewe excess at "
        f"most {value:.2f} points at a dose pair ({where}) and {mean:.2f} on average; "
        f"{SHAM_LIMIT:g} are allowed."
    )
    return Check("sham", value <= SHAM_LIMIT, value, SHAM_LIMIT, sentence)


def _point_check(plan: Plan, worst: Array) -> Check:
    allowed = limit(plan.settings.rtol)
    if not worst.size:
        return Check(
            "reference", True, np.nan, allowed, "No grid point was recomputed: all drawn had failed."
        )
    value, name = float(worst.max()), plan.outputs.readouts[int(worst.max(axis=1).argmax())]
    sentence = (
        f"{worst.shape[1]} random grid points recomputed by the reference solver: largest deviation "
        f"{value:.1e} ({name}); {allowed:.0e} is allowed."
    )
    return Check("reference", value <= allowed, value, allowed, sentence)


def _status_check(many: Array) -> Check:
    total = max(1, int(many.sum()))
    share = float(many[FAILED] / total)
    words = ", ".join(f"{count / total:.2%} {code.words}" for count, code in zip(many, ENDED, strict=True))
    return Check("status", share <= FAILED_LIMIT, share, FAILED_LIMIT, f"{total:,} simulations: {words}.")


def _sham_variables(design: Design, shams: Shams) -> dict[str, Variable]:
    names = [f"{drug}+{drug}" for drug in shams.drugs]
    schedules = {}
    if design.schedules:
        names = [f"{name} ({given})" for name, given in zip(names, shams.schedules, strict=True)]
        schedules["sham_schedule"] = list(shams.schedules)
    found = schema.CONTROLS.variables(
        {
            "sham_line": [design.lines[k].name for k in shams.lines],
            "sham": names,
            **schedules,
            "sham_drug": list(shams.drugs),
            "sham_time": shams.times,
            "sham_viability": shams.viability,
            "loewe_excess": shams.excess,
            "on_curve": shams.on_curve,
            "loewe": shams.mean,
            "loewe_largest": shams.largest,
            "monotone": shams.monotone,
        }
    )
    for k in (1, 2):
        found |= schema.CONTROLS.variables({"sham_concentration_{k}": shams.doses}, k=k)
    return found | schema.CONTROLS.variables({"sham_status": shams.status}, more=flags())


def _point_variables(
    plan: Plan, points: Sequence[tuple[Recomputed, dict[str, Array], Array]]
) -> dict[str, Variable]:
    """The points of all layers; a third dose is NaN where there is none."""
    described = schema.CONTROLS.variables
    result = described({"readout": list(plan.outputs.readouts)})
    if not sum(len(one.points) for one, _, _ in points):
        return result
    lines = [plan.design.lines[k].name for one, _, _ in points for k in one.points.cell_line]
    names = [one.layer.combinations[k].name for one, _, _ in points for k in one.points.combination]
    worst = np.concatenate([gaps for _, _, gaps in points], axis=1)
    result |= described(
        {
            "time": np.array(plan.outputs.times),
            "point_cell_line": lines,
            "point_combination": names,
            "point_deviation": worst,
        }
    )
    for k in range(max(layer.drugs for layer in plan.design.layers)):
        parts = [
            one.amounts[k] if k < one.layer.drugs else np.full(len(one.points), np.nan)
            for one, _, _ in points
        ]
        result |= described({"point_concentration_{k}": np.concatenate(parts)}, k=k + 1)
    if plan.design.schedules:
        given = [plan.design.schedules[k] for one, _, _ in points for k in one.points.schedule]
        result |= described({"point_schedule": given})
    for name in plan.outputs.readouts:
        of_points = {
            "point_{readout}": np.concatenate([values[name] for _, values, _ in points]),
            "point_{readout}_reference": np.concatenate([one.again[name] for one, _, _ in points]),
        }
        result |= described(of_points, readout=name, units=plan.outputs.labels[name][0])
    return result


def _status_variables(many: Array) -> dict[str, Variable]:
    return schema.CONTROLS.variables(
        {
            "status_name": [code.meaning for code in ENDED],
            "status_simulations": many,
            "status_share": many / max(1, many.sum()),
            "status_remedy": [code.remedy for code in ENDED],
        }
    )


def _check_variables(checks: tuple[Check, ...]) -> dict[str, Variable]:
    return schema.CONTROLS.variables(
        {
            "check": [check.name for check in checks],
            "passed": np.array([check.passed for check in checks], np.int8),
            "value": np.array([check.value for check in checks], float),
            "limit": np.array([check.limit for check in checks], float),
            "sentence": [check.sentence for check in checks],
        }
    )
