"""Which rows are one block: one pair (or triple) of drugs, on one plate or under one id, in one line, at one time.
Single agents and vehicle wells that name no pair go to every block they belong to: those of their own id first, those
of the same line and time where a block lacks them.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from screen.arrays import Bools, Floats, Indices
from screen.synergy.plates.meaning.names import FURTHER, block_names, listed


@dataclass(frozen=True)
class Pairing:
    """`row` `(well,)`: the rows of the table, some of them several times; `block` of each and whether its drugs are
    `swapped`; `names` of the blocks; what is known of each (`drug_1`, ..., one row a block); notes by block;
    messages."""

    row: Indices
    block: Indices
    swapped: Bools
    names: list[str]
    about: pd.DataFrame
    notes: dict[int, list[str]]
    messages: list[str]


CONTEXT = ("cell_line", "time_h", "schedule")


def pair_up(table: pd.DataFrame, doses: list[Floats], usable: Bools) -> Pairing:
    """`table`: a row a well, with `block_id` (`''` where there is none; `id_given` whether the file says so), `sheet`,
    `cell_line`, `time_h`, `schedule` and `drug_1`..`drug_3` (`''` for none); `doses` of each drug."""
    table = _freed(table, doses)
    far = _codes(table, CONTEXT)
    near = _joined(far, pd.factorize(table["block_id"])[0])
    drugs = table["drug_1"].to_numpy(), table["drug_2"].to_numpy()
    third = _further(table)
    named = drugs[0] != "", drugs[1] != ""
    whole = named[0] & named[1]
    together = np.all([np.nan_to_num(dose) > 0 for dose in doses[:2]], axis=0)
    if not whole.any() or whole.all():
        row = np.arange(len(table))
        swapped = _swapped(near, *drugs, together) if whole.all() else np.zeros(len(table), dtype=bool)
        key = _key(near, drugs, third, swapped, whole)
        if not whole.all() and (named[0] | named[1]).any():
            key = near
        block = pd.factorize(key)[0].astype(np.intp)
        if not whole.all() or _any(third) or not _some_lack(table, doses, block, swapped):
            return _finished(table, row, block, swapped, {}, [], drugs, third)
    return _with_partial(table, doses, usable, (near, far), whole)


def _further(table: pd.DataFrame) -> list[Floats]:
    """The names of the third and the fourth drug `(row,)`, `''` for none."""
    none = np.full(len(table), "", dtype=object)
    return [table[name].to_numpy(dtype=object) if name in table else none for name in FURTHER]


def _any(texts: list[Floats]) -> bool:
    return any((names != "").any() for names in texts)


def _freed(table: pd.DataFrame, doses: list[Floats]) -> pd.DataFrame:
    """The table with single agents and untreated wells that stand outside any block, in a file that names blocks, free
    to go to those that lack them: drugs at dose 0 lose their names."""
    table = _freed_blocks(table, doses)
    given = table["id_given"].to_numpy()
    if given.all() or not given.any():
        return table
    first, second = (np.nan_to_num(dose) for dose in doses[:2])
    far = _codes(table, CONTEXT)
    own = np.isin(far, far[~given & (first > 0) & (second > 0)])
    loose = ~given & ~own & ((first == 0) | (second == 0))
    names = {
        name: np.where(loose & (dose == 0), "", table[name].to_numpy(dtype=object))
        for name, dose in (("drug_1", first), ("drug_2", second))
    }
    return table.assign(**names)


def _freed_blocks(table: pd.DataFrame, doses: list[Floats]) -> pd.DataFrame:
    """The table with blocks that hold no combination, and of which another block of the same line and time lacks single
    agents or untreated wells, outside any block."""
    first, second = (np.nan_to_num(dose) > 0 for dose in doses[:2])
    far, both = _codes(table, CONTEXT), first & second
    near = _joined(far, pd.factorize(table["block_id"])[0])
    size = int(near.max(initial=-1)) + 1
    whole = np.bincount(near, both, size) > 0
    if whole.all() or not whole.any():
        return table
    drugs = [table[name].to_numpy(dtype=object) for name in ("drug_1", "drug_2")]
    alone = np.where(first, drugs[0], np.where(second, drugs[1], ""))
    wanted = pd.concat(
        [pd.DataFrame({"near": near, "far": far, "drug": name})[both] for name in (*drugs, "")]
    )
    have = pd.MultiIndex.from_arrays([near[~both], alone[~both]])
    lacking = wanted[~pd.MultiIndex.from_frame(wanted[["near", "drug"]]).isin(have)]
    asked = pd.MultiIndex.from_arrays([far, alone]).isin(pd.MultiIndex.from_frame(lacking[["far", "drug"]]))
    free = (np.bincount(near, asked & ~whole[near], size) > 0)[near]
    return table.assign(id_given=table["id_given"].to_numpy() & ~free)


def _some_lack(table: pd.DataFrame, doses: list[Floats], block: Indices, swapped: Bools) -> bool:
    """Whether a block of combinations that no id keeps apart has no untreated well, or none of one drug alone."""
    count = int(block.max(initial=-1)) + 1
    open_block = ~np.isin(np.arange(count), block[table["id_given"].to_numpy()])
    if not open_block.any():
        return False
    first, second = (np.nan_to_num(dose) for dose in doses[:2])
    one, two = np.where(swapped, second, first) > 0, np.where(swapped, first, second) > 0
    marks = [
        np.bincount(block[rows], minlength=count) > 0
        for rows in (one & two, one & ~two, two & ~one, ~one & ~two)
    ]
    return bool((open_block & marks[0] & ~np.all(marks[1:], axis=0)).any())


def _with_partial(
    table: pd.DataFrame, doses: list[Floats], usable: Bools, contexts: tuple[Indices, Indices], whole: Bools
) -> Pairing:
    near, far = contexts
    drugs = table["drug_1"].to_numpy(), table["drug_2"].to_numpy()
    third = _further(table)
    first, second = np.nan_to_num(doses[0]), np.nan_to_num(doses[1])
    nameless = ((drugs[0] == "") & (first > 0)) | ((drugs[1] == "") & (second > 0))
    nameless |= (drugs[0] == "") & (drugs[1] == "") & np.any([names != "" for names in third], axis=0)
    swapped = np.zeros(len(table), dtype=bool)
    rows = np.flatnonzero(whole)
    swapped[rows] = _swapped(near[rows], drugs[0][rows], drugs[1][rows], ((first > 0) & (second > 0))[rows])
    key = _key(
        near[rows],
        (drugs[0][rows], drugs[1][rows]),
        [names[rows] for names in third],
        swapped[rows],
        whole[rows],
    )
    code, firsts = pd.factorize(key)[0].astype(np.intp), np.unique(pd.factorize(key)[0], return_index=True)[1]
    lead = rows[firsts]
    a = np.where(swapped[lead], drugs[1][lead], drugs[0][lead])
    b = np.where(swapped[lead], drugs[0][lead], drugs[1][lead])
    pairs = pd.DataFrame(
        {"block": np.arange(len(lead)), "near": near[lead], "far": far[lead], "a": a, "b": b}
    )
    loose = np.flatnonzero(~whole & usable)
    filled = loose[nameless[loose]]
    loose = loose[~nameless[loose]]
    owner = pairs.drop_duplicates("near").set_index("near")["block"]
    taken = near[filled]
    filled, taken = filled[np.isin(taken, owner.index)], taken[np.isin(taken, owner.index)]
    parts = [_part(rows, code, swapped[rows]), _part(filled, owner.loc[taken].to_numpy(), swapped[filled])]
    kind = np.where(first[loose] > 0, drugs[0][loose], np.where(second[loose] > 0, drugs[1][loose], ""))
    side = np.where(first[loose] > 0, 1, 2)
    wells = pd.DataFrame({"row": loose, "near": near[loose], "far": far[loose], "drug": kind, "side": side})
    wanted = pd.concat(
        [
            pairs.assign(drug=pairs["a"], target=1),
            pairs.assign(drug=pairs["b"], target=2),
            pairs.assign(drug="", target=0),
        ]
    )
    own = wanted.merge(wells[["row", "near", "drug", "side"]], on=["near", "drug"])
    parts.append(_attached(own))
    have = pd.concat(parts)
    lacking = _lacking(wanted, have, first, second)
    borrowed = lacking.merge(wells[["row", "far", "drug", "side"]], on=["far", "drug"])
    given = table["id_given"].to_numpy()
    donors = np.flatnonzero(whole & usable & ~given & ((first > 0) ^ (second > 0) | (first + second == 0)))
    if donors.size:
        gift = pd.DataFrame(
            {
                "row": donors,
                "far": far[donors],
                "drug": np.where(
                    first[donors] > 0, drugs[0][donors], np.where(second[donors] > 0, drugs[1][donors], "")
                ),
                "side": np.where(first[donors] > 0, 1, 2),
            }
        )
        still = lacking.merge(borrowed[["block", "target"]].drop_duplicates(), how="left", indicator=True)
        still = still[still["_merge"] == "left_only"].drop(columns="_merge")
        borrowed = pd.concat([borrowed, still.merge(gift, on=["far", "drug"])])
    parts.append(_attached(borrowed))
    found = pd.concat(parts).sort_values(["block", "row"], kind="stable")
    used = np.zeros(len(table), dtype=bool)
    used[found["row"].to_numpy()] = True
    lost = int((~used & ~whole & usable).sum())
    messages = [f"single agents: {lost} wells belong to no pair and are left out"] if lost else []
    shared = found["row"].duplicated(keep=False)
    if shared.any():
        messages.append(
            f"single agents: {found.loc[shared, 'row'].nunique()} wells are shared by several of {len(pairs)} blocks"
        )
    notes: dict[int, list[str]] = {}
    if len(borrowed):
        some = borrowed.drop_duplicates(["block", "row"])
        numbers, counts = np.unique(some["block"].to_numpy(), return_counts=True)
        for number, count in zip(numbers, counts):
            notes[int(number)] = [
                f"{count} single-agent or vehicle wells are those of other rows of the line"
            ]
    row, block, turned = (found[name].to_numpy() for name in ("row", "block", "swapped"))
    pairing = _finished(table, row, block, turned, notes, messages, drugs, third)
    said = {name: table[name].to_numpy()[lead] for name in table.columns if not name.startswith("drug_")}
    about = pairing.about.assign(**said, drug_1=np.asarray(pairs["a"]), drug_2=np.asarray(pairs["b"]))
    return replace(pairing, about=about, names=block_names(about))


def _part(row: Indices, block: Indices, swapped: Bools) -> pd.DataFrame:
    return pd.DataFrame({"row": row, "block": block, "swapped": swapped})


def _attached(found: pd.DataFrame) -> pd.DataFrame:
    swapped = (found["target"] > 0) & (found["target"] != found["side"])
    return _part(found["row"].to_numpy(), found["block"].to_numpy(), swapped.to_numpy(dtype=bool))


def _lacking(wanted: pd.DataFrame, have: pd.DataFrame, first: Floats, second: Floats) -> pd.DataFrame:
    """Which of `wanted` has no well yet: a single agent of drug `a` (target 1) or `b` (2), an untreated one (0)."""
    row, turned = have["row"].to_numpy(), have["swapped"].to_numpy(dtype=bool)
    one = np.where(turned, second[row], first[row])
    two = np.where(turned, first[row], second[row])
    target = np.select(
        [(one > 0) & (two == 0), (one == 0) & (two > 0), (one == 0) & (two == 0)], [1, 2, 0], -1
    )
    there = pd.DataFrame({"block": have["block"].to_numpy(), "target": target}).drop_duplicates()
    merged = wanted.merge(there, on=["block", "target"], how="left", indicator=True)
    return merged[merged["_merge"] == "left_only"].drop(columns="_merge")


def _codes(table: pd.DataFrame, columns: tuple[str, ...]) -> Indices:
    code = np.zeros(len(table), dtype=np.intp)
    for name in columns:
        code = _joined(code, pd.factorize(table[name], use_na_sentinel=False)[0])
    return code


def _joined(one: Indices, two: Indices) -> Indices:
    if not len(one) or two.max(initial=0) == 0:
        return one
    return pd.factorize(one * (int(two.max()) + 1) + two)[0].astype(np.intp)


def _swapped(context: Indices, a: Floats, b: Floats, together: Bools) -> Bools:
    """Rows whose drugs stand in the other order than in the first row of their pair and context, of the rows that
    dose both `together` where there are any."""
    codes, found = pd.factorize(np.concatenate([a, b]))
    one, two = codes[: len(a)], codes[len(a) :]
    low, high = np.minimum(one, two), np.maximum(one, two)
    group = _joined(context, low * (len(found) + 1) + high)
    order = np.argsort(~together, kind="stable")
    _, first, inverse = np.unique(group[order], return_index=True, return_inverse=True)
    leading = np.empty(len(group), dtype=np.intp)
    leading[order] = one[order][first][inverse]
    swapped: Bools = one != leading
    return swapped


def _key(
    near: Indices, drugs: tuple[Floats, Floats], third: list[Floats], swapped: Bools, whole: Bools
) -> Indices:
    a, b = np.where(swapped, drugs[1], drugs[0]), np.where(swapped, drugs[0], drugs[1])
    key = near
    for texts in (a, b):
        key = _joined(key, pd.factorize(texts)[0])
    for names in third if _any(third) else ():
        named = pd.Series(names, dtype=object)
        named = named.where(named != "")
        filled = named.fillna(named.groupby(key).transform("first")).fillna("")
        key = _joined(key, pd.factorize(filled)[0])
    return key if whole.any() else near


def _finished(
    table: pd.DataFrame,
    row: Indices,
    block: Indices,
    swapped: Bools,
    notes: dict[int, list[str]],
    messages: list[str],
    drugs: tuple[Floats, Floats],
    third: list[Floats],
) -> Pairing:
    first = np.unique(block, return_index=True)[1]
    lead, turned = table.iloc[row[first]].reset_index(drop=True), swapped[first]
    count = len(first)
    one, two = lead["drug_1"].to_numpy(), lead["drug_2"].to_numpy()
    about = lead.assign(drug_1=np.where(turned, two, one), drug_2=np.where(turned, one, two))
    for name, texts in (("drug_1", drugs[0]), ("drug_2", drugs[1]), *zip(FURTHER, third)):
        lacking = about[name].to_numpy() == "" if name in about else np.ones(count, dtype=bool)
        if lacking.any() and (texts != "").any():
            some = pd.Series(texts[row])[texts[row] != ""]
            best = some.groupby(block[some.index]).first() if len(some) else pd.Series(dtype=object)
            about[name] = [best.get(k, "") if lacking[k] else about[name][k] for k in range(count)]
    if swapped.any():
        turned_blocks = np.unique(block[swapped])
        messages = [*messages, f"drugs: listed in either order in {listed([str(len(turned_blocks))])} blocks"]
    return Pairing(row, block, swapped, block_names(about), about, notes, messages)
