"""Scores of measured plates as tables: one row a block, and one row a dose pair. Grids of one shape are scored
together, other designs well by well. Where no model asked for rests on curves, none are fitted, and the table has no
strength of the drugs (`ic50_1`, `css`, ...).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.parallel_map import parallel_map
from screen.synergy.batch import ScoringOptions
from screen.synergy.curves.single_agent import CurveFit, SingleAgent
from screen.synergy.models.registry import MODELS, PLATE_MODELS
from screen.synergy.plates.block import PlateBlock, far_replicates
from screen.synergy.plates.designs import is_grid, points_of
from screen.synergy.plates.empty_numbers import noise_words, reason_of, reasons_of_grids, strength_words
from screen.synergy.plates.outliers import far_wells
from screen.synergy.plates.score_wells import WellScores, edges_of, score_wells
from screen.synergy.potency.gr_metrics import growth_columns
from screen.synergy.potency.potency import potencies
from screen.synergy.score import CHUNK, check_models, score_matrices

FIRST = ("musyc_beta", "musyc_alpha12", "musyc_alpha21", "musyc_gamma12", "musyc_gamma21", "braid_kappa",
         "ci50", "ic50_1", "ic50_2", "ec50_1", "ec50_2", "gr50_1", "gr50_2", "gr_max_1", "gr_max_2", "gr_aoc_1",
         "gr_aoc_2", "css")  # fmt: skip
VIABILITY = ("ic50", "ec50", "emax", "hill")  # of GR values there are others
READ = ("time_h", "schedule", "design", "orientation", "scale", "baseline", "normalisation", "vehicle",
        "ignored_columns")  # fmt: skip
NO_WELL = "no usable well"
Columns = dict[str, Any]


def score_blocks(
    blocks: Sequence[PlateBlock],
    models: Sequence[str] = PLATE_MODELS,
    *,
    single_agent: SingleAgent | None = None,
    fit: CurveFit | None = None,
    jobs: int = 1,
    strength: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The summary of every block and the excess of every dose pair. Without `single_agent`, curves are
    fitted to measured blocks and pass through the wells of simulated ones, as in a cube; `fit` as in
    `score_matrices`; `strength` asks for that of the drugs alone, and outliers, where no model needs curves.

    Summary columns: `block_id, drug_row, drug_col, cell_line, conc_unit, replicates`; for each model its
    mean excess (percent points of inhibition, positive = synergy), `<model>_max`, the number of wells that the mean
    is over, `<model>_wells`, and its own parameters; `ic50_1`, `ic50_2`, `ec50_1`, `ec50_2` in `conc_unit`, `css` and
    the like; how the block was read (`READ`); `reason`. Cell columns: the block's names, `conc_r`, `conc_c`,
    `viability`, `outlier`, `far_replicates`, `<model>_excess`.
    """
    check_models(models)
    fits = strength or any(MODELS[name].curves for name in models)
    parts: list[tuple[list[int], Columns]] = []
    cells: list[tuple[list[int], Columns]] = []
    for members in by_shape(blocks):
        chosen = [blocks[k] for k in members]
        if not chosen[0].filled or min(len(chosen[0].conc_1), len(chosen[0].conc_2)) == 0:
            columns = _named(chosen) | {"reason": [reason_of(block, [NO_WELL], {}) for block in chosen]}
            parts.append((members, columns))
            continue
        form = single_agent or ("monotone" if chosen[0].simulated else "fit")
        options = ScoringOptions(form, fit, -1.0 if chosen[0].growth else 0.0)
        if not is_grid(chosen[0]):
            for k, block in zip(members, chosen):
                found = score_wells(points_of(block), models, options)
                parts.append(([k], _named([block]) | _of_wells(block, found)))
                cells.append(([k], _cells_of_wells(block, found)))
            continue
        summary, rows = _of_grids(chosen, models, options, fits, jobs)
        parts.append((members, _named(chosen) | summary))
        cells.append((members, rows))
    return _joined(blocks, parts), _cells(blocks, cells)


