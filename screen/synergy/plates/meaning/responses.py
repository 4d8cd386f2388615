"""What the numbers of a plate are: viability, inhibition, growth; percent, fraction or raw; from what is said, else
from the level of the untreated wells and the trend with dose together, for the file and, where a block clearly says
otherwise, for that block alone. What was found is told and kept, block by block.
"""

from dataclasses import dataclass

import numpy as np

from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError
from screen.synergy.plates.meaning.normalise import normalise
from screen.synergy.plates.meaning.signal_levels import (
    Given,
    OtherWells,
    Response,
    WellValues,
    by_block,
    constant_values,
    differ,
    lowest_doses,
    plates_apart,
    refuse_beyond_belief,
    trend,
    wells_of,
)

KINDS: tuple[Response, Response] = ("inhibition", "viability")
NO_FRACTION = 3.0
NO_INHIBITION = 1.2
CLEAR = 0.25
UNCLEAR = 0.35
STRONG = 0.4
BELOW = -0.2
FAR_BASELINE = 0.1
LITTLE, MOST = 0.05, 0.7
ONE = 0.5, 1.5


@dataclass(frozen=True)
class Responses:
    """`viability` `(well,)` as a fraction; `growth` `(block,)`: values below 0 are death, so the forms for GR values
    hold; `columns` of the output table `(block,)` each; messages; what is odd about single blocks, by number."""

    viability: Floats
    growth: Bools
    columns: dict[str, list[object]]
    messages: tuple[str, ...]
    notes: dict[int, list[str]]


def read_responses(
    values: Floats,
    doses: list[Floats],
    block: Indices,
    names: list[str],
    given: Given,
    others: OtherWells | None = None,
) -> Responses:
    """`values`, `doses` of each drug and the number of the `block` of each well, NaN where a well is of no use;
    `names` of the blocks; `others`: plates, wells without cells and at time 0."""
    wells = wells_of(values, doses, block, len(names))
    none = np.empty(0), np.empty(0, dtype=np.intp)
    normal = normalise(
        wells, others or OtherWells(np.full(len(block), -1), none, (*none, none[1])), given, names
    )
    wells = WellValues(normal.value, wells.dose, block, wells.count)
    untreated = by_block(wells.value[wells.untreated], block[wells.untreated], wells.count)
    stated, source = given.stated_scale
    scale, percent, size = _scales(wells, untreated, normal.raw, given)
    share = untreated / scale
    notes: dict[int, list[str]] = {k: [words] for k, words in normal.notes.items()}
    _refuse_logarithms(wells, share, normal.raw, given, names)
    _refuse_fractions(wells, untreated, normal.raw, given, names)
    why, messages, falling = _orientation(wells, scale, share, given, names, notes, normal.raw)
    how = "by size" if source == "size" else source
    if not normal.raw.all():
        messages[0] += f", {size}" if source == "size" else f", {stated} ({source})"
    messages[0] += f"; {why}"
    y = wells.value / scale[block]
    y = np.where(falling[block], y, 1 - y)
    refuse_beyond_belief(y, wells, doses, scale, given, names)
    growth = _growth(y, wells, given)
    if (growth & ~_said_growth(given)).any():
        some = int(growth.sum())
        messages.append(
            f"response: {some} of {wells.count} blocks fall far below 0, so they are growth and scored by the forms "
            "for GR values (--response viability if they are not)"
        )
        for k in np.flatnonzero(growth & ~_said_growth(given)):
            notes.setdefault(int(k), []).append(
                "values far below 0: scored as growth, by the forms for GR values"
            )
    if given.response in KINDS:
        for k in np.flatnonzero(_far_below(y, wells)):
            words = f"values far below 0, taken as {given.response} as --response says (growth: as GR values)"
            notes.setdefault(int(k), []).append(words)
    _note_scale(notes, wells, (falling, normal.raw), scale, given)
    level = np.where(falling, share, 1 - share)
    for k in np.flatnonzero(np.abs(level - 1) > FAR_BASELINE):
        notes.setdefault(int(k), []).append(f"untreated wells at {100 * level[k]:.3g} % viability")
    for number, words in plates_apart(y, wells, normal.raw, others).items():
        notes.setdefault(number, []).append(words)
    kind = np.where(falling, "viability", "inhibition").astype(object)
    kind = np.where(growth, np.where(falling, "growth", "growth inhibition"), kind)
    if given.response == "gr" or given.orientation == "gr":
        kind[:] = "gr"
    scales = np.where(normal.raw, "raw", np.where(scale == 100, "percent", "fraction"))
    columns: dict[str, list[object]] = {
        "orientation": list(kind),
        "scale": [f"{one} ({how})" for one in scales],
        "baseline": [float(one) for one in np.round(level, 6)],
        "normalisation": [words or "none" for words in normal.words],
    }
    messages += constant_values(wells, names, notes)
    messages += differ(
        names, (scale != (100.0 if percent else 1.0)) & ~normal.raw, "fraction" if percent else "percent"
    )
    return Responses(y, growth, columns, (*normal.messages, *messages), notes)


