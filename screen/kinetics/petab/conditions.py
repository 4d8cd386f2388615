"""What each simulation of a PEtab problem sets: a number or an estimated parameter for each column of the engine."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from screen.errors import InputError
from screen.kinetics.petab.model import PLACEHOLDER
from screen.kinetics.petab.settings import Setting, names_in, setting


@dataclass
class Simulation:
    """One row of parameters: the conditions before (or nothing) and during, placeholders, and its measurements."""

    before: str
    during: str
    placeholders: dict[str, Setting] = field(default_factory=dict)
    measurements: list[int] = field(default_factory=list)


def _split(value: Any) -> list[Setting]:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value == "":
        return []
    return [setting(part) for part in str(value).split(";")]


def placeholders_of(row: Mapping[str, Any]) -> dict[str, Setting]:
    """What a measurement gives the placeholders of its observable."""
    found = {}
    for kind in ("observable", "noise"):
        for k, value in enumerate(_split(row.get(f"{kind}Parameters")), 1):
            found[f"{kind}Parameter{k}_{row['observableId']}"] = value
    return found


def simulations(measurements: Any) -> list[Simulation]:
    """As few rows as the measurements' conditions and placeholders allow."""
    found: dict[tuple[str, str], list[Simulation]] = {}
    for index, row in enumerate(measurements.to_dict("records")):
        before = row.get("preequilibrationConditionId")
        key = (before if isinstance(before, str) else "", str(row["simulationConditionId"]))
        wanted = placeholders_of(row)
        own = row["observableId"]
        options = found.setdefault(key, [])
        for simulation in options:
            mine = {name: v for name, v in simulation.placeholders.items() if name.endswith(f"_{own}")}
            mine = {name: v for name, v in mine.items() if _of(name) == own}
            if not mine or mine == wanted:
                break
        else:
            simulation = Simulation(*key)
            options.append(simulation)
        simulation.placeholders |= wanted
        simulation.measurements.append(index)
    return [simulation for options in found.values() for simulation in options]


def _of(name: str) -> str:
    match = PLACEHOLDER.match(name)
    return match.group(3) if match else ""


def settings_of(condition: str, table: Any, common: Mapping[str, Setting]) -> dict[str, Setting]:
    """What a condition sets: parameters of the tables by their names, and the columns of its row."""
    if condition not in table.index:
        raise InputError(
            f"the measurements name a condition '{condition}' that the condition table does not have"
        )
    row = {name: setting(value) for name, value in table.loc[condition].items() if name != "conditionName"}
    return {
        **common,
        **{name: value for name, value in row.items() if isinstance(value, str) or not np.isnan(value)},
    }


def refuse_changes(
    groups: Sequence[Simulation],
    during: Sequence[Mapping[str, Setting]],
    before: Sequence[Any],
    names: Collection[str],
    states: Collection[str],
) -> None:
    """`InputError` where sensitivities by the estimated parameters `names` through the steady state before do not
    hold.
    """
    for group, after, first in zip(groups, during, before):
        if first is None:
            continue
        for name in {*after, *first}:
            other = after.get(name) != first.get(name)
            estimated = (names_in(after.get(name)) | names_in(first.get(name))) & set(names)
            if (other and estimated) or (name in states and group.during != group.before):
                raise InputError(f"'{name}' has another setting before")
