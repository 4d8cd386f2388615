"""Counts, luminescence, absorbance and growth rates as fractions of the untreated wells of their own plate, wells
without cells subtracted; or refused, with the cause.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError
from screen.synergy.plates.meaning.values import Given, Wells, by_block, lowest_doses, trend

CERTAIN = 300.0
USUAL = (0.7, 1.3)
RISES = 0.3


@dataclass(frozen=True)
class Normalised:
    """`value` `(well,)` in fractions where its block is `raw` `(block,)`, as it was elsewhere; in words what was done
    to each block (`''` for nothing), messages, and notes on blocks."""

    value: Floats
    raw: Bools
    words: list[str]
    messages: list[str]
    notes: dict[int, str]


def normalise(
    wells: Wells, plate: Indices, background: tuple[Floats, Indices], given: Given, names: list[str]
) -> Normalised:
    """`plate` `(well,)` numbers the plates on which untreated wells are looked for, `-1` for the block's own;
    `background`: values and plates of wells without cells."""
    stated, source = given.stated_scale
    untreated = by_block(wells.value[wells.untreated], wells.block[wells.untreated], wells.count)
    raw = _raw_blocks(wells, untreated, given)
    if stated == "raw":
        raw = np.ones(wells.count, dtype=bool)
    if not raw.any():
        return Normalised(wells.value, raw, [""] * wells.count, [], {})
    group = np.where(plate >= 0, plate, plate.max(initial=-1) + 1 + wells.block)
    blank, blanks = _blank(background, plate, group)
    value = wells.value - blank
    rows = np.flatnonzero(wells.untreated)
    level = by_block(value[rows], group[rows], int(group.max()) + 1)
    mine = level[group]
    bad = raw[wells.block] & wells.present & ~(mine > 0)
    if bad.any():
        where = names[int(wells.block[np.flatnonzero(bad)[0]])]
        high = np.nanmax(np.abs(wells.value[raw[wells.block]]))
        why = (
            "no untreated wells on its plate"
            if np.isnan(mine[bad]).all()
            else "untreated wells at or below 0"
        )
        raise InputError(
            f"{where}: found raw values (up to {high:.6g}) and {why}, expected wells with both doses 0 (or a vehicle) "
            "to normalise to, or values in percent or fractions (--scale percent|fraction)"
        )
    scaled = np.where(raw[wells.block], value / mine, wells.value)
    rising = _rising(scaled, wells, raw)
    if rising.any() and given.response is None and given.orientation is None:
        where = names[int(np.flatnonzero(rising)[0])]
        raise InputError(
            f"{where}: found raw values that rise with dose, expected a signal of living cells: give percent "
            "inhibition or viability, or --response viability where treated cells do grow more"
        )
    return _said(wells, raw, (level, group, plate), (scaled, blanks), source, names)


def _said(
    wells: Wells, raw: Bools, levels: tuple[Floats, Indices, Indices], found: tuple[Floats, dict[int, str]],
    source: str, names: list[str],
) -> Normalised:  # fmt: skip
    level, group, plate = levels
    words = [""] * wells.count
    first = pd.Series(group).groupby(wells.block).unique()
    for k in np.flatnonzero(raw):
        own = first[k]
        shown = ", ".join(f"{level[g]:.6g}" for g in own[:3]) + (" ..." if len(own) > 3 else "")
        kind = "of its plates" if len(own) > 1 else "of its plate" if (plate >= 0).any() else "of the block"
        words[k] = f"by the untreated wells {kind} (at {shown})"
        taken = next((found[1][g] for g in own if g in found[1]), "")
        words[k] += f", {taken}" if taken else ""
    lead = int(np.flatnonzero(raw)[0])
    what = f"{int(raw.sum())} of {wells.count} blocks hold" if not raw.all() else "the file holds"
    how = "by size" if source == "size" else source
    message = f"scale: {what} raw values ({how}), normalised {words[lead]}"
    message += f" in {names[lead]}" if raw.sum() > 1 else ""
    notes = (
        {int(k): f"raw values by size, normalised {words[k]}" for k in np.flatnonzero(raw)}
        if source == "size"
        else {}
    )
    return Normalised(found[0], raw, words, [message], notes)


def _raw_blocks(wells: Wells, untreated: Floats, given: Given) -> Bools:
    """Blocks whose values cannot be percent nor fractions: far too large, or falling from an untreated level that is
    neither 1 nor 100. A single odd block in a file is not: its untreated wells may have died."""
    size = by_block(np.abs(wells.value[wells.present]), wells.block[wells.present], wells.count, "max")
    none = np.zeros(wells.count, dtype=bool)
    if given.stated_scale[0] is not None:
        return none
    known = ~np.isnan(untreated)
    large = np.where(known, untreated > CERTAIN, size > 10 * CERTAIN)
    level = np.where(size > 3.0, 100.0, 1.0)
    share = untreated / level
    odd = known & ((share > USUAL[1]) | ((share < USUAL[0]) & (share > 0.02))) & (size <= 2 * untreated)
    if odd.any() and np.mean(odd[known]) > 0.5:
        near = lowest_doses(wells)
        alike = odd & (near > 0.6 * untreated) & (near < 1.4 * untreated)
        share_down = trend(wells.value / np.where(known, untreated, np.nan)[wells.block], wells.dose)
        if np.mean(alike[odd]) > 0.5 and share_down < 0:
            large |= odd
    if large[known].mean() > 0.5 if known.any() else large.all():
        return large | (known & (untreated > CERTAIN))
    return large


def _blank(
    background: tuple[Floats, Indices], plate: Indices, group: Indices
) -> tuple[Floats, dict[int, str]]:
    """What to take off each well, and words by group of wells."""
    values, where = background
    offset, words = np.zeros(len(plate)), {}
    values, where = values[~np.isnan(values)], where[~np.isnan(values)]
    if not values.size:
        return offset, {}
    for number in np.unique(plate):
        own = values[where == number] if number >= 0 and (where == number).any() else values
        offset[plate == number] = np.median(own)
        for g in np.unique(group[plate == number]):
            words[int(g)] = f"{len(own)} wells without cells (at {np.median(own):.6g}) subtracted"
    return offset, words


def _rising(scaled: Floats, wells: Wells, raw: Bools) -> Bools:
    """Raw blocks whose signal grows with dose to more than half as much again."""
    top = by_block(scaled[wells.present], wells.block[wells.present], wells.count, "max")
    low = by_block(scaled[wells.present], wells.block[wells.present], wells.count, "min")
    marked = raw & (top > 1.5) & (low > 0.7)
    for k in np.flatnonzero(marked):
        rows = wells.block == k
        marked[k] = trend(scaled[rows], wells.dose[rows]) > RISES
    return marked
