"""A reaction network as data: states, parameters, rates and symbols as nodes of one expression graph."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from screen.errors import InputError, nearest
from screen.kinetics.expressions.evaluate import evaluate
from screen.kinetics.expressions.graph import Graph, Node


@dataclass(frozen=True)
class Event:
    """One SBML event. `delay` and `priority` may be absent; assignments are (state index, node of the new
    value); the values of `late` states are those of the time of execution whatever the event says.
    """

    name: str
    trigger: Node
    initial_value: bool
    persistent: bool
    delay: Node | None
    priority: Node | None
    from_trigger_time: bool
    assignments: tuple[tuple[int, Node], ...]
    late: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Network:
    """What the engines need to know of a model.

    `states` (S,) are the integrated quantities, `rates` (S,) their derivatives and `initial` (S,) their
    start, both as nodes; `parameters` (P,) with `defaults` (P,) are all numbers that may differ per
    trajectory. `symbols` gives the running value of every id as SBML formulas see it.
    """

    name: str
    graph: Graph = field(repr=False)
    states: tuple[str, ...]
    is_species: tuple[bool, ...]
    rates: tuple[Node, ...]
    initial: tuple[Node, ...]
    parameters: tuple[str, ...]
    defaults: NDArray[np.float64]
    symbols: dict[str, Node] = field(repr=False)
    amounts: dict[str, Node] = field(repr=False)
    concentrations: dict[str, Node] = field(repr=False)
    computed: frozenset[str] = frozenset()  # ids with a value that follows from others
    unset: frozenset[str] = frozenset()  # parameters to which the model gives no value
    events: tuple[Event, ...] = ()
    delays: tuple[tuple[Node, Node], ...] = ()  # what is wanted of the past, and how long ago
    derived: dict[str, Node] = field(default_factory=dict, repr=False)  # readouts added by sensitivities

    def start(self) -> list[float]:
        """The states (S,) at time 0 under the defaults."""
        return evaluate(self.graph, self.initial, self.defaults.tolist())

    def holding(self, fixed: Collection[str]) -> "Network":
        """The same with states that do not move but by events."""
        zero = self.graph.zero
        rates = tuple(zero if name in fixed else rate for name, rate in zip(self.states, self.rates))
        return replace(self, rates=rates) if fixed else self

    def readout(self, name: str) -> Node:
        """The node of a readout: a symbol, `amount(S)` or `concentration(S)`. Unknown: `InputError`."""
        if name in self.derived:
            return self.derived[name]
        for prefix, table in (("amount(", self.amounts), ("concentration(", self.concentrations)):
            if name.startswith(prefix) and name.endswith(")"):
                inner = name[len(prefix) : -1].strip()
                if inner not in table:
                    raise InputError(f"readout '{name}': '{inner}' is not a species{nearest(inner, table)}")
                return table[inner]
        if name not in self.symbols:
            raise InputError(
                f"readout '{name}': no such symbol in model '{self.name}'{nearest(name, self.symbols)}"
            )
        return self.graph.number(self.symbols[name])
