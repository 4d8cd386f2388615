"""The calibration as a PEtab problem: valid for PEtab's linter, and the same residuals as our own."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from screen.analysis.calibration.abundance_prior import AbundancePrior
from screen.analysis.calibration.calibrate import lay_out
from screen.analysis.calibration.free_values import LOGARITHM
from screen.analysis.calibration.rows.measured_errors import ERRORS
from screen.analysis.calibration.rows.observations import Observations
from screen.analysis.calibration_outputs.petab import PetabTables, petab_problem, symbol
from screen.analysis.calibration_outputs.petab_files import write_petab
from screen.config.calibration import CalibrationConfig
from screen.kinetics import compile_engine, load_model
from screen.pathway import Assay, load_pathway


@pytest.fixture(scope="module")
def observations(few: CalibrationConfig, abundance: AbundancePrior) -> Observations:
    """All statements, and the measured numbers of few curves."""
    return lay_out(load_pathway(), abundance, few.model_copy(update={"evidence": ""}))[1]


@pytest.fixture(scope="module")
def problem(assay: Assay, observations: Observations) -> PetabTables:
    return petab_problem(assay, observations)


@pytest.fixture(scope="module")
def folder(problem: PetabTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_petab(problem, tmp_path_factory.mktemp("petab")).parent


@pytest.mark.slow
def test_petabs_linter_finds_no_error(folder: Path) -> None:
    petab = pytest.importorskip("petab.v1", reason="petab is not installed")
    from petab.v1.lint import lint_problem

    assert not lint_problem(petab.Problem.from_yaml(str(folder / "problem.yaml")))


@pytest.mark.slow
def test_the_linter_of_version_2_finds_nothing_and_priors_are_the_same(
    observations: Observations, folder: Path
) -> None:
    v2 = pytest.importorskip("petab.v2", reason="petab is not installed")
    problem = v2.Problem.from_yaml(folder / "v2" / "problem.yaml")
    assert [str(issue) for issue in problem.validate()] == []
    assert len(problem.measurements) == len(pd.read_csv(folder / "measurements.tsv", sep="\t"))
    priors = {parameter.id: parameter.prior_dist for parameter in problem.parameters}
    for item in observations.free.items:
        if item.kind == LOGARITHM:
            assert priors[item.name].cdf(math.exp(item.mean)) == pytest.approx(0.5)
            expected = (norm.cdf(1) - norm.cdf(-2)) / (norm.cdf(2) - norm.cdf(-2))
            assert priors[item.name].cdf(math.exp(item.mean + item.sd)) == pytest.approx(expected)


@pytest.mark.slow
def test_every_row_is_in_the_problem_or_is_left_out_with_a_reason(
    observations: Observations, problem: PetabTables
) -> None:
    inside = {str(row["observableId"]).removeprefix("obs_") for row in problem.observables}
    statements = {s.id for s in observations.rows.statements}
    left = set(problem.left_out)
    growth = {f"growth_{symbol(name)}" for name in observations.wells.lines}
    assert statements <= inside | left
    assert growth <= inside
    areas = [cell for cell in observations.rows.cells if cell.metric == "GR_AOC"]
    assert len(left - statements) == len(areas) > 0
    assert len(inside | left) == len(observations.rows) + len(growth)
    assert not inside & {symbol(name) for name in left}


@pytest.mark.slow
def test_the_problem_has_the_residuals_of_the_calibration(
    observations: Observations, problem: PetabTables, folder: Path
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
            simulated = float(formula.evalf(subs={s: put[str(s)] for s in formula.free_symbols}))
            found[observable] = (simulated - measured) / float(observables.loc[observable, "noiseFormula"])
    said = observations.predict(np.zeros((1, len(observations.free))))[0]
    count, seen = len(observations.rows.cells), 0
    for cell, value in zip(observations.rows.cells, said, strict=False):
        if cell.metric != "GRmax":
            continue
        error = ERRORS["GRmax"]
        noise = math.sqrt(error.own**2 / cell.weight + error.drug**2 + error.laboratory**2)
        name = f"obs_{symbol(f'{cell.source}_{cell.line}_{cell.drugs[0]}_GRmax_72')}"
        assert found[name] == pytest.approx((value - cell.value) / noise, abs=0.02), name
        seen += 1
    assert seen == 12
    for statement, criterion, value in zip(
        observations.rows.statements, observations.criteria, said[count:], strict=True
    ):
        if statement.id in problem.left_out or statement.id in problem.mapped:
            continue
        residual = float(criterion.residual(np.array([value]), observations.rows.margin)[0])
        expected = abs(residual) if math.isnan(criterion.measured) else residual
        assert found[f"obs_{statement.id}"] == pytest.approx(expected, rel=0.02, abs=0.1), statement.id
