"""Readouts by name: what compares cell numbers, what the model reports, shares of clones, and expressions of
these; which of them a configuration asks for, and their values in wells.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Array
from screen.config.screen import ScreenConfig
from screen.errors import InputError, nearest, plain
from screen.pathway.growth import gr_value, viability
from screen.pathway.names import FRACTIONS
from screen.pathway.tables.line_table import clones_of
from screen.runner.readouts.expressions import Expression, looks_like_expression, parse_expression

if TYPE_CHECKING:
    from screen.pathway import CellLine, Pathway

GROWTH_READOUTS = ("viability", "gr_value", "growth_rate", "log_cells")
GROWTH_LABELS = {
    "viability": ("1", "viability: cell number relative to vehicle"),
    "gr_value": ("1", "GR value: growth-rate inhibition relative to vehicle"),
    "growth_rate": ("1/h", "net growth rate, mean since dosing"),
    "log_cells": ("1", "natural logarithm of the cell number relative to that at dosing"),
}


@dataclass(frozen=True)
class Composed:
    """Readouts that the model does not report itself: expressions, and shares of clones, by name."""

    expressions: Mapping[str, Expression] = field(default_factory=dict)
    shares: Mapping[str, str] = field(default_factory=dict)

    def signals(self, readouts: Iterable[str]) -> tuple[str, ...]:
        """The observables that these readouts need, each once."""
        needed: list[str] = []
        for name in readouts:
            expression = self.expressions.get(name)
            needed += [name] if expression is None else expression.names
        return tuple(
            dict.fromkeys(name for name in needed if name not in GROWTH_READOUTS and name not in self.shares)
        )


@dataclass(frozen=True)
class Signals:
    """What was simulated of some wells: `log_cells` (..., time), and observables and shares by name."""

    log_cells: Array
    values: Mapping[str, Array]


@dataclass(frozen=True)
class Readouts:
    """`names` to store, viability first; `markers` are all observables, with totals that expressions need;
    `labels` are units and long names of all of them.
    """

    names: tuple[str, ...]
    markers: tuple[str, ...]
    composed: Composed
    labels: Mapping[str, tuple[str, str]]


def value_of(name: str, wells: Signals, vehicle: Signals, hours: Array, composed: Composed) -> Array:
    """A readout (..., time) of wells, given the vehicle well of each in a shape that broadcasts."""
    cells = wells.log_cells
    if name == "viability":
        return viability(cells, vehicle.log_cells)
    if name == "gr_value":
        return gr_value(cells, vehicle.log_cells)
    if name == "growth_rate":
        return np.divide(cells, hours, out=np.full_like(cells, np.nan), where=hours > 0)
    if name == "log_cells":
        return cells
    if name in composed.expressions:
        return composed.expressions[name].evaluate(
            lambda one: value_of(one, wells, vehicle, hours, composed),
            lambda one: value_of(one, vehicle, vehicle, hours, composed),
        )
    return wells.values[name]


def readouts_of(config: ScreenConfig, pathway: "Pathway", lines: Sequence["CellLine"]) -> Readouts:
    """The readouts that a configuration asks for. Raises `InputError`."""
    markers = tuple(name for name in pathway.observables if name not in GROWTH_READOUTS)
    growth = ("viability",) if pathway.is_custom else GROWTH_READOUTS
    clones = dict.fromkeys(clone.line.name for _, clone in clones_of(lines))
    shares = {f"share_{variable_name(clone)}": clone for clone in clones}
    labels = {name: GROWTH_LABELS[name] for name in GROWTH_READOUTS}
    labels |= {name: label_of(name, pathway) for name in markers}
    labels |= {name: ("1", f"share of the cells that are of {clone}") for name, clone in shares.items()}
    totals = pathway.totals
    known = {plain(name): name for name in (*growth, *markers, *shares)}
    found, expressions = ["viability"], dict[str, Expression]()
    if config.scored != "viability":
        if config.scored not in growth:
            raise config.error(
                "scored", f"found {config.scored}, which this model does not have, expected viability"
            )
        found.append(config.scored)
    if config.replicates is not None and config.replicates.seeding is not None:
        if "growth_rate" not in growth:
            raise config.error(
                "replicates.seeding", "this model has no growth, so its cells cannot be counted"
            )
        found.append("growth_rate")
    for index, asked in enumerate(config.readouts):
        key, name = f"readouts.{index}", asked.name
        text = asked.expression or ("" if plain(name) in known else name)
        if plain(name) == "all" and not asked.expression:
            found += [*(name for name in growth if name == "gr_value"), *markers, *shares]
        elif asked.expression or looks_like_expression(text):
            made, name = _expression(config, key, text, labels, totals), asked.name
            name = name if asked.expression else variable_name(made.text.replace("/", "_per_"))
            if plain(name) in {plain(one) for one in (*known.values(), *expressions)}:
                raise config.error(key, f"a readout '{name}' is there already, expected another name")
            expressions[name] = made
            labels[name] = made.units, made.text
            found.append(name)
        elif plain(name) in known:
            found.append(known[plain(name)])
        else:
            choices = known.values()
            raise config.error(
                key, f"unknown readout '{name}'; known: {', '.join(choices)}{nearest(name, choices)}"
            )
    needed = {name for made in expressions.values() for name in made.names}
    markers += tuple(symbol for symbol in totals.values() if symbol in needed)
    labels |= {symbol: ("nM", f"{symbol}: amount") for symbol in totals.values() if symbol in needed}
    return Readouts(tuple(dict.fromkeys(found)), markers, Composed(expressions, shares), labels)


def _expression(
    config: ScreenConfig,
    key: str,
    text: str,
    labels: Mapping[str, tuple[str, str]],
    totals: Mapping[str, str],
) -> Expression:
    """The expression in `text` over readouts and totals; a total goes by the entity's name, or its own."""
    units = {name: unit for name, (unit, _) in labels.items()} | dict.fromkeys(totals.values(), "nM")
    try:
        return parse_expression(text, units, totals)
    except InputError as error:
        raise config.error(key, error) from None


def label_of(name: str, pathway: "Pathway") -> tuple[str, str]:
    """Units and long name of an observable."""
    if name in pathway.units:
        return pathway.units[name], f"{name}: {pathway.symbols[name]}"
    if name in FRACTIONS:
        return "1", f"{name}: fraction phosphorylated"
    return "nM", f"{name}: amount"


def variable_name(text: str) -> str:
    """A name as a variable of a netCDF file may have it."""
    return re.sub(r"_+", "_", re.sub(r"[^\w.+-]+", "_", text)).strip("_")
