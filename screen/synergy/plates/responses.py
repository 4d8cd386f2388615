"""What the numbers of a plate are: viability or inhibition, percent or fraction; found from the values and
the untreated wells, for the file and, where a block clearly says otherwise, for that block alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError

Response = Literal["viability", "inhibition"]
KINDS: tuple[Response, Response] = ("inhibition", "viability")
NO_FRACTION = 3.0
CLEAR = 0.25
NAMED = 5


@dataclass(frozen=True)
class Responses:
    """`viability` `(row,)` as a fraction, the words that say what was found, and what is odd about single
    blocks, by their number."""

    viability: Floats
    messages: tuple[str, ...]
    notes: dict[int, str]


def read_responses(
    values: Floats, doses: Sequence[Floats], block: Indices, names: list[str], given: Response | None
) -> Responses:
    """`values`, `doses` of each drug and the number of the `block` of each row, NaN where a row is of no use;
    `names` of the blocks; `given` overrules what the values look like."""
    present = ~np.isnan(values)
    if not present.any():
        raise InputError("no row with two doses and a response is left")
    high = float(np.quantile(np.abs(values[present]), 0.99))
    percent = high > NO_FRACTION
    with np.errstate(divide="ignore", invalid="ignore"):
        dose = np.sum([np.log1p(one) for one in doses], axis=0)
    untreated = _median(values, present & (dose == 0), block, len(names))
    scale = _scales(values, present, block, untreated, percent)
    share = untreated / scale
    known = ~np.isnan(share)
    if known.any():
        kind = KINDS[int(np.mean(share[known] > 0.5) >= 0.5)]
        why = f"untreated wells at {np.median(untreated[known]):.3g}"
    else:
        trend = _trend(values, dose)
        kind = KINDS[int(trend < 0)]
        why = f"no untreated wells; the response {'falls' if trend < 0 else 'rises'} with dose"
    chosen = given or kind
    size = f"{'percent' if percent else 'fraction'} (99 % of values within {high:.3g})"
    messages = [f"response: {chosen}, {size}; {'given' if given else 'detected: ' + why}"]
    if given and known.any() and given != kind:
        messages.append(f"response: given as {given}, but {why} look like {kind}")
    falling = np.full(len(names), chosen == "viability")
    notes: dict[int, str] = {}
    other = KINDS[int(chosen == "inhibition")]
    clear = (share > 1 - CLEAR) if chosen == "inhibition" else (share < CLEAR)
    for k in np.flatnonzero(clear & known) if given is None else ():
        rows = present & (block == k)
        falls = _trend(values[rows], dose[rows]) < 0
        typical = float(np.median(values[rows])) / scale[k]
        idle = typical > 1 - CLEAR if other == "viability" else typical < CLEAR
        if idle or falls == (other == "viability"):
            falling[k] = other == "viability"
        else:
            notes[int(k)] = f"untreated wells at {untreated[k]:.3g} look like {other}: taken as {chosen}"
    messages += _differ(names, falling != (chosen == "viability"), other)
    messages += _differ(names, scale != (100.0 if percent else 1.0), "fraction" if percent else "percent")
    y = values / scale[block]
    return Responses(np.where(falling[block], y, 1 - y), tuple(messages), notes)


def _scales(values: Floats, present: Bools, block: Indices, untreated: Floats, percent: bool) -> Floats:
    """The divisor of each block: the file's, but for viability about 1 in a file of percent, and for values
    far above 1 in a file of fractions."""
    size = pd.Series(np.abs(values[present])).groupby(block[present])
    typical, largest = np.full(len(untreated), np.nan), np.full(len(untreated), np.nan)
    for target, found in ((typical, size.quantile(0.9)), (largest, size.max())):
        target[found.index.to_numpy()] = found.to_numpy()
    if percent:
        fractions = (largest <= NO_FRACTION) & (untreated > 0.5) & (untreated >= 0.6 * largest)
        return np.where(fractions, 1.0, 100.0)
    return np.where(typical > NO_FRACTION, 100.0, 1.0)


def _median(values: Floats, rows: Bools, block: Indices, count: int) -> Floats:
    """The median of the rows of each block, NaN where it has none."""
    found = pd.Series(values[rows]).groupby(block[rows]).median()
    result = np.full(count, np.nan)
    result[found.index.to_numpy()] = found.to_numpy()
    return result


def _trend(values: Floats, dose: Floats) -> float:
    """Correlation of the response with the summed logs of the doses."""
    both = ~np.isnan(values) & np.isfinite(dose)
    if both.sum() < 3:
        return 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.nan_to_num(np.corrcoef(dose[both], values[both])[0, 1]))


def _differ(names: list[str], marked: Bools, words: str) -> list[str]:
    """A message on the blocks that are not like the rest of the file."""
    found = [names[k] for k in np.flatnonzero(marked)]
    if not found:
        return []
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return [f"response: {words}, unlike the rest of the file, in {', '.join(found[:NAMED])}{more}"]