def _refuse_logarithms(wells: WellValues, share: Floats, raw: Bools, given: Given, names: list[str]) -> None:
    """InputError where values fall from 0 without drug to below 0: neither viability nor inhibition does."""
    if given.orientation is not None or not (~np.isnan(share[~raw])).any():
        return
    treated = wells.value[wells.present & (wells.dose > 0) & ~raw[wells.block]]
    untreated = float(np.nanmedian(share[~raw]))
    slope = trend(wells.value, wells.dose)
    if abs(untreated) < LITTLE and slope < -STRONG and treated.size and np.mean(treated < 0) > MOST:
        raise InputError(
            f"block {names[0]}: found values that fall from 0 without drug to {treated.min():.4g}, expected viability, "
            "inhibition or a signal: logarithms of ratios (log2 fold changes) are to be given as ratios (--response "
            "inhibition if drugs do stimulate)"
        )


def _refuse_fractions(
    wells: WellValues, untreated: Floats, raw: Bools, given: Given, names: list[str]
) -> None:
    """InputError where a % sign stands over fractions, as workbooks show them: no untreated well has a viability of
    1 %."""
    if given.scale or given.stated_scale[0] != "percent" or given.orientation == "inhibition" or raw.all():
        return
    level = float(np.nanmedian(untreated[~raw])) if (~np.isnan(untreated[~raw])).any() else np.nan
    if (
        ONE[0] < level < ONE[1]
        and np.nanmax(np.abs(wells.value)) <= NO_FRACTION
        and trend(wells.value, wells.dose) < 0
    ):
        raise InputError(
            f"block {names[0]}: found a % sign and untreated wells at {level:.3g}, as fractions have them, expected "
            "100: --scale fraction reads them as fractions, --scale percent takes the sign at its word"
        )


def _said_growth(given: Given) -> bool:
    return given.orientation in ("growth", "gr")


def _growth(y: Floats, wells: WellValues, given: Given) -> Bools:
    """Blocks with wells far below 0, several of them; all where growth is said, none where `--response` says
    viability or inhibition."""
    if _said_growth(given):
        return np.ones(wells.count, dtype=bool)
    if given.response in KINDS:
        return np.zeros(wells.count, dtype=bool)
    return _far_below(y, wells)


def _far_below(y: Floats, wells: WellValues) -> Bools:
    """Blocks with several wells far below 0."""
    below = np.bincount(wells.block[y < BELOW], minlength=wells.count)
    of = np.bincount(wells.block[wells.present], minlength=wells.count)
    marked: Bools = (below >= 2) & (below > 0.04 * of)
    return marked


def _scales(wells: WellValues, untreated: Floats, raw: Bools, given: Given) -> tuple[Floats, bool, str]:
    """The divisor of each block: what is said, else the file's by size, but for viability about 1 in a file of
    percent, and for values far above 1 in a file of fractions."""
    stated, _ = given.stated_scale
    ordinary = wells.present & ~raw[wells.block]
    if not ordinary.any():
        return np.ones(wells.count), False, "raw"
    if stated == "percent" or stated == "fraction":
        scale = np.full(wells.count, 100.0 if stated == "percent" else 1.0)
        return np.where(raw, 1.0, scale), stated == "percent", stated
    size = np.abs(wells.value[ordinary])
    high = float(np.quantile(size, 0.99))
    percent = high > NO_FRACTION
    level = (
        np.median(untreated[~raw & ~np.isnan(untreated)]) if (~raw & ~np.isnan(untreated)).any() else np.nan
    )
    inhibition = given.orientation == "inhibition" or (given.orientation is None and abs(level) < CLEAR)
    rising = trend(wells.value[ordinary], wells.dose[ordinary]) > 0
    if not percent and inhibition and (rising or given.orientation) and high > NO_INHIBITION:
        percent = True
    typical = by_block(size, wells.block[ordinary], wells.count, "max")
    if percent:
        fractions = (typical <= NO_FRACTION) & (untreated > 0.5) & (untreated >= 0.6 * typical)
        scale = np.where(fractions, 1.0, 100.0)
    else:
        usual = np.full(wells.count, np.nan)
        few = np.flatnonzero(typical > NO_FRACTION)
        for k in few:
            usual[k] = np.quantile(np.abs(wells.value[ordinary & (wells.block == k)]), 0.9)
        scale = np.where(usual > NO_FRACTION, 100.0, 1.0)
    words = f"{'percent' if percent else 'fraction'} (99 % of values within {high:.3g})"
    return np.where(raw, 1.0, scale), percent, words


