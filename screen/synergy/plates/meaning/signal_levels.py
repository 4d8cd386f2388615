"""What every guess about the values of a plate rests on: levels and trends, block by block."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError

Response = Literal["viability", "inhibition", "growth", "gr"]
Scale = Literal["percent", "fraction", "raw"]
RESPONSES: tuple[Response, ...] = get_args(Response)
SCALES: tuple[Scale, ...] = get_args(Scale)
WORDS: dict[str, Response] = {
    "inhibition": "inhibition",
    "growthinhibition": "inhibition",
    **dict.fromkeys(
        (
            "fractionaffected",
            "fa",
            "cytotoxicity",
            "kill",
            "killing",
            "cellkill",
            "cellkilling",
            "celldeath",
            "death",
            "dead",
            "lysis",
        ),
        "inhibition",
    ),
    "fractionunaffected": "viability",
    "fu": "viability",
    "viability": "viability",
    "cellviability": "viability",
    "survival": "viability",
    "cellsurvival": "viability",
    "relativeviability": "viability",
    "survivingfraction": "viability",
    "fractionviable": "viability",
    "normalizedviability": "viability",
    "normalisedviability": "viability",
    "ofcontrol": "viability",
    "ofuntreated": "viability",
    "ofvehicle": "viability",
    "ofdmso": "viability",
    "growth": "growth",
    "percentgrowth": "growth",
    "gr": "gr",
    "grvalue": "gr",
}
RAW_WORDS = ("counts", "count", "cellcount", "cellcounts", "cells", "cellnumber", "luminescence", "rlu", "absorbance",
             "od", "abs", "fluorescence", "rfu", "signal", "intensity", "raw", "rawvalue", "rawsignal",
             "growthrate", "confluence", "confluency", "atp", "celltiterglo", "ctg", "alamarblue", "resazurin",
             "prestoblue", "mtt", "mts", "xtt", "wst1", "wst8", "cck8", "srb", "crystalviolet", "hoechst", "nuclei",
             "nucleicount", "nuclearcount", "livecells", "livecellcount", "viablecells", "viablecellcount", "rlus",
             "lum", "cps", "rfus")  # fmt: skip
AREA_WORDS = ("confluence", "confluency")  # percent of an area, not of the untreated wells
FRACTION_WORDS = ("survivingfraction", "fractionviable", "fractionaffected", "fractionunaffected", "fa", "fu", "gr",
                  "grvalue")  # fmt: skip
NAMED = 5
HALF, LITTLE = 0.5, 0.03
BELIEF = 30.0
"""Times the untreated wells, beyond which no value is one of viability, inhibition or growth."""
APART = 0.15
SEVERAL = 4


@dataclass(frozen=True)
class Given:
    """What is known of the values before looking: `word`, the head of their column; `percent`, whether it or the
    cells say so; the options `response` and `scale`."""

    word: str = ""
    percent: bool = False
    response: Response | None = None
    scale: Scale | None = None

    @property
    def orientation(self) -> Response | None:
        return self.response or WORDS.get(self.word)

    @property
    def stated_scale(self) -> tuple[Scale | None, str]:
        """The scale that is said, and by what."""
        if self.scale:
            return self.scale, "given"
        if self.percent and self.word not in AREA_WORDS:
            return "percent", "% sign"
        if self.word in RAW_WORDS:
            return "raw", "column name"
        if self.word in FRACTION_WORDS:
            return "fraction", "column name"
        return None, "size"


@dataclass(frozen=True)
class WellValues:
    """`value` `(well,)`, NaN where of no use; the sum of the logs of its doses `dose`; its `block`; `count` blocks."""

    value: Floats
    dose: Floats
    block: Indices
    count: int

    @property
    def present(self) -> Bools:
        return ~np.isnan(self.value)

    @property
    def untreated(self) -> Bools:
        none: Bools = self.present & (self.dose == 0)
        return none


@dataclass(frozen=True)
class OtherWells:
    """The plate of each well `(well,)`, -1 for none; values and plates of wells without cells (`background`); of wells
    read when the drugs were given (`start`) values, plates and cell lines; the `line` of each well, and what its own
    row says of the time when the drugs were given (`own_start`, NaN where nothing); the number of its `replicate` (-1
    for none) and one that is the `same` for wells of one block and dose pair; None for nothing of the kind."""

    plate: Indices
    background: tuple[Floats, Indices]
    start: tuple[Floats, Indices, Indices]
    line: Indices | None = None
    own_start: Floats | None = None
    replicate: Indices | None = None
    same: Indices | None = None


def wells_of(value: Floats, doses: list[Floats], block: Indices, count: int) -> WellValues:
    """Each well's value, the logs of its doses summed, and its block."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return WellValues(value, np.sum([np.log1p(one) for one in doses], axis=0), block, count)


def by_block(values: Floats, block: Indices, count: int, how: str = "median") -> Floats:
    """The median (`max`, `min`, ...) of each block, NaN where it has none."""
    found = getattr(pd.Series(values).groupby(block), how)()
    result = np.full(count, np.nan)
    result[found.index.to_numpy()] = found.to_numpy()
    return result


