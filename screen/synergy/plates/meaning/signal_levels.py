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
    row says of the time when the drugs were given (`own_start`, NaN where nothing); None for nothing of the kind."""

    plate: Indices
    background: tuple[Floats, Indices]
    start: tuple[Floats, Indices, Indices]
    line: Indices | None = None
    own_start: Floats | None = None


def wells_of(value: Floats, doses: list[Floats], block: Indices, count: int) -> WellValues:
    """InputError where no value is left."""
    if np.isnan(value).all():
        raise InputError("no row with two doses and a response is left")
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
