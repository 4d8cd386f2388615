"""A cube checked from its file alone: every value, text and attribute by its checksum; then random grid points are
simulated again with the model's SBML, the lines' values and the doses in the file, each line settled and each well
followed by the reference solver, and compared with the stored responses.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from screen.analysis.cubes.cube_model import CubeModel, opened
from screen.arrays import Array
from screen.cube.digests import check, digests_of, sources
from screen.cube.status import FAILED, NOT_SIMULATED
from screen.cube.stored import StoredGroup, open_file
from screen.errors import InputError
from screen.pathway import Assay, CellLine, Dosing, Untreated
from screen.pathway.assay import FIXED
from screen.runner.controls.recompute import DosedWells, deviation, draw_points, limit, recompute, stricter
from screen.runner.store.shard_file import BadShard
from screen.runner.store.shard_file import check_whole as check_shard

SETTLING_H = 2e4
MOST_LINES = 8


@dataclass(frozen=True)
class Verified:
    """`deviation` (readout, point) of the points, named as in the cube, and what is allowed."""

    readouts: tuple[str, ...]
    cell_line: tuple[str, ...]
    combination: tuple[str, ...]
    doses_nM: tuple[tuple[float, ...], ...]
    deviation: Array
    limit: float
    checked: int | None = None
    """Variables that are as they were written, all of them; None for a cube that has no checksums."""

    @property
    def largest(self) -> float:
        return float(self.deviation.max(initial=0.0))

    @property
    def passed(self) -> bool:
        return self.largest <= self.limit


def verify(path: str | Path, points: int = 16, seed: int | None = None) -> Verified:
    """Recompute random points of the cube at `path`; another `seed` draws other points, None is by chance.

    Raises `InputError` for a file that is damaged, was edited, or lacks what a cube of this version holds.
    """
    checked = check_whole(path)
    with opened(path) as cube:
        return replace(_verify(cube, points, np.random.default_rng(seed)), checked=checked)


def check_whole(path: str | Path) -> int | None:
    """Read all of a cube, and of the shards that it is a view of, and compare with the checksums that it holds; how
    many variables, None without checksums. Raises `InputError` where one differs.
    """
    with open_file(path) as file:
        digests = digests_of(file, path)
        found = None if digests is None else check(file, digests, path, whole=True)
        shards = sorted(sources(file))
    for name in shards:
        try:
            check_shard(Path(path).parent / name)
        except BadShard as problem:
            raise InputError(f"{Path(path).parent / name}: {problem}; the cube is a view of it") from None
    return found


def _verify(cube: CubeModel, count: int, random: np.random.Generator) -> Verified:
    groups = [group for group in map(cube.reader.group, ("", "triples")) if group is not None]
    triples = min(max(1, count // 4), count - 1) if len(groups) > 1 else 0
    assay = cube.assay()
    asked = [(group, share) for group, share in zip(groups, (count - triples, triples)) if share]
    found = [_recomputed(cube, assay, group, share, random) for group, share in asked]
    parts = [part for part in found if part is not None]
    if not parts:
        raise InputError(
            f"{cube.reader.name}: every well that was drawn had failed, so nothing was compared; "
            "draw others (--seed) or more (--points)"
        )
    return Verified(
        readouts=cube.reader.readouts,
        cell_line=tuple(name for part in parts for name in part.cell_line),
        combination=tuple(name for part in parts for name in part.combination),
        doses_nM=tuple(doses for part in parts for doses in part.doses_nM),
        deviation=np.concatenate([part.deviation for part in parts], axis=1),
        limit=limit(assay.rtol),
    )


def _recomputed(
    cube: CubeModel, assay: Assay, group: StoredGroup, count: int, random: np.random.Generator
) -> Verified | None:
    """Random points of one group, the root's pairs or the triples; None where each that was drawn had failed."""
    lines = np.sort(random.permutation(len(cube.lines))[: min(MOST_LINES, max(1, count))])
    schedules = "schedule" in group
    drugs = [group[name].texts for name in ("drug_1", "drug_2", "drug_3") if name in group]
    simulated = _simulated(group, lines, schedules)
    wells = [np.argwhere(one).T for one in simulated]
    points = draw_points(random, lines.tolist(), wells, count, max(1, len(cube.reader.schedules)))
    points = points.take(
        np.flatnonzero([group["status"][place] < FAILED for place in points.places(schedules)])
    )
    if not len(points):
        return None
    chosen, row = np.unique(points.cell_line, return_inverse=True)
    strict = stricter(assay.rtol, assay.atol)
    untreated = settle(assay, [cube.lines[k] for k in chosen], strict)
    doses = {name: np.zeros(len(points)) for names in drugs for name in names}
    which = {name: np.zeros(len(points), np.intp) for name in doses}
    amounts = np.zeros((len(points), len(drugs)))
    for k, (line, combination, schedule) in enumerate(
        zip(points.cell_line, points.combination, points.schedule)
    ):
        for place, names in enumerate(drugs):
            grid = group[f"concentration_{place + 1}"]
            own = (line,) if "cell_line" in grid.dims else ()
            amounts[k, place] = doses[names[combination]][k] = grid[
                (*own, combination, points.dose[place, k])
            ]
            if schedules:
                which[names[combination]][k] = group[f"exposure_{place + 1}"][combination, schedule]
    dosing = Dosing(cube.exposures, which) if schedules else None
    times = cube.reader.times_h
    again = recompute(
        assay,
        untreated,
        DosedWells(row, doses, dosing),
        times,
        cube.reader.readouts,
        strict,
        cube.composed,
    )
    gaps = []
    for name in cube.reader.readouts:
        stored = [group[name][place] for place in points.places(schedules)]
        units = group[name].units or "1"
        gaps.append(deviation(np.array(stored).reshape(len(points), len(times)), again[name], units))
    names = group["combination"].texts
    return Verified(
        readouts=cube.reader.readouts,
        cell_line=tuple(cube.lines[k].name for k in points.cell_line),
        combination=tuple(names[k] for k in points.combination),
        doses_nM=tuple(tuple(row.tolist()) for row in amounts),
        deviation=np.array(gaps),
        limit=limit(assay.rtol),
    )


def _simulated(group: StoredGroup, lines: Array, schedules: bool) -> Array:
    """The wells of each combination that were simulated in all of `lines`, (combination, dose_1, ...)."""
    status = np.stack([group["status"][line] for line in lines])
    found = (status != NOT_SIMULATED).all(axis=(0, 2) if schedules else 0)
    drugs = found.ndim - 1
    for k in range(drugs):
        grid = np.isfinite(group[f"concentration_{k + 1}"].array("combination", f"dose_{k + 1}", cell_line=0))
        found &= grid.reshape(len(grid), *(-1 if axis == k else 1 for axis in range(drugs)))
    return np.asarray(found)


def settle(assay: Assay, lines: list[CellLine], tolerances: tuple[float, float]) -> Untreated:
    """The lines' untreated states as the reference solver reaches them from each line's own start."""
    if not assay.pathway.protocol.steady:
        return assay.untreated(lines)
    parameters = assay.parameters(lines)
    engine = assay.engine
    rtol, atol = tolerances
    long = np.array([SETTLING_H * assay.pathway.protocol.per_hour])
    found = engine.simulate(long, parameters, rtol=rtol, atol=atol, solver="scipy")
    state = found.state.copy()
    state[:, [index for index, name in enumerate(engine.states) if name in FIXED]] = 0.0
    return assay.settled(lines, parameters, state, found.status)
