"""A libSBML model as a `Network`: which quantities are states, what their rates are, what every id is worth.

A species is integrated in the unit that its symbol has (concentration, or amount with
`hasOnlySubstanceUnits`); where its compartment changes size, in amount.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from screen.kinetics.clock.equalities import with_crossings
from screen.kinetics.errors import UnsupportedModel
from screen.kinetics.expressions.graph import Graph
from screen.kinetics.expressions.network import Network
from screen.kinetics.sbml.elements import declarations
from screen.kinetics.sbml.events import read_event
from screen.kinetics.sbml.mathml import MathReader, holds_time
from screen.kinetics.sbml.rates import rate
from screen.kinetics.sbml.values import defaults_of, parameters_of, running_values, start_values, state_start


def read_network(model: Any) -> Network:
    """The network of a libSBML model. Errors: `InvalidModel`, `UnsupportedModel`."""
    d, g = declarations(model), Graph()
    at_start = MathReader(g, d.functions, g.zero)
    parameters = parameters_of(d)
    while_running = MathReader(g, d.functions, g.time(), len(parameters))
    start = start_values(d, g, parameters, at_start)
    defaults = defaults_of(d, g, parameters, start)
    running = running_values(d, g, parameters, start, while_running)
    values, states = running.values, tuple(running.states)
    rates = [rate(d, g, name).make(while_running, values.get) for name in states]
    events = [read_event(d, g, running, event, k) for k, event in enumerate(d.events)]
    triggers = with_crossings(g, [event.trigger for event in events], [g.number(node) for node in rates])
    for name, tree in d.initially.items():
        if while_running.delays and holds_time(tree):
            raise UnsupportedModel(f"initialAssignment of '{name}': time in it is not supported with delay()")
    amounts, concentrations = {}, {}
    for name in d.species:
        symbol, volume = values[name], values[d.compartment_of(name)]
        amounts[name] = symbol if d.in_amount(name) else g.mul(symbol, volume)
        if d.dimensions(name) != 0:
            concentrations[name] = g.div(symbol, volume) if d.in_amount(name) else symbol
    return Network(
        name=d.name,
        graph=g,
        states=states,
        is_species=tuple(name in d.species and d.reacts(name) for name in states),
        rates=tuple(g.number(node) for node in rates),
        initial=tuple(g.number(state_start(d, g, start, name)) for name in states),
        parameters=tuple(parameters),
        defaults=np.array(defaults, dtype=float),
        symbols=dict(values),
        amounts=amounts,
        concentrations=concentrations,
        unset=frozenset(name for name, value in parameters.items() if value is None),
        computed=frozenset(d.assigned) | frozenset(d.initially),
        events=tuple(replace(event, trigger=one) for event, one in zip(events, triggers, strict=True)),
        delays=tuple(while_running.delays),
    )