def by_shape(blocks: Sequence[PlateBlock]) -> list[list[int]]:
    """Indices of blocks of one origin, scale and design whose matrices have the same shape: each group is scored at
    once."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for k, block in enumerate(blocks):
        key = (
            len(block.conc_1),
            len(block.conc_2),
            block.simulated,
            block.growth,
            is_grid(block),
            block.filled,
        )
        groups.setdefault(key, []).append(k)
    return list(groups.values())


def _of_grids(
    blocks: list[PlateBlock], models: Sequence[str], options: ScoringOptions, fits: bool, jobs: int
) -> tuple[Columns, Columns]:
    """The columns of the summary `(block,)` and of the cells `(block, dose_1, dose_2)` of grids of one shape."""
    viability = np.stack([block.viability for block in blocks])
    conc_1, conc_2 = np.stack([b.conc_1 for b in blocks]), np.stack([b.conc_2 for b in blocks])
    scores = score_matrices(viability, conc_1, conc_2, models, options=options, jobs=jobs)
    columns: Columns = {}
    for model, score in scores.items():
        inner = score.excess[:, 1:, 1:]
        columns |= {model: score.mean, f"{model}_max": score.best}
        columns[f"{model}_wells"] = (~np.isnan(inner)).sum(axis=(1, 2))
    strength: dict[str, Floats] = {}
    far = np.zeros(viability.shape, dtype=bool)
    if fits:
        strength = potencies(viability, conc_1, conc_2, options.single_agent, jobs, options.lower_bound)
        strength = strength_of(blocks[0], strength, viability, (conc_1, conc_2))
        if not blocks[0].simulated:
            far = _far_wells(viability, conc_1, conc_2, jobs)
    columns |= _ordered({k: v for score in scores.values() for k, v in score.parameters.items()} | strength)
    noise = {} if blocks[0].simulated else noise_words(columns, viability)
    columns["reason"] = reasons_of_grids(blocks, scores, far, columns, noise)
    wide = (
        np.broadcast_to(conc_1[:, :, None], viability.shape),
        np.broadcast_to(conc_2[:, None], viability.shape),
    )
    cells: Columns = {"conc_r": wide[0], "conc_c": wide[1], "viability": viability, "outlier": far}
    if viability.size:
        cells["far_replicates"] = np.stack([far_replicates(block.wells).sum(axis=-1) for block in blocks])
    cells |= {f"{model}_excess": score.excess for model, score in scores.items()}
    return columns, cells


def strength_of(
    block: PlateBlock, strength: dict[str, Floats], viability: Floats, concs: Sequence[Floats]
) -> dict[str, Floats]:
    """The strength of drugs alone; of GR values (`block` is one of the group) their own metrics stand for those of
    viability."""
    if block.reading.get("orientation") != "gr":
        return strength
    kept = {name: values for name, values in strength.items() if name.split("_")[0] not in VIABILITY}
    return kept | growth_columns(viability, concs)


def _ordered(rest: Columns) -> Columns:
    """A model's own quantities and strength, the most asked for first."""
    return {
        key: rest[key]
        for key in [*(key for key in FIRST if key in rest), *(k for k in rest if k not in FIRST)]
    }


def _far_wells(viability: Floats, conc_1: Floats, conc_2: Floats, jobs: int) -> NDArray[np.bool_]:
    """Outliers of matrices that have both single agents, none elsewhere, `(matrix, dose_1, dose_2)`."""
    marks = np.zeros(viability.shape, dtype=bool)
    if min(viability.shape[1:]) > 1:
        whole = np.flatnonzero((conc_1[:, 0] == 0) & (conc_2[:, 0] == 0))
        tasks = [
            (viability[rows], conc_1[rows], conc_2[rows])
            for rows in (whole[first : first + CHUNK] for first in range(0, len(whole), CHUNK))
        ]
        if tasks:
            marks[whole] = np.concatenate(parallel_map(far_wells, tasks, jobs))
    return marks


def _of_wells(block: PlateBlock, found: WellScores) -> Columns:
    """The columns of the summary of a design that is no grid, one row."""
    columns: Columns = {}
    for model, score in found.scores.items():
        known = ~np.isnan(score.excess)
        mean = float(score.excess[known].mean()) if known.any() else float("nan")
        columns |= {model: [mean], f"{model}_max": [float("nan")], f"{model}_wells": [int(known.sum())]}
    own = {key: value for score in found.scores.values() for key, value in score.parameters.items()}
    strength = {key: np.array([value]) for key, value in found.strength.items()}
    if strength:
        edges, concs = edges_of(points_of(block))
        strength = strength_of(block, strength, edges, concs)
    columns |= {key: np.atleast_1d(value) for key, value in _ordered(own | strength).items()}
    reasons = {model: score.reason for model, score in found.scores.items()}
    words = [f"{block.reading['design']}: no 3 x 3 windows"]
    if "css" in columns:
        words.append("css: needs whole rows and columns of doses")
    arrays = {key: np.array(value) for key, value in columns.items()}
    beyond = strength_words(arrays, [block.conc_1], [block.conc_2]).get(0, "")
    columns["reason"] = ["; ".join(filter(None, [reason_of(block, words, reasons), beyond]))]
    return columns


