"""What every id is worth: at the start, as an expression of parameters, and while time runs, of states too."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from screen.kinetics.expressions.evaluate import evaluate
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.sbml.algebraic import solved
from screen.kinetics.sbml.dependency_order import Definition, of_tree, ordered
from screen.kinetics.sbml.elements import Declarations
from screen.kinetics.sbml.mathml import Lookup, MathReader, names_in
from screen.kinetics.sbml.rates import stated_stoichiometry, with_rates

Values = Mapping[str, Node]


@dataclass(frozen=True)
class Running:
    """What formulas see while time runs: the states by place, every id's value, and the reader that reads so."""

    states: Mapping[str, int]
    values: Values
    reader: MathReader

    def read(self, tree: Any, where: str) -> Node:
        """The node of a formula; `where` names its element in errors."""
        return self.reader.read(tree, self.values.get, where)


def parameters_of(d: Declarations) -> dict[str, float | None]:
    """Everything that has a number of its own, in the order of the columns of parameters: global parameters,
    compartments, species, local parameters as `reaction.parameter`; None where the model gives no value.
    """
    found: dict[str, float | None] = {}
    computed = d.assigned.keys() | d.initially.keys()
    for name, parameter in d.globals.items():
        if name not in computed:
            found[name] = parameter.getValue() if parameter.isSetValue() else None
    for name, compartment in d.compartments.items():
        if name not in computed:
            found[name] = compartment.getSize() if compartment.isSetSize() else None
    for name, species in d.species.items():
        if name not in computed:
            found[name] = None
            if species.isSetInitialAmount():
                found[name] = species.getInitialAmount()
            elif species.isSetInitialConcentration():
                found[name] = species.getInitialConcentration()
    for name, reaction in d.reactions.items():
        found |= {f"{name}.{local}": value for local, value in _locals(reaction).items()}
    return found


def _locals(reaction: Any) -> dict[str, float | None]:
    law = reaction.getKineticLaw()
    if law.getLevel() > 2:
        items = [law.getLocalParameter(k) for k in range(law.getNumLocalParameters())]
    else:
        items = [law.getParameter(k) for k in range(law.getNumParameters())]
    return {p.getId(): p.getValue() if p.isSetValue() else None for p in items}


def defaults_of(
    d: Declarations, g: Graph, parameters: Mapping[str, float | None], start: Values
) -> list[float]:
    """The parameters' numbers, NaN where there is none; start values stated in the other unit are turned into
    the unit of the species' symbol.
    """
    places = {name: k for k, name in enumerate(parameters)}
    found = [math.nan if value is None else value for value in parameters.values()]
    for name, species in d.species.items():
        if name not in places:
            continue
        volume = start[d.compartment_of(name)]
        if species.isSetInitialAmount() and not d.in_amount(name):
            found[places[name]] /= evaluate(g, [volume], found)[0] or math.nan
        elif species.isSetInitialConcentration() and not species.isSetInitialAmount() and d.in_amount(name):
            found[places[name]] *= evaluate(g, [volume], found)[0]
    return found


def start_values(d: Declarations, g: Graph, parameters: Iterable[str], reader: MathReader) -> Values:
    """Every id's value at time 0 as a node of parameters."""
    places = {name: k for k, name in enumerate(parameters)}
    definitions = _laws(d, g, places)
    for name, tree in d.initially.items():
        definitions[name] = of_tree(tree, f"initialAssignment of '{name}'")
    definitions |= _rules(d, g)
    values = {name: g.parameter(k) for name, k in places.items()}
    for name, reference in d.references.items():
        unset = reference.getLevel() > 2 and not reference.isSetStoichiometry()
        values[name] = g.constant(math.nan) if unset else stated_stoichiometry(g, reference)
    return _resolved(g, with_rates(d, g, definitions), reader, values)


def states_of(d: Declarations) -> dict[str, int]:
    """The ids that are integrated, or that an event changes, by place."""
    names = [
        name
        for name in d.species
        if name not in d.assigned and (name in d.rated or d.reacts(name) or name in d.event_targets)
    ]
    for table in (d.globals, d.compartments, d.references):
        names += [n for n in table if n in d.rated or (n in d.event_targets and n not in d.assigned)]
    return {name: k for k, name in enumerate(names)}


def state_start(d: Declarations, g: Graph, start: Values, name: str) -> Node:
    """Where a state begins, in its own unit."""
    return g.mul(start[name], start[d.compartment_of(name)]) if d.amount_state(name) else start[name]


def running_values(
    d: Declarations, g: Graph, parameters: Iterable[str], start: Values, reader: MathReader
) -> Running:
    """Every id's running value as formulas see it."""
    values, states = dict(start), states_of(d)
    definitions = _laws(d, g, {name: k for k, name in enumerate(parameters)})
    definitions |= _rules(d, g)
    for name, index in states.items():
        values[name] = g.state(index)
    for name in d.species:
        if d.amount_state(name):
            volume = d.compartment_of(name)
            amount = g.state(states[name]) if name in states else state_start(d, g, start, name)
            definitions[name] = Definition(frozenset([volume]), _concentration(g, amount, volume))
    return Running(states, _resolved(g, with_rates(d, g, definitions), reader, values), reader)


def _rules(d: Declarations, g: Graph) -> dict[str, Definition]:
    """What assignment rules and algebraic ones give a value."""
    return {
        name: solved(g, name, tree, _guess(d, name))
        if name in d.implicit
        else of_tree(tree, f"assignmentRule of '{name}'")
        for name, tree in d.assigned.items()
    }


def _guess(d: Declarations, name: str) -> float:
    """A number near which a variable may be that an algebraic rule determines: its own, if it states one."""
    stated = d.globals.get(name)
    if stated is not None and stated.isSetValue() and stated.getValue():
        return float(stated.getValue())
    return 1.0


def _laws(d: Declarations, g: Graph, places: Mapping[str, int]) -> dict[str, Definition]:
    return {name: _law(g, name, reaction, places) for name, reaction in d.reactions.items()}


def _law(g: Graph, name: str, reaction: Any, places: Mapping[str, int]) -> Definition:
    tree = reaction.getKineticLaw().getMath()
    inner = {local: g.parameter(places[f"{name}.{local}"]) for local in _locals(reaction)}
    inner |= dict.fromkeys((f"rateOf({local})" for local in _locals(reaction)), g.zero)

    def make(reader: MathReader, lookup: Lookup) -> Node:
        return g.number(
            reader.read(tree, lambda s: inner[s] if s in inner else lookup(s), f"reaction '{name}'")
        )

    return Definition(frozenset(names_in(tree) - inner.keys()), make)


def _concentration(g: Graph, amount: Node, compartment: str) -> Callable[[MathReader, Lookup], Node]:
    def make(_reader: MathReader, lookup: Lookup) -> Node:
        volume = lookup(compartment)
        assert volume is not None
        return g.div(amount, volume)

    return make


def _resolved(
    g: Graph, definitions: Mapping[str, Definition], reader: MathReader, known: Values
) -> dict[str, Node]:
    """The known values and those of definitions, made in an order in which each finds what it needs."""
    values = dict(known)
    for name in ordered({name: one.needs & definitions.keys() for name, one in definitions.items()}):
        values[name] = g.number(definitions[name].make(reader, values.get))
    return values
