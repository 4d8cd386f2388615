"""Counterfactuals of one combination in one cell line: what is left of the synergy when an edge of the
network is clamped to its value in untreated cells, or under one drug alone, whatever the other does. The
excess that disappears is what the edge mediates; shares do not add up to one, since edges in series mediate
the same part and parallel edges compensate for each other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screen.analysis.cubes.cube_model import CubeModel, opened
from screen.analysis.explain.clamped_grids import UNTREATED, clamped_assay, clamped_grids
from screen.arrays import Array
from screen.cube.reader import CubeReader
from screen.errors import InputError, nearest, plain
from screen.pathway import Assay, CellLine
from screen.pathway.model.clamps import Clamp, drug_clamps, load_clamps
from screen.runner.execution.options import Progress
from screen.synergy import SIMULATED, score_matrices
from screen.synergy.models.registry import MODELS

MOST_DOSES = 12
RTOL, ATOL = 1e-3, 1e-6
"""Of a counterfactual at least: what an edge mediates is told to a hundredth of a point, and moves by a twentieth of
that at most (0.0005 points), at a quarter of the time of a screen's 1e-6."""
SMALL_EXCESS = 1.0  # percent points: below, a share of it means nothing


@dataclass(frozen=True)
class Counterfactual:
    """One clamp: `kind` is edge, node (all edges that leave it) or drug; `excess` is the mean excess that is
    left, `carried` = before - left (what the edge mediates), `share` = carried / before (NaN where there is
    little to share), `inhibition` the change of the mean inhibition, all in percent points but the share.
    """

    id: str
    kind: str
    source: str
    target: str
    words: str
    excess: float
    carried: float
    share: float
    inhibition: float
    failed: int


@dataclass(frozen=True)
class Explanation:
    """All counterfactuals, the one that mediates most first; `excess` and `inhibition` without a clamp. `at`
    says what the clamps are fixed at: `untreated`, or the name of one of the drugs.
    """

    cell_line: str
    combination: str
    drugs: tuple[str, str]
    model: str
    time_h: float
    excess: float
    inhibition: float
    rows: tuple[Counterfactual, ...]
    at: str = UNTREATED


@dataclass(frozen=True)
class AskedPair:
    """A pair of a cube: its line, drugs, and doses in nM, ascending from 0."""

    line: CellLine
    drugs: tuple[str, str]
    doses: tuple[Array, Array]


def explain(
    path: str | Path, line: str, combination: str, model: str = "bliss", at: str = UNTREATED
) -> Explanation:
    """Explain a combination of the cube at `path` at its last assay time; names in any spelling. `at` is
    `untreated`, or the drug whose effect alone each clamp keeps.

    Raises `InputError` for unknown names and for a cube whose model is not the one at hand.
    """
    return explain_pairs(path, [(line, combination)], model, (at,))[0][0]


