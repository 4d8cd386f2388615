"""Units for everything in an exported model, so that libSBML can check all of them.

Values have their units from parameters.tsv; a number in a formula is dimensionless; a rule has the units that
its own formula works out to. Without these libSBML passes over whatever mentions a rule.
"""

from typing import Any

from screen.kinetics.sbml import libsbml

DEFINED = {
    "nM": "1e-9 mole/litre",
    "nM_squared": "1e-18 mole^2 / litre^2",
    "nmole": "1e-9 mole",
    "hour": "3600 second",
    "per_h": "1/3600 second",
    "per_nM": "1e9 litre / mole",
    "per_nM_h": "1e9 litre / mole / 3600 second",
}
"""The exported model's units: identifier, and definition in Antimony."""

IDENTIFIERS = {"nM": "nM", "1/h": "per_h", "1": "dimensionless", "1/nM": "per_nM", "1/(nM h)": "per_nM_h"}
"""Units as parameters.tsv writes them, and the identifiers that stand for them in the exported model."""


def declare_units(model: Any) -> None:
    """Mark numbers as dimensionless, and give each assigned parameter the units of its formula."""
    rules = [model.getRule(number) for number in range(model.getNumRules())]
    reactions = [model.getReaction(number) for number in range(model.getNumReactions())]
    for math in [rule.getMath() for rule in rules] + [r.getKineticLaw().getMath() for r in reactions]:
        _dimensionless(math)
    assigned = [rule for rule in rules if rule.isAssignment()]
    for _ in assigned:
        left = [rule for rule in assigned if not model.getParameter(rule.getVariable()).isSetUnits()]
        ready = [rule for rule in left if not rule.containsUndeclaredUnits()]
        if not ready:
            break
        for rule in ready:
            found = _name(model, rule.getDerivedUnitDefinition())
            if found:
                model.getParameter(rule.getVariable()).setUnits(found)
        model.populateListFormulaUnitsData()
    for rule in rules:
        if rule.isRate():
            model.getParameter(rule.getVariable()).setUnits("dimensionless")


def _dimensionless(node: Any) -> None:
    if node.isNumber() and not node.isSetUnits():
        node.setUnits("dimensionless")
    for number in range(node.getNumChildren()):
        _dimensionless(node.getChild(number))


def _name(model: Any, units: Any) -> str:
    """The model's own name for these units; empty where it has none."""
    if units.isVariantOfDimensionless():
        return "dimensionless"
    for name in DEFINED:
        known = model.getUnitDefinition(name)
        if known is not None and libsbml.UnitDefinition.areEquivalent(known, units):
            return name
    return ""


def unit_problems(document: Any) -> list[str]:
    """What libSBML has to say about units, its warnings included."""
    document.checkConsistency()
    found = (document.getError(index) for index in range(document.getNumErrors()))
    return [
        error.getMessage().strip()
        for error in found
        if error.getCategory() == libsbml.LIBSBML_CAT_UNITS_CONSISTENCY
    ]
