"""The model as a PEtab problem has it: the pathway with four additions, and lines as rows of its condition table.

`count_cells` (0 in the preequilibration, 1 after it) lets the cell number wait for the untreated state;
`start_<signal>` remembers each signal's untreated value, so that ratios to the untreated line need no second
simulation; a factor `f_<entity>` is `line_<entity>` (stated, or a derivative's own) times `times_<entity>` (the
perturbation) and, where omics speak for it, exp(exponent x level + deviation); and potencies are the biochemical ones
times exp(shift of the drug).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from screen.analysis.calibration.free_values import (
    DERIVATIVE,
    DEVIATION,
    EXPONENT,
    FRACTION,
    LOGARITHM,
    SHIFT,
    UNSPECIFIC,
    FreeValue,
    FreeValues,
)
from screen.pathway import CellLine, Pathway
from screen.pathway.names import AMOUNTS, factor_id
from screen.pathway.tables.drugs import potency_id
from screen.pathway.tables.parameters import Parameter

Row = dict[str, object]
FOLLOW = 60.0
"""How fast a remembered value follows its signal during the preequilibration, per hour."""


def symbol(text: str) -> str:
    """A name as a PEtab identifier."""
    return "".join(letter if letter.isalnum() else "_" for letter in text)


def free_id(item: FreeValue) -> str:
    """The identifier of a free value: a parameter's name, else its kind, name and line."""
    if item.kind in (LOGARITHM, FRACTION):
        return item.name
    return f"{item.kind}_{symbol(item.name)}" + (f"_in_{symbol(item.line)}" if item.line else "")


@dataclass(frozen=True)
class PetabLines:
    """How lines are written: the group of each mapped entity, each line's levels, and identifiers of what is free."""

    pathway: Pathway
    group: Mapping[str, str]
    level: Mapping[tuple[str, str], float]
    own: Mapping[tuple[str, str, str], str]

    @classmethod
    def of(cls, pathway: Pathway, free: FreeValues) -> "PetabLines":
        factors = free.quantities[len(free.quantities) - len(free.level) :]
        group = {q.name: free.items[part[0]].name for q, part in zip(factors, free.parts, strict=True)}
        level = {(q.line, q.name): float(x) for q, x in zip(factors, free.level, strict=True)}
        own = {(item.kind, item.line, item.name): free_id(item) for item in free.items if item.line}
        return cls(pathway, group, level, own)

    def row(self, line: CellLine) -> Row:
        """A line's columns: numbers, or the identifiers of what is free."""
        row: Row = {column(entity): value for entity, value in self.pathway.unstated.items()}
        row |= {column(name): v for name, v in line.values.items() if name in self.pathway.entities}
        for entity in self.group:
            own = self.own.get((DERIVATIVE, line.name, entity), 1.0)
            deviation = self.own[DEVIATION, line.parent or line.name, entity]
            row |= {column(entity): own, f"level_{entity}": self.level[line.name, entity]}
            row[f"deviation_{entity}"] = deviation
        return {**row, "k_birth": f"k_birth_in_{symbol(line.name)}"}


def petab_model(pathway: Pathway, free: FreeValues, written: PetabLines, signals: list[str]) -> Pathway:
    """The pathway with the four additions."""
    network = pathway.network.replace("log_cells' = growth;", "log_cells' = count_cells*growth;")
    lines = [f"start_{x}' = k_follow*(1 - count_cells)*({x} - start_{x});\nstart_{x} = 0;" for x in signals]

    def plain(name: str, value: float, unit: str = "1") -> Parameter:
        return Parameter(name, value, unit, value, value, "assumed", "", "")

    parameters = {
        "count_cells": plain("count_cells", 1.0),  # 0 while preequilibrating
        "k_follow": plain("k_follow", FOLLOW, "1/h"),
    }
    for name, parameter in pathway.parameters.items():
        entity = name.removeprefix("f_")
        if not (name.startswith("f_") and entity in pathway.entities and entity not in AMOUNTS):
            parameters[name] = parameter
            continue
        lines.append(f"{name} := line_{entity}*times_{entity}{_followed(entity, written)};")
        parameters |= {
            f"{what}_{entity}": replace(parameter, id=f"{what}_{entity}") for what in ("line", "times")
        }
        if entity in written.group:
            parameters |= {
                f"{what}_{entity}": plain(f"{what}_{entity}", 0.0) for what in ("level", "deviation")
            }
    for item in free.items:
        if item.kind in (EXPONENT, SHIFT, UNSPECIFIC):
            parameters[free_id(item)] = plain(free_id(item), item.mean)
    potencies = {}
    for drug in pathway.drugs.values():
        for target, value in drug.measured_nM.items():
            name, kind = potency_id(drug, target), UNSPECIFIC if target == "unspecific" else SHIFT
            parameters[f"biochemical_{name}"] = plain(f"biochemical_{name}", value, "nM")
            potencies[name] = f"biochemical_{name}*exp({kind}_{symbol(drug.name)})"
    head, _, _ = network.rpartition("\nend")
    whole = replace(pathway, network="\n".join([head, *lines, "end", ""]), parameters=parameters)
    return replace(whole, text=_with_rules(whole.source, potencies))


def _followed(entity: str, written: PetabLines) -> str:
    if entity not in written.group:
        return ""
    return f"*exp(exponent_{symbol(written.group[entity])}*level_{entity} + deviation_{entity})"


def _with_rules(source: str, rules: Mapping[str, str]) -> str:
    """The model's text with rules in place of these parameters' values."""
    found = []
    for line in source.splitlines():
        name = line.partition(" = ")[0]
        found.append(f"{name} := {rules[name]};" if name in rules else line)
    return "\n".join(found) + "\n"


def column(entity: str) -> str:
    return factor_id(entity) if entity in AMOUNTS else f"line_{entity}"