def explain_pairs(
    path: str | Path | CubeReader,
    pairs: Sequence[tuple[str, str]],
    model: str = "bliss",
    at: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> list[tuple[Explanation, ...]]:
    """Explain several (line, combination) of one cube with one compiled model; for each pair an explanation
    for every name in `at`, by default untreated, the first drug and the second. `progress` hears how many pairs are.
    """
    if model not in MODELS:
        raise InputError(f"--model: unknown model '{model}'{nearest(model, MODELS)}")
    with opened(path) as cube:
        if cube.reader.schedules:
            raise InputError(
                f"{cube.reader.name}: explain gives every drug throughout, the cube has schedules; expected a cube "
                "of a configuration without them"
            )
        pathway = cube.builtin("explain clamps the edges that the built-in model's table names")
        asked = [_asked(cube, *pair) for pair in pairs]
        time_h, solver = float(cube.reader.times_h[-1]), cube.reader.solver
    drugs = dict.fromkeys(drug for pair in asked for drug in pair.drugs)
    clamps = (*drug_clamps(pathway.drug(drug) for drug in drugs), *load_clamps())
    rtol, atol = (max(solver[name], least) for name, least in (("rtol", RTOL), ("atol", ATOL)))
    assay = clamped_assay(pathway, clamps, rtol, atol)
    found = []
    for done, pair in enumerate(asked):
        if progress is not None:
            progress("explain pairs", done, len(asked))
        fixed = [_fixed(name, pair.drugs) for name in at] if at else (UNTREATED, *pair.drugs)
        found.append(tuple(counterfactuals(assay, clamps, pair, time_h, model, name) for name in fixed))
    return found


def counterfactuals(
    assay: Assay,
    clamps: Sequence[Clamp],
    pair: AskedPair,
    time_h: float,
    model: str = "bliss",
    at: str = UNTREATED,
) -> Explanation:
    """Simulate the grid of a pair once for every clamp, and score it."""
    together = scenarios(clamps, pair.drugs, assay.pathway.drugs.keys())
    viability, failed = clamped_grids(
        assay, clamps, pair.line, pair.drugs, pair.doses, time_h, list(together.values()), at
    )
    scores = score_matrices(viability, *pair.doses, models=(model,), options=SIMULATED)[model]
    mean = np.asarray(scores.mean, float)
    both = viability[:, 1:, 1:].reshape(len(viability), -1)
    inhibition = np.array([100 * (1 - np.nanmean(row)) if np.isfinite(row).any() else np.nan for row in both])
    rows = []
    for number, ((name, kind), ids) in enumerate(together.items()):
        if kind == "none":
            continue
        first = next(clamp for clamp in clamps if clamp.id == ids[0])
        carried = float(mean[0] - mean[number])
        rows.append(
            Counterfactual(
                id=name,
                kind=kind,
                source=first.source,
                target="" if len(ids) > 1 else first.target,
                words=f"everything that {first.source} does" if len(ids) > 1 else first.words,
                excess=float(mean[number]),
                carried=carried,
                share=carried / float(mean[0]) if abs(mean[0]) >= SMALL_EXCESS else float("nan"),
                inhibition=float(inhibition[0] - inhibition[number]),
                failed=int(failed[number]),
            )
        )
    rows.sort(key=lambda row: -abs(row.carried) if np.isfinite(row.carried) else np.inf)
    return Explanation(
        cell_line=pair.line.name,
        combination="+".join(pair.drugs),
        drugs=pair.drugs,
        model=model,
        time_h=time_h,
        excess=float(mean[0]),
        inhibition=float(inhibition[0]),
        rows=tuple(rows),
        at=at,
    )


def scenarios(
    clamps: Sequence[Clamp], drugs: tuple[str, str], known: Collection[str] = ()
) -> dict[tuple[str, str], list[str]]:
    """Which clamps are shut together, by (name, kind): none, every edge alone, every node with several. What
    leaves one of the `known` drugs counts only where it is one of `drugs`.
    """
    found: dict[tuple[str, str], list[str]] = {("", "none"): []}
    leaving: dict[str, list[str]] = {}
    for clamp in clamps:
        if clamp.source in known and clamp.source not in drugs:
            continue
        found[clamp.id, "drug" if clamp.source in drugs else "edge"] = [clamp.id]
        leaving.setdefault(clamp.source, []).append(clamp.id)
    nodes = {node: ids for node, ids in leaving.items() if len(ids) > 1}
    return found | {(node, "drug" if node in drugs else "node"): ids for node, ids in nodes.items()}


def _asked(cube: CubeModel, line: str, combination: str) -> AskedPair:
    row = _find(line, [one.name for one in cube.lines], "cell line")
    column = _find(combination, list(cube.reader.combinations), "combination")
    drugs = cube.reader.drugs(1)[column], cube.reader.drugs(2)[column]
    if cube.lines[row].clones:
        raise InputError(
            f"{cube.reader.name}: '{cube.lines[row].name}' is a mixture of clones; expected one of them, "
            "in a screen that has it as a line"
        )
    one, two = cube.reader.doses(row, column)
    return AskedPair(cube.lines[row], drugs, (thinned(one), thinned(two)))


def thinned(doses: Array) -> Array:
    """At most `MOST_DOSES` doses (dose,), the first and the last among them and evenly spaced: each clamp simulates
    the grid again, and a finer one of 32 x 32 takes 1.5 GB and tells the same.
    """
    kept = np.unique(np.round(np.linspace(0, len(doses) - 1, min(len(doses), MOST_DOSES))).astype(int))
    return np.asarray(doses[kept])


def _fixed(name: str, drugs: tuple[str, str]) -> str:
    """The name that `at` means: `untreated`, or one of the drugs in any spelling."""
    known = (UNTREATED, *drugs)
    asked = plain(name.lower().replace("herceptin", "trastuzumab"))
    found = next((one for one in known if plain(one) == asked), None)
    if found is None:
        raise InputError(f"--at: found '{name}'{nearest(name, known)}; expected {' or '.join(known)}")
    return found


def _find(name: str, known: Sequence[str], what: str) -> int:
    """The index of `name` among `known`; `Herceptin` is trastuzumab, and a partner alone is enough."""
    asked = plain(name.lower().replace("herceptin", "trastuzumab"))
    spelled = [plain(one) for one in known]
    if asked in spelled:
        return spelled.index(asked)
    parts = [k for k, one in enumerate(known) if asked in map(plain, one.split("+"))]
    if len(parts) == 1:
        return parts[0]
    raise InputError(
        f"the cube has no {what} '{name}'{nearest(name, known)}; it has {', '.join(known[:12])}"
        + (f" and {len(known) - 12} more" if len(known) > 12 else "")
    )
