"""A model whose start values stand in it as numbers, which a simulation experiment can change one by one: nothing is
left to be worked out before a simulation, no steady state and no initial assignment of what the model changes in time.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from screen.errors import InputError
from screen.kinetics.sbml import libsbml
from screen.kinetics.sbml.document import read_document
from screen.kinetics.sbml.elements import Declarations, declarations

OF_SPECIES = re.compile(r"(amount|concentration)\((\w+)\)")


@dataclass(frozen=True)
class StartedModel:
    """SBML `text`; `numbers` are the XPath of the attribute that holds a symbol's number, `symbols` that of the element
    that a readout reads.
    """

    text: str
    language: str
    numbers: Mapping[str, str]
    symbols: Mapping[str, str]


def started_model(text: str, start: Mapping[str, float], readouts: Iterable[str]) -> StartedModel:
    """The SBML model `text` that begins at `start`, by state in the state's own unit, with a symbol for each of the
    `readouts` (also `amount(S)` and `concentration(S)`). Raises `InputError` for a state that has no attribute.
    """
    document = read_document(text)
    model = document.getModel()
    declared = declarations(model)
    for name, value in start.items():
        model.removeInitialAssignment(name)
        _set_start(declared, name, value)
    asked = {name: _symbol(model, declared, name) for name in readouts}
    declared = declarations(model)
    elements = _elements(declared)
    return StartedModel(
        str(libsbml.writeSBMLToString(document)),
        f"sbml.level-{document.getLevel()}.version-{document.getVersion()}",
        {name: f"{path}/@{_attribute(declared, name)}" for name, path in elements.items()},
        {name: elements[symbol] for name, symbol in asked.items()},
    )


def _set_start(d: Declarations, name: str, value: float) -> None:
    if name in d.species:
        species = d.species[name]
        if _attribute(d, name) == "initialAmount":
            species.setInitialAmount(value)
        else:
            species.setInitialConcentration(value)
    elif name in d.globals:
        d.globals[name].setValue(value)
    elif name in d.compartments:
        d.compartments[name].setSize(value)
    else:
        raise InputError(f"'{name}', which changes in time, has no start value that SED-ML can change")


def _attribute(d: Declarations, name: str) -> str:
    """What holds a symbol's number: a species' state is an amount where its symbol is one or its compartment varies."""
    if name in d.species:
        amount = d.in_amount(name) or d.amount_state(name)
        return "initialAmount" if amount else "initialConcentration"
    return "size" if name in d.compartments else "value"


def _elements(d: Declarations) -> dict[str, str]:
    """The XPath of every element that has a value."""
    kinds = {
        "Species": d.species,
        "Parameter": d.globals,
        "Compartment": d.compartments,
        "Reaction": d.reactions,
    }
    lists = {kind: f"listOf{kind}" + "s" * (kind != "Species") for kind in kinds}
    return {
        name: f"/sbml:sbml/sbml:model/sbml:{lists[kind]}/sbml:{kind.lower()}[@id='{name}']"
        for kind, table in kinds.items()
        for name in table
    }


def _symbol(model: Any, d: Declarations, readout: str) -> str:
    """The id that a readout reads, which is a new one where it is a species in the other unit than its symbol's."""
    found = OF_SPECIES.fullmatch(readout)
    if found is None:
        return readout
    kind, species = found.groups()
    if (kind == "amount") == d.in_amount(species):
        return species
    operator = "*" if kind == "amount" else "/"
    made = model.createParameter()
    made.setId(f"{kind}_of_{species}")
    made.setConstant(False)
    rule = model.createAssignmentRule()
    rule.setVariable(made.getId())
    rule.setMath(libsbml.parseL3Formula(f"{species} {operator} {d.compartment_of(species)}"))
    return str(made.getId())
