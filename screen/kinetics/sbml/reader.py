"""A libSBML model as a `Network`: which quantities are states, what their rates are, what every id is worth.

A species is integrated in the unit that its symbol has (concentration, or amount with
`hasOnlySubstanceUnits`); where its compartment changes size, in amount.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from screen.kinetics.expressions.evaluate import evaluate
from screen.kinetics.expressions.graph import Node
from screen.kinetics.expressions.network import Network
from screen.kinetics.sbml.dependency_order import Definition, of_tree, ordered
from screen.kinetics.sbml.elements import elements
from screen.kinetics.sbml.events import Events
from screen.kinetics.sbml.mathml import Lookup, MathReader, names_in


def read_network(model: Any) -> Network:
    """The network of a libSBML model. Errors: `InvalidModel`, `UnsupportedModel`."""
    return _Reader(model).network()


class _Reader(Events):
    """Reads a whole model."""

    def network(self) -> Network:
        self._declare_parameters()
        self._start_values()
        self._declare_states()
        self._running_values()
        g = self.graph
        rates = self._rates()
        names = tuple(self.states)
        events = tuple(self._event(e, k) for k, e in enumerate(elements(self.model, "Event")))
        amounts, concentrations = {}, {}
        for name, species in self.species.items():
            volume = self.values[species.getCompartment()]
            symbol = self.values[name]
            amounts[name] = symbol if self._in_amount(name) else g.mul(symbol, volume)
            if self.compartments[species.getCompartment()].getSpatialDimensionsAsDouble() != 0:
                concentrations[name] = g.div(symbol, volume) if self._in_amount(name) else symbol
        return Network(
            name=self.name,
            graph=g,
            states=names,
            is_species=tuple(name in self.species and self._reacts(name) for name in names),
            rates=tuple(g.number(rates[name]) for name in names),
            initial=tuple(g.number(self._state_start(name)) for name in names),
            parameters=tuple(self.parameters),
            defaults=np.array(self.defaults, dtype=float),
            symbols=dict(self.values),
            amounts=amounts,
            concentrations=concentrations,
            unset=frozenset(self.unset),
            computed=frozenset(self.assigned) | frozenset(self.initially),
            events=events,
        )

    def _declare(self, name: str, default: float | None) -> None:
        self.parameters[name] = len(self.defaults)
        self.defaults.append(math.nan if default is None else default)
        if default is None:
            self.unset.add(name)

    def _declare_parameters(self) -> None:
        computed = self.assigned.keys() | self.initially.keys()
        for name, parameter in self.globals.items():
            if name not in computed:
                self._declare(name, parameter.getValue() if parameter.isSetValue() else None)
        for name, compartment in self.compartments.items():
            if name not in computed:
                self._declare(name, compartment.getSize() if compartment.isSetSize() else None)
        for name, species in self.species.items():
            if name not in computed:
                value = None
                if species.isSetInitialAmount():
                    value = species.getInitialAmount()
                elif species.isSetInitialConcentration():
                    value = species.getInitialConcentration()
                self._declare(name, value)
        for name, reaction in self.reactions.items():
            for local, value in self._locals(reaction).items():
                self._declare(f"{name}.{local}", value)

    @staticmethod
    def _locals(reaction: Any) -> dict[str, float | None]:
        law = reaction.getKineticLaw()
        if law.getLevel() > 2:
            items = [law.getLocalParameter(k) for k in range(law.getNumLocalParameters())]
        else:
            items = [law.getParameter(k) for k in range(law.getNumParameters())]
        return {p.getId(): p.getValue() if p.isSetValue() else None for p in items}

    def _law(self, name: str) -> Definition:
        reaction = self.reactions[name]
        tree = reaction.getKineticLaw().getMath()
        inner = {
            local: self.graph.parameter(self.parameters[f"{name}.{local}"])
            for local in self._locals(reaction)
        }

        def make(reader: MathReader, lookup: Lookup) -> Node:
            found = reader.read(tree, lambda s: inner[s] if s in inner else lookup(s), f"reaction '{name}'")
            return self.graph.number(found)

        return Definition(frozenset(names_in(tree) - inner.keys()), make)

    def _stoichiometry(self, name: str) -> Node:
        """The coefficient that a species reference states as a number."""
        reference = self.references[name]
        if reference.getLevel() > 2 and not reference.isSetStoichiometry():
            return self.graph.constant(math.nan)
        return self.graph.constant(reference.getStoichiometry() / max(reference.getDenominator(), 1))

    def _start_values(self) -> None:
        """Fills `start`: every id's value at time 0 as a node of parameters."""
        g = self.graph
        definitions = {name: self._law(name) for name in self.reactions}
        for kind, table in (("initialAssignment", self.initially), ("assignmentRule", self.assigned)):
            for name, tree in table.items():
                definitions[name] = of_tree(tree, f"{kind} of '{name}'")
        self.start = {name: g.parameter(k) for name, k in self.parameters.items()}
        for name in self.references:
            self.start[name] = self._stoichiometry(name)
        self._add_rates(definitions)
        self._resolve(definitions, self.at_start, self.start)
        self._default_concentrations()

    def _default_concentrations(self) -> None:
        """Turns start values stated in the other unit into the symbol's unit."""
        for name, species in self.species.items():
            volume = self.start[species.getCompartment()]
            if name not in self.parameters:
                continue
            index = self.parameters[name]
            if species.isSetInitialAmount() and not self._in_amount(name):
                self.defaults[index] /= evaluate(self.graph, [volume], self.defaults)[0] or math.nan
            elif (
                species.isSetInitialConcentration()
                and not species.isSetInitialAmount()
                and self._in_amount(name)
            ):
                self.defaults[index] *= evaluate(self.graph, [volume], self.defaults)[0]

    def _resolve(
        self, definitions: dict[str, Definition], reader: MathReader, values: dict[str, Node]
    ) -> None:
        """Makes the nodes of definitions in an order in which each finds what it needs."""
        for name in ordered({name: d.needs & definitions.keys() for name, d in definitions.items()}):
            values[name] = self.graph.number(definitions[name].make(reader, values.get))

    def _declare_states(self) -> None:
        names: list[str] = []
        for name in self.species:
            if name in self.assigned:
                continue
            if name in self.rated or self._reacts(name) or name in self.event_targets:
                names.append(name)
        for table in (self.globals, self.compartments, self.references):
            names += [
                n for n in table if n in self.rated or (n in self.event_targets and n not in self.assigned)
            ]
        self.states = {name: k for k, name in enumerate(names)}

    def _state_start(self, name: str) -> Node:
        start = self.start[name]
        if self._amount_state(name):
            return self.graph.mul(start, self.start[self.species[name].getCompartment()])
        return start

    def _running_values(self) -> None:
        """Fills `values`: every id's running value as formulas see it."""
        g = self.graph
        self.values = dict(self.start)
        definitions = {name: self._law(name) for name in self.reactions}
        for name, tree in self.assigned.items():
            definitions[name] = of_tree(tree, f"assignmentRule of '{name}'")
        for name, index in self.states.items():
            self.values[name] = g.state(index)
        for name in self.species:
            if self._amount_state(name):
                volume = self.species[name].getCompartment()
                amount = g.state(self.states[name]) if name in self.states else self._state_start(name)
                definitions[name] = Definition(frozenset([volume]), self._concentration(amount, volume))
        self._add_rates(definitions)
        self._resolve(definitions, self.running, self.values)

    def _concentration(self, amount: Node, compartment: str) -> Callable[[MathReader, Lookup], Node]:
        def make(_reader: MathReader, lookup: Lookup) -> Node:
            volume = lookup(compartment)
            assert volume is not None
            return self.graph.div(amount, volume)

        return make

    def _rates(self) -> dict[str, Node]:
        return {name: self._rate(name).make(self.running, self.values.get) for name in self.states}
