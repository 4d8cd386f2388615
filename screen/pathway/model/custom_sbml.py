"""A custom model rewritten so that lines, stimulus and drugs are parameters of it: the dose of
each drug in nM, a factor for everything that varies between lines, and a switch for the stimulus. What they
act on follows by a rule (a constant) or by an initial assignment (what the model changes in time). With all
doses at 0, all factors at 1 and the switch at 0 it is the user's model; other simulators run it as it is.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.config.custom_model import PER_HOUR, Action, CustomDose, CustomModel
from screen.errors import InputError, nearest
from screen.kinetics import load_model
from screen.kinetics.sbml import libsbml
from screen.kinetics.sbml.document import read_document
from screen.kinetics.sbml.fast_reactions import with_fast_reactions
from screen.kinetics.sbml.files.text import sbml_text
from screen.pathway.model.custom import (
    SWITCH,
    BadMapping,
    actions,
    base_id,
    counted_formula,
    dose_id,
    factor_id,
    potencies,
    readout_id,
    slug,
    symbol_id,
    targets,
)
from screen.units import molar_mass

if TYPE_CHECKING:
    from screen.kinetics.expressions.network import Network


def rewritten(mapping: CustomModel) -> tuple[str, list[float]]:
    """The SBML text of the mapping's file, rewritten, and where its states begin (S,). Raises `BadMapping` for a file
    that is missing or no model, and for a mapping to symbols that are not there or cannot be set.
    """
    text = _file_text(mapping)
    try:
        document = _document(text)
        network = load_model(_written(document)).network
    except InputError as error:
        hint = ""
        if "fast reactions" in str(error):
            hint = "; `fast_reactions: as written` simulates them by their rate laws, `equilibrium` holds them there"
        named = str(error) if mapping.file in str(error) else f"{mapping.file}: {error}"
        raise BadMapping("file", named + hint) from None
    if network.delays:
        raise BadMapping("file", f"{mapping.file}: screens do not run models with delay()")
    model = document.getModel()
    for symbol, place in targets(mapping).items():
        _free(model, network, symbol, place, mapping)
    for name, line in mapping.cell_lines.items():
        for symbol in line.values:
            _known(network, symbol, f"cell_lines.{name}.values.{symbol}", mapping)
    constants = dict.fromkeys((dose_id(name) for name in mapping.drugs), 0.0)
    constants |= dict.fromkeys((factor_id(name) for name in mapping.varies), 1.0)
    if mapping.stimulus or mapping.doses:
        constants[SWITCH] = 1.0
    for name, drug in mapping.drugs.items():
        mass = molar_mass(drug)
        for target, potency in potencies(name, drug, mass).items():
            constants[f"K_{slug(name)}_{target}"] = potency
    for name, value in constants.items():
        _add(model, name, value)
    for symbol in targets(mapping):
        _rule(model, network, symbol, _formula(mapping, symbol))
    for index, dose in enumerate(mapping.doses):
        _dose(model, network, dose, f"doses.{index}", PER_HOUR[mapping.time_unit])
    readouts = {name: one.formula for name, one in mapping.readouts.items()}
    for name, formula in readouts.items():
        _readout(model, network, readout_id(name, formula), formula, f"readouts.{name}", mapping)
    counted = counted_formula(mapping)
    _readout(model, network, readout_id("viability", counted), counted, "viability", mapping)
    return _written(document), network.start()


def _file_text(mapping: CustomModel) -> str:
    path = Path(mapping.file)
    if not path.is_file():
        where = f"; get it from {mapping.obtain}" if mapping.obtain else ""
        raise BadMapping("file", f"{path}: no such file, expected an SBML or Antimony model{where}")
    try:
        text = sbml_text(path)
    except InputError as error:
        named = str(error) if str(path) in str(error) else f"{path}: {error}"
        raise BadMapping("file", named) from None
    return with_fast_reactions(text, mapping.fast_reactions)


def _document(text: str) -> Any:
    """The libSBML document in Level 3, local parameters made global."""
    document = read_document(text)
    options = libsbml.ConversionProperties()
    options.addOption("promoteLocalParameters", True)
    if document.convert(options) != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise InputError("the local parameters of the model cannot be made global")
    if not document.setLevelAndVersion(3, 2, False):
        raise InputError("the model cannot be written as SBML Level 3 Version 2")
    return document


def _written(document: Any) -> str:
    return str(libsbml.writeSBMLToString(document))


def _known(network: "Network", symbol: str, place: str, mapping: CustomModel) -> str:
    """The identifier of a symbol that has a value of its own; `BadMapping` otherwise."""
    name = symbol_id(symbol)
    if name in network.parameters:
        return name
    if name in network.computed:
        raise BadMapping(
            place,
            f"found '{symbol}', which a rule or initial assignment of {Path(mapping.file).name} computes; "
            "expected a parameter or species with a value of its own",
        )
    raise BadMapping(
        place,
        f"{Path(mapping.file).name} has no parameter or species "
        f"'{symbol}'{nearest(name, network.parameters)}",
    )


def _free(model: Any, network: "Network", symbol: str, place: str, mapping: CustomModel) -> None:
    """Check that lines, stimulus and drugs may set a symbol."""
    name = _known(network, symbol, place, mapping)
    if model.getCompartment(name) is not None:
        raise BadMapping(place, f"found the compartment '{symbol}', expected a parameter or species")
    if name in network.unset:
        raise BadMapping(place, f"'{symbol}' has no value in the model, expected one that has")
    for drug, entry in mapping.drugs.items():
        for where, action in actions(entry):
            if symbol_id(action.target) != name or action.action == "sets concentration of":
                continue
            if name in network.states:
                raise BadMapping(
                    f"drugs.{drug}{where}.target",
                    f"found '{action.target}', which the model changes in time; expected a constant, such as "
                    f"the rate constant of its reaction, on which '{action.action}' acts throughout",
                )


def _add(model: Any, name: str, value: float, constant: bool = True) -> Any:
    """A new global parameter."""
    if model.getElementBySId(name) is not None:
        raise BadMapping("file", f"the model has a symbol '{name}' already, a name that a drug or line needs")
    parameter = model.createParameter()
    parameter.setId(name)
    parameter.setConstant(constant)
    parameter.setValue(value)
    return parameter


def _formula(mapping: CustomModel, symbol: str) -> str:
    """What a symbol is under lines, stimulus and drugs."""
    formula = base_id(symbol)
    for entity, symbols in mapping.varies.items():
        if symbol in map(symbol_id, symbols):
            formula += f" * {factor_id(entity)}"
    for stimulated, value in mapping.stimulus.items():
        if symbol_id(stimulated) == symbol:
            formula = f"({SWITCH} * {value!r} + (1 - {SWITCH}) * {formula})"
    pressures, added = [], ""
    for name, drug in mapping.drugs.items():
        for _, action in actions(drug):
            if symbol_id(action.target) != symbol:
                continue
            if action.action == "sets concentration of":
                added += f" + {dose_id(name)} * {action.units_per_nM or 1.0!r}"
            elif action.action == "inhibits":
                pressures.append(_pressure(name, symbol, action))
            else:
                u = _pressure(name, symbol, action)
                formula += f" * (1 + ({action.fold!r} - 1) * {u} / (1 + {u}))"
    if pressures:
        formula += f" / (1 + {' + '.join(pressures)})"
    return formula + added


def _pressure(drug: str, symbol: str, action: Action) -> str:
    """(concentration / potency)^hill of a drug."""
    ratio = f"({dose_id(drug)} / K_{slug(drug)}_{symbol})"
    hill = action.hill or 1.0
    return ratio if hill == 1 else f"{ratio}^{hill!r}"


def _rule(model: Any, network: "Network", symbol: str, formula: str) -> None:
    """Have a symbol follow from a formula: throughout, or at its start where the model changes it."""
    tree = libsbml.parseL3Formula(formula)
    _add(model, base_id(symbol), float(network.defaults[network.parameters.index(symbol)]))
    if symbol in network.states:
        made = model.createInitialAssignment()
        made.setSymbol(symbol)
    else:
        element = model.getElementBySId(symbol)
        element.setConstant(False)
        made = model.createAssignmentRule()
        made.setVariable(symbol)
    made.setMath(tree)


def _dose(model: Any, network: "Network", dose: CustomDose, place: str, per_hour: float) -> None:
    """Events that add a dose, at its times, where wells are dosed."""
    name = symbol_id(dose.into)
    if name not in network.states:
        raise BadMapping(
            f"{place}.into",
            f"found '{dose.into}', expected a species that the model changes in time{nearest(name, network.states)}",
        )
    species = model.getSpecies(name)
    amount = repr(dose.amount)
    if species is not None and not species.getHasOnlySubstanceUnits():
        amount += f" / {species.getCompartment()}"
    for k in range(dose.times):
        event = model.createEvent()
        event.setUseValuesFromTriggerTime(True)
        trigger = event.createTrigger()
        trigger.setInitialValue(False)
        trigger.setPersistent(True)
        time = (dose.time + k * (dose.every or 0.0)) * per_hour
        trigger.setMath(libsbml.parseL3Formula(f"{SWITCH} > 0 && time >= {time!r}"))
        assignment = event.createEventAssignment()
        assignment.setVariable(name)
        assignment.setMath(libsbml.parseL3Formula(f"{name} + {amount}"))


def _readout(
    model: Any, network: "Network", name: str, formula: str, place: str, mapping: CustomModel
) -> None:
    """Check a readout; a formula becomes a rule."""
    if name == formula.strip():
        try:
            network.readout(name)
        except InputError as error:
            raise BadMapping(place, f"{Path(mapping.file).name}: {error}") from None
        return
    tree = libsbml.parseL3Formula(formula)
    if tree is None:
        reason = " ".join(libsbml.getLastParseL3Error().split())
        raise BadMapping(place, f"found the formula '{formula}', which cannot be read: {reason}")
    for symbol in sorted(_names(tree)):
        if symbol not in network.symbols:
            raise BadMapping(
                place,
                f"the formula '{formula}' names '{symbol}', which {Path(mapping.file).name} does not "
                f"have{nearest(symbol, network.symbols)}",
            )
    _add(model, name, 0.0, constant=False)
    made = model.createAssignmentRule()
    made.setVariable(name)
    made.setMath(tree)


def _names(tree: Any) -> set[str]:
    """The symbols of a formula."""
    found = {tree.getName()} if tree.getType() == libsbml.AST_NAME else set()
    for k in range(tree.getNumChildren()):
        found |= _names(tree.getChild(k))
    return found
