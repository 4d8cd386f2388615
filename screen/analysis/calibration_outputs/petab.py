"""The calibration as a PEtab version 1 problem (Schmiester 2021, 10.1371/journal.pcbi.1008646).

Measured numbers and statements become observables of one simulation each (`petab_model` says what the model gains for
that). What PEtab cannot express is left out and counted: `left_out` tells which rows and why.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from screen.analysis.calibration.division_rates import settled
from screen.analysis.calibration.free_values import (
    DERIVATIVE,
    EXPONENT,
    FRACTION,
    LOGARITHM,
    SHIFT,
    UNSPECIFIC,
    FreeValue,
)
from screen.analysis.calibration.rows.curve_metrics import top_of
from screen.analysis.calibration.rows.measured_errors import ERRORS
from screen.analysis.calibration.rows.observations import Observations
from screen.analysis.calibration.rows.residuals import FALL, SIGMA_LOG10, Criterion
from screen.analysis.calibration_outputs.petab_model import (
    PetabLines,
    Row,
    column,
    free_id,
    petab_model,
    symbol,
)
from screen.analysis.evidence.evidence_table import Condition, Statement, Treatment
from screen.analysis.evidence.statistics import standard_doses
from screen.analysis.methods.ensemble_smoother import FAR
from screen.analysis.skill.measured_table import Cell
from screen.pathway import Assay, CellLine, Draw, Pathway
from screen.pathway.model.sbml_export import sbml_text
from screen.pathway.names import AMOUNTS

GROWTH_SIGMA = 0.02
ACROSS = "compares two simulations (other line, perturbation, dose or time)"
GRID = "a mean over doses"
HALF = "half of the response at the measured concentration"
OFFSETS = "offsets of laboratory and drug as independent noise"
VIABILITY, GR = "exp(log_cells - start_growth*time)", "(2^(log_cells/(start_growth*time)) - 1)"
GAIN = "((exp(log_cells) - 1)/(exp(start_growth*time) - 1))"
"""Cells added, as a share of the untreated line's."""


@dataclass
class PetabTables:
    """The tables of a PEtab problem, and the rows of evidence that are not in it with the reason."""

    sbml: str
    conditions: dict[str, Row] = field(default_factory=dict)
    observables: list[Row] = field(default_factory=list)
    measurements: list[Row] = field(default_factory=list)
    parameters: list[Row] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    mapped: dict[str, str] = field(default_factory=dict)


def petab_problem(assay: Assay, observations: Observations) -> PetabTables:
    """The rows of a calibration as a PEtab problem, nominal at the priors' medians."""
    pathway, free = observations.wells.pathway, observations.free
    statements = observations.rows.statements
    signals = sorted({s.observable for s in statements} & set(pathway.observables) | {"growth"})
    signals = [name for name in signals if name not in ("viability", "gr_value", "growth_rate")]
    lines = PetabLines.of(pathway, free)
    problem = PetabTables(sbml_text(petab_model(pathway, free, lines, signals)))
    for cell in observations.rows.cells:
        _add_cell(problem, cell, lines)
    for statement, criterion in zip(statements, observations.criteria, strict=True):
        _add(problem, statement, criterion, observations, lines)
    for name in observations.wells.lines:
        _add_growth(problem, pathway.cell_lines[name], lines)
    named = {value for row in problem.conditions.values() for value in row.values() if isinstance(value, str)}
    known = [
        item for item in free.items if not item.line or free_id(item) in named
    ]  # a line without a row has none
    problem.parameters = [_parameter(item) for item in known]
    named_lines = [pathway.cell_lines[name] for name in observations.wells.lines]
    [middle] = settled(assay, named_lines, [free.draw(np.zeros(len(free)))])
    problem.parameters += [_birth(line, pathway, middle) for line in named_lines]
    return problem


def _conditions(
    problem: PetabTables,
    condition: Condition,
    doses: Mapping[str, float],
    lines: PetabLines,
) -> tuple[str, str]:
    """The identifiers of a preequilibration and of a simulation condition."""
    pathway = lines.pathway
    row = lines.row(condition.line)
    row |= {f"times_{entity}": 1.0 for entity in pathway.entities if entity not in AMOUNTS}
    for entity, factor in condition.perturbation.items():
        row[column(entity) if entity in AMOUNTS else f"times_{entity}"] = factor
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
    problem: PetabTables,
    statement: Statement,
    criterion: Criterion,
    observations: Observations,
    lines: PetabLines,
) -> None:
    pathway, test, reference = lines.pathway, statement.test, statement.reference
    doses = dict(test.treatment.doses)
    formula, tolerance, measured = "", criterion.tolerance, criterion.measured
    low, high = criterion.bounds(observations.rows.margin)
    viability, gr = VIABILITY, GR
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
            problem.mapped[statement.id] = HALF
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
    before, after = _conditions(problem, test, doses, lines)
    weight = observations.rows.weights.get(statement.kind, 1.0)
    _measure(
        problem, statement.id, formula, tolerance / math.sqrt(weight), before, after, test.time_h, measured
    )


