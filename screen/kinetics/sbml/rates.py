"""The derivative by time of every state, and of every symbol that `rateOf` asks for."""

import math
from typing import Any

from screen.kinetics.errors import InvalidModel
from screen.kinetics.expressions.graph import Node
from screen.kinetics.sbml.dependency_order import Definition, of_tree
from screen.kinetics.sbml.elements import Elements
from screen.kinetics.sbml.mathml import Lookup, MathReader, names_in


class Rates(Elements):
    """Elements, with definitions of their rates."""

    def _rate(self, name: str) -> Definition:
        """The derivative by time of a state (of an amount, where the state is one); zero for what stands
        still.
        """
        zero = self.graph.zero
        if name in self.rated:
            return of_tree(self.rated[name], f"rateRule of '{name}'")
        if name not in self.species or not self._reacts(name) or name in self.assigned:
            return Definition(frozenset(), lambda _reader, _lookup: zero)
        parts = self.touched[name]
        needs = {reaction for _, reaction, _ in parts} | {r.getId() for r, _, _ in parts if r.getId()}
        for reference, _, _ in parts:
            if reference.getLevel() == 2 and reference.isSetStoichiometryMath():
                needs |= names_in(reference.getStoichiometryMath().getMath())
        needs |= {self.species[name].getCompartment(), self._factor(name)} - {""}

        def make(reader: MathReader, lookup: Lookup) -> Node:
            g, total = self.graph, self.graph.zero
            for reference, reaction, sign in parts:
                law = lookup(reaction)
                assert law is not None
                coefficient = self._coefficient(reference, reaction, reader, lookup)
                change = g.mul(coefficient, self._scaled_rate(name, law, lookup))
                total = (g.add if sign > 0 else g.sub)(total, change)
            return total

        return Definition(frozenset(needs), make)

    def _coefficient(self, reference: Any, reaction: str, reader: MathReader, lookup: Lookup) -> Node:
        g = self.graph
        if reference.getId():
            node = lookup(reference.getId())
            if node is not None and not (g.is_constant(node) and math.isnan(g.value[node])):
                return node
        if reference.getLevel() == 2 and reference.isSetStoichiometryMath():
            where = f"stoichiometryMath in reaction '{reaction}'"
            return g.number(reader.read(reference.getStoichiometryMath().getMath(), lookup, where))
        if reference.getLevel() > 2 and not reference.isSetStoichiometry():
            raise InvalidModel(f"reaction '{reaction}': '{reference.getSpecies()}' has no stoichiometry")
        return g.constant(reference.getStoichiometry() / max(reference.getDenominator(), 1))

    def _factor(self, name: str) -> str:
        """The id of the conversion factor of a species, or nothing."""
        return str(self.species[name].getConversionFactor() or self.model.getConversionFactor())

    def _scaled_rate(self, name: str, rate: Node, lookup: Lookup) -> Node:
        """A reaction's rate in the unit of a species' state."""
        g, factor = self.graph, self._factor(name)
        if factor:
            scale = lookup(factor)
            if scale is None:
                raise InvalidModel(f"species '{name}': unknown conversionFactor '{factor}'")
            rate = g.mul(scale, rate)
        if self._in_amount(name) or self._amount_state(name):
            return rate
        volume = lookup(self.species[name].getCompartment())
        assert volume is not None
        return g.mul(g.inv(volume), rate)

    def _add_rates(self, definitions: dict[str, Definition]) -> None:
        """Adds what `rateOf(x)` needs for every x that some definition asks for."""
        wanted = {need for d in definitions.values() for need in d.needs if need.startswith("rateOf(")}
        trees = [*self.rated.values(), *self._event_mathematics()]
        wanted |= {need for tree in trees for need in names_in(tree) if need.startswith("rateOf(")}
        while wanted:
            key = wanted.pop()
            name = key[len("rateOf(") : -1]
            if key in definitions or name in self.assigned:
                continue
            definitions[key] = self._symbol_rate(name)
            wanted |= {need for need in definitions[key].needs if need.startswith("rateOf(")}

    def _symbol_rate(self, name: str) -> Definition:
        """The derivative by time of a symbol as formulas see it."""
        inner = self._rate(name)
        if not self._amount_state(name):
            return inner
        volume = self.species[name].getCompartment()
        growth = self._rate(volume)

        def make(reader: MathReader, lookup: Lookup) -> Node:
            g, size, value = self.graph, lookup(volume), lookup(name)
            assert size is not None
            assert value is not None
            return g.div(g.sub(inner.make(reader, lookup), g.mul(value, growth.make(reader, lookup))), size)

        return Definition(inner.needs | growth.needs | {name, volume}, make)
