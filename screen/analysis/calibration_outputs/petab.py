"""The calibration as a PEtab version 1 problem (Schmiester 2021, 10.1371/journal.pcbi.1008646).

Statements become observables of one simulation each. Three additions to the model make that possible:
`count_cells` (0 in the preequilibration, 1 after it) lets the cell number wait for the untreated state;
`start_<signal>` remembers each signal's untreated value, so that ratios to the untreated line need no second
simulation; and a factor `f_<entity>` is `line_<entity>` (free) times `times_<entity>` (the perturbation).
What PEtab cannot express is left out and counted: `left_out` tells which rows and why.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from screen.analysis.calibration.objective import Objective
from screen.analysis.calibration.priors import Free, nominal_draw
from screen.analysis.calibration.residuals import FALL, SIGMA_LOG10, Criterion
from screen.analysis.evidence.statistics import standard_doses
from screen.analysis.evidence.table import Condition, Statement, Treatment
from screen.pathway import CellLine, Pathway
from screen.pathway.model.export import sbml_text
from screen.pathway.names import AMOUNTS, factor_id
from screen.pathway.tables.parameters import Parameter

Row = dict[str, object]
FOLLOW = 60.0
"""How fast a remembered value follows its signal during the preequilibration, per hour."""
GROWTH_SIGMA = 0.02
ACROSS = "compares two simulations (other line, perturbation, dose or time)"
GRID = "a mean over a grid of doses"


@dataclass
class PetabProblem:
    """The tables of a PEtab problem, and the rows of evidence that are not in it with the reason."""

    sbml: str
    conditions: dict[str, Row] = field(default_factory=dict)
    observables: list[Row] = field(default_factory=list)
    measurements: list[Row] = field(default_factory=list)
    parameters: list[Row] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    mapped: dict[str, str] = field(default_factory=dict)


def symbol(text: str) -> str:
    """A name as a PEtab identifier."""
    return "".join(letter if letter.isalnum() else "_" for letter in text)


def free_id(item: Free) -> str:
    """The identifier of a free value: its name, or `<entity>_in_<line>`."""
    return f"{item.name}_in_{symbol(item.line)}" if item.line else item.name


def petab_problem(objective: Objective) -> PetabProblem:
    """The evidence of an objective as a PEtab problem."""
    pathway = objective.wells.pathway
    signals = sorted({s.observable for s in objective.statements} & set(pathway.observables) | {"growth"})
    signals = [name for name in signals if name not in ("viability", "gr_value", "growth_rate")]
    problem = PetabProblem(sbml_text(_model(pathway, signals)))
    own = {(item.line, item.name): free_id(item) for item in objective.priors.free if item.line}
    for statement, criterion in zip(objective.statements, objective.criteria, strict=True):
        _add(problem, statement, criterion, objective, own)
    for name in objective.wells.lines:
        _add_growth(problem, pathway.cell_lines[name], own, pathway)
    problem.parameters = [_parameter(item, pathway) for item in objective.priors.free]
    problem.parameters += [_birth(name, pathway) for name in objective.wells.lines]
    return problem


def _model(pathway: Pathway, signals: list[str]) -> Pathway:
    """The pathway with the three additions."""
    network = pathway.network.replace("log_cells' = growth;", "log_cells' = count_cells*growth;")
    lines = [f"start_{x}' = k_follow*(1 - count_cells)*({x} - start_{x});\nstart_{x} = 0;" for x in signals]
    parameters = {
        "count_cells": Parameter("count_cells", 1.0, "1", 0, 1, "assumed", "", "0 while preequilibrating"),
        "k_follow": Parameter(
            "k_follow", FOLLOW, "1/h", 1, 1e4, "assumed", "", "remembering untreated values"
        ),
    }
    for name, parameter in pathway.parameters.items():
        entity = name.removeprefix("f_")
        if name.startswith("f_") and entity in pathway.entities and entity not in AMOUNTS:
            lines.append(f"{name} := line_{entity}*times_{entity};")
            parameters |= {
                f"{what}_{entity}": replace(parameter, id=f"{what}_{entity}") for what in ("line", "times")
            }
        else:
            parameters[name] = parameter
    head, _, _ = network.rpartition("\nend")
    return replace(pathway, network="\n".join([head, *lines, "end", ""]), parameters=parameters)


def _column(entity: str) -> str:
    return factor_id(entity) if entity in AMOUNTS else f"line_{entity}"


def _line(line: CellLine, own: Mapping[tuple[str, str], str], pathway: Pathway) -> Row:
    """A line's columns: numbers, or the identifiers of what is free."""
    row: Row = {_column(e): 0.0 if e in AMOUNTS else 1.0 for e in pathway.entities}
    row |= {_column(name): value for name, value in line.values.items() if name in pathway.entities}
    for name in (line.parent, line.name):
        row |= {_column(entity): identifier for (other, entity), identifier in own.items() if other == name}
    return {**row, "k_birth": f"k_birth_in_{symbol(line.name)}"}


