"""Scores of measured blocks of three drugs and of four as tables that join those of pairs: one row a block, and one row
a dose triple or quadruple.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from screen.arrays import Bools, Floats
from screen.parallel_map import parallel_map
from screen.synergy.curves.single_agent import SingleAgent
from screen.synergy.dose_matrices import Reasons, add_reason, no_reasons
from screen.synergy.models.registry import MANY_DRUGS
from screen.synergy.plates.block import PlateBlock, far_replicates
from screen.synergy.plates.empty_numbers import reason_of
from screen.synergy.plates.score_plates import NO_WELL, READ, block_names, read_columns
from screen.synergy.potency.potency import tensor_potencies
from screen.synergy.score import check_models
from screen.synergy.score_tensors import TensorScore, score_tensors

TOGETHER = 64
NUMBERS = {2: "two", 3: "three", 4: "four"}


def score_triple_blocks(
    blocks: Sequence[PlateBlock],
    models: Sequence[str] = tuple(MANY_DRUGS),
    *,
    single_agent: SingleAgent | None = None,
    jobs: int = 1,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The summary of every block of three drugs or more and the excess of every set of doses. `single_agent` and
    `jobs` as in `score_blocks`; `models` without a form for more than two drugs are named in `reason`.

    Summary columns: `block_id, drug_row, drug_col, drug_3, drug_4, cell_line, conc_unit, doses_row, doses_col,
    doses_3, doses_4, replicates`; for each model its mean excess over the cells with all drugs (percent points of
    inhibition, positive = synergy), `<model>_max` (the best window of 3 doses of each) and `<model>_beyond` (the
    mean of what lies beyond all combinations of fewer drugs); MuSyC's parameters; the strength of each drug alone
    (`ic50_3`, ...) and `css`; `reason`. Cell columns: the block's names, `conc_r`, `conc_c`, `conc_3`, `conc_4`,
    `viability`, `far_replicates`, `<model>_excess`, `<model>_beyond_excess`.
    """
    check_models(models)
    chosen = tuple(model for model in models if model in MANY_DRUGS)
    others = [model for model in models if model not in MANY_DRUGS]
    without = [f"{', '.join(others)}: no form for more than two drugs"] if others else []
    groups = alike(blocks)
    parts = [members[k : k + TOGETHER] for members in groups for k in range(0, len(members), TOGETHER)]
    tasks = [([blocks[k] for k in part], chosen, single_agent) for part in parts]
    rows = [
        block_names(block) | read_columns(block) | {"reason": reason_of(block, [NO_WELL], {})}
        for block in blocks
    ]
    cells: list[pd.DataFrame] = [pd.DataFrame() for _ in blocks]
    for part, (scores, words, strength) in zip(parts, parallel_map(_score_alike, tasks, jobs)):
        for place, k in enumerate(part):
            live = not all(np.isnan(score.mean[place]) for score in scores.values())
            reasons = {model: str(score.reason[place]) for model, score in scores.items() if live}
            summary = _summary(scores, place) | {
                name: float(values[place]) for name, values in strength.items()
            }
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
    last_dose = next((name for name in ("conc_4", "conc_3") if name in named), "replicates")
    lead = named[: 1 + named.index(last_dose)]
    whole = pd.concat([pairs, triples], ignore_index=True)
    whole = whole.iloc[np.argsort(whole["block_id"].map(place).to_numpy(), kind="stable")]
    for name in ("doses_3", "doses_4"):
        if name in whole:
            whole[name] = whole[name].astype("Int64")
    last = [name for name in (*READ, "reason") if name in whole]
    middle = [name for name in whole.columns if name not in (*lead, *last)]
    return whole[[*lead, *middle, *last]].reset_index(drop=True)


def alike(blocks: Sequence[PlateBlock]) -> list[list[int]]:
    """Indices of blocks of one origin and shape, those without a well left out."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for k, block in enumerate(blocks):
        if block.wells.size:
            groups.setdefault((block.simulated, *map(len, block.concs)), []).append(k)
    return list(groups.values())


def _score_alike(
    blocks: list[PlateBlock], models: Sequence[str], single_agent: SingleAgent | None
) -> tuple[dict[str, TensorScore], Reasons, dict[str, Floats]]:
    """Scores of blocks of one shape, NaN where a block has none, what limits their designs, and the strength of their
    drugs."""
    viability = np.stack([block.viability for block in blocks])
    concs = [np.stack(conc) for conc in zip(*(block.concs for block in blocks))]
    reason, invalid = _design_reasons(viability, concs)
    form = single_agent or ("monotone" if blocks[0].simulated else "fit")
    usable = np.where(invalid.reshape(-1, *[1] * len(concs)), np.nan, viability)
    from_zero = [np.where(invalid[:, None] & (np.arange(conc.shape[1]) == 0), 0.0, conc) for conc in concs]
    strength = tensor_potencies(usable, from_zero)
    return score_tensors(usable, from_zero, models, form), reason, strength


def _design_reasons(viability: Floats, concs: Sequence[Floats]) -> tuple[Reasons, Bools]:
    """Words for what every score of many drugs needs, and the blocks that have none, `(block,)` each."""
    count, drugs = len(viability), len(concs)
    reason, present = no_reasons(count), ~np.isnan(viability)
    no_zero = np.any([conc[:, 0] != 0 for conc in concs], axis=0)
    add_reason(reason, no_zero, "no single-agent wells: every drug needs a dose of 0")
    inner = present[(slice(None), *[slice(1, None)] * drugs)].reshape(count, -1)
    empty = ~no_zero & ~inner.any(axis=1)
    add_reason(reason, empty, f"no cell with all {NUMBERS[drugs]} drugs has a value")
    absent = (~present).reshape(count, -1).sum(axis=1)
    text = [f"{a} of {present[0].size} wells have no value" for a in absent]
    add_reason(reason, ~no_zero & ~empty & (absent > 0), np.array(text, dtype=object))
    for drug in range(drugs):
        alone = present[(slice(None), *(slice(None) if k == drug else 0 for k in range(drugs)))]
        add_reason(reason, ~no_zero & ~empty & ~alone.all(axis=1), f"drug {drug + 1} alone lacks wells")
    for size in range(2, drugs):
        for group in combinations(range(drugs), size):
            face = present[(slice(None), *(slice(1, None) if k in group else 0 for k in range(drugs)))]
            none = ~no_zero & ~empty & ~face.reshape(count, -1).any(axis=1)
            who = " and ".join([", ".join(str(k + 1) for k in group[:-1]), str(group[-1] + 1)])
            kind = "a pair: nothing to tell what is beyond pairs" if size == 2 else f"{NUMBERS[size]}"
            add_reason(reason, none, f"no well of drugs {who} as {kind}")
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
    further = [f"_{k}" for k in range(3, len(conc) + 1)]
    keys = ("block_id", "drug_row", "drug_col", *(f"drug{end}" for end in further), "conc_unit")
    table = {key: names[key] for key in keys}
    table |= dict(zip(("conc_r", "conc_c", *(f"conc{end}" for end in further)), conc))
    table["viability"] = block.viability.ravel()
    table["far_replicates"] = far_replicates(block.wells).sum(axis=-1).ravel()
    for model, score in scores.items():
        table[f"{model}_excess"] = score.excess[place].ravel()
        table[f"{model}_beyond_excess"] = score.beyond[place].ravel()
    return pd.DataFrame(table)
