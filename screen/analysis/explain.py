"""Counterfactuals of one combination in one cell line: what is left of the synergy when an edge of the
network carries what it carries in untreated cells, whatever the drugs do. The excess that disappears is what
the edge carries of it; shares do not add up to one, since edges in a row carry the same part and edges side
by side stand in for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from screen.analysis.cube_file import CubeFile
from screen.errors import InputError, nearest, plain
from screen.pathway import Assay, CellLine, Pathway, Untreated
from screen.pathway.clamps import Clamp, drug_clamps, load_clamps, with_clamps

Array = np.ndarray[Any, Any]
SMALL_EXCESS = 1.0  # percent points: below, a share of it means nothing


@dataclass(frozen=True)
class Counterfactual:
    """One clamp: `kind` is edge, node (all edges that leave it) or drug; `excess` is the mean excess that is
    left, `carried` = before - left, `share` = carried / before (NaN where there is little to share),
    `inhibition` the change of the mean inhibition, all in percent points but the share.
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
    """All counterfactuals, the one that carries most first; `excess` and `inhibition` without a clamp."""

    cell_line: str
    combination: str
    drugs: tuple[str, str]
    model: str
    time_h: float
    excess: float
    inhibition: float
    rows: tuple[Counterfactual, ...]


def explain(path: str | Path, line: str, combination: str, model: str = "bliss") -> Explanation:
    """Explain a combination of the cube at `path` at its last assay time; names in any spelling.

    Raises `InputError` for unknown names and for a cube whose model is not the one at hand.
    """
    import h5py

    if not Path(path).is_file():
        raise InputError(f"{path}: no such file, expected a cube made by `herscreen run`")
    try:
        with h5py.File(path, "r", locking=False) as file:
            cube = CubeFile(file)
            row = _find(line, [one.name for one in cube.lines], "cell line")
            column = _find(combination, cube.texts("combination"), "combination")
            pathway = cube.pathway()
            drugs = cube.texts("drug_1")[column], cube.texts("drug_2")[column]
            doses = tuple(
                grid[np.isfinite(grid)]
                for grid in (file["concentration_1"][column], file["concentration_2"][column])
            )
            time_h, solver, chosen = float(file["time"][-1]), cube.solver, cube.lines[row]
    except (OSError, KeyError) as error:
        raise InputError(f"{path}: not a cube of this version ({' '.join(str(error).split())})") from None
    clamps = (*drug_clamps(pathway.drug(drug) for drug in drugs), *load_clamps())
    assay = clamped_assay(pathway, clamps, solver["rtol"], solver["atol"])
    return counterfactuals(assay, clamps, chosen, drugs, (doses[0], doses[1]), time_h, model)


def clamped_assay(pathway: Pathway, clamps: Sequence[Clamp], rtol: float = 1e-6, atol: float = 1e-9) -> Assay:
    """The pathway's model with a switch on every edge; it reads out what each edge carries."""
    from screen.kinetics import compile_engine, load_model

    values = tuple(clamp.value for clamp in clamps)
    model = load_model(with_clamps(pathway.source, clamps))
    return Assay(pathway, compile_engine(model, (*values, "log_cells", "growth")), values, rtol, atol)


def counterfactuals(
    assay: Assay,
    clamps: Sequence[Clamp],
    line: CellLine,
    drugs: tuple[str, str],
    doses: tuple[Array, Array],
    time_h: float,
    model: str = "bliss",
) -> Explanation:
    """Simulate the grid of `doses` (nM, ascending from 0) once for every clamp, and score it."""
    from screen.synergy import score_matrices

    together = scenarios(clamps, drugs)
    viability, failed = clamped_grids(assay, clamps, line, drugs, doses, time_h, list(together.values()))
    scores = score_matrices(viability, *doses, models=(model,), single_agent="monotone")[model]
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
    pair = f"{drugs[0]}+{drugs[1]}"
    return Explanation(
        line.name, pair, drugs, model, time_h, float(mean[0]), float(inhibition[0]), tuple(rows)
    )


def scenarios(clamps: Sequence[Clamp], drugs: tuple[str, str]) -> dict[tuple[str, str], list[str]]:
    """Which clamps are shut together, by (name, kind): none, every edge alone, every node with several."""
    found: dict[tuple[str, str], list[str]] = {("", "none"): []}
    leaving: dict[str, list[str]] = {}
    for clamp in clamps:
        found[clamp.id, "drug" if clamp.source in drugs else "edge"] = [clamp.id]
        leaving.setdefault(clamp.source, []).append(clamp.id)
    nodes = {node: ids for node, ids in leaving.items() if len(ids) > 1}
    return found | {(node, "drug" if node in drugs else "node"): ids for node, ids in nodes.items()}


def clamped_grids(
    assay: Assay,
    clamps: Sequence[Clamp],
    line: CellLine,
    drugs: tuple[str, str],
    doses: tuple[Array, Array],
    time_h: float,
    shut: Sequence[Sequence[str]],
) -> tuple[Array, Array]:
    """Viability (scenario, dose_1, dose_2) with the clamps of each scenario shut, relative to its own
    vehicle, and how many wells failed (scenario,).
    """
    free = assay.untreated([line])
    one, two = (grid.ravel() for grid in np.meshgrid(*doses, indexing="ij"))
    parameters = clamped_parameters(assay, clamps, free, shut)
    count = len(shut)
    settled = Untreated(
        parameters,
        np.tile(free.state, (count, 1)),
        np.tile(free.readouts, (count, 1)),
        np.tile(free.growth_rate, count),
        np.tile(free.status, count),
    )
    rows = np.repeat(np.arange(count), len(one))
    dosed: Mapping[str, Array] = {drugs[0]: np.tile(one, count), drugs[1]: np.tile(two, count)}
    wells = assay.dose(settled, rows, dosed, np.array([time_h]))
    bad = (wells.status > 2).reshape(count, -1)
    log_cells = np.where(bad, np.nan, wells.log_cells[:, 0].reshape(count, -1))
    viability = np.exp(log_cells - log_cells[:, :1])
    return viability.reshape(count, len(doses[0]), len(doses[1])), bad.sum(axis=1)


def clamped_parameters(
    assay: Assay, clamps: Sequence[Clamp], free: Untreated, shut: Sequence[Sequence[str]]
) -> Array:
    """Parameters (scenario, P) of one line: every edge's untreated value held, the edges of `shut`
    switched to it.
    """
    column = {name: index for index, name in enumerate(assay.engine.parameters)}
    parameters = np.tile(free.parameters[:1], (len(shut), 1))
    for index, clamp in enumerate(clamps):
        parameters[:, column[clamp.held]] = free.readouts[0, index]
    switches = {clamp.id: column[clamp.switch] for clamp in clamps}
    for number, ids in enumerate(shut):
        parameters[number, [switches[one] for one in ids]] = 1.0
    return parameters


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