def _conditions(
    problem: PetabProblem,
    condition: Condition,
    doses: Mapping[str, float],
    own: Mapping[tuple[str, str], str],
    pathway: Pathway,
) -> tuple[str, str]:
    """The identifiers of a preequilibration and of a simulation condition."""
    row = _line(condition.line, own, pathway)
    row |= {f"times_{entity}": 1.0 for entity in pathway.entities if entity not in AMOUNTS}
    for entity, factor in condition.perturbation.items():
        row[_column(entity) if entity in AMOUNTS else f"times_{entity}"] = factor
    agents = {pathway.dose_parameter(agent): 0.0 for agent in (*pathway.drugs, *pathway.ligands)}
    words = [condition.line.name, *(f"{e}={v:g}" for e, v in sorted(condition.perturbation.items()))]
    before = symbol("_".join(words) + "_untreated")
    problem.conditions.setdefault(before, {**row, **agents, "count_cells": 0.0})
    given = {pathway.dose_parameter(agent): dose for agent, dose in doses.items() if dose}
    words += [f"{agent}={dose:.6g}" for agent, dose in sorted(doses.items()) if dose]
    after = symbol("_".join(words))
    problem.conditions.setdefault(after, {**row, **agents, **given, "count_cells": 1.0})
    return before, after


def _add(
    problem: PetabProblem,
    statement: Statement,
    criterion: Criterion,
    objective: Objective,
    own: Mapping[tuple[str, str], str],
) -> None:
    pathway, test, reference = objective.wells.pathway, statement.test, statement.reference
    doses = dict(test.treatment.doses)
    formula, tolerance, measured = "", criterion.tolerance, criterion.measured
    low, high = criterion.bounds(objective.margin)
    viability, gr = "exp(log_cells - start_growth*time)", "(2^(log_cells/(start_growth*time)) - 1)"
    if statement.statistic in ("ratio", "value"):
        value = {"viability": viability, "gr_value": gr, "growth_rate": "log_cells/time"}.get(
            statement.observable, statement.observable
        )
        same = (reference.line, reference.perturbation) == (test.line, test.perturbation)
        untreated = same and not reference.treatment.doses
        if statement.statistic == "ratio" and not untreated:
            problem.left_out[statement.id] = ACROSS
            return
        if statement.statistic == "ratio" and value == statement.observable:
            value = f"ln({value}/start_{value})"
        elif statement.statistic == "ratio":
            value = f"ln({value})" if "viability" in statement.observable else f"ln({value}/start_growth)"
        formula = value
    elif statement.statistic == "gr_max":
        formula = gr
        doses[test.treatment.swept[0]] = float(standard_doses(pathway, test.treatment.swept[0], 8)[-1])
    elif statement.statistic == "max_inhibition":
        formula = f"(1 - {viability})"
        doses[test.treatment.swept[0]] = float(standard_doses(pathway, test.treatment.swept[0], 8)[-1])
        problem.mapped[statement.id] = "read at the highest dose"
    elif statement.statistic in ("gr50_nM", "ic50_nM"):
        formula = gr if statement.statistic == "gr50_nM" else viability
        if not math.isnan(measured):
            doses[test.treatment.swept[0]] = 10.0**measured
            measured, tolerance = 0.5, FALL * SIGMA_LOG10
            problem.mapped[statement.id] = "half of the response at the measured concentration"
        elif math.isinf(criterion.lower) == math.isinf(criterion.upper):
            problem.left_out[statement.id] = "an interval of concentrations"
            return
        else:
            open_above = math.isinf(criterion.upper)
            doses[test.treatment.swept[0]] = 10.0 ** (criterion.lower if open_above else criterion.upper)
            low, high = (0.5, math.inf) if open_above else (-math.inf, 0.5)
            problem.mapped[statement.id] = "response at the bound"
    else:
        problem.left_out[statement.id] = ACROSS if statement.statistic == "difference" else GRID
        return
    if math.isnan(measured):
        parts = [f"max(0, {low!r} - {formula})"] if math.isfinite(low) else []
        parts += [f"max(0, {formula} - {high!r})"] if math.isfinite(high) else []
        formula, measured = " + ".join(parts) or "0", 0.0
    before, after = _conditions(problem, test, doses, own, pathway)
    weight = float(objective.weights[objective.statements.index(statement)])
    _measure(
        problem, statement.id, formula, tolerance / math.sqrt(weight), before, after, test.time_h, measured
    )


