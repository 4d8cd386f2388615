"""Wells that hold no drug, or one: partners that are a vehicle, a blank or nothing; wells without cells; doses left
blank where no drug was given. What is found becomes a name `''` and a dose of 0.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.arrays import Bools, Floats
from screen.synergy.plates.meaning.names import (
    BACKGROUND,
    is_background,
    is_empty,
    is_vehicle,
    kind_of,
    listed,
)
from screen.synergy.plates.meaning.never_dosed import SUMMARIES, level_of, never_dosed
from screen.synergy.plates.reading.headers import fold

Texts = NDArray[np.object_]
ROLES_VEHICLE = ("vehicle", "negative", "neg", "negcontrol", "negativecontrol", "untreated", "dmso", "control", "ctrl",
                 "vehiclecontrol", "untreatedcontrol", "nc", "solvent", "n")  # fmt: skip
ROLES_HIGH = ("highcontrol", "highctrl", "high", "hc", "max", "maxcontrol", "maxsignal", "hpe")
ROLES_LOW = ("lowcontrol", "lowctrl", "low", "lc", "min", "mincontrol", "minsignal", "zpe")
ROLES_SAMPLE = ("", "sample", "samples", "treated", "treatment", "compound", "drug", "test", "combination", "combo",
                "single", "singleagent", "s", "t", "x", "unknown")  # fmt: skip
ROLES_LEFT_OUT = ("positive", "pos", "poscontrol", "positivecontrol", "pc", "killcontrol", "kill", "p", "excluded",
                  "exclude", "ignore", "empty", "unused")  # fmt: skip
ROLES_START = ("time0", "t0", "day0", "timezero", "dayzero", "tz", "start", "baseline")
ROLES_BACKGROUND = (*BACKGROUND, "blank", "b", "mediumonly", "mediaonly")
KNOWN_ROLES = {
    *ROLES_VEHICLE,
    *ROLES_HIGH,
    *ROLES_LOW,
    *ROLES_SAMPLE,
    *ROLES_LEFT_OUT,
    *ROLES_START,
    *ROLES_BACKGROUND,
}
NAMED_ENDS = ("highcontrol", "highctrl", "lowcontrol", "lowctrl", "maxcontrol", "mincontrol")
LEAST, HIGH = 0.25, 0.3
UNCLEAR = (
    "blank",
    "media",
    "medium",
    "water",
    "pbs",
    "buffer",
    "culturemedium",
    "mediumcontrol",
    "mediacontrol",
    "mediumonly",
    "mediaonly",
)


@dataclass(frozen=True)
class UntreatedWells:
    """`drugs` and `doses` of each drug `(row,)` with no drug as `''` and 0; `background`, wells without cells; `start`,
    wells read when the drugs were given; `left_out`, wells of another role; words on what was read as a vehicle."""

    drugs: list[Texts]
    doses: list[Floats]
    background: Bools
    start: Bools
    left_out: Bools
    vehicle: tuple[str, ...]
    messages: tuple[str, ...]


def read_controls(
    table: pd.DataFrame, doses: list[Floats], empty: list[Bools], value: Floats, named: Collection[str] = ()
) -> UntreatedWells:
    """`table` has `drug_1`.. and perhaps `role`; `doses` `(row,)` NaN where `empty` or wrong; `named` are more names
    of vehicles."""
    count = len(doses)
    texts = [table[f"drug_{k + 1}"].to_numpy(dtype=object) for k in range(count)]
    drugs, doses, spelled, messages = list(texts), [dose.copy() for dose in doses], [], []
    vehicle = [is_vehicle(text, named) for text in texts]
    nameless = [is_empty(text) for text in texts]
    known = [v | n | is_background(t) for t, v, n in zip(texts, vehicle, nameless)]
    undosed, apart, said = never_dosed(texts, doses, empty, known, value)
    vehicle = [one | none for one, none in zip(vehicle, undosed)]
    messages += said
    nameless = [none | twin for none, twin in zip(nameless, _named_twice(texts, doses))]
    background = _background(texts, vehicle, nameless, doses, value)
    start, left_out = np.zeros(len(table), dtype=bool), apart
    for k in range(count):
        marked = vehicle[k] | background | apart
        spelled += [str(name) for name in pd.unique(texts[k][vehicle[k] & ~undosed[k]])]
        drugs[k] = np.where(marked | nameless[k], "", texts[k])
        doses[k] = np.where(marked | (nameless[k] & empty[k]), 0.0, doses[k])
    roles = _roles(table, texts)
    if (roles != "").any():
        vehicles, floors, words = _high_and_low(roles, doses, value)
        odd, more = _odd_roles(roles, doses, value, named)
        messages += words + more
        left_out = left_out | odd
        drugs = [np.where(odd, "", one) for one in drugs]
        drugs = [np.where(vehicles | floors, "", one) for one in drugs]
        roles = roles.mask(vehicles, "vehicle").mask(floors, "background")
        own = roles.isin([fold(name) for name in named])
        control = (roles.isin(ROLES_VEHICLE) | own).to_numpy()
        # a role "control" on a well with two doses is no vehicle
        dosed = np.all([np.nan_to_num(dose) > 0 for dose in doses[:2]], axis=0)
        control = control & ~dosed
        background = background | roles.isin(ROLES_BACKGROUND).to_numpy()
        start = start | roles.isin(ROLES_START).to_numpy()
        left_out = left_out | roles.isin(ROLES_LEFT_OUT).to_numpy()
        for k in range(count):
            none = (control & ~(np.nan_to_num(doses[k]) > 0)) | background | start
            doses[k] = np.where(none, 0.0, doses[k])
    blanks = [empty[k] & np.isnan(doses[k]) for k in range(min(count, 2))]
    read = [blank & _never_zero(drugs, doses, k) for k, blank in enumerate(blanks)]
    for k, blank in enumerate(blanks):
        if blank.any():
            other = (doses[1 - k] == 0) | (blanks[1 - k] & read[1 - k].any())
            none = read[k] | (blank & other & read[k].any())
            doses[k] = np.where(none, 0.0, doses[k])
            if none.any():
                messages.append(f"doses: {int(none.sum())} blank doses of drug {k + 1} are read as 0")
    found = tuple(dict.fromkeys(spelled))
    if found:
        messages.append(f"vehicle: {listed(found)} as a partner or alone is no drug")
    if background.any():
        messages.append(f"background: {int(background.sum())} wells without cells")
    if left_out.any():
        messages.append(f"role: {int(left_out.sum())} wells of other roles are left out")
    return UntreatedWells(drugs, doses, background, start, left_out, found, tuple(messages))


def _roles(table: pd.DataFrame, texts: list[Texts]) -> pd.Series:
    """The role of each row, folded; where none is given, a name like `high control` in the place of the drug."""
    roles = pd.Series(np.full(len(table), "", dtype=object), index=table.index)
    if "role" in table and (table["role"] != "").any():
        own, said = pd.factorize(table["role"])
        words = np.array([*(_role(str(text)) for text in said), ""], dtype=object)
        roles = pd.Series(words[own], index=table.index)
    codes, found = pd.factorize(texts[0])
    folded = [name if (name := fold(str(text))) in NAMED_ENDS else "" for text in found]
    if not any(folded):
        return roles
    return roles.where(
        roles != "", pd.Series(np.array([*folded, ""], dtype=object)[codes], index=table.index)
    )


def _role(text: str) -> str:
    """A role, folded; that of its kind where it is put together from common words (`neg ctrl wells`)."""
    folded = fold(text)
    if folded in KNOWN_ROLES or folded in SUMMARIES:
        return folded
    return kind_of(text) or ("vehicle" if is_vehicle(np.array([text], dtype=object))[0] else folded)


def _odd_roles(
    roles: pd.Series, doses: list[Floats], value: Floats, named: Collection[str]
) -> tuple[Bools, list[str]]:
    """Wells without a dose whose role is not known and that lie far from those with the least drug, to be left out;
    and words on such roles."""
    known = {*KNOWN_ROLES, *map(fold, named)}
    none: Bools = np.zeros(len(roles), dtype=bool)
    words: list[str] = []
    names = [str(one) for one in pd.unique(roles) if one not in known]
    if not names:
        return none, words
    dosed = np.any([np.nan_to_num(dose) > 0 for dose in doses], axis=0)
    count = np.sum([np.nan_to_num(dose) > 0 for dose in doses], axis=0)
    level, reach = level_of(doses, count, roles.isin(known).to_numpy(), value)
    for name in names:
        rows = (roles == name).to_numpy() & ~dosed
        own = np.nanmedian(value[rows]) if (~np.isnan(value[rows])).any() else np.nan
        if abs(own - level) > reach:
            none |= rows
            words.append(
                f"role: {name} is not known and its {int(rows.sum())} wells without a dose are at {own:.4g}, far from "
                f"the untreated ones or the lowest doses at {level:.4g}: left out (role blank where they hold no cells)"
            )
    rest = [name for name in names if not (none & (roles == name)).any()]
    return none, [
        *words,
        *([f"role: {listed(rest)} is not known, read as wells of a sample"] if rest else []),
    ]


def _high_and_low(roles: pd.Series, doses: list[Floats], value: Floats) -> tuple[Bools, Bools, list[str]]:
    """Wells of a high and of a low control: those at the level of the lowest doses hold no drug, the others stand for
    no living cells; and words."""
    ends = [roles.isin(names).to_numpy() for names in (ROLES_HIGH, ROLES_LOW)]
    none = np.zeros(len(roles), dtype=bool)
    words: list[str] = []
    if not (ends[0] | ends[1]).any():
        return none, none, words
    dose = np.sum([np.log1p(np.nan_to_num(one)) for one in doses], axis=0)
    wells = ~(ends[0] | ends[1]) & ~np.isnan(value)
    least = np.nanmedian(value[wells & (dose <= np.quantile(dose[wells], LEAST))]) if wells.any() else np.nan
    away = [abs(np.nanmedian(value[rows]) - least) if rows.any() else np.inf for rows in ends]
    vehicle = int(away[1] < away[0])
    name = ("high", "low")
    words.append(
        f"role: the {name[vehicle]} control is at the level of the lowest doses, so it holds no drug"
    )
    if ends[1 - vehicle].any():
        words[-1] += f"; the {name[1 - vehicle]} control stands for no living cells"
    return ends[vehicle], ends[1 - vehicle], words


def _background(
    texts: list[Texts], vehicle: list[Bools], nameless: list[Bools], doses: list[Floats], value: Floats
) -> Bools:
    """Wells named as without cells; wells named blank or medium, where others that hold no drug are at twice their
    level and far from 0."""
    none = np.all([v | n | is_background(t) for t, v, n in zip(texts, vehicle, nameless)], axis=0)
    marks: Bools = np.any([is_background(text) for text in texts], axis=0) & none
    blank = np.any([_is(text, UNCLEAR) for text in texts], axis=0) & none & ~marks
    if blank.any():
        undosed = np.all([np.nan_to_num(dose) == 0 for dose in doses], axis=0)
        others = (none | undosed) & ~blank & ~marks & ~np.isnan(value)
        level = np.median(value[others]) if others.any() else np.nan
        if np.nanmedian(value[blank]) < 0.5 * level and level > HIGH * np.nanquantile(np.abs(value), 0.9):
            marks = marks | blank
    return marks


def _is(texts: Texts, words: Collection[str]) -> Bools:
    codes, found = pd.factorize(texts)
    unclear = (fold(str(text)) in words or kind_of(str(text)) == "background" for text in found)
    return np.array([*unclear, False], dtype=bool)[codes]


def _named_twice(texts: list[Texts], doses: list[Floats]) -> list[Bools]:
    """Wells without a dose of a drug named like the other drug of their row, which has one: the name of a drug alone
    stands in both places. A drug combined with itself keeps its names."""
    marks = [np.zeros(len(texts[0]), dtype=bool) for _ in texts]
    same = texts[0] == texts[1]
    dosed = [np.nan_to_num(dose) > 0 for dose in doses[:2]]
    if not (same & dosed[0] & dosed[1]).any():
        marks[0], marks[1] = same & ~dosed[0] & dosed[1], same & dosed[0] & ~dosed[1]
    return marks


def _never_zero(drugs: list[Texts], doses: list[Floats], k: int) -> Bools:
    """Rows whose drugs have no well with an explicit dose 0 of drug `k` at the same dose of the other."""
    other = doses[1 - k]
    key = pd.MultiIndex.from_arrays([drugs[0], drugs[1], np.nan_to_num(other, nan=-1.0)])
    zero = doses[k] == 0
    missing: Bools = ~np.isnan(other) & (other > 0) & ~key.isin(key[zero])
    return missing