def _cells_of_wells(block: PlateBlock, found: WellScores) -> Columns:
    columns = {"conc_r": found.conc_1, "conc_c": found.conc_2, "viability": found.viability}
    columns["outlier"] = np.zeros(len(found.viability), dtype=bool)
    apart = np.full(len(found.viability), np.nan)
    if block.wells.size:
        place = np.searchsorted(block.conc_1, found.conc_1), np.searchsorted(block.conc_2, found.conc_2)
        apart = far_replicates(block.wells).sum(axis=-1)[place]
    columns["far_replicates"] = apart
    columns |= {f"{model}_excess": score.excess for model, score in found.scores.items()}
    return {name: values[None] for name, values in columns.items()}


def _named(blocks: Sequence[PlateBlock]) -> Columns:
    """The columns that say what blocks are and how they were read."""
    columns = {
        "block_id": [block.name for block in blocks],
        "drug_row": [block.drug_1 for block in blocks],
        "drug_col": [block.drug_2 for block in blocks],
        "cell_line": [block.cell_line for block in blocks],
        "conc_unit": [block.unit for block in blocks],
        "doses_row": [len(block.conc_1) for block in blocks],
        "doses_col": [len(block.conc_2) for block in blocks],
        "replicates": [block.replicates for block in blocks],
    }
    read = [how_read(block) for block in blocks]
    return columns | {name: [one[name] for one in read] for name in READ}


def how_read(block: PlateBlock) -> dict[str, object]:
    """The columns that say how a block was read, empty for what was made by other means than a file."""
    found = dict.fromkeys(READ, "") | dict(block.reading)
    return found | {"time_h": block.time_h, "schedule": block.schedule}


def read_columns(block: PlateBlock) -> dict[str, object]:
    """Those columns in their order."""
    found = how_read(block)
    return {name: found[name] for name in READ}


def block_names(block: PlateBlock) -> dict[str, object]:
    """The columns that say what a block is."""
    more = range(3, len(block.concs) + 1)
    return {
        "block_id": block.name,
        "drug_row": block.drug_1,
        "drug_col": block.drug_2,
        **{f"drug_{k}": block.drugs[k - 1] for k in more},
        "cell_line": block.cell_line,
        "conc_unit": block.unit,
        "doses_row": len(block.conc_1),
        "doses_col": len(block.conc_2),
        **{f"doses_{k}": len(block.concs[k - 1]) for k in more},
        "replicates": block.replicates,
    }


def _joined(blocks: Sequence[PlateBlock], parts: list[tuple[list[int], Columns]]) -> pd.DataFrame:
    """One row a block, in their order; columns of how it was read and `reason` last."""
    if not parts:
        return pd.DataFrame({"reason": []})
    frames = [pd.DataFrame(columns, index=members) for members, columns in parts]
    widest = max(frames, key=lambda frame: frame.shape[1])
    names = list(dict.fromkeys([*widest.columns, *(name for frame in frames for name in frame.columns)]))
    whole = pd.concat([_typed(frame, names) for frame in frames]).sort_index()
    for name in names:
        if name.endswith("_wells"):
            whole[name] = whole[name].fillna(0).astype(int)
    last = [*READ, "reason"]
    assert len(whole) == len(blocks)
    return whole[[name for name in names if name not in last] + last].reset_index(drop=True)


def _typed(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    lacking = {name: np.full(len(frame), np.nan) for name in names if name not in frame}
    return frame.assign(**lacking) if lacking else frame


def _cells(blocks: Sequence[PlateBlock], groups: list[tuple[list[int], Columns]]) -> pd.DataFrame:
    """One row a dose pair, in the order of the blocks, from the arrays `(matrix, ...)` of each group."""
    if not groups:
        return pd.DataFrame()
    owner = np.concatenate([np.repeat(members, columns["viability"][0].size) for members, columns in groups])
    order = np.argsort(owner, kind="stable")
    owner = owner[order]
    table: dict[str, NDArray[Any]] = {name: values[owner] for name, values in _names_of(blocks)}
    for name in groups[0][1]:
        table[name] = np.concatenate([columns[name].ravel() for _, columns in groups])[order]
    return pd.DataFrame(table)


def _names_of(blocks: Sequence[PlateBlock]) -> Iterator[tuple[str, NDArray[Any]]]:
    keys = (("block_id", "name"), ("drug_row", "drug_1"), ("drug_col", "drug_2"), ("conc_unit", "unit"))
    for name, key in keys:
        yield name, np.array([getattr(block, key) for block in blocks], dtype=object)
