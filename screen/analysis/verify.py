"""A cube checked from its file alone: random grid points are simulated again with the model's SBML, the
lines' values and the doses that stand in the file, each line settled and each well followed by the reference
solver, and compared with the stored responses.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from screen.analysis.cube_file import CubeFile, opened
from screen.pathway import Assay, CellLine, Exposed, Untreated
from screen.pathway.assay import HELD
from screen.runner.recompute import Points, deviation, draw_points, limit, recompute, stricter
from screen.runner.simulate import FAILED

Array = np.ndarray[Any, Any]
SETTLING_H = 2e4
MOST_LINES = 8


@dataclass(frozen=True)
class Verified:
    """`deviation` (readout, point) of the points, named as in the cube, and what is allowed."""

    readouts: tuple[str, ...]
    cell_line: tuple[str, ...]
    combination: tuple[str, ...]
    dose_1_nM: Array
    dose_2_nM: Array
    deviation: Array
    limit: float

    @property
    def largest(self) -> float:
        return float(self.deviation.max(initial=0.0))

    @property
    def passed(self) -> bool:
        return self.largest <= self.limit


def verify(path: str | Path, points: int = 16, seed: int | None = None) -> Verified:
    """Recompute random points of the cube at `path`; another `seed` draws other points, None is by chance.

    Raises `InputError` for a file that lacks what a cube of this version holds.
    """
    with opened(path) as cube:
        return _verify(cube, points, np.random.default_rng(seed))


def _verify(cube: CubeFile, count: int, random: np.random.Generator) -> Verified:
    file, assay = cube.file, cube.assay()
    doses_1, doses_2 = file["concentration_1"][...], file["concentration_2"][...]
    sizes = [(int(np.isfinite(a).sum()), int(np.isfinite(b).sum())) for a, b in zip(doses_1, doses_2)]
    lines = np.sort(random.permutation(len(cube.lines))[: min(MOST_LINES, max(1, count))])
    schedules = "schedule" in file
    points = draw_points(random, lines.tolist(), sizes, count, len(file["schedule"]) if schedules else 1)
    solved = np.array([file["status"][place] != FAILED for place in points.places(schedules)], bool)
    points = Points(*(column[solved] for column in vars(points).values()))
    chosen, row = np.unique(points.cell_line, return_inverse=True)
    strict = stricter(assay.rtol, assay.atol)
    untreated = settle(assay, [cube.lines[k] for k in chosen], strict)
    drug_1, drug_2 = cube.texts("drug_1"), cube.texts("drug_2")
    one = doses_1[points.combination, points.dose_1]
    two = doses_2[points.combination, points.dose_2]
    doses = {name: np.zeros(len(points)) for name in (*drug_1, *drug_2)}
    for k, combination in enumerate(points.combination):
        doses[drug_1[combination]][k], doses[drug_2[combination]][k] = one[k], two[k]
    exposed = None
    if schedules:
        which = {name: np.zeros(len(points), np.intp) for name in doses}
        for number, names in enumerate((drug_1, drug_2), start=1):
            given = file[f"exposure_{number}"][...]
            for k, (combination, schedule) in enumerate(zip(points.combination, points.schedule)):
                which[names[combination]][k] = given[combination, schedule]
        exposed = Exposed(cube.exposures, which)
    times = file["time"][...]
    again = recompute(assay, untreated, row, doses, times, cube.readouts, strict, exposed)
    gaps = []
    for name in cube.readouts:
        stored = np.array([file[name][place] for place in points.places(schedules)]).reshape(
            len(points), len(times)
        )
        units = file[name].attrs.get("units", "1")
        gaps.append(deviation(stored, again[name], units))
    names, pairs = [line.name for line in cube.lines], cube.texts("combination")
    return Verified(
        readouts=cube.readouts,
        cell_line=tuple(names[k] for k in points.cell_line),
        combination=tuple(pairs[k] for k in points.combination),
        dose_1_nM=one,
        dose_2_nM=two,
        deviation=np.array(gaps),
        limit=limit(assay.rtol),
    )


def settle(assay: Assay, lines: list[CellLine], tolerances: tuple[float, float]) -> Untreated:
    """The lines' untreated states as the reference solver reaches them from each line's own start."""
    if not assay.pathway.conduct.steady:
        return assay.untreated(lines)
    parameters = assay.parameters(lines)
    engine = assay.engine
    rtol, atol = tolerances
    long = np.array([SETTLING_H * assay.pathway.conduct.per_hour])
    found = engine.simulate(long, parameters, rtol=rtol, atol=atol, solver="scipy")
    state = found.state.copy()
    state[:, [index for index, name in enumerate(engine.states) if name in HELD]] = 0.0
    return assay.settled(lines, parameters, state, found.status)