def _add_growth(
    problem: PetabProblem, line: CellLine, own: Mapping[tuple[str, str], str], pathway: Pathway
) -> None:
    """The untreated line doubles in its own time; in the objective that is solved, here it is measured."""
    if line.doubling_h:
        condition = Condition(line, Treatment({}, ()), {}, 24.0)
        before, after = _conditions(problem, condition, {}, own, pathway)
        rate = math.log(2) / line.doubling_h
        _measure(
            problem, f"growth_{symbol(line.name)}", "growth", GROWTH_SIGMA * rate, before, after, 24.0, rate
        )


def _measure(
    problem: PetabProblem,
    name: str,
    formula: str,
    noise: float,
    before: str,
    after: str,
    time_h: float,
    measured: float,
) -> None:
    identifier = f"obs_{symbol(name)}"
    problem.observables.append(
        {
            "observableId": identifier,
            "observableFormula": formula,
            "observableTransformation": "lin",
            "noiseFormula": repr(noise),
            "noiseDistribution": "normal",
        }
    )
    problem.measurements.append(
        {
            "observableId": identifier,
            "preequilibrationConditionId": before,
            "simulationConditionId": after,
            "time": time_h,
            "measurement": measured,
        }
    )


def _parameter(item: Free, pathway: Pathway) -> Row:
    """A row of the parameter table; a fraction's logit-normal prior becomes uniform between its bounds."""
    nominal = nominal_draw(pathway)
    value = (nominal.lines.get(item.line, {}) if item.line else nominal.values).get(item.name, item.median)
    row: Row = {
        "parameterId": free_id(item),
        "parameterScale": "lin" if item.fraction else "log10",
        "lowerBound": item.lower,
        "upperBound": item.upper,
        "nominalValue": min(max(value, item.lower), item.upper),
        "estimate": 1,
    }
    if item.fraction:
        prior = ("parameterScaleUniform", f"{item.lower!r};{item.upper!r}")
    else:
        prior = (
            "parameterScaleNormal",
            f"{math.log10(item.median)!r};{item.sd / math.log(10)!r}",
        )
    return {**row, "objectivePriorType": prior[0], "objectivePriorParameters": prior[1]}


def _birth(name: str, pathway: Pathway) -> Row:
    limits, line = pathway.parameters["k_birth"], pathway.cell_lines[name]
    bounds = f"{math.log10(limits.lower)!r};{math.log10(limits.upper)!r}"
    return {
        "parameterId": f"k_birth_in_{symbol(name)}",
        "parameterScale": "log10",
        "lowerBound": limits.lower,
        "upperBound": limits.upper,
        "nominalValue": line.values.get("k_birth", limits.value),
        "estimate": 1,
        "objectivePriorType": "parameterScaleUniform",
        "objectivePriorParameters": bounds,
    }
