"""The calibration as a PEtab problem: valid for PEtab's linter, and the same residuals as our own objective."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.objective import Objective
from screen.analysis.calibration.priors import nominal_draw
from screen.analysis.calibration_outputs.petab import PetabProblem, petab_problem, symbol
from screen.analysis.calibration_outputs.petab_files import write_petab
from screen.analysis.evidence.table import BUILT_IN, read_evidence
from screen.config.calibration import CalibrationConfig
from screen.kinetics import compile_engine, load_model
from screen.pathway import Assay


@pytest.fixture(scope="module")
def objective(assay: Assay) -> Objective:
    return lay_out(assay.pathway, read_evidence(BUILT_IN, assay.pathway), CalibrationConfig())[1]


@pytest.fixture(scope="module")
def problem(objective: Objective) -> PetabProblem:
    return petab_problem(objective)


@pytest.fixture(scope="module")
def folder(problem: PetabProblem, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_petab(problem, tmp_path_factory.mktemp("petab")).parent


@pytest.mark.slow
def test_petabs_linter_finds_no_error(folder: Path) -> None:
    petab = pytest.importorskip("petab.v1", reason="petab is not installed")
    from petab.v1.lint import lint_problem

    assert not lint_problem(petab.Problem.from_yaml(str(folder / "problem.yaml")))


@pytest.mark.slow
def test_every_row_is_in_the_problem_or_is_left_out_with_a_reason(
    objective: Objective, problem: PetabProblem
) -> None:
    inside = {str(row["observableId"]).removeprefix("obs_") for row in problem.observables}
    rows = {s.id for s in objective.statements}
    assert inside | set(problem.left_out) == rows | {f"growth_{symbol(n)}" for n in objective.wells.lines}
    assert not inside & set(problem.left_out)
    measured = {s.id for s in objective.statements if s.kind == "gr_measured"}
    assert measured <= inside
    assert sum(Counter(problem.left_out.values()).values()) == 113


@pytest.mark.slow
def test_the_problem_has_the_residuals_of_the_objective(
    objective: Objective, problem: PetabProblem, folder: Path
) -> None:
    """The exported SBML and tables, read back and run, give the numbers that the calibration sees."""
    sympify = pytest.importorskip("petab.v1.math", reason="petab is not installed").sympify_petab
    tables = {
        name: pd.read_csv(folder / f"{name}.tsv", sep="\t", index_col=0)
        for name in ("conditions", "parameters")
    }
    measurements = pd.read_csv(folder / "measurements.tsv", sep="\t")
    observables = pd.read_csv(folder / "observables.tsv", sep="\t", index_col=0)
    value = tables["parameters"]["nominalValue"]
    formulas = {name: sympify(text) for name, text in observables["observableFormula"].items()}
    names = sorted({str(s) for f in formulas.values() for s in f.free_symbols} - {"time"} | {"growth"})
    engine = compile_engine(load_model((folder / "model.xml").read_text()), names)

    def rows(conditions: list[str]) -> np.ndarray:  # type: ignore[type-arg]
        table = engine.parameter_rows(len(conditions))
        for name in engine.parameters:
            if name in value.index:
                table[:, engine.index(name)] = value[name]
        for number, condition in enumerate(conditions):
            for column, cell in tables["conditions"].loc[condition].items():
                given = value[cell] if cell in value.index else float(cell)
                table[number, engine.index(str(column))] = given
        return table

    before = sorted(set(measurements["preequilibrationConditionId"]))
    steady = engine.steady_state(rows(before)).state
    found: dict[str, float] = {}
    for time, group in measurements.groupby("time"):
        start = steady[[before.index(b) for b in group["preequilibrationConditionId"]]]
        run = engine.simulate([float(time)], rows(list(group["simulationConditionId"])), start, rtol=1e-6)
        for observable, measured, row in zip(group["observableId"], group["measurement"], run.values[:, 0]):
            put = {**dict(zip(names, map(float, row))), "time": float(time)}
            formula = formulas[observable]
            said = float(formula.evalf(subs={s: put[str(s)] for s in formula.free_symbols}))
            found[observable] = (said - measured) / float(observables.loc[observable, "noiseFormula"])
    nominal = nominal_draw(objective.wells.pathway)
    ours = objective.evaluate(objective.priors.scores(nominal)[None]).residuals[0]
    for statement, residual in zip(objective.statements, ours):
        if statement.id in problem.left_out or statement.id in problem.mapped:
            continue
        theirs = found[f"obs_{statement.id}"]
        one_sided = math.isnan(objective.criteria[objective.statements.index(statement)].measured)
        expected = abs(residual) if one_sided else residual
        assert theirs == pytest.approx(expected, abs=0.15), statement.id
