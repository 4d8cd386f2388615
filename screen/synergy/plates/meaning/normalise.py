"""Counts, luminescence, absorbance and growth rates as fractions of the untreated wells of their own plate, wells
without cells subtracted; or refused, with the cause.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError
from screen.synergy.plates.meaning.signal_levels import (
    RAW_WORDS,
    Given,
    OtherWells,
    WellValues,
    baseline_groups,
    by_block,
    lowest_doses,
    trend,
)

CERTAIN = 300.0
USUAL = (0.7, 1.3)
RISES = 0.3
FAR_ABOVE = 2.5


@dataclass(frozen=True)
class Normalised:
    """`value` `(well,)` in fractions where its block is `raw` `(block,)`, as it was elsewhere; in words what was done
    to each block (`''` for nothing), messages, and notes on blocks."""

    value: Floats
    raw: Bools
    words: list[str]
    messages: list[str]
    notes: dict[int, str]


def normalise(wells: WellValues, others: OtherWells, given: Given, names: list[str]) -> Normalised:
    """Where `--response gr` is given, GR values (Hafner 2016, doi:10.1038/nmeth.3853) from growth rates or, with wells
    at time 0, from counts. InputError for raw values without untreated wells, that rise with dose, or that are said to
    be inhibition."""
    stated, source = given.stated_scale
    untreated = by_block(wells.value[wells.untreated], wells.block[wells.untreated], wells.count)
    raw = _raw_blocks(wells, untreated, given)
    if stated == "raw" or (given.response == "gr" and given.word in RAW_WORDS):
        raw = np.ones(wells.count, dtype=bool)
    if not raw.any():
        return Normalised(wells.value, raw, [""] * wells.count, [], {})
    plate = others.plate
    group = np.where(plate >= 0, plate, plate.max(initial=-1) + 1 + wells.block)
    before = group
    blank, blanks = _blank(others.background, plate, group, np.where(wells.untreated, wells.value, np.nan))
    value = wells.value - blank
    group, by_replicate = baseline_groups(value, wells, group, others.replicate, others.same)
    if by_replicate:
        blanks = {int(g): blanks[int(b)] for g, b in zip(group, before) if int(b) in blanks}
    rows = np.flatnonzero(wells.untreated)
    mine = by_block(value[rows], group[rows], int(group.max()) + 1)[group]
    _refuse(wells, raw, mine, given, names)
    ratio = value / mine
    if given.response == "gr":
        ratio, how = _growth_rate_inhibition(value, mine, others, blank, given)
        blanks = {int(g): "; ".join(filter(None, [blanks.get(int(g), ""), how])) for g in np.unique(group)}
    scaled = np.where(raw[wells.block], ratio, wells.value)
    rising = _rising(scaled, wells, raw)
    _refuse_low(scaled, wells, raw, given, names)
    if rising.any() and given.response is None and given.orientation is None:
        where = names[int(np.flatnonzero(rising)[0])]
        raise InputError(
            f"block {where}: found raw values that rise with dose, expected a signal of living cells: give percent "
            "inhibition or viability, or --response viability where treated cells do grow more"
        )
    level = by_block(value[rows], group[rows], int(group.max()) + 1)
    what = "replicate" if by_replicate else "plate" if (plate >= 0).any() else "block"
    return _said(wells, raw, (level, group, what), (scaled, blanks), source, names)


def _refuse(wells: WellValues, raw: Bools, untreated: Floats, given: Given, names: list[str]) -> None:
    """InputError for raw wells without an `untreated` level `(well,)`, or whose values are said to be inhibition."""
    high = np.nanmax(np.abs(wells.value[raw[wells.block]]))
    bad = raw[wells.block] & wells.present & ~(untreated > 0)
    if bad.any():
        where = names[int(wells.block[np.flatnonzero(bad)[0]])]
        none = np.isnan(untreated[bad]).all()
        why = "no untreated wells on its plate" if none else "untreated wells at or below 0"
        raise InputError(
            f"block {where}: found raw values (up to {high:.6g}) and {why}, expected wells with both doses 0 (or a "
            "vehicle) to normalise to, or values in percent or fractions (--scale percent|fraction)"
        )
    if given.orientation == "inhibition":
        where = names[int(np.flatnonzero(raw)[0])]
        raise InputError(
            f"block {where}: found raw values (up to {high:.6g}) that are said to be inhibition, expected percent or "
            "fractions of it (--scale percent|fraction), or a signal of living cells"
        )


def _refuse_low(scaled: Floats, wells: WellValues, raw: Bools, given: Given, names: list[str]) -> None:
    """InputError for raw wells whose lowest doses lie far above the untreated wells: these hold no living cells."""
    near = lowest_doses(WellValues(scaled, wells.dose, wells.block, wells.count))
    low = raw & (near > FAR_ABOVE)
    if low.any() and given.response is None:
        k = int(np.flatnonzero(low)[0])
        raise InputError(
            f"block {names[k]}: found untreated wells at a {near[k]:.3g}th of the lowest doses, expected about the "
            "same: are they wells without cells (role blank)? --response viability takes them as they are"
        )


def _growth_rate_inhibition(
    value: Floats, untreated: Floats, others: OtherWells, blank: Floats, given: Given
) -> tuple[Floats, str]:
    """GR values `(well,)` from growth rates, or from counts with those at time 0 of the same plate; and words."""
    if given.word == "growthrate":
        return np.exp2(value / untreated) - 1, "GR values from growth rates"
    start, how = _at_start(others, len(value))
    start = start - blank
    if not (untreated > start)[~np.isnan(untreated)].all():
        raise InputError(
            "--response gr: found untreated wells that do not grow, expected more than at time 0"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.log2(np.maximum(value, 0.0) / start) / np.log2(untreated / start)
    return np.exp2(rate) - 1, how


def _at_start(others: OtherWells, size: int) -> tuple[Floats, str]:
    """The count at time 0 of each well `(well,)`: of its own row, else of its plate, of its cell line, of all; and
    words. InputError where there is none."""
    counts, plates, lines = others.start
    own = np.full(size, np.nan) if others.own_start is None else others.own_start
    if not counts.size and np.isnan(own).all():
        raise InputError(
            "--response gr: found raw values and no wells at time 0, expected some (role time0, or time 0), a column "
            "of counts at time 0, or growth rates"
        )
    start = np.full(size, np.median(counts) if counts.size else np.nan)
    line = np.zeros(size, dtype=np.intp) if others.line is None else others.line
    for where, here in ((lines, line), (plates, others.plate)):
        for number in np.unique(where[where >= 0]):
            start[here == number] = np.median(counts[where == number])
    lacking = ~np.isin(line, lines) & np.isnan(own)
    if len(np.unique(lines)) > 1 and lacking.any():
        raise InputError(
            "--response gr: found cell lines with and without wells at time 0, expected some of each"
        )
    words = f"{len(counts)} wells at time 0" if counts.size else "a column of counts at time 0"
    return np.where(np.isnan(own), start, own), f"GR values from {words}"


def _said(
    wells: WellValues, raw: Bools, levels: tuple[Floats, Indices, str], found: tuple[Floats, dict[int, str]],
    source: str, names: list[str],
) -> Normalised:  # fmt: skip
    level, group, what = levels
    words = [""] * wells.count
    first = pd.Series(group).groupby(wells.block).unique()
    for k in np.flatnonzero(raw):
        own = first[k]
        shown = ", ".join(f"{level[g]:.6g}" for g in own[:3]) + (" ..." if len(own) > 3 else "")
        kind = f"of its {what}s" if len(own) > 1 else "of the block" if what == "block" else f"of its {what}"
        words[k] = f"by the untreated wells {kind} (at {shown})"
        taken = next((found[1][g] for g in own if g in found[1]), "")
        words[k] += f", {taken}" if taken else ""
    lead = int(np.flatnonzero(raw)[0])
    told = f"{int(raw.sum())} of {wells.count} blocks hold" if not raw.all() else "the file holds"
    how = "by size" if source == "size" else source
    message = f"scale: {told} raw values ({how}), normalised {words[lead]}"
    message += f" in {names[lead]}" if raw.sum() > 1 else ""
    notes = (
        {int(k): f"raw values by size, normalised {words[k]}" for k in np.flatnonzero(raw)}
        if source == "size"
        else {}
    )
    return Normalised(found[0], raw, words, [message], notes)


def _raw_blocks(wells: WellValues, untreated: Floats, given: Given) -> Bools:
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
    odd = known & ((share > USUAL[1]) | ((share < USUAL[0]) & (share > 0.02))) & (size <= 1.4 * untreated)
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
    background: tuple[Floats, Indices], plate: Indices, group: Indices, untreated: Floats
) -> tuple[Floats, dict[int, str]]:
    """What to take off each well, and words by group of wells; `untreated` holds the signal of those, else NaN."""
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
            words[int(g)] += _z_prime(untreated[(group == g) & ~np.isnan(untreated)], own)
    return offset, words


def _z_prime(untreated: Floats, without: Floats) -> str:
    """Words on how far the controls of a plate lie apart: Z' of Zhang 1999 (doi:10.1177/108705719900400206), 1 at best
    and a good assay above 0.5; nothing where either has no replicates."""
    if min(len(untreated), len(without)) < 2 or untreated.mean() == without.mean():
        return ""
    spread = 3 * (untreated.std(ddof=1) + without.std(ddof=1))
    return f", Z' {1 - spread / abs(untreated.mean() - without.mean()):.2f}"


def _rising(scaled: Floats, wells: WellValues, raw: Bools) -> Bools:
    """Raw blocks whose signal grows with dose to more than half as much again."""
    top = by_block(scaled[wells.present], wells.block[wells.present], wells.count, "max")
    low = by_block(scaled[wells.present], wells.block[wells.present], wells.count, "min")
    marked = raw & (top > 1.5) & (low > 0.7)
    for k in np.flatnonzero(marked):
        rows = wells.block == k
        marked[k] = trend(scaled[rows], wells.dose[rows]) > RISES
    return marked
