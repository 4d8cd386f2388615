"""Global sensitivity of what a screen measures to what its cell lines differ in: Sobol indices by SALib
(Herman and Usher 2017, 10.21105/joss.00097; Saltelli 2010, 10.1016/j.cpc.2009.09.018).

Every entity of the population varies by its own distribution, independent of the others. The first-order
index is the share of an outcome's variance that the entity explains alone; the total index adds what it
explains together with others, so that an entity with a small total index is no marker whatever they do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy

from screen.analysis.cubes.cube_model import opened
from screen.arrays import Array
from screen.errors import InputError
from screen.kinetics import Status
from screen.pathway import Assay, CellLine
from screen.pathway.names import AMOUNTS
from screen.pathway.panels.sampled_lines import Spread, load_population
from screen.synergy import score_matrices

WIDTH = 2.5  # standard deviations to either side of the median
DOSES = 4  # of each drug, the zero among them
TOGETHER = 128  # lines simulated at a time
ANCHOR_nM = 67.6


@dataclass(frozen=True)
class Index:
    """Sobol indices of one entity for one outcome, each with the half-width of its 95 % interval."""

    entity: str
    outcome: str
    first: float
    first_interval: float
    total: float
    total_interval: float


@dataclass(frozen=True)
class Sobol:
    """The indices, within each outcome the largest total first; how many lines were simulated and failed."""

    indices: tuple[Index, ...]
    lines: int
    failed: int


def sobol(
    path: str | Path, samples: int = 256, seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> Sobol:
    """Indices for the anchor's inhibition and every combination's mean Bliss excess, at the last assay time
    of the cube at `path`. `samples` is a power of 2; samples x (entities + 2) lines are simulated.

    Raises `InputError` where SALib is not installed or the cube's model is not the one at hand.
    """
    try:
        from SALib.analyze.sobol import analyze
        from SALib.sample.sobol import sample
    except ImportError:
        raise InputError("--sobol needs SALib: pip install 'herscreen[sensitivity]'") from None
    if samples < 2 or samples & (samples - 1):
        raise InputError(f"--samples: found {samples}, expected a power of 2")
    with opened(path) as cube:
        pathway = cube.builtin("--sobol draws lines from the built-in population")
        time_h, solver = float(cube.reader.times_h[-1]), cube.reader.solver
        pairs = list(zip(cube.reader.drugs(1), cube.reader.drugs(2), strict=True))
        doses = [cube.reader.doses(0, column) for column in range(len(pairs))]
    grids = [(_thinned(one), _thinned(two)) for one, two in doses]
    spreads = [spread for spread in load_population() if spread.entity in pathway.entities]
    problem = {
        "num_vars": len(spreads),
        "names": [spread.entity for spread in spreads],
        "bounds": [[0.0, 1.0]] * len(spreads),
    }
    unit = np.asarray(sample(problem, samples, calc_second_order=False, seed=seed))
    assay = Assay.compile(pathway, [], solver["rtol"], solver["atol"])
    anchor = pairs[0][0]
    names = [f"{anchor} alone", *("+".join(pair) for pair in pairs)]
    outcomes = []
    for start in range(0, len(unit), TOGETHER):
        lines = [_line(spreads, point) for point in unit[start : start + TOGETHER]]
        outcomes.append(_outcomes(assay, lines, pairs, grids, time_h))
        if progress:
            progress(min(start + TOGETHER, len(unit)), len(unit))
    values = np.concatenate(outcomes)
    missing = np.isnan(values).any(axis=1)
    values = np.where(np.isnan(values), np.nanmedian(values, axis=0), values)
    indices = []
    for column, name in enumerate(names):
        found = analyze(problem, values[:, column], calc_second_order=False, seed=seed)
        kept = zip(problem["names"], found["S1"], found["S1_conf"], found["ST"], found["ST_conf"])  # type: ignore[call-overload]
        rows = [Index(entity, name, *map(float, numbers)) for entity, *numbers in kept]
        indices += sorted(rows, key=lambda row: -row.total)
    return Sobol(tuple(indices), len(unit), int(missing.sum()))


def _line(spreads: Sequence[Spread], point: Array) -> CellLine:
    """The line at a point of the unit cube, each entity by the quantiles of its own distribution: altered in
    its share of lines, log-normal (cut at `WIDTH`) or absent in the others.
    """
    values = {}
    for spread, share in zip(spreads, point, strict=True):
        if share < spread.prevalence:
            values[spread.entity] = spread.amount
        elif spread.entity in AMOUNTS:
            values[spread.entity] = 0.0
        else:
            normal = float(scipy.special.ndtri((share - spread.prevalence) / (1 - spread.prevalence)))
            cut = min(max(normal, -WIDTH), WIDTH)
            values[spread.entity] = float(spread.median * np.exp(spread.width_in_disease * cut))
    return CellLine("sampled", values)


def _outcomes(
    assay: Assay,
    lines: Sequence[CellLine],
    pairs: Sequence[tuple[str, str]],
    grids: Sequence[tuple[Array, Array]],
    time_h: float,
) -> Array:
    """(line, outcome) in percent points: the anchor's inhibition, then each pair's mean Bliss excess."""
    untreated = assay.untreated(lines)
    columns: list[Array] = []
    for (first, second), (one, two) in zip(pairs, grids, strict=True):
        a, b = (grid.ravel() for grid in np.meshgrid(one, two, indexing="ij"))
        rows = np.repeat(np.arange(len(lines)), len(a))
        doses = {first: np.tile(a, len(lines)), second: np.tile(b, len(lines))}
        wells = assay.dose(untreated, rows, doses, np.array([time_h]))
        log_cells = np.where(wells.status > Status.reference, np.nan, wells.log_cells[:, 0]).reshape(
            len(lines), -1
        )
        viability = np.exp(log_cells - log_cells[:, :1]).reshape(len(lines), len(one), len(two))
        if not columns:
            dose = int(np.abs(np.log(one[1:] / ANCHOR_nM)).argmin()) + 1
            columns.append(100 * (1 - viability[:, dose, 0]))
        columns.append(score_matrices(viability, one, two, models=("bliss",))["bliss"].mean)
    return np.stack(columns, axis=1)


def _thinned(doses: Array) -> Array:
    known = doses[np.isfinite(doses)]
    kept = np.round(np.linspace(0, len(known) - 1, min(DOSES, len(known)))).astype(int)
    return np.asarray(known[kept])
