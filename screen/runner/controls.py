"""The controls of a run, in the group `/controls` of its cube: each drug with itself, the share of
simulations by status, and random grid points recomputed by the reference solver; each ends in a check that
passed or failed. They depend on the plan and the responses alone; what the plan decides is simulated
beside the shards, and compared when these are joined.

Their axes have names of their own (`sham_line`, `sham`): a group's dimensions must agree with those of the
root group of the same name, and a sample of the lines does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.runner.netcdf import Variable, write
from screen.runner.plan import Plan
from screen.runner.recompute import Points, deviation, draw_points, limit, recompute, stricter
from screen.runner.sham import POINT_STREAM, Shams, sample, simulate_shams
from screen.runner.simulate import FAILED, STATUS_MEANINGS

if TYPE_CHECKING:
    import h5netcdf

    from screen.pathway import Assay

Array = np.ndarray[Any, Any]
SHAM_LIMIT = 0.5  # percent points
FAILED_LIMIT = 0.01  # of all simulations
MOST_POINTS, MOST_POINT_LINES = 24, 6
REMEDIES = (
    "none needed",
    "none needed: solved by SciPy after the batched solver gave up, only slower",
    "NaN in the cube, no score is computed through it: tighten solver.rtol, or look at the line's values",
)


@dataclass(frozen=True)
class Check:
    """One control's verdict: `value` against `limit`, and a sentence for people."""

    name: str
    passed: bool
    value: float
    limit: float
    sentence: str


@dataclass(frozen=True)
class Controls:
    """What the controls simulate: the shams, and random grid points by the reference solver, each readout
    (point, time).
    """

    shams: Shams
    points: Points
    again: Mapping[str, Array]


