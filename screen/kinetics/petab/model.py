"""The model of a PEtab problem with its observables and noise formulas as assignment rules, and their placeholders and
whatever only the tables know as constants.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from screen.errors import InputError
from screen.kinetics.errors import UnsupportedModel
from screen.kinetics.sbml import libsbml

OBSERVABLE, NOISE = "petab_observable_", "petab_noise_"
PLACEHOLDER = re.compile(r"^(observable|noise)Parameter(\d+)_(\w+)$")


def observed_model(model: Any, formulas: Mapping[str, str], overridden: Collection[str]) -> str:
    """SBML text of a libSBML model in which each of `formulas` is the assignment rule of a new parameter. What the
    conditions override in all cases (`overridden`) loses its initial assignment. Errors: `InputError`.
    """
    document = model.getSBMLDocument().clone()
    model = document.getModel()
    for name in overridden:
        model.removeInitialAssignment(name)
    trees = {name: _parsed(name, formula) for name, formula in formulas.items()}
    known = {element.getId() for element in _named(model)}
    wanted = {symbol for tree in trees.values() for symbol in _symbols(tree)}
    for name in sorted(wanted - known - formulas.keys()):
        _create(model, name, constant=True).setValue(1.0)
    for name, tree in trees.items():
        _create(model, name, constant=False)
        rule = model.createAssignmentRule()
        rule.setVariable(name)
        rule.setMath(tree)
    text: str = libsbml.writeSBMLToString(document)
    return text


def with_constants(model: Any, names: Iterable[str]) -> None:
    """Adds constants for parameters of the tables that the model does not have."""
    known = {element.getId() for element in _named(model)}
    for name in names:
        if name not in known:
            _create(model, name, constant=True).setValue(1.0)


def _create(model: Any, name: str, constant: bool) -> Any:
    made = model.createParameter()
    if made.setId(name) != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise InputError(f"'{name}' is no name that SBML allows")
    made.setConstant(constant)
    return made


def _named(model: Any) -> list[Any]:
    return [
        *model.getListOfParameters(),
        *model.getListOfSpecies(),
        *model.getListOfCompartments(),
        *model.getListOfReactions(),
    ]


def _parsed(name: str, formula: str) -> Any:
    settings = libsbml.L3ParserSettings()
    settings.setParseLog(libsbml.L3P_PARSE_LOG_AS_LN)
    tree = libsbml.parseL3FormulaWithSettings(str(formula), settings)
    if tree is None:
        reason = " ".join(libsbml.getLastParseL3Error().split())
        raise UnsupportedModel(f"formula of '{name}', '{formula}': {reason}")
    return tree


def _symbols(tree: Any) -> set[str]:
    found, stack = set(), [tree]
    while stack:
        node = stack.pop()
        if node.getType() == libsbml.AST_NAME:
            found.add(node.getName())
        stack.extend(node.getChild(k) for k in range(node.getNumChildren()))
    return found