def _add_cell(problem: PetabTables, cell: Cell, lines: PetabLines) -> None:
    """A measured number: at the top dose as it is, a concentration as the half of the response there."""
    name = "_".join([cell.source, cell.line, cell.drugs[0], cell.metric, f"{cell.time_h:g}"])
    if cell.metric in ("GR_AOC", "AUC"):
        problem.left_out[name] = GRID
        return
    response = {"G": GR, "I": VIABILITY, "E": VIABILITY}[cell.metric[0]] if cell.metric != "GI50" else GAIN
    error = ERRORS[cell.metric]
    noise = math.sqrt(error.own**2 / cell.weight + error.drug**2 + error.laboratory**2)
    dose, measured, how = top_of(cell.top_nM[0]), cell.value, OFFSETS
    if cell.is_concentration:
        dose, measured, noise, how = 10.0**cell.value, 0.5, FALL * noise, f"{HALF}; {OFFSETS}"
    if cell.side:
        open_side = "0.5 - " if cell.side > 0 else "-0.5 + "
        response, measured = f"max(0, {open_side}{response})", 0.0
    problem.mapped[name] = how
    treatment = Treatment({}, cell.drugs)
    condition = Condition(lines.pathway.cell_lines[cell.line], treatment, {}, cell.time_h)
    before, after = _conditions(problem, condition, {cell.drugs[0]: dose}, lines)
    _measure(problem, name, response, noise, before, after, cell.time_h, measured)


def _add_growth(problem: PetabTables, line: CellLine, lines: PetabLines) -> None:
    """The untreated line doubles in its own time; in the calibration that is solved, here it is measured."""
    if line.doubling_h:
        condition = Condition(line, Treatment({}, ()), {}, 24.0)
        before, after = _conditions(problem, condition, {}, lines)
        rate = math.log(2) / line.doubling_h
        _measure(
            problem, f"growth_{symbol(line.name)}", "growth", GROWTH_SIGMA * rate, before, after, 24.0, rate
        )


def _measure(
    problem: PetabTables,
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


def _parameter(item: FreeValue) -> Row:
    """A row of the parameter table, nominal at the prior's median; a fraction's logit-normal prior becomes uniform
    between its bounds.
    """
    row: Row = {"parameterId": free_id(item), "estimate": 1}
    reach = (item.mean - FAR * item.sd, item.mean + FAR * item.sd)
    if item.kind == FRACTION:
        row |= {"parameterScale": "lin", "lowerBound": item.lower, "upperBound": item.upper}
        row |= {"nominalValue": (item.lower + item.upper) / 2, "objectivePriorType": "parameterScaleUniform"}
        return {**row, "objectivePriorParameters": f"{item.lower!r};{item.upper!r}"}
    if item.kind in (LOGARITHM, DERIVATIVE):
        bounds = (item.lower, item.upper) if item.kind == LOGARITHM else tuple(map(math.exp, reach))
        row |= {"parameterScale": "log10", "lowerBound": bounds[0], "upperBound": bounds[1]}
        row |= {"nominalValue": math.exp(item.mean), "objectivePriorType": "parameterScaleNormal"}
        per_decade = math.log(10)
        return {**row, "objectivePriorParameters": f"{item.mean / per_decade!r};{item.sd / per_decade!r}"}
    bounds = (max(reach[0], 0.0), reach[1]) if item.kind == EXPONENT else reach
    if item.kind in (SHIFT, UNSPECIFIC):
        bounds = (math.log(item.lower), math.log(item.upper))
    row |= {"parameterScale": "lin", "lowerBound": bounds[0], "upperBound": bounds[1]}
    row |= {"nominalValue": item.mean, "objectivePriorType": "parameterScaleNormal"}
    return {**row, "objectivePriorParameters": f"{item.mean!r};{item.sd!r}"}


def _birth(line: CellLine, pathway: Pathway, middle: Draw) -> Row:
    limits = pathway.parameters["k_birth"]
    bounds = f"{math.log10(limits.lower)!r};{math.log10(limits.upper)!r}"
    return {
        "parameterId": f"k_birth_in_{symbol(line.name)}",
        "parameterScale": "log10",
        "lowerBound": limits.lower,
        "upperBound": limits.upper,
        "nominalValue": middle.lines.get(line.name, {}).get("k_birth", limits.value),
        "estimate": 1,
        "objectivePriorType": "parameterScaleUniform",
        "objectivePriorParameters": bounds,
    }
