"""A libSBML model as a `Network`: which quantities are states, what their rates are, what every id is worth.

A species is integrated in the unit that its symbol has (concentration, or amount with
`hasOnlySubstanceUnits`); where its compartment changes size, in amount.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import InvalidModel, UnsupportedModel
from .expression import Graph, Node
from .mathml import MathReader, names_in
from .network import Event, Network
from .numeric import evaluate

Lookup = Callable[[str], Node | None]


@dataclass(frozen=True)
class Definition:
    """A quantity that follows from others: the ids it needs, and how to make its node from a look-up."""

    needs: frozenset[str]
    make: Callable[[MathReader, Lookup], Node]


def read_network(model: Any) -> Network:
    """The network of a libSBML model. Errors: `InvalidModel`, `UnsupportedModel`."""
    return _Reader(model).network()


def _elements(model: Any, kind: str) -> list[Any]:
    plural = kind if kind == "Species" else f"{kind}s"
    return [getattr(model, f"get{kind}")(k) for k in range(getattr(model, f"getNum{plural}")())]


class _Reader:
    def __init__(self, model: Any) -> None:
        self.model = model
        self.name = model.getId() or model.getName() or "model"
        self.graph = Graph()
        self.compartments = {c.getId(): c for c in _elements(model, "Compartment")}
        self.species = {s.getId(): s for s in _elements(model, "Species")}
        self.globals = {p.getId(): p for p in _elements(model, "Parameter")}
        self.reactions = {r.getId(): r for r in _elements(model, "Reaction")}
        self.references = {
            r.getId(): r
            for reaction in self.reactions.values()
            for r, _ in self._sides(reaction)
            if r.getId()
        }
        self._check_ids()
        rules = _elements(model, "Rule")
        self.assigned = {r.getVariable(): r.getMath() for r in rules if r.isAssignment()}
        self.rated = {r.getVariable(): r.getMath() for r in rules if r.isRate()}
        self.initially = {a.getSymbol(): a.getMath() for a in _elements(model, "InitialAssignment")}
        self.assigned |= self._stoichiometry_rules()
        self.event_targets = {
            a.getVariable() for e in _elements(model, "Event") for a in _elements(e, "EventAssignment")
        }
        self._check_targets()
        functions = {f.getId(): f.getMath() for f in _elements(model, "FunctionDefinition")}
        self.at_start = MathReader(self.graph, functions, self.graph.zero)
        self.running = MathReader(self.graph, functions, self.graph.time())
        self.parameters: dict[str, int] = {}
        self.defaults: list[float] = []
        self.start: dict[str, Node] = {}
        self.states: dict[str, int] = {}
        self.values: dict[str, Node] = {}

    # ---- names --------------------------------------------------------------------------------------
    @staticmethod
    def _sides(reaction: Any) -> list[tuple[Any, float]]:
        reactants = [(reaction.getReactant(k), -1.0) for k in range(reaction.getNumReactants())]
        return reactants + [(reaction.getProduct(k), 1.0) for k in range(reaction.getNumProducts())]

    def _stoichiometry_rules(self) -> dict[str, Any]:
        """The mathematics of Level 2 species references that have an id, which work like assignment rules."""
        return {
            name: reference.getStoichiometryMath().getMath()
            for name, reference in self.references.items()
            if reference.getLevel() == 2 and reference.isSetStoichiometryMath()
        }

    def _check_ids(self) -> None:
        seen: set[str] = set()
        for kind in (self.compartments, self.species, self.globals, self.reactions, self.references):
            for name in kind:
                if not name:
                    raise InvalidModel("an element without an id")
                if name in seen:
                    raise InvalidModel(f"the id '{name}' is used twice")
                seen.add(name)
        counts = (
            (self.model.getNumSpecies(), self.species),
            (self.model.getNumParameters(), self.globals),
            (self.model.getNumReactions(), self.reactions),
            (self.model.getNumCompartments(), self.compartments),
        )
        if any(number != len(table) for number, table in counts):
            raise InvalidModel("two elements of one kind have the same id")
        for name, species in self.species.items():
            if species.getCompartment() not in self.compartments:
                raise InvalidModel(f"species '{name}': unknown compartment '{species.getCompartment()}'")
        for name, reaction in self.reactions.items():
            for reference, _ in self._sides(reaction):
                if reference.getSpecies() not in self.species:
                    raise InvalidModel(f"reaction '{name}': unknown species '{reference.getSpecies()}'")

    def _check_targets(self) -> None:
        known = self.compartments.keys() | self.species.keys() | self.globals.keys() | self.references.keys()
        for kind, table in (
            ("assignmentRule", self.assigned),
            ("rateRule", self.rated),
            ("initialAssignment", self.initially),
            ("eventAssignment", self.event_targets),
        ):
            for name in table:
                if name not in known:
                    raise InvalidModel(f"{kind}: unknown symbol '{name}'")
        if both := self.assigned.keys() & self.rated.keys():
            raise InvalidModel(f"'{min(both)}' has an assignment rule and a rate rule")

    # ---- properties of species ----------------------------------------------------------------------
    def _in_amount(self, name: str) -> bool:
        """Whether the symbol of a species is an amount."""
        species = self.species[name]
        compartment = self.compartments[species.getCompartment()]
        return bool(species.getHasOnlySubstanceUnits()) or compartment.getSpatialDimensionsAsDouble() == 0

    def _varies(self, compartment: str) -> bool:
        return compartment in self.assigned or compartment in self.rated or compartment in self.event_targets

    def _reacts(self, name: str) -> bool:
        species = self.species[name]
        return name in self.changed and not species.getBoundaryCondition() and not species.getConstant()

    def _amount_state(self, name: str) -> bool:
        """Whether a species with a concentration symbol is integrated (or kept) as an amount."""
        if name not in self.species or name in self.rated or name in self.assigned or self._in_amount(name):
            return False
        return self._varies(self.species[name].getCompartment())

    # ---- the parts ----------------------------------------------------------------------------------
    def network(self) -> Network:
        self.changed = {
            r.getSpecies() for reaction in self.reactions.values() for r, _ in self._sides(reaction)
        }
        self._declare_parameters()
        self._start_values()
        self._declare_states()
        self._running_values()
        g = self.graph
        rates = self._rates()
        names = tuple(self.states)
        events = tuple(self._event(e, k) for k, e in enumerate(_elements(self.model, "Event")))
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
            computed=frozenset(self.assigned) | frozenset(self.initially),
            events=events,
        )

    def _declare(self, name: str, default: float) -> None:
        self.parameters[name] = len(self.defaults)
        self.defaults.append(default)

    def _declare_parameters(self) -> None:
        computed = self.assigned.keys() | self.initially.keys()
        for name, parameter in self.globals.items():
            if name not in computed:
                self._declare(name, parameter.getValue() if parameter.isSetValue() else math.nan)
        for name, compartment in self.compartments.items():
            if name not in computed:
                self._declare(name, compartment.getSize() if compartment.isSetSize() else math.nan)
        for name, species in self.species.items():
            if name not in computed:
                value = math.nan
                if species.isSetInitialAmount():
                    value = species.getInitialAmount()
                elif species.isSetInitialConcentration():
                    value = species.getInitialConcentration()
                self._declare(name, value)
        for name, reaction in self.reactions.items():
            for local, value in self._locals(reaction).items():
                self._declare(f"{name}.{local}", value)

    @staticmethod
    def _locals(reaction: Any) -> dict[str, float]:
        law = reaction.getKineticLaw()
        if law.getLevel() > 2:
            items = [law.getLocalParameter(k) for k in range(law.getNumLocalParameters())]
        else:
            items = [law.getParameter(k) for k in range(law.getNumParameters())]
        return {p.getId(): p.getValue() if p.isSetValue() else math.nan for p in items}

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

    @staticmethod
    def _of_tree(tree: Any, where: str) -> Definition:
        return Definition(frozenset(names_in(tree)), lambda reader, lookup: reader.read(tree, lookup, where))

    def _stoichiometry(self, name: str) -> Node:
        """The coefficient that a species reference states as a number."""
        reference = self.references[name]
        if reference.getLevel() > 2 and not reference.isSetStoichiometry():
            return self.graph.constant(math.nan)
        return self.graph.constant(reference.getStoichiometry() / max(reference.getDenominator(), 1))

    def _start_values(self) -> None:
        """Fills `start`: every id's value at time 0 as a node of parameters."""
        g = self.graph
        self.touched = self._touched()
        definitions = {name: self._law(name) for name in self.reactions}
        for kind, table in (("initialAssignment", self.initially), ("assignmentRule", self.assigned)):
            for name, tree in table.items():
                definitions[name] = self._of_tree(tree, f"{kind} of '{name}'")
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

    def _add_rates(self, definitions: dict[str, Definition]) -> None:
        """Adds what `rateOf(x)` needs for every x that some definition asks for."""
        wanted = {need for d in definitions.values() for need in d.needs if need.startswith("rateOf(")}
        wanted |= {
            need for tree in self.rated.values() for need in names_in(tree) if need.startswith("rateOf(")
        }
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
            definitions[name] = self._of_tree(tree, f"assignmentRule of '{name}'")
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

    def _touched(self) -> dict[str, list[tuple[Any, str, float]]]:
        """For every species: (species reference, reaction, sign) wherever it takes part."""
        table: dict[str, list[tuple[Any, str, float]]] = {name: [] for name in self.species}
        for name, reaction in self.reactions.items():
            for reference, sign in self._sides(reaction):
                table[reference.getSpecies()].append((reference, name, sign))
        return table

    def _rate(self, name: str) -> Definition:
        """The derivative by time of a state (of an amount, where the state is one); zero for what stands
        still.
        """
        zero = self.graph.zero
        if name in self.rated:
            return self._of_tree(self.rated[name], f"rateRule of '{name}'")
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

    def _event(self, event: Any, number: int) -> Event:
        g = self.graph
        name = event.getId() or f"event{number + 1}"
        trigger = event.getTrigger()

        def read(tree: Any, part: str) -> Node:
            return self.running.read(tree, self.values.get, f"{part} of event '{name}'")

        if trigger is None or trigger.getMath() is None:
            raise InvalidModel(f"event '{name}' has no trigger")
        assignments = []
        for assignment in _elements(event, "EventAssignment"):
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
            trigger=g.truth(read(trigger.getMath(), "trigger")),
            initial_value=bool(trigger.getInitialValue()) if trigger.isSetInitialValue() else True,
            persistent=bool(trigger.getPersistent()) if trigger.isSetPersistent() else True,
            delay=None if delay is None else g.number(read(delay, "delay")),
            priority=None if priority is None else g.number(read(priority, "priority")),
            from_trigger_time=bool(event.getUseValuesFromTriggerTime()),
            assignments=tuple(assignments),
        )

    def _diluted(self, event: Any, compartment: str, size: Node) -> list[tuple[int, Node]]:
        """What becomes of concentrations under a rate rule when an event changes their compartment's size."""
        g = self.graph
        given = {a.getVariable() for a in _elements(event, "EventAssignment")}
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


def ordered(needs: dict[str, Iterable[str]]) -> list[str]:
    """Names so that each comes after what it needs. A circle is `InvalidModel` and is written out."""
    done: dict[str, None] = {}
    for root in needs:
        if root in done:
            continue
        path: dict[str, None] = {root: None}
        stack = [(root, iter(sorted(needs[root])))]
        while stack:
            name, rest = stack[-1]
            for other in rest:
                if other in path:
                    circle = [*list(path)[list(path).index(other) :], other]
                    raise InvalidModel(
                        f"these values depend on each other in a circle: {' -> '.join(circle)}"
                    )
                if other not in done:
                    path[other] = None
                    stack.append((other, iter(sorted(needs[other]))))
                    break
            else:
                stack.pop()
                del path[name]
                done[name] = None
    return list(done)
