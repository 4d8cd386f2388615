"""The elements of a libSBML model by id, checked for missing, doubled and unknown names; what kind of
quantity each species is.
"""

from typing import Any

from screen.kinetics.errors import InvalidModel
from screen.kinetics.expressions.graph import Graph, Node
from screen.kinetics.sbml.mathml import MathReader


def elements(model: Any, kind: str) -> list[Any]:
    """All children of one kind: `elements(model, "Species")`."""
    plural = kind if kind == "Species" else f"{kind}s"
    return [getattr(model, f"get{kind}")(k) for k in range(getattr(model, f"getNum{plural}")())]


class Elements:
    """A model's elements in tables, its rules by target, and the nodes found so far."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.name = model.getId() or model.getName() or "model"
        self.graph = Graph()
        self.compartments = {c.getId(): c for c in elements(model, "Compartment")}
        self.species = {s.getId(): s for s in elements(model, "Species")}
        self.globals = {p.getId(): p for p in elements(model, "Parameter")}
        self.reactions = {r.getId(): r for r in elements(model, "Reaction")}
        self.references = {
            r.getId(): r
            for reaction in self.reactions.values()
            for r, _ in self._sides(reaction)
            if r.getId()
        }
        self._check_ids()
        rules = [rule for rule in elements(model, "Rule") if rule.isSetMath()]  # one without says nothing
        self.assigned = {r.getVariable(): r.getMath() for r in rules if r.isAssignment()}
        self.rated = {r.getVariable(): r.getMath() for r in rules if r.isRate()}
        self.initially = {
            a.getSymbol(): a.getMath() for a in elements(model, "InitialAssignment") if a.isSetMath()
        }
        self.assigned |= self._stoichiometry_rules()
        self.event_targets = {
            a.getVariable() for e in elements(model, "Event") for a in elements(e, "EventAssignment")
        }
        self._check_targets()
        functions = {f.getId(): f.getMath() for f in elements(model, "FunctionDefinition")}
        self.touched = self._touched()
        self.at_start = MathReader(self.graph, functions, self.graph.zero)
        self.running = MathReader(self.graph, functions, self.graph.time())
        self.parameters: dict[str, int] = {}
        self.defaults: list[float] = []
        self.unset: set[str] = set()
        self.start: dict[str, Node] = {}
        self.states: dict[str, int] = {}
        self.values: dict[str, Node] = {}

    # ---- names --------------------------------------------------------------------------------------
    @staticmethod
    def _sides(reaction: Any) -> list[tuple[Any, float]]:
        reactants = [(reaction.getReactant(k), -1.0) for k in range(reaction.getNumReactants())]
        return reactants + [(reaction.getProduct(k), 1.0) for k in range(reaction.getNumProducts())]

    def _touched(self) -> dict[str, list[tuple[Any, str, float]]]:
        """For every species: (species reference, reaction, sign) wherever it takes part."""
        table: dict[str, list[tuple[Any, str, float]]] = {name: [] for name in self.species}
        for name, reaction in self.reactions.items():
            for reference, sign in self._sides(reaction):
                table[reference.getSpecies()].append((reference, name, sign))
        return table

    def _stoichiometry_rules(self) -> dict[str, Any]:
        """The mathematics of Level 2 species references that have an id, which work like assignment rules."""
        return {
            name: reference.getStoichiometryMath().getMath()
            for name, reference in self.references.items()
            if reference.getLevel() == 2 and reference.isSetStoichiometryMath()
        }

    def _event_mathematics(self) -> list[Any]:
        """All formulas in events."""
        found = []
        for event in elements(self.model, "Event"):
            parts = (event.getTrigger(), event.getDelay(), event.getPriority())
            found += [part.getMath() for part in (*parts, *elements(event, "EventAssignment")) if part]
        return found

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
        return bool(self.touched[name]) and not species.getBoundaryCondition() and not species.getConstant()

    def _amount_state(self, name: str) -> bool:
        """Whether a species with a concentration symbol is integrated (or kept) as an amount."""
        if name not in self.species or name in self.rated or name in self.assigned or self._in_amount(name):
            return False
        return self._varies(self.species[name].getCompartment())