def _orientation(
    wells: WellValues,
    scale: Floats,
    share: Floats,
    given: Given,
    names: list[str],
    notes: dict[int, list[str]],
    raw: Bools,
) -> tuple[str, list[str], Bools]:
    """Why the file is of its kind, messages, and the blocks whose values fall with effect."""
    known = ~np.isnan(share)
    value = wells.value / scale[wells.block]
    slope = trend(value, wells.dose)
    if known.any():
        kind = KINDS[int(np.mean(share[known] > 0.5) >= 0.5)]
        why = f"untreated wells at {np.median((share * scale)[known]):.3g}"
        level = share[known & ~raw]
        if level.size and UNCLEAR < np.median(level) < 1 - UNCLEAR:
            why += ", near neither 0 nor 100 % (--response says what the values are)"
    else:
        kind = KINDS[int(slope < 0)]
        why = f"no untreated wells; the response {'falls' if slope < 0 else 'rises'} with dose"
    contrary = known.any() and abs(slope) > STRONG and (slope < 0) != (kind == "viability")
    if contrary and not raw.all():
        near = np.nanmedian(lowest_doses(WellValues(value, wells.dose, wells.block, wells.count)))
        turned = (near < 0.35) if kind == "viability" else (near > 0.65)
        if turned and given.orientation is None:
            kind = KINDS[int(kind == "inhibition")]
            why += f", but the lowest doses are at {near * np.median(scale):.3g} and the response "
            why += "falls" if slope < 0 else "rises"
        for k in np.flatnonzero(known):
            words = f"untreated wells at {share[k] * scale[k]:.3g} do not fit a response that "
            notes.setdefault(int(k), []).append(
                words + ("falls with dose" if slope < 0 else "rises with dose")
            )
    stated = given.orientation
    chosen: Response = stated or kind
    downward = chosen != "inhibition"
    messages = [f"response: {chosen}"]
    falling = np.full(wells.count, downward)
    if stated:
        why = "given" if given.response else "by the name of its column"
        if known.any() and (kind == "viability") != downward:
            words = f"untreated wells at {np.median((share * scale)[known]):.3g} look like {kind}"
            messages.append(f"response: given as {chosen}, but {words}")
            for k in np.flatnonzero(known):
                notes.setdefault(int(k), []).append(f"given as {chosen}, but {words}")
        return why, messages, falling
    why = f"detected: {why}"
    if raw.all():
        return why, ["response: viability"], np.ones(wells.count, dtype=bool)
    other = KINDS[int(chosen == "inhibition")]
    clear = (share > 1 - CLEAR) if chosen == "inhibition" else (share < CLEAR)
    odd = np.flatnonzero(clear & known & ~raw)
    lowest = lowest_doses(wells) / scale if odd.size else scale
    for k in odd:
        rows = wells.present & (wells.block == k)
        falls = trend(wells.value[rows], wells.dose[rows]) < 0
        typical = float(np.median(wells.value[rows])) / scale[k]
        levels = (typical, float(lowest[k]))
        idle = min(levels) > 1 - CLEAR if other == "viability" else max(levels) < CLEAR
        if idle or falls == (other == "viability"):
            falling[k] = other == "viability"
        elif not contrary:
            words = f"untreated wells at {share[k] * scale[k]:.3g} look like {other}: taken as {chosen}"
            notes.setdefault(int(k), []).append(words)
    falling = falling | raw
    messages += differ(names, (falling != downward) & ~raw, other)
    return why, messages, falling


def _note_scale(
    notes: dict[int, list[str]], wells: WellValues, kinds: tuple[Bools, Bools], scale: Floats, given: Given
) -> None:
    """Words where size alone cannot tell percent from fractions: inhibition has no level that would."""
    falling, raw = kinds
    if given.stated_scale[0] is not None:
        return
    size = by_block(np.abs(wells.value[wells.present]), wells.block[wells.present], wells.count, "max")
    for k in np.flatnonzero(~falling & ~raw & (size <= NO_FRACTION)):
        read = "percent" if scale[k] == 100 else "fractions"
        notes.setdefault(int(k), []).append(
            f"inhibition up to {size[k]:.3g} taken as {read} by size alone (--scale percent|fraction)"
        )
