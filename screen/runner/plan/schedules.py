"""The schedules of a configuration resolved: each drug's exposure in each combination."""

import csv
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from screen.config.schedules import Schedule, Timing
from screen.config.screen import ScreenConfig
from screen.errors import InputError, nearest, plain
from screen.files import read_text
from screen.pathway.dosing.exposure import CONSTANT, body, medium, table
from screen.pathway.dosing.pharmacokinetics import PlasmaCurve, plasma
from screen.runner.plan.layers import Layer
from screen.runner.plan.resolve import resolve

if TYPE_CHECKING:
    from screen.pathway import Exposure, Pathway

log = logging.getLogger(__name__)
LARGEST_FILE = 10_000_000  # bytes
LONGEST_TABLE = 500
COLUMNS = ("time_h", "relative", "concentration_nM")
PATIENTS = "as in patients"
"""The schedule of drugs whose exposure is stated."""


@dataclass(frozen=True)
class Schedules:
    """`names` of the schedules, none where none was asked for; `table` holds the exposures that differ, the
    constant dose first.
    """

    names: tuple[str, ...]
    table: tuple["Exposure", ...]
    roles: tuple[Mapping[str, int], ...]
    """For each schedule, rows of `table` by `anchor`, `partner` and the names of drugs."""

    def of(self, drugs: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
        """The exposures (schedule, drug) of drugs that are combined; empty without schedules."""
        return tuple(
            tuple(
                rows.get(drug, rows.get("anchor" if index == 0 else "partner", 0))
                for index, drug in enumerate(drugs)
            )
            for rows in self.roles
        )


def plasma_curves(
    config: ScreenConfig, pathway: "Pathway", drugs: Mapping[str, object]
) -> dict[str, tuple[str, PlasmaCurve]]:
    """How the configuration spells each drug whose `exposure` it states, and the drug's curve. Raises `InputError`."""
    found: dict[str, tuple[str, PlasmaCurve]] = {}
    for written, asked in config.exposure.items():
        key = f"exposure.{written}"
        name = resolve(config, key, pathway.drug, written).name
        if name in found:
            raise config.error(key, f"duplicate drug '{name}', expected it once")
        if name not in drugs:
            raise config.error(key, f"'{name}' is in no combination{nearest(written, drugs)}")
        if config.times[-1] == 0:
            raise config.error("exposure", "found no assay time after 0 h, expected one under the regimen")
        curve = resolve(config, key, partial(plasma, regimen=asked.regimen, until_h=config.times[-1]), name)
        found[name] = written, curve
    return found


def schedules_of(
    config: ScreenConfig,
    pathway: "Pathway",
    drugs: Mapping[str, object],
    curves: Mapping[str, tuple[str, PlasmaCurve]],
) -> Schedules:
    """The schedules asked for, or the one that gives drugs along `curves` of plasma; `drugs` are those of the screen.
    Raises `InputError`.
    """
    if curves:
        exposures = [curve.exposure() for _, curve in curves.values()]
        given = {name: row for row, name in enumerate(curves, start=1)}
        return Schedules((PATIENTS,), (CONSTANT, *exposures), (given,))
    if config.schedules and config.times[-1] == 0:
        raise config.error("schedules", "found no assay time after 0 h, expected one within the schedules")
    table: dict[Exposure, int] = {CONSTANT: 0}
    roles, names = [], [schedule.name for schedule in config.schedules]
    for index, schedule in enumerate(config.schedules):
        key = f"schedules.{index}"
        if plain(schedule.name) in [plain(name) for name in names[:index]]:
            raise config.error(key, f"duplicate schedule '{schedule.name}', expected another name")
        rows: dict[str, int] = {}
        for role, timing in schedule.timings().items():
            where = f"{key}.{role}"
            who = _who(config, pathway, where, schedule, role, drugs)
            exposure = _exposure(config, where, timing, who[0] if role.startswith("drugs.") else "")
            row = table.setdefault(exposure, len(table))
            rows |= dict.fromkeys(who, row)
        roles.append(rows)
    return Schedules(tuple(names), tuple(table), tuple(roles))


def _who(
    config: ScreenConfig,
    pathway: "Pathway",
    key: str,
    schedule: Schedule,
    role: str,
    drugs: Mapping[str, object],
) -> tuple[str, ...]:
    """Whom a timing is for: roles, or the drug named."""
    if role == "all":
        return ("anchor", "partner")
    if not role.startswith("drugs."):
        return (role,)
    written = role.removeprefix("drugs.")
    name = resolve(config, key, pathway.drug, written).name
    if name not in drugs:
        raise config.error(key, f"'{name}' is in no combination{nearest(written, drugs)}")
    if sum(resolve(config, key, pathway.drug, other).name == name for other in schedule.drugs) > 1:
        raise config.error(key, f"duplicate drug '{name}', expected it once")
    return (name,)


def _exposure(config: ScreenConfig, key: str, timing: Timing, drug: str) -> "Exposure":
    """The exposure of a timing (of a `drug` that is named), checked to happen before the last assay time."""
    until = config.times[-1]
    events = {"start": timing.start, "stop": timing.stop}
    events |= {f"holidays.{k}": begin for k, (begin, _) in enumerate(timing.holidays)}
    if timing.pulse is not None:
        events["pulse"] = timing.start + timing.pulse
    for name, hours in events.items():
        if hours is not None and hours >= until > 0:
            what = {"start": "it starts", "stop": "it stops", "pulse": "the first pulse ends"}
            words = what.get(name, "the holiday begins")
            raise config.error(
                f"{key}.{name}",
                f"{words} at {hours:g} h, expected it before the last assay time, {until:g} h",
            )
    try:
        if timing.table is not None:
            return table(until, *read_table(Path(timing.table)), timing.start)
        if timing.regimen is not None:
            if not drug:
                raise InputError("found a regimen of a role, expected it under `drugs:`, of a drug by name")
            return plasma(drug, timing.regimen, until - timing.start).exposure(timing.start)
        if timing.half_life is not None:
            return body(until, timing.half_life, timing.start, timing.every, timing.stop, timing.holidays)
        return medium(until, timing.start, timing.stop, timing.pulse, timing.rest or 0.0, timing.holidays)
    except InputError as error:
        raise config.error(key, error) from None


def read_table(path: Path) -> tuple[list[float], list[float]]:
    """Hours and multiples of the dose from a CSV with the columns `time_h` and `relative`, or `time_h` and
    `concentration_nM`, which counts relative to its highest value.
    """
    try:
        lines = read_text(path, LARGEST_FILE, "a CSV of concentration against time").splitlines()
        rows = [row for row in csv.reader(lines) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"{path}: {error}, expected a CSV of concentration against time") from None
    header = [cell.strip() for cell in rows[0]] if rows else []
    if len(header) != 2 or header[0] != COLUMNS[0] or header[1] not in COLUMNS[1:]:
        raise InputError(
            f"{path}: found the columns {', '.join(header) or 'none'}; expected time_h and relative, or "
            "time_h and concentration_nM"
        )
    if not 2 <= len(rows) - 1 <= LONGEST_TABLE:
        raise InputError(f"{path}: found {len(rows) - 1} rows, expected 2 to {LONGEST_TABLE}")
    hours, values = [], []
    for number, row in enumerate(rows[1:], start=2):
        try:
            hour, value = (float(cell) for cell in row)
        except ValueError:
            raise InputError(f"{path}: row {number}: found {', '.join(row)}; expected two numbers") from None
        if not (math.isfinite(hour) and math.isfinite(value) and hour >= 0 and value >= 0):
            raise InputError(f"{path}: row {number}: expected finite numbers of 0 or more")
        hours.append(hour)
        values.append(value)
    if any(late <= early for early, late in pairwise(hours)):
        raise InputError(f"{path}: the times do not ascend, expected each row after the one before")
    peak = max(values)
    if peak == 0:
        raise InputError(f"{path}: found no concentration above 0, expected some")
    return hours, [value / peak for value in values] if header[1] == COLUMNS[2] else values


def schedules_as_words(layers: Sequence[Layer], exposures: Sequence["Exposure"]) -> list[tuple[str, str]]:
    """Every schedule's name, and how its drugs are given."""
    found = []
    for number, name in enumerate(layers[0].schedules):
        ways: dict[str, list[str]] = {}
        for layer in layers:
            for together in layer.combinations:
                for drug, row in zip(together.drugs, together.given[number], strict=True):
                    words = exposure_as_words(exposures[row])
                    ways.setdefault(words, [])
                    if drug not in ways[words]:
                        ways[words].append(drug)
        found.append((name, "; ".join(f"{', '.join(drugs)} {words}" for words, drugs in ways.items())))
    return found


def exposure_as_words(exposure: "Exposure") -> str:
    """An exposure in a few words: `throughout`, `from 48 h`, `0 to 8, 24 to 32 h, ...`."""
    if exposure.source:
        return f"as plasma has it: {exposure.source}"
    if exposure.curved:
        jumps = [piece.begin_h for piece in exposure.pieces if piece.decay_per_h]
        if not jumps:
            return f"along a table of {len(exposure.pieces)} rows"
        half_life = math.log(2) / next(piece.decay_per_h for piece in exposure.pieces if piece.decay_per_h)
        return f"given at {_few([f'{hours:g}' for hours in jumps])} h, half-life {half_life:g} h"
    pieces = exposure.pieces
    ends = [*(piece.begin_h for piece in pieces[1:]), math.inf]
    there = [(piece.begin_h, end) for piece, end in zip(pieces, ends, strict=True) if piece.level > 0]
    if there == [(0.0, math.inf)]:
        return "throughout"
    if len(there) == 1 and there[0][1] == math.inf:
        return f"from {there[0][0]:g} h"
    return (
        _few([f"{begin:g} to {end:g}" if end < math.inf else f"from {begin:g}" for begin, end in there])
        + " h"
    )


def _few(words: list[str]) -> str:
    return ", ".join(words[:3]) + (f", ... ({len(words)} times)" if len(words) > 3 else "")
