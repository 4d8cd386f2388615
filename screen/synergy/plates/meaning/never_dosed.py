"""Names that never have a dose: a vehicle under any name, told by what its wells do rather than by a list of words,
or a control that kills, whose wells are left out.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.arrays import Bools, Floats
from screen.synergy.plates.meaning.names import listed
from screen.synergy.plates.reading.headers import fold

Texts = NDArray[np.object_]
LEAST, NEAR = 0.25, 0.3
SUMMARIES = (
    "mean",
    "average",
    "avg",
    "median",
    "sd",
    "stdev",
    "std",
    "sem",
    "cv",
    "min",
    "max",
    "total",
    "sum",
    "count",
)


def never_dosed(
    texts: list[Texts], doses: list[Floats], empty: list[Bools], known: list[Bools], value: Floats
) -> tuple[list[Bools], Bools, list[str]]:
    """Marks `(row,)` of each drug of names that are no drug, rows to be left out, and words. `texts`, `doses` (NaN
    where `empty` or no number) of each drug; `known`, those that are a vehicle or nameless by their words; `value` of
    the rows.

    A name is judged where the file holds combinations: beside a dosed drug it is no drug; alone it is a vehicle only
    where its wells are at the level of those with no or the least drug."""
    none, apart = [np.zeros(len(value), dtype=bool) for _ in texts], np.zeros(len(value), dtype=bool)
    given = [(np.nan_to_num(dose) > 0) | (np.isnan(dose) & ~blank) for dose, blank in zip(doses, empty)]
    if not (given[0] & given[1]).any():
        return none, apart, []
    count = np.sum(given, axis=0)
    codes, found = pd.factorize(np.concatenate(texts))
    dosed, beside = np.concatenate(given), np.concatenate([count - one > 0 for one in given])
    size = len(found)
    named = np.bincount(codes, np.concatenate(known), size) == 0
    open_ = named & (np.bincount(codes, dosed, size) == 0)
    if not open_.any():
        return none, apart, []
    partner = open_ & (np.bincount(codes, beside, size) > 0)
    places = np.split(codes, len(texts))
    level, reach = level_of(doses, count, ~np.any([open_[place] for place in places], axis=0), value)
    words = []
    for code in np.flatnonzero(open_ & ~partner):
        rows = np.any([place == code for place in places], axis=0)
        own = np.nanmedian(value[rows]) if (~np.isnan(value[rows])).any() else np.nan
        if fold(str(found[code])) in SUMMARIES:
            apart |= rows
            words.append(f"'{found[code]}' is a summary of other rows: left out")
        elif abs(own - level) <= reach:
            partner[code] = True
        elif not np.isnan(own):
            apart |= rows
            words.append(
                f"'{found[code]}' has no dose and its {int(rows.sum())} wells are at {own:.4g}, far from the untreated "
                f"ones or the lowest doses at {level:.4g}: left out (role blank where they hold no cells)"
            )
    none = [partner[place] for place in places]
    if partner.any():
        shown = listed([f"'{found[code]}'" for code in np.flatnonzero(partner)])
        words.append(f"vehicle: {shown} never has a dose, so it is no drug")
    return none, apart, words


def level_of(doses: list[Floats], count: Floats, other: Bools, value: Floats) -> tuple[float, float]:
    """The value of `other` wells without drug, else of those with the least, and how near wells have to be."""
    present = ~np.isnan(value)
    rows = present & other & (count == 0)
    if not rows.any():
        dose = np.sum([np.log1p(np.nan_to_num(one)) for one in doses], axis=0)
        treated = present & (count > 0)
        rows = treated & (dose <= np.quantile(dose[treated], LEAST)) if treated.any() else treated
    if not rows.any():
        return float("nan"), float("nan")
    return float(np.median(value[rows])), NEAR * float(np.quantile(np.abs(value[present]), 0.9))
