"""Scores of measured blocks of three drugs as tables that join those of pairs: one row a
block, and one row a dose triple.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from screen.arrays import Bools, Floats
from screen.parallel_map import parallel_map
from screen.synergy.curves.single_agent import SingleAgent
from screen.synergy.dose_matrices import Reasons, add_reason, no_reasons
from screen.synergy.models.registry import MANY_DRUGS
from screen.synergy.plates.block import PlateBlock
from screen.synergy.plates.score_plates import NO_WELL, READ, block_names, read_columns, reason_of
from screen.synergy.score import check_models
from screen.synergy.score_tensors import TensorScore, score_tensors

TOGETHER = 64


def score_triple_blocks(
    blocks: Sequence[PlateBlock],
    models: Sequence[str] = tuple(MANY_DRUGS),
    *,
    single_agent: SingleAgent | None = None,
    jobs: int = 1,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The summary of every block of three drugs and the excess of every dose triple. `single_agent` and
    `jobs` as in `score_blocks`; `models` without a form for three drugs are named in `reason`.

    Summary columns: `block_id, drug_row, drug_col, drug_3, cell_line, conc_unit, doses_row, doses_col,
    doses_3, replicates`; for each model its mean excess over the cells with all three drugs (percent points
    of inhibition, positive = synergy), `<model>_max` (the best 3 x 3 x 3 window) and `<model>_beyond` (the
    mean of what lies beyond the pairs); MuSyC's parameters; `reason`. Cell columns: the block's names,
    `conc_r`, `conc_c`, `conc_3`, `viability`, `<model>_excess`, `<model>_beyond_excess`.
    """
    check_models(models)
    chosen = tuple(model for model in models if model in MANY_DRUGS)
    others = [model for model in models if model not in MANY_DRUGS]
    without = [f"{', '.join(others)}: no form for three drugs"] if others else []
    groups = _alike(blocks)
    parts = [members[k : k + TOGETHER] for members in groups for k in range(0, len(members), TOGETHER)]
    tasks = [([blocks[k] for k in part], chosen, single_agent) for part in parts]
    rows = [
        block_names(block) | read_columns(block) | {"reason": reason_of(block, [NO_WELL], {})}
        for block in blocks
    ]
    cells: list[pd.DataFrame] = [pd.DataFrame() for _ in blocks]
    for part, (scores, words) in zip(parts, parallel_map(_score_alike, tasks, jobs)):
        for place, k in enumerate(part):
            live = not all(np.isnan(score.mean[place]) for score in scores.values())
            reasons = {model: str(score.reason[place]) for model, score in scores.items() if live}
            summary = _summary(scores, place)
            summary["reason"] = reason_of(blocks[k], [str(words[place]), *without], reasons)
            rows[k] |= summary
            cells[k] = _cells(blocks[k], scores, place)
    table = pd.DataFrame(rows)
    for name in (*READ, "reason"):
        table[name] = table.pop(name)
    return table, pd.concat(cells, ignore_index=True)


def joined_tables(
    pairs: pd.DataFrame | None, triples: pd.DataFrame | None, blocks: Sequence[PlateBlock]
) -> pd.DataFrame:
    """The tables of both, in the order of `blocks`; what one of them lacks stays empty."""
    if pairs is None or triples is None:
        whole = pairs if triples is None else triples
        return pd.DataFrame() if whole is None else whole
    place = {block.name: k for k, block in enumerate(blocks)}
    named = list(triples.columns)
    lead = named[: 1 + named.index("conc_3" if "conc_3" in named else "replicates")]
    whole = pd.concat([pairs, triples], ignore_index=True)
    whole = whole.iloc[np.argsort(whole["block_id"].map(place).to_numpy(), kind="stable")]
    if "doses_3" in whole:
        whole["doses_3"] = whole["doses_3"].astype("Int64")
    last = [name for name in (*READ, "reason") if name in whole]
    middle = [name for name in whole.columns if name not in (*lead, *last)]
    return whole[[*lead, *middle, *last]].reset_index(drop=True)