def simulate_controls(assay: "Assay", plan: Plan) -> Controls:
    """Simulate the controls of a plan."""
    from screen.pathway import Exposed

    count = min(MOST_POINTS, max(4, plan.simulations // 100))
    lines = sample(plan.seed, POINT_STREAM, len(plan.lines), min(MOST_POINT_LINES, max(1, count // 2)))
    sizes = [(len(pair.doses_1), len(pair.doses_2)) for pair in plan.combinations]
    drawing = np.random.default_rng([plan.seed, POINT_STREAM, 1])
    points = draw_points(drawing, lines, sizes, count, max(1, len(plan.schedules)))
    drawn, row = np.unique(points.cell_line, return_inverse=True)
    untreated = assay.untreated([plan.lines[k] for k in drawn], [plan.perturbations[k] for k in drawn])
    doses = {name: np.zeros(len(points)) for name in plan.drugs}
    which = {name: np.zeros(len(points), np.intp) for name in plan.drugs}
    for k, combination in enumerate(points.combination):
        pair, schedule = plan.combinations[combination], points.schedule[k]
        for number, place in enumerate((points.dose_1[k], points.dose_2[k])):
            doses[pair.drugs[number]][k] = pair.doses[number][place]
            which[pair.drugs[number]][k] = pair.given[schedule][number]
    strict = stricter(plan.rtol, plan.atol)
    exposed = Exposed(plan.exposures, which) if plan.schedules else None
    again = recompute(assay, untreated, row, doses, np.array(plan.times), plan.readouts, strict, exposed)
    return Controls(simulate_shams(assay, plan), points, again)


def write_controls(
    file: "h5netcdf.File", plan: Plan, controls: Controls, counts: Mapping[str, int]
) -> tuple[Check, ...]:
    """Compare the controls with the responses in `file` and write its group `/controls`; `counts` are the
    simulations, and those among them solved by the reference solver (`reference`) and `failed`.
    """
    shams = controls.shams
    points, found, worst = _compared(file, plan, controls)
    many = np.array(
        [
            counts["simulations"] - counts["reference"] - counts["failed"],
            counts["reference"],
            counts["failed"],
        ]
    )
    checks = (_sham_check(plan, shams), _point_check(plan, found, worst), _status_check(many))
    group = file.create_group("controls")
    write(group, _sham_variables(plan, shams))
    write(group, _point_variables(plan, points, found, worst))
    write(group, _status_variables(many))
    write(group, _check_variables(checks))
    return checks


def read_checks(path: Any) -> tuple[Check, ...]:
    """The checks of the cube at `path`; none for a cube without controls."""
    import h5py

    with h5py.File(path, "r", locking=False) as file:
        if "controls" not in file or "check" not in file["controls"]:
            return ()
        group = file["controls"]
        texts = {name: list(group[name].asstr()[...]) for name in ("check", "sentence")}
        numbers = {name: group[name][...].tolist() for name in ("passed", "value", "limit")}
    rows = zip(texts["check"], *numbers.values(), texts["sentence"], strict=True)
    return tuple(Check(name, bool(passed), *values) for name, passed, *values in rows)


def _compared(
    file: "h5netcdf.File", plan: Plan, controls: Controls
) -> tuple[Points, dict[str, tuple[Array, Array]], Array]:
    """The points that were solved in the cube, (stored, recomputed) per readout (point, time), and each
    readout's deviation (readout, point).
    """
    where = controls.points.places(bool(plan.schedules))
    alive = np.array([int(file["status"][place]) != FAILED for place in where], bool)
    points = Points(*(column[alive] for column in vars(controls.points).values()))
    where = [place for place, kept in zip(where, alive) if kept]
    found, gaps = {}, []
    for name in plan.readouts:
        stored = np.array([file[name][place] for place in where]).reshape(len(where), len(plan.times))
        found[name] = stored, controls.again[name][alive]
        gaps.append(deviation(stored, found[name][1], plan.labels[name][0]))
    return points, found, np.array(gaps)


def _sham_check(plan: Plan, shams: Shams) -> Check:
    known = np.isfinite(shams.largest)
    if not known.any():
        words = "no two doses of a drug have a sum on its curve, so drugs with themselves were not judged"
        return Check("sham", True, np.nan, SHAM_LIMIT, f"Sham combinations: {words}.")
    worst = np.unravel_index(np.nanargmax(shams.largest), shams.largest.shape)
    value, mean = float(shams.largest[worst]), float(np.nanmax(np.abs(shams.mean)))
    where = f"{shams.drugs[worst[1]]} in {plan.lines[shams.lines[worst[0]]].name}"
    drugs = len(set(shams.drugs))
    sentence = (
        f"{drugs} drugs combined with themselves in {len(shams.lines)} lines: Loewe excess at "
        f"most {value:.2f} points at a dose pair ({where}) and {mean:.2f} on average; "
        f"{SHAM_LIMIT:g} are allowed."
    )
    return Check("sham", value <= SHAM_LIMIT, value, SHAM_LIMIT, sentence)


def _point_check(plan: Plan, found: Mapping[str, tuple[Array, Array]], worst: Array) -> Check:
    allowed = limit(plan.rtol)
    if not worst.size:
        return Check(
            "reference", True, np.nan, allowed, "No grid point was recomputed: all drawn had failed."
        )
    value, name = float(worst.max()), plan.readouts[int(worst.max(axis=1).argmax())]
    sentence = (
        f"{worst.shape[1]} random grid points recomputed by the reference solver: largest deviation "
        f"{value:.1e} ({name}); {allowed:.0e} is allowed."
    )
    return Check("reference", value <= allowed, value, allowed, sentence)


def _status_check(many: Array) -> Check:
    total = max(1, int(many.sum()))
    share = float(many[FAILED] / total)
    words = ", ".join(
        f"{count / total:.2%} {meaning.replace('_', ' ')}" for count, meaning in zip(many, STATUS_MEANINGS)
    )
    return Check("status", share <= FAILED_LIMIT, share, FAILED_LIMIT, f"{total:,} simulations: {words}.")


def _sham_variables(plan: Plan, shams: Shams) -> dict[str, Variable]:
    grid = ("sham_line", "sham", "sham_dose_1", "sham_dose_2")
    summary = ("sham_line", "sham", "sham_time")
    points = {"units": "percent points of inhibition", "sign": "positive = synergy"}
    drugs = list(shams.drugs)
    names, schedules = [f"{drug}+{drug}" for drug in drugs], {}
    if plan.schedules:
        names = [f"{name} ({given})" for name, given in zip(names, shams.schedules, strict=True)]
        label = {"long_name": "the first schedule in which the drug is given so"}
        schedules["sham_schedule"] = Variable(("sham",), list(shams.schedules), label)
    return {
        "sham_line": Variable(("sham_line",), [plan.lines[k].name for k in shams.lines]),
        "sham": Variable(("sham",), names),
        **schedules,
        "sham_drug": Variable(("sham",), drugs),
        "sham_concentration_1": Variable(("sham", "sham_dose_1"), shams.doses, {"units": "nM"}),
        "sham_concentration_2": Variable(("sham", "sham_dose_2"), shams.doses, {"units": "nM"}),
        "sham_time": Variable(("sham_time",), shams.times, {"units": "h"}),
        "sham_viability": Variable(
            (*grid, "sham_time"),
            shams.viability,
            {"units": "1", "long_name": "viability at the sum of both doses"},
        ),
        "sham_status": Variable(grid, shams.status, {"flag_meanings": " ".join(STATUS_MEANINGS)}),
        "loewe_excess": Variable(
            (*grid, "sham_time"), shams.excess, points | {"long_name": "Loewe excess of a drug with itself"}
        ),
        "on_curve": Variable(
            ("sham", "sham_dose_1", "sham_dose_2"),
            shams.on_curve,
            {"long_name": "1 where both doses are above 0 and their sum is at most the highest dose"},
        ),
        "loewe": Variable(summary, shams.mean, points | {"long_name": "mean excess on the curve"}),
        "loewe_largest": Variable(
            summary, shams.largest, points | {"long_name": "largest absolute excess on the curve"}
        ),
        "monotone": Variable(
            summary,
            shams.monotone,
            {"long_name": "1 where the curve is monotone, so that the Loewe model itself is solved"},
        ),
    }


def _point_variables(
    plan: Plan, points: Points, found: Mapping[str, tuple[Array, Array]], worst: Array
) -> dict[str, Variable]:
    pairs = [plan.combinations[k] for k in points.combination]
    dose_1 = [pair.doses_1[k] for pair, k in zip(pairs, points.dose_1)]
    dose_2 = [pair.doses_2[k] for pair, k in zip(pairs, points.dose_2)]
    schedule = {}
    if plan.schedules:
        schedule["point_schedule"] = Variable(("point",), [plan.schedules[k] for k in points.schedule])
    label = {"long_name": "largest deviation from the reference solver over the times"}
    result = {
        "time": Variable(("time",), np.array(plan.times), {"units": "h"}),
        "readout": Variable(("readout",), list(plan.readouts)),
        "point_cell_line": Variable(("point",), [plan.lines[k].name for k in points.cell_line]),
        "point_combination": Variable(("point",), [pair.name for pair in pairs]),
        "point_concentration_1": Variable(("point",), np.array(dose_1, float), {"units": "nM"}),
        "point_concentration_2": Variable(("point",), np.array(dose_2, float), {"units": "nM"}),
        **schedule,
        "point_deviation": Variable(("readout", "point"), worst, label),
    }
    for name, (stored, again) in found.items():
        units = {"units": plan.labels[name][0]}
        result[f"point_{name}"] = Variable(("point", "time"), stored, units)
        words = {"long_name": f"{name} by the reference solver"}
        result[f"point_{name}_reference"] = Variable(("point", "time"), again, units | words)
    return result if len(points) else {"readout": result["readout"]}


def _status_variables(many: Array) -> dict[str, Variable]:
    return {
        "status_name": Variable(("status_name",), list(STATUS_MEANINGS)),
        "status_simulations": Variable(("status_name",), many),
        "status_share": Variable(("status_name",), many / max(1, many.sum()), {"units": "1"}),
        "status_remedy": Variable(("status_name",), list(REMEDIES)),
    }


def _check_variables(checks: tuple[Check, ...]) -> dict[str, Variable]:
    return {
        "check": Variable(("check",), [check.name for check in checks]),
        "passed": Variable(("check",), np.array([check.passed for check in checks], np.int8)),
        "value": Variable(("check",), np.array([check.value for check in checks], float)),
        "limit": Variable(("check",), np.array([check.limit for check in checks], float)),
        "sentence": Variable(("check",), [check.sentence for check in checks]),
    }
