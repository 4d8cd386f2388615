"""SBML events as data of the network."""

from typing import Any

from screen.kinetics.errors import InvalidModel, UnsupportedModel
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.expressions.network import Event
from screen.kinetics.sbml.elements import Declarations, elements
from screen.kinetics.sbml.values import Running


def read_event(d: Declarations, g: Graph, running: Running, event: Any, number: int) -> Event:
    """An event; one without a trigger never happens."""
    name = event.getId() or f"event{number + 1}"
    trigger = event.getTrigger()
    never = trigger is None or trigger.getMath() is None

    def read(tree: Any, part: str) -> Node:
        return running.read(tree, f"{part} of event '{name}'")

    assignments = []
    for assignment in elements(event, "EventAssignment"):
        if assignment.getMath() is None:
            continue
        target = assignment.getVariable()
        if target not in running.states:
            raise InvalidModel(f"event '{name}' assigns '{target}', which a rule determines")
        value = g.number(read(assignment.getMath(), "assignment"))
        if d.amount_state(target):
            value = g.mul(value, _size_before(d, running, event, target))
        elif target in d.species and target in d.rated and not d.in_amount(target):
            value = _spread(d, g, running, event, target, value)
        assignments.append((running.states[target], value))
        assignments += _diluted(d, g, running, event, target, value)
    delay = event.getDelay().getMath() if event.isSetDelay() else None
    priority = event.getPriority().getMath() if event.isSetPriority() else None
    return Event(
        name=name,
        trigger=g.false if never else g.truth(read(trigger.getMath(), "trigger")),
        initial_value=never or not trigger.isSetInitialValue() or bool(trigger.getInitialValue()),
        persistent=never or not trigger.isSetPersistent() or bool(trigger.getPersistent()),
        delay=None if delay is None else g.number(read(delay, "delay")),
        priority=None if priority is None else g.number(read(priority, "priority")),
        from_trigger_time=bool(event.getUseValuesFromTriggerTime()),
        assignments=tuple(assignments),
    )


def _size_before(d: Declarations, running: Running, event: Any, species: str) -> Node:
    """The size of a species' compartment by which a concentration that an event sets is an amount: the one before the
    event, even where it sets that too (case 01779 of the SBML Test Suite).
    """
    compartment = d.compartment_of(species)
    if event.isSetDelay() and event.getUseValuesFromTriggerTime():
        raise UnsupportedModel(
            f"event '{event.getId()}': a delayed change of species '{species}', whose compartment '{compartment}' "
            "changes size meanwhile, is not supported"
        )
    return running.values[compartment]


def _spread(d: Declarations, g: Graph, running: Running, event: Any, species: str, value: Node) -> Node:
    """A concentration under a rate rule that an event sets together with the size of its compartment: the amount is
    that in the size before, and it is then spread over the new one.
    """
    compartment = d.compartment_of(species)
    for other in elements(event, "EventAssignment"):
        if other.getVariable() == compartment and other.getMath() is not None:
            before = _size_before(d, running, event, species)
            after = g.number(running.read(other.getMath(), f"assignment of event '{event.getId()}'"))
            return g.div(g.mul(value, before), after)
    return value


def _diluted(
    d: Declarations, g: Graph, running: Running, event: Any, compartment: str, size: Node
) -> list[tuple[int, Node]]:
    """What becomes of concentrations under a rate rule when an event changes their compartment's size."""
    assigned = {a.getVariable() for a in elements(event, "EventAssignment")}
    values = running.values
    result = []
    for name in d.species:
        if d.compartment_of(name) != compartment or name not in d.rated or d.in_amount(name):
            continue
        if name in assigned:  # `_spread` has seen to it
            continue
        if event.isSetDelay():
            raise UnsupportedModel(
                f"event '{event.getId()}': a delayed change of compartment '{compartment}' with species "
                f"'{name}' under a rate rule is not supported"
            )
        result.append((running.states[name], g.div(g.mul(values[name], values[compartment]), size)))
    return result