def trend(values: Floats, dose: Floats) -> float:
    """Correlation of the response with the summed logs of the doses."""
    both = ~np.isnan(values) & np.isfinite(dose)
    if both.sum() < 3:
        return 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.nan_to_num(np.corrcoef(dose[both], values[both])[0, 1]))


def lowest_doses(wells: WellValues) -> Floats:
    """The median response of the quarter of a block's treated wells with the least drug, `(block,)`."""
    rows = np.flatnonzero(wells.present & (wells.dose > 0))
    share = pd.Series(wells.dose[rows]).groupby(wells.block[rows]).rank(pct=True, method="max").to_numpy()
    lowest = by_block(wells.dose[rows], wells.block[rows], wells.count, "min")[wells.block[rows]]
    least = rows[(share <= 0.25) | (wells.dose[rows] <= lowest)]
    return by_block(wells.value[least], wells.block[least], wells.count)


def differ(names: list[str], marked: Bools, words: str) -> list[str]:
    """A message on the blocks that are not like the rest of the file."""
    found = [names[k] for k in np.flatnonzero(marked)]
    if not found:
        return []
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return [f"response: {words}, unlike the rest of the file, in {', '.join(found[:NAMED])}{more}"]


def baseline_groups(
    value: Floats, wells: WellValues, group: Indices, replicate: Indices | None, same: Indices | None
) -> tuple[Indices, bool]:
    """The group of each well `(well,)` whose untreated wells it is divided by, and whether these are replicates.

    `group`: plates, or blocks; `replicate`: the number of each well's, -1 for none; `same`: equal for wells of one
    block and dose pair. Replicates are taken where each has untreated wells of its own, and where they then agree at
    least twice as well."""
    if replicate is None or same is None or replicate.max(initial=-1) < 1 or (replicate < 0).any():
        return group, False
    own = pd.factorize(group * (int(replicate.max()) + 1) + replicate)[0].astype(np.intp)
    shared, apart = (_ratio(value, wells, one) for one in (group, own))
    known = ~np.isnan(value)
    if np.isnan(apart[known]).any():
        return group, False
    spread = [
        float(np.nanmedian(pd.Series(one[known]).groupby(same[known]).std())) for one in (shared, apart)
    ]
    better = spread[0] > LITTLE and spread[1] < HALF * spread[0]
    return (own, True) if better else (group, False)


def _ratio(value: Floats, wells: WellValues, group: Indices) -> Floats:
    """The wells over the median of the untreated ones of their group, NaN where it has none above 0."""
    rows = np.flatnonzero(wells.untreated)
    level = by_block(value[rows], group[rows], int(group.max()) + 1)[group]
    return np.asarray(value / np.where(level > 0, level, np.nan))


def plates_apart(y: Floats, wells: WellValues, raw: Bools, others: OtherWells | None) -> dict[int, str]:
    """Words on blocks whose plates, in percent or fractions, have untreated wells at levels that differ."""
    if others is None or others.plate.max(initial=-1) < 1 or raw.all():
        return {}
    rows = np.flatnonzero(wells.untreated & ~raw[wells.block] & (others.plate >= 0))
    level = pd.Series(y[rows]).groupby([wells.block[rows], others.plate[rows]]).median()
    ends = level.groupby(level=0).agg(["min", "max"])
    ends = ends[ends["max"] - ends["min"] > APART]
    return {
        int(
            k
        ): f"untreated wells of its plates at {100 * low:.3g} to {100 * high:.3g} % viability (--scale raw "
        "normalises each plate by its own)"
        for k, low, high in ends.itertuples()
    }


def constant_values(wells: WellValues, names: list[str], notes: dict[int, list[str]]) -> list[str]:
    """Notes and a message on blocks of several wells of one and the same value, which tells nothing of drugs."""
    rows = wells.present
    least, most = (by_block(wells.value[rows], wells.block[rows], wells.count, how) for how in ("min", "max"))
    count = np.bincount(wells.block[rows], minlength=wells.count)
    found = np.flatnonzero((least == most) & (count >= SEVERAL))
    for k in found:
        notes.setdefault(int(k), []).append(f"all {count[k]} wells have the same value ({least[k]:.6g})")
    if not found.size:
        return []
    return [
        f"response: all wells have the same value in {found.size} of {wells.count} blocks (the first "
        f"{names[found[0]]}, {least[found[0]]:.6g}), which tells nothing of drugs"
    ]


def refuse_beyond_belief(
    y: Floats, wells: WellValues, doses: list[Floats], scale: Floats, given: Given, names: list[str]
) -> None:
    """InputError where a value is no percentage or fraction of anything that cells do, unless `--scale` says it is."""
    if given.scale or not (wells.present & (np.abs(y) > BELIEF)).any():
        return
    worst = int(np.nanargmax(np.abs(y)))
    where = " and ".join(f"{dose[worst]:g}" for dose in doses)
    read = "percent" if scale[wells.block[worst]] == 100 else "a fraction"
    raise InputError(
        f"block {names[wells.block[worst]]}: found the value {wells.value[worst]:.6g} at doses {where}, read as "
        f"{read}, expected at most {BELIEF:g} times the untreated wells: --scale raw normalises counts and signals, "
        "--scale percent|fraction takes them as they are, and what overflowed is to be left empty"
    )
