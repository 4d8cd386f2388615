"""SBML events as data of the network."""

from typing import Any

from screen.kinetics.errors import InvalidModel, UnsupportedModel
from screen.kinetics.expressions.graph import Node
from screen.kinetics.expressions.network import Event
from screen.kinetics.sbml.elements import elements
from screen.kinetics.sbml.rates import Rates


class Events(Rates):
    """Elements and rates, with the reading of events."""

    def _event(self, event: Any, number: int) -> Event:
        """An event; one without a trigger never happens."""
        g = self.graph
        name = event.getId() or f"event{number + 1}"
        trigger = event.getTrigger()
        never = trigger is None or trigger.getMath() is None

        def read(tree: Any, part: str) -> Node:
            return self.running.read(tree, self.values.get, f"{part} of event '{name}'")

        assignments = []
        for assignment in elements(event, "EventAssignment"):
            if assignment.getMath() is None:
                continue
            target = assignment.getVariable()
            if target not in self.states:
                raise InvalidModel(f"event '{name}' assigns '{target}', which a rule determines")
            value = g.number(read(assignment.getMath(), "assignment"))
            if self._amount_state(target):
                value = g.mul(value, self.values[self.species[target].getCompartment()])
            assignments.append((self.states[target], value))
            assignments += self._diluted(event, target, value)
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

    def _diluted(self, event: Any, compartment: str, size: Node) -> list[tuple[int, Node]]:
        """What becomes of concentrations under a rate rule when an event changes their compartment's size."""
        g = self.graph
        given = {a.getVariable() for a in elements(event, "EventAssignment")}
        result = []
        for name, species in self.species.items():
            if species.getCompartment() != compartment or name not in self.rated or self._in_amount(name):
                continue
            if name in given:
                continue
            if event.isSetDelay():
                raise UnsupportedModel(
                    f"event '{event.getId()}': a delayed change of compartment '{compartment}' with species "
                    f"'{name}' under a rate rule is not supported"
                )
            result.append(
                (self.states[name], g.div(g.mul(self.values[name], self.values[compartment]), size))
            )
        return result
