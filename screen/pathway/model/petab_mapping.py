"""A PEtab problem as the mapping that makes a screen of its model: conditions are lines, observables are readouts, and
parameters have their nominal values. What a drug sets is no line's: conditions that differ in nothing else are one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.config.custom_model import CustomModel, PetabModel
from screen.config.messages import validated
from screen.config.yaml_files.yaml_source import Places
from screen.config.yaml_files.yaml_text import parse
from screen.errors import InputError
from screen.files import read_text
from screen.kinetics import load_model
from screen.kinetics.petab import PetabProblem, load_petab
from screen.kinetics.petab.conditions import placeholders_of, settings_of
from screen.kinetics.petab.load import LARGEST_BYTES
from screen.kinetics.petab.settings import value_of
from screen.kinetics.sbml import libsbml
from screen.pathway.model.custom import actions, symbol_id

if TYPE_CHECKING:
    from screen.kinetics.expressions.network import Network

Values = dict[str, float]


def mapping_of_problem(written: PetabModel) -> CustomModel:
    """The mapping of a problem. Raises `InputError` for one that cannot be read, whose conditions change different
    things after their steady states, one of whose observables is scaled in several ways, or that sets what its model
    computes.
    """
    path = Path(written.petab)
    problem = load_petab(path)
    if problem.tables.periods:
        name = min(problem.tables.periods)
        raise InputError(f"'{name}' has periods that follow one another, expected one that begins at 0")
    file = model_file(path)
    network = load_model(file).network
    known = problem.nominal_values
    own = {name: value for name, value in known.items() if name in network.parameters}
    if computed := sorted(known.keys() & network.computed):
        raise InputError(
            f"{path}: sets '{computed[0]}', which its model computes; expected a value of its own"
        )
    dosed = {
        symbol_id(action.target)
        for drug in written.drugs.values()
        for _, action in actions(drug)
        if action.action == "sets concentration of"
    }
    lines, stimulus = _lines(problem, own, dosed)
    settings: dict[str, Any] = {
        **written.model_dump(exclude={"petab", "readouts"}),
        "file": str(file),
        "start": "steady state" if problem.groups[0].before else "initial",
        "stimulus": stimulus,
        "cell_lines": lines,
        "readouts": written.model_dump()["readouts"] or _readouts(problem, network, known),
    }
    return validated(CustomModel, settings, Places(str(path)))


def model_file(path: Path) -> Path:
    """The SBML file that a problem's YAML file names."""
    settings, _ = parse(read_text(path, LARGEST_BYTES, "a PEtab problem"))
    try:
        if "problems" in settings:
            return path.parent / str(settings["problems"][0]["sbml_files"][0])
        return path.parent / str(next(iter(settings["model_files"].values()))["location"])
    except (KeyError, IndexError, TypeError, AttributeError, StopIteration):
        raise InputError(f"{path}: names no SBML file, expected one") from None


def _lines(problem: PetabProblem, own: Values, dosed: set[str]) -> tuple[dict[str, Any], Values]:
    """A line a condition, and what is set in all of them at the time of dosing, after their steady state."""
    found: dict[tuple[tuple[str, float], ...], list[str]] = {}
    stimuli: list[Values] = []
    pairs = dict.fromkeys((group.before, group.during) for group in problem.groups)
    if len({bool(before) for before, _ in pairs}) > 1:
        raise InputError("some conditions begin at a steady state and some do not, expected all or none")
    for before, during in pairs:
        now = _values(problem, during)
        first = _values(problem, before) if before else now
        values = own | first
        values |= {name: first.get(name, 0.0) if before else 0.0 for name in dosed}
        changed = {name: value for name, value in now.items() if value != values.get(name)}
        stimuli.append({name: value for name, value in changed.items() if name not in dosed})
        found.setdefault(tuple(sorted(values.items())), []).append(during)
    if any(stimulus != stimuli[0] for stimulus in stimuli):
        raise InputError(
            "conditions change different things after their steady states, expected drugs that set "
            f"{', '.join(sorted({name for stimulus in stimuli for name in stimulus}))}"
        )
    lines = {
        names[0]: {"values": dict(values), "source": f"PEtab, {', '.join(names)}"}
        for values, names in found.items()
    }
    return lines, stimuli[0]


def _values(problem: PetabProblem, condition: str) -> Values:
    """What a condition sets, at the nominal parameters."""
    set_there = settings_of(condition, problem.tables.conditions, {})
    return {name: value_of(name, value, problem.nominal_values) for name, value in set_there.items()}


def _readouts(problem: PetabProblem, network: "Network", known: Mapping[str, float]) -> dict[str, str]:
    """The formula of each observable, with numbers for what only the tables know."""
    scaled: dict[str, Values] = {}
    for row in problem.tables.measurements.to_dict("records"):
        name = str(row["observableId"])
        given = placeholders_of({str(key): value for key, value in row.items()})
        own = {n: value_of(n, v, known) for n, v in given.items() if n.startswith("observable")}
        if scaled.setdefault(name, own) != own:
            raise InputError(
                f"the observable '{name}' is scaled in several ways, expected `readouts:` that say in which"
            )
    formulas = problem.tables.observables["observableFormula"]
    return {
        str(name): _with_numbers(str(formula), {**known, **scaled.get(str(name), {})}, network)
        for name, formula in formulas.items()
    }


def _with_numbers(formula: str, numbers: Mapping[str, float], network: "Network") -> str:
    """PEtab's formula as SBML's, where `log` is `ln`."""
    settings = libsbml.L3ParserSettings()
    settings.setParseLog(libsbml.L3P_PARSE_LOG_AS_LN)
    tree = libsbml.parseL3FormulaWithSettings(formula, settings)
    if tree is None:
        raise InputError(
            f"the formula '{formula}' cannot be read: {' '.join(libsbml.getLastParseL3Error().split())}"
        )
    if tree.getType() == libsbml.AST_NAME and tree.getName() in network.symbols:
        return formula.strip()
    top = libsbml.ASTNode(libsbml.AST_PLUS)
    top.addChild(tree)
    for name in numbers.keys() - network.symbols.keys():
        number = libsbml.ASTNode(libsbml.AST_REAL)
        number.setValue(numbers[name])
        top.replaceIDWithFunction(name, number)
    return str(libsbml.formulaToL3String(top.getChild(0)))
