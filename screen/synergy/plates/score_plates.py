"""Scores of measured plates as tables: one row a block, and one row a dose pair."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.parallel_map import parallel_map
from screen.synergy.batch import ScoringOptions
from screen.synergy.curves.single_agent import CurveFit, SingleAgent
from screen.synergy.dose_matrices import Score
from screen.synergy.models.registry import PLATE_MODELS
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.outliers import far_wells, far_wells_text
from screen.synergy.potency.potency import potencies
from screen.synergy.score import CHUNK, score_matrices

FIRST = ("musyc_beta", "musyc_alpha12", "musyc_alpha21", "musyc_gamma12", "musyc_gamma21", "braid_kappa",
         "ci50", "ic50_1", "ic50_2", "ec50_1", "ec50_2", "css")  # fmt: skip
NO_WELL = "no usable well"


def score_blocks(
    blocks: Sequence[PlateBlock],
    models: Sequence[str] = PLATE_MODELS,
    *,
    single_agent: SingleAgent | None = None,
    fit: CurveFit | None = None,
    jobs: int = 1,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The summary of every block and the excess of every dose pair. Without `single_agent`, curves are
    fitted to measured blocks and pass through the wells of simulated ones, as in a cube; `fit` as in
    `score_matrices`.

    Summary columns: `block_id, drug_row, drug_col, cell_line, conc_unit, replicates`; for each model its
    mean excess (percent points of inhibition, positive = synergy), `<model>_max` and its own parameters;
    `ic50_1`, `ic50_2`, `ec50_1`, `ec50_2` in `conc_unit`, `css` and the like; `reason`. Cell columns: the
    block's names, `conc_r`, `conc_c`, `viability`, `outlier`, `<model>_excess`.
    """
    rows: list[dict[str, object]] = [{} for _ in blocks]
    cells: list[tuple[list[int], dict[str, NDArray[Any]]]] = []
    for members in by_shape(blocks):
        chosen = [blocks[k] for k in members]
        form = single_agent or ("monotone" if chosen[0].simulated else "fit")
        viability = np.stack([block.viability for block in chosen])
        conc_1, conc_2 = np.stack([b.conc_1 for b in chosen]), np.stack([b.conc_2 for b in chosen])
        if viability.shape[1] == 0 or viability.shape[2] == 0:
            for k in members:
                rows[k] = block_names(blocks[k]) | {"reason": reason_of(blocks[k], [NO_WELL], {})}
            continue
        scores = score_matrices(
            viability, conc_1, conc_2, models, options=ScoringOptions(single_agent=form, fit=fit), jobs=jobs
        )
        strength = potencies(viability, conc_1, conc_2, form, jobs)
        far = _far_wells(viability, conc_1, conc_2, jobs) & (not chosen[0].simulated)
        for place, k in enumerate(members):
            rows[k] = block_names(blocks[k]) | _summary(scores, strength, place)
            words = far_wells_text(far[place], conc_1[place], conc_2[place])
            reasons = {model: str(score.reason[place]) for model, score in scores.items()}
            rows[k]["reason"] = "; ".join(filter(None, [words, reason_of(blocks[k], [], reasons)]))
        wide = (
            np.broadcast_to(conc_1[:, :, None], viability.shape),
            np.broadcast_to(conc_2[:, None], viability.shape),
        )
        columns = {"conc_r": wide[0], "conc_c": wide[1], "viability": viability, "outlier": far}
        columns |= {f"{model}_excess": score.excess for model, score in scores.items()}
        cells.append((members, columns))
    summary = pd.DataFrame(rows)
    summary["reason"] = summary.pop("reason")
    return summary, _cells(blocks, cells)


def by_shape(blocks: Sequence[PlateBlock]) -> list[list[int]]:
    """Indices of blocks of one origin whose matrices have the same shape: each group is scored at once."""
    groups: dict[tuple[int, int, bool], list[int]] = {}
    for k, block in enumerate(blocks):
        groups.setdefault((len(block.conc_1), len(block.conc_2), block.simulated), []).append(k)
    return list(groups.values())


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


def block_names(block: PlateBlock) -> dict[str, object]:
    """The columns that say what a block is."""
    third: tuple[dict[str, object], ...] = ({}, {})
    if block.conc_3 is not None:
        third = {"drug_3": block.drug_3}, {"doses_3": len(block.conc_3)}
    return {
        "block_id": block.name,
        "drug_row": block.drug_1,
        "drug_col": block.drug_2,
        **third[0],
        "cell_line": block.cell_line,
        "conc_unit": block.unit,
        "doses_row": len(block.conc_1),
        "doses_col": len(block.conc_2),
        **third[1],
        "replicates": block.replicates,
    }


def _summary(scores: dict[str, Score], strength: dict[str, Floats], place: int) -> dict[str, object]:
    row: dict[str, object] = {}
    for model, score in scores.items():
        row[model], row[f"{model}_max"] = float(score.mean[place]), float(score.best[place])
    rest = {key: values for score in scores.values() for key, values in score.parameters.items()} | strength
    order = [key for key in FIRST if key in rest] + [key for key in rest if key not in FIRST]
    return row | {key: float(rest[key][place]) for key in order}


def reason_of(block: PlateBlock, words: Sequence[str], reasons: Mapping[str, str]) -> str:
    """Notes on the block, `words`, then what each model says; the same words of several models once."""
    models_of: dict[str, list[str]] = {}
    for model, reason in reasons.items():
        for part in filter(None, reason.split("; ")):
            models_of.setdefault(part, []).append(model)
    parts = [
        part if len(who) == len(reasons) else f"{', '.join(who)}: {part}" for part, who in models_of.items()
    ]
    return "; ".join(filter(None, [*block.notes, *words, *parts]))


def _cells(
    blocks: Sequence[PlateBlock], groups: list[tuple[list[int], dict[str, NDArray[Any]]]]
) -> pd.DataFrame:
    """One row a dose pair, in the order of the blocks, from the arrays `(matrix, dose_1, dose_2)` of
    each group of blocks of one shape."""
    if not groups:
        return pd.DataFrame()
    owner = np.concatenate([np.repeat(members, columns["viability"][0].size) for members, columns in groups])
    order = np.argsort(owner, kind="stable")
    owner = owner[order]
    table: dict[str, NDArray[np.generic]] = {
        name: np.array([getattr(block, key) for block in blocks], dtype=object)[owner]
        for name, key in (
            ("block_id", "name"),
            ("drug_row", "drug_1"),
            ("drug_col", "drug_2"),
            ("conc_unit", "unit"),
        )
    }
    for name in groups[0][1]:
        table[name] = np.concatenate([columns[name].ravel() for _, columns in groups])[order]
    return pd.DataFrame(table)
