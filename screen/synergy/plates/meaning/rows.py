"""The rows of a table as numbers: doses in nM or ug/mL, responses, times, names of one spelling, and which rows are of
no use and why.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError
from screen.synergy.plates.meaning.doses import convert_units, refuse_logs
from screen.synergy.plates.meaning.names import is_vehicle, listed, spelled_once
from screen.synergy.plates.meaning.never_dosed import SUMMARIES
from screen.synergy.plates.meaning.untreated_wells import read_controls
from screen.synergy.plates.reading.headers import fold
from screen.synergy.plates.reading.numbers import Numbers, has_decimal_comma, read_numbers
from screen.units import HOURS

TEXTS = ("drug_1", "drug_2", "drug_3", "drug_4", "cell_line", "unit_1", "unit_2", "unit_3", "unit_4", "origin",
         "schedule", "block_id", "plate", "run", "sheet", "role", "replicate", "masked")  # fmt: skip
FRACTIONS = 1.5
TRUE = ("true", "t", "yes", "y", "1", "1.0", "x", "masked", "excluded", "exclude", "omit")
_CLOCK = re.compile(r"(?:(\d+) days? )?(\d+):00(?::00(?:\.0+)?)?|(\d+)d(\d+)h(?:0+m)?")  # 72:00:00, 3d0h0m


@dataclass(frozen=True)
class Rows:
    """The rows of a table, `(row,)` each: `doses` in `units` of each drug (`one_unit` where all rows share it);
    `response`; `usable`; `left_out`, the marks of the others with the reason in words, `odd` whether there are any;
    `more`, those that hold more drugs than are read; `background`, wells without cells; `start`, wells at time 0, and
    `own_start`, what rows say of it themselves; `plate`, numbers of plates, -1 where none is named; `about`, texts and
    `time_h`; `line` of the file."""

    doses: list[Floats]
    units: list[NDArray[np.object_]]
    one_unit: list[str | None]
    response: Floats
    percent: bool
    usable: Bools
    left_out: tuple[tuple[Bools, str], ...]
    odd: bool
    more: Bools
    background: Bools
    start: Bools
    own_start: Floats
    plate: Indices
    about: pd.DataFrame
    line: Indices
    vehicle: tuple[str, ...]
    messages: tuple[str, ...]


def read_rows(
    table: pd.DataFrame,
    drugs: int,
    vehicle: Collection[str],
    source: str,
    drug_name: Callable[[str], str] = str,
    line: str | None = None,
) -> Rows:
    """`table`: texts in our columns; names to which `drug_name` gives the same are one drug; `line`, the cell line
    where none is named. InputError for unknown units, logarithms of doses and times that are none."""
    messages: list[str] = []
    about = _about(table, messages, source, drug_name)
    if line is not None:
        _name_line(about, line, source)
    numeric = [name for name in ("conc_1", "conc_2", "conc_3", "conc_4", "response") if name in table]
    comma = any(has_decimal_comma(pd.unique(table[name].dropna())) for name in numeric) or None
    doses, units, wrong, empty = [], [], [], []
    for k in range(1, drugs + 1):
        if f"conc_{k}" not in table:
            continue
        found = _undosed(table[f"conc_{k}"], read_numbers(table[f"conc_{k}"], comma))
        _said_thousands(found, f"conc_{k}", messages)
        refuse_logs(found.value, str(table.attrs.get(f"conc_{k}", "")), source)
        written = about[f"unit_{k}"].to_numpy(dtype=object)
        if (found.unit != "").any():
            written = np.where(found.unit != "", found.unit, written)
        factor, unit = convert_units(pd.Series(written), source, table[f"conc_{k}"], table["row"].to_numpy())
        dose = np.where(found.empty, 0.0, found.value) if k > 2 else found.value
        doses.append(dose * factor)
        units.append(unit)
        wrong.append(found.wrong)
        empty.append(found.empty)
    response = read_numbers(table["response"], comma)
    _said_thousands(response, "response", messages)
    _refuse_mixed_signs(response, source)
    _refuse_mixed_units(response, source)
    own_start = read_numbers(table["start"], comma).value if "start" in table else np.full(len(table), np.nan)
    if "background" in table:
        response = _less_background(response, read_numbers(table["background"], comma), messages)
    controls = read_controls(about, doses, empty, response.value, vehicle)
    for k, names in enumerate(controls.drugs):
        about[f"drug_{k + 1}"] = names
    doses = controls.doses
    every = np.column_stack(doses)
    bad = response.wrong | np.any(wrong, axis=0)
    lost: Bools = np.asarray(np.isnan(every).any(axis=1))
    negative: Bools = np.asarray((every < 0).any(axis=1))
    more = _has_more_drugs(table, len(doses))
    endless = np.isinf(every).any(axis=1) | np.isinf(response.value)
    masked = _masked(about)
    left_out = (
        (masked, "is masked, or a summary of others"),
        (bad, "holds a text that is no number"),
        (negative, "holds a negative dose"),
        (lost & ~bad, "holds no dose"),
        (more, f"holds a {('third', 'fourth', 'fifth')[drugs - 2]} drug"),
        (controls.left_out, "is of another role"),
        (endless & ~bad, "holds an infinite number"),
    )
    unusable = masked | bad | lost | negative | more | endless | controls.left_out
    single = [_single(unit, other) for unit, other in zip(units, [*units[1::-1], *units[2:]])]
    return Rows(
        doses, units, single, response.value, response.percent, ~unusable, left_out, bool(unusable.any()), more,
        controls.background, controls.start, own_start, _plates(about), about, table["row"].to_numpy(),
        controls.vehicle, (*messages, *controls.messages),
    )  # fmt: skip


def _name_line(about: pd.DataFrame, line: str, source: str) -> None:
    """Say the cell line of rows that name none; InputError where rows do."""
    if named := [name for name in about["cell_line"].unique() if name]:
        shown = ", ".join(named[:4])
        raise InputError(f"--line: {source} names its cell lines ({shown}), expected plates that name none")
    about["cell_line"] = line


def _of_all(values: NDArray[Any], blank: Bools) -> NDArray[Any]:
    """The values with the only one of the file in blank rows too: controls need not repeat it."""
    found = pd.unique(values[~blank])
    return np.where(blank, found[0], values) if len(found) == 1 and blank.any() else values


def _masked(about: pd.DataFrame) -> Bools:
    """Rows that a column of the file takes out, and means among replicates."""
    codes, found = pd.factorize(about["masked"])
    masked: Bools = np.array([str(text).lower() in TRUE for text in found], dtype=bool)[codes]
    codes, found = pd.factorize(about["replicate"])
    means: Bools = np.array([fold(str(text)) in SUMMARIES for text in found], dtype=bool)[codes]
    return masked if means.all() else masked | means


def _about(
    table: pd.DataFrame, messages: list[str], source: str, drug_name: Callable[[str], str]
) -> pd.DataFrame:
    """The texts of a table, trimmed; drugs and lines of one spelling; `time_h`."""
    texts = {}
    for name in TEXTS:
        if name not in table:
            texts[name] = np.full(len(table), "", dtype=object)
            continue
        codes, found = pd.factorize(table[name])
        texts[name] = np.array([*(str(text).strip() for text in found), ""], dtype=object)[codes]
    drugs = np.concatenate([texts[f"drug_{k}"] for k in (1, 2, 3, 4)])
    names, joined = spelled_once(drugs, drug_name=drug_name)
    texts |= {f"drug_{k}": part for k, part in enumerate(np.split(names, 4), start=1)}
    texts["cell_line"], lines = spelled_once(texts["cell_line"])
    texts["cell_line"] = _of_all(texts["cell_line"], texts["cell_line"] == "")
    about = pd.DataFrame(texts, dtype=object)  # not as text: what is looked up by a code stays what it is
    for what, words in (("drugs", joined), ("cell lines", lines)):
        if words:
            messages.append(f"{what}: {listed(words)}")
    given = about["block_id"] != ""
    about["id_given"] = given
    if (about["plate"] != "").any() and not given.any():
        about["block_id"] = about["plate"]
    hours = _hours(table, source)
    about["time_h"] = _of_all(hours, np.isnan(hours))
    return about


def _hours(table: pd.DataFrame, source: str) -> Floats:
    """Assay times in hours, NaN where none is given."""
    if "time" not in table:
        return np.full(len(table), np.nan)
    unit = str(table["time_unit"].iloc[0]) if "time_unit" in table else ""
    codes, found = pd.factorize(table["time"])
    hours = []
    for text in found:
        if clock := _CLOCK.fullmatch(str(text).strip().lower()):
            hours.append(24 * float(clock[1] or clock[3] or 0) + float(clock[2] or clock[4] or 0))
            continue
        match = re.fullmatch(r"(t|time|d|day|h|hour)?\s*([\d.]+)\s*([a-z]*)\.?", str(text).strip().lower())
        word = (
            match[3] or {"d": "d", "day": "d"}.get(match[1] or "", "") or unit.lower() or "h" if match else ""
        )
        factor = HOURS.get(word, HOURS.get(word.removesuffix("s")))
        factor = 1 / 60 if word in ("minutes", "mins") else factor
        if match is None or factor is None:
            raise InputError(f"{source}: found the time '{text}', expected hours (72, 72 h) or days (3 d)")
        hours.append(float(match[2]) * factor)
    return np.array([*hours, np.nan])[codes]


def _plates(about: pd.DataFrame) -> Indices:
    """The number of each row's plate: of a column of plates or runs, or of one sheet among several; -1 for none.
    Lines and times on one plate have untreated wells of their own."""
    several = [name for name in ("run", "sheet") if about[name].nunique() > 1]
    names = [*(["plate"] if (about["plate"] != "").any() else []), *several]
    if not names:
        return np.full(len(about), -1, dtype=np.intp)
    key = [about[name] for name in (*names, "cell_line")] + [about["time_h"].fillna(-1)]
    return pd.MultiIndex.from_arrays(key).factorize()[0].astype(np.intp)


def _single(unit: NDArray[np.object_], other: NDArray[np.object_]) -> str | None:
    """The unit of all rows of a drug, None where they differ (or where exchanging the drugs could matter)."""
    if not len(unit):
        return ""
    found = pd.unique(unit)
    return str(found[0]) if len(found) == 1 and (other == found[0]).all() else None


def _said_thousands(found: Numbers, name: str, messages: list[str]) -> None:
    if found.thousands:
        plain = re.sub(r"(?<=\d)[,.](?=\d{3}(?:\D|$))", "", found.thousands)
        messages.append(f"{name}: '{found.thousands}' is read as {plain}")


def _undosed(texts: pd.Series, found: Numbers) -> Numbers:
    """The doses with words for no drug (`DMSO`, `none`) as 0."""
    odd = found.wrong | found.empty
    if not odd.any():
        return found
    none = odd & is_vehicle(texts.to_numpy(dtype=object))
    value = np.where(none, 0.0, found.value)
    return replace(found, value=value, wrong=found.wrong & ~none, empty=found.empty & ~none)


def _refuse_mixed_signs(response: Numbers, source: str) -> None:
    """InputError where some values have a % sign and the others are about 1."""
    signed, bare = (
        np.abs(response.value[rows & ~np.isnan(response.value)])
        for rows in (response.signed, ~response.signed)
    )
    if signed.size and bare.size and bare.max() <= FRACTIONS < signed.max() / 2:
        raise InputError(
            f"{source}: found values with a % sign (up to {signed.max():.4g}) and values without (up to "
            f"{bare.max():.4g}) that look like fractions, expected one scale"
        )


def _refuse_mixed_units(response: Numbers, source: str) -> None:
    """InputError where texts stand behind some values (`1.2k`) and not the same behind the others."""
    known = ~np.isnan(response.value)
    units = pd.unique(response.unit[known])
    if len(units) > 1:
        shown = ", ".join(f"'{unit}'" for unit in units[:4])
        raise InputError(
            f"{source}: found values with {shown} behind the number, expected the same behind all"
        )


def _less_background(response: Numbers, background: Numbers, messages: list[str]) -> Numbers:
    """The response less what a column of background signals says of each row."""
    known = ~np.isnan(background.value)
    if not known.any():
        return response
    value = response.value - np.where(known, background.value, 0.0)
    messages.append(
        f"background: the column of background signals (median {np.median(background.value[known]):.6g}) is "
        f"subtracted from {int(known.sum())} of {len(known)} rows"
    )
    return replace(response, value=value)


def _has_more_drugs(table: pd.DataFrame, drugs: int) -> Bools:
    """Rows with a dose beyond the first `drugs` drugs; what is there and is no number counts as one."""
    more = np.zeros(len(table), dtype=bool)
    for k in range(drugs + 1, 6):
        if f"conc_{k}" in table:
            found = read_numbers(table[f"conc_{k}"])
            more |= found.wrong | (~np.isnan(found.value) & (found.value != 0)) | (found.unit != "")
    return more
