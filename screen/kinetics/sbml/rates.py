"""The derivative by time of every state, and of every symbol that `rateOf` asks for."""

import math
from typing import Any

from screen.kinetics.errors import InvalidModel
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.sbml.dependency_order import Definition, of_tree
from screen.kinetics.sbml.elements import Declarations, elements
from screen.kinetics.sbml.mathml import Lookup, MathReader, names_in


def rate(d: Declarations, g: Graph, name: str) -> Definition:
    """The derivative by time of a state (of an amount, where the state is one); zero for what stands still."""
    if name in d.rated:
        return of_tree(d.rated[name], f"rateRule of '{name}'")
    if name not in d.species or not d.reacts(name) or name in d.assigned:
        return Definition(frozenset(), lambda _reader, _lookup: g.zero)
    parts = d.touched[name]
    needs = {reaction for _, reaction, _ in parts} | {r.getId() for r, _, _ in parts if r.getId()}
    for reference, _, _ in parts:
        if reference.getLevel() == 2 and reference.isSetStoichiometryMath():
            needs |= names_in(reference.getStoichiometryMath().getMath())
    needs |= {d.compartment_of(name), d.conversion_factor(name)} - {""}

    def make(reader: MathReader, lookup: Lookup) -> Node:
        total = g.zero
        for reference, reaction, sign in parts:
            law = lookup(reaction)
            assert law is not None
            coefficient = _coefficient(g, reference, reaction, reader, lookup)
            change = g.mul(coefficient, _in_unit_of_state(d, g, name, law, lookup))
            total = (g.add if sign > 0 else g.sub)(total, change)
        return total

    return Definition(frozenset(needs), make)


def stated_stoichiometry(g: Graph, reference: Any) -> Node:
    """The coefficient that a species reference states as a number."""
    return g.constant(reference.getStoichiometry() / max(reference.getDenominator(), 1))


def _coefficient(g: Graph, reference: Any, reaction: str, reader: MathReader, lookup: Lookup) -> Node:
    if reference.getId():
        node = lookup(reference.getId())
        if node is not None and not (g.is_constant(node) and math.isnan(g.value[node])):
            return node
    if reference.getLevel() == 2 and reference.isSetStoichiometryMath():
        where = f"stoichiometryMath in reaction '{reaction}'"
        return g.number(reader.read(reference.getStoichiometryMath().getMath(), lookup, where))
    if reference.getLevel() > 2 and not reference.isSetStoichiometry():
        raise InvalidModel(f"reaction '{reaction}': '{reference.getSpecies()}' has no stoichiometry")
    return stated_stoichiometry(g, reference)


def _in_unit_of_state(d: Declarations, g: Graph, name: str, law: Node, lookup: Lookup) -> Node:
    """A reaction's rate in the unit of a species' state."""
    factor = d.conversion_factor(name)
    if factor:
        scale = lookup(factor)
        if scale is None:
            raise InvalidModel(f"species '{name}': unknown conversionFactor '{factor}'")
        law = g.mul(scale, law)
    if d.in_amount(name) or d.amount_state(name):
        return law
    volume = lookup(d.compartment_of(name))
    assert volume is not None
    return g.mul(g.inv(volume), law)


def with_rates(d: Declarations, g: Graph, definitions: dict[str, Definition]) -> dict[str, Definition]:
    """Definitions and what `rateOf(x)` needs for every x that one of them, a rate rule or an event asks for."""
    found = dict(definitions)
    wanted = _rates_in({need for definition in found.values() for need in definition.needs})
    for tree in (*d.rated.values(), *_event_mathematics(d)):
        wanted |= _rates_in(names_in(tree))
    while wanted:
        key = wanted.pop()
        name = key[len("rateOf(") : -1]
        if key in found or name in d.assigned:
            continue
        found[key] = _symbol_rate(d, g, name)
        wanted |= _rates_in(found[key].needs)
    return found


def _rates_in(names: set[str] | frozenset[str]) -> set[str]:
    return {name for name in names if name.startswith("rateOf(")}


def _event_mathematics(d: Declarations) -> list[Any]:
    """All formulas in events."""
    found = []
    for event in d.events:
        parts = (event.getTrigger(), event.getDelay(), event.getPriority())
        found += [part.getMath() for part in (*parts, *elements(event, "EventAssignment")) if part]
    return found


def _symbol_rate(d: Declarations, g: Graph, name: str) -> Definition:
    """The derivative by time of a symbol as formulas see it."""
    inner = rate(d, g, name)
    if not d.amount_state(name):
        return inner
    volume = d.compartment_of(name)
    growth = rate(d, g, volume)

    def make(reader: MathReader, lookup: Lookup) -> Node:
        size, value = lookup(volume), lookup(name)
        assert size is not None
        assert value is not None
        return g.div(g.sub(inner.make(reader, lookup), g.mul(value, growth.make(reader, lookup))), size)

    return Definition(inner.needs | growth.needs | {name, volume}, make)