def _alike(blocks: Sequence[PlateBlock]) -> list[list[int]]:
    """Indices of blocks of one origin and shape, those without a well left out."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for k, block in enumerate(blocks):
        if block.wells.size:
            groups.setdefault((block.simulated, *map(len, block.concs)), []).append(k)
    return list(groups.values())


def _score_alike(
    blocks: list[PlateBlock], models: Sequence[str], single_agent: SingleAgent | None
) -> tuple[dict[str, TensorScore], Reasons]:
    """Scores of blocks of one shape, NaN where a block has none, and what limits their designs."""
    viability = np.stack([block.viability for block in blocks])
    concs = [np.stack(conc) for conc in zip(*(block.concs for block in blocks))]
    reason, invalid = _design_reasons(viability, concs)
    form = single_agent or ("monotone" if blocks[0].simulated else "fit")
    usable = np.where(invalid[:, None, None, None], np.nan, viability)
    from_zero = [np.where(invalid[:, None] & (np.arange(conc.shape[1]) == 0), 0.0, conc) for conc in concs]
    return score_tensors(usable, from_zero, models, form), reason


def _design_reasons(viability: Floats, concs: Sequence[Floats]) -> tuple[Reasons, Bools]:
    """Words for what every score of three drugs needs, and the blocks that have none, `(block,)` each."""
    count = len(viability)
    reason, present = no_reasons(count), ~np.isnan(viability)
    no_zero = np.any([conc[:, 0] != 0 for conc in concs], axis=0)
    add_reason(reason, no_zero, "no single-agent wells: every drug needs a dose of 0")
    empty = ~no_zero & ~present[:, 1:, 1:, 1:].any(axis=(1, 2, 3))
    add_reason(reason, empty, "no cell with all three drugs has a value")
    absent = (~present).reshape(count, -1).sum(axis=1)
    text = [f"{a} of {present[0].size} wells have no value" for a in absent]
    add_reason(reason, ~no_zero & ~empty & (absent > 0), np.array(text, dtype=object))
    alone = present[:, :, 0, 0], present[:, 0, :, 0], present[:, 0, 0, :]
    for drug, wells in enumerate(alone, start=1):
        add_reason(reason, ~no_zero & ~empty & ~wells.all(axis=1), f"drug {drug} alone lacks wells")
    pairs = present[:, 1:, 1:, 0], present[:, 1:, 0, 1:], present[:, 0, 1:, 1:]
    for drugs, wells in zip(("1 and 2", "1 and 3", "2 and 3"), pairs):
        none = ~no_zero & ~empty & ~wells.any(axis=(1, 2))
        add_reason(reason, none, f"no well of drugs {drugs} as a pair: nothing to tell what is beyond pairs")
    return reason, no_zero | empty


def _summary(scores: dict[str, TensorScore], place: int) -> dict[str, object]:
    row: dict[str, object] = {}
    for model, score in scores.items():
        row[model], row[f"{model}_max"] = float(score.mean[place]), float(score.best[place])
        row[f"{model}_beyond"] = float(score.mean_beyond[place])
    own = {key: values for score in scores.values() for key, values in score.parameters.items()}
    return row | {key: float(values[place]) for key, values in own.items()}


def _cells(block: PlateBlock, scores: dict[str, TensorScore], place: int) -> pd.DataFrame:
    names = block_names(block)
    conc = [part.ravel() for part in np.meshgrid(*block.concs, indexing="ij")]
    table = {key: names[key] for key in ("block_id", "drug_row", "drug_col", "drug_3", "conc_unit")}
    table |= dict(zip(("conc_r", "conc_c", "conc_3"), conc)) | {"viability": block.viability.ravel()}
    for model, score in scores.items():
        table[f"{model}_excess"] = score.excess[place].ravel()
        table[f"{model}_beyond_excess"] = score.beyond[place].ravel()
    return pd.DataFrame(table)
