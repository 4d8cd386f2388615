"""What a libSBML model declares: its elements by id, checked for missing, doubled and unknown names; what kind of
quantity each species is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from screen.kinetics.errors import InvalidModel
from screen.kinetics.sbml.algebraic import determined

Trees = Mapping[str, Any]
"""Formulas (libSBML syntax trees) by the id that they give a value."""


def elements(model: Any, kind: str) -> list[Any]:
    """All children of one kind: `elements(model, "Species")`."""
    plural = kind if kind == "Species" else f"{kind}s"
    return [getattr(model, f"get{kind}")(k) for k in range(getattr(model, f"getNum{plural}")())]


def sides(reaction: Any) -> list[tuple[Any, float]]:
    """A reaction's species references, each with the sign of its change."""
    reactants = [(reaction.getReactant(k), -1.0) for k in range(reaction.getNumReactants())]
    return reactants + [(reaction.getProduct(k), 1.0) for k in range(reaction.getNumProducts())]


@dataclass(frozen=True)
class Declarations:
    """A model's elements by id and its rules by target; nothing in it changes while the model is read.

    `touched` lists, for every species, (species reference, reaction, sign) wherever it takes part; `assigned`,
    `rated` and `initially` are the formulas of rules and initial assignments; `factor` is the model's
    conversion factor, or nothing. Of the `assigned`, the formula of an `implicit` one is zero, not its value.
    """

    name: str
    factor: str
    compartments: Mapping[str, Any]
    species: Mapping[str, Any]
    globals: Mapping[str, Any]
    reactions: Mapping[str, Any]
    references: Mapping[str, Any]
    touched: Mapping[str, list[tuple[Any, str, float]]]
    functions: Trees
    assigned: Trees
    implicit: frozenset[str]
    rated: Trees
    initially: Trees
    events: tuple[Any, ...]
    event_targets: frozenset[str]

    def compartment_of(self, species: str) -> str:
        """The id of a species' compartment."""
        return str(self.species[species].getCompartment())

    def dimensions(self, species: str) -> float:
        """How many dimensions in space a species' compartment has."""
        return float(self.compartments[self.compartment_of(species)].getSpatialDimensionsAsDouble())

    def in_amount(self, species: str) -> bool:
        """Whether the symbol of a species is an amount."""
        return bool(self.species[species].getHasOnlySubstanceUnits()) or self.dimensions(species) == 0

    def varies(self, compartment: str) -> bool:
        """Whether a compartment changes size."""
        return any(compartment in where for where in (self.assigned, self.rated, self.event_targets))

    def reacts(self, species: str) -> bool:
        """Whether reactions change a species."""
        element = self.species[species]
        return (
            bool(self.touched[species]) and not element.getBoundaryCondition() and not element.getConstant()
        )

    def stands_still(self, name: str) -> bool:
        """Whether an id is a constant, or a species that reactions change: not for an algebraic rule to determine."""
        if name in self.species and self.reacts(name):
            return True
        for table in (self.globals, self.compartments, self.species, self.references):
            if name in table:
                return bool(table[name].getConstant())
        return True

    def has_value(self, name: str) -> bool:
        """Whether the model gives an id a number to begin with."""
        if name in self.species:
            species = self.species[name]
            return bool(species.isSetInitialAmount() or species.isSetInitialConcentration())
        if name in self.compartments:
            return bool(self.compartments[name].isSetSize())
        return name in self.globals and bool(self.globals[name].isSetValue())

    def amount_state(self, name: str) -> bool:
        """Whether a species with a concentration symbol is integrated (or kept) as an amount."""
        if name not in self.species or name in self.rated or name in self.assigned or self.in_amount(name):
            return False
        return self.varies(self.compartment_of(name))

    def conversion_factor(self, species: str) -> str:
        """The id of the conversion factor of a species, or nothing."""
        return str(self.species[species].getConversionFactor() or self.factor)


def declarations(model: Any) -> Declarations:
    """The declarations of a libSBML model. Errors: `InvalidModel` for ids that are missing, doubled or unknown."""
    reactions = {r.getId(): r for r in elements(model, "Reaction")}
    references = [reference for reaction in reactions.values() for reference, _ in sides(reaction)]
    rules = [rule for rule in elements(model, "Rule") if rule.isSetMath()]  # one without says nothing
    found = Declarations(
        name=model.getId() or model.getName() or "model",
        factor=model.getConversionFactor(),
        compartments={c.getId(): c for c in elements(model, "Compartment")},
        species={s.getId(): s for s in elements(model, "Species")},
        globals={p.getId(): p for p in elements(model, "Parameter")},
        reactions=reactions,
        references={reference.getId(): reference for reference in references if reference.getId()},
        touched=_touched(model, reactions),
        functions={f.getId(): f.getMath() for f in elements(model, "FunctionDefinition")},
        assigned={r.getVariable(): r.getMath() for r in rules if r.isAssignment()}
        | _stoichiometry_rules(references),
        implicit=frozenset(),
        rated={r.getVariable(): r.getMath() for r in rules if r.isRate()},
        initially={a.getSymbol(): a.getMath() for a in elements(model, "InitialAssignment") if a.isSetMath()},
        events=tuple(elements(model, "Event")),
        event_targets=frozenset(
            a.getVariable() for e in elements(model, "Event") for a in elements(e, "EventAssignment")
        ),
    )
    _check_ids(model, found)
    _check_targets(found)
    return _with_algebraic(found, [rule.getMath() for rule in rules if rule.isAlgebraic()])


def _with_algebraic(d: Declarations, rules: list[Any]) -> Declarations:
    """The declarations with a formula for each variable that an algebraic rule determines."""
    if not rules:
        return d
    free = [name for table in (d.globals, d.compartments, d.species, d.references) for name in table]
    free = [name for name in free if not (name in d.assigned or name in d.rated or d.stands_still(name))]
    found = determined(
        rules, free, lambda name: (name in d.event_targets, d.has_value(name), free.index(name))
    )
    return replace(d, assigned={**d.assigned, **found}, implicit=frozenset(found))


def _touched(model: Any, reactions: Mapping[str, Any]) -> dict[str, list[tuple[Any, str, float]]]:
    table: dict[str, list[tuple[Any, str, float]]] = {s.getId(): [] for s in elements(model, "Species")}
    for name, reaction in reactions.items():
        for reference, sign in sides(reaction):
            if reference.getSpecies() not in table:
                raise InvalidModel(f"reaction '{name}': unknown species '{reference.getSpecies()}'")
            table[reference.getSpecies()].append((reference, name, sign))
    return table


def _stoichiometry_rules(references: list[Any]) -> dict[str, Any]:
    """The mathematics of Level 2 species references that have an id, which work like assignment rules."""
    return {
        reference.getId(): reference.getStoichiometryMath().getMath()
        for reference in references
        if reference.getId() and reference.getLevel() == 2 and reference.isSetStoichiometryMath()
    }


def _check_ids(model: Any, d: Declarations) -> None:
    seen: set[str] = set()
    for kind in (d.compartments, d.species, d.globals, d.reactions, d.references):
        for name in kind:
            if not name:
                raise InvalidModel("an element without an id")
            if name in seen:
                raise InvalidModel(f"the id '{name}' is used twice")
            seen.add(name)
    counts = (
        (model.getNumSpecies(), d.species),
        (model.getNumParameters(), d.globals),
        (model.getNumReactions(), d.reactions),
        (model.getNumCompartments(), d.compartments),
    )
    if any(number != len(table) for number, table in counts):
        raise InvalidModel("two elements of one kind have the same id")
    for name in d.species:
        if d.compartment_of(name) not in d.compartments:
            raise InvalidModel(f"species '{name}': unknown compartment '{d.compartment_of(name)}'")


def _check_targets(d: Declarations) -> None:
    known = d.compartments.keys() | d.species.keys() | d.globals.keys() | d.references.keys()
    for kind, table in (
        ("assignmentRule", d.assigned),
        ("rateRule", d.rated),
        ("initialAssignment", d.initially),
        ("eventAssignment", d.event_targets),
    ):
        for name in table:
            if name not in known:
                raise InvalidModel(f"{kind}: unknown symbol '{name}'")
    if both := d.assigned.keys() & d.rated.keys():
        raise InvalidModel(f"'{min(both)}' has an assignment rule and a rate rule")
