"""PEtab problems made up here: simulations against closed forms, likelihoods against PEtab's own, gradients against
differences.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import load_model
from screen.kinetics.petab import PetabProblem, load_petab

petab = pytest.importorskip("petab.v1", reason="petab is not installed")

MODEL = """
model turnover
  compartment cell = 2
  species A in cell, B in cell
  A = a0; B = 0; a0 = 1; k1 = 0.8; k2 = 0.6; u = 1
  J1: A -> B; cell*k1*u*A
  J2: B -> A; cell*k2*B
end
"""
CONDITIONS = "conditionId\tu\tk2\nlow\t0.5\tk2_est\nhigh\tu_high\tk2_est\nrest\t0\t1.0\n"
OBSERVABLES = """observableId\tobservableFormula\tobservableTransformation\tnoiseFormula\tnoiseDistribution
obs_a\tA\tlin\tsd_a\tnormal
obs_b\tobservableParameter1_obs_b * B + offset\tlog10\tnoiseParameter1_obs_b\tlaplace
obs_c\tlog(1 + B^2) + observableParameter1_obs_c\tlog\t0.1 + 0.2 * A\tnormal
"""
COLUMNS = (
    "observableId preequilibrationConditionId simulationConditionId time measurement observableParameters"
)
MEASUREMENTS = (
    "\t".join(COLUMNS.split())
    + """\tnoiseParameters
obs_a\t\tlow\t0\t0.9\t\t
obs_a\t\tlow\t2\t0.7\t\t
obs_b\t\tlow\t2\t0.6\tscale_1\t0.3
obs_b\t\tlow\t2\t1.4\tscale_2\tsd_b
obs_b\t\thigh\t1\t0.8\tscale_2\tsd_b
obs_c\t\thigh\t3\t0.5\t0.4\t
obs_a\t\thigh\tinf\t0.4\t\t
"""
)
PARAMETERS = """parameterId\tparameterScale\tlowerBound\tupperBound\tnominalValue\testimate
a0\tlog10\t0.01\t100\t1.3\t1
k1\tlog\t0.01\t100\t0.7\t1
k2_est\tlin\t0.01\t10\t0.5\t1
u_high\tlog10\t0.01\t100\t2\t1
scale_1\tlog10\t0.01\t100\t1.5\t1
scale_2\tlin\t0.01\t100\t0.8\t1
offset\tlin\t0\t1\t0.2\t0
sd_a\tlog10\t0.01\t10\t0.15\t1
sd_b\tlin\t0.01\t10\t0.4\t1
"""
YAML = """format_version: 1
parameter_file: parameters.tsv
problems:
- sbml_files: [model.xml]
  condition_files: [conditions.tsv]
  observable_files: [observables.tsv]
  measurement_files: [measurements.tsv]
"""


def written(folder: Path, **other: str) -> Path:
    files = {
        "model.xml": load_model(MODEL).sbml, "conditions.tsv": CONDITIONS, "observables.tsv": OBSERVABLES,
        "measurements.tsv": MEASUREMENTS, "parameters.tsv": PARAMETERS, "problem.yaml": YAML,
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).write_text(other.get(name.split(".")[0], text))
    return folder / "problem.yaml"


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory) -> PetabProblem:
    return load_petab(written(tmp_path_factory.mktemp("petab")))


def closed_form(t: float, u: float, a0: float = 1.3, k1: float = 0.7, k2: float = 0.5) -> tuple[float, float]:
    """A and B."""
    rest = k2 / (k1 * u + k2)
    a = a0 * (rest + (1 - rest) * np.exp(-(k1 * u + k2) * t))
    return a, a0 - a


def test_simulations_are_the_closed_form(problem: PetabProblem) -> None:
    found = problem.simulate(problem.nominal)["simulation"].to_numpy()
    b_low, b_high = closed_form(2, 0.5)[1], closed_form(1, 2.0)[1]
    expected = [
        1.3, closed_form(2, 0.5)[0], 1.5 * b_low + 0.2, 0.8 * b_low + 0.2, 0.8 * b_high + 0.2,
        np.log(1 + closed_form(3, 2.0)[1] ** 2) + 0.4, closed_form(1e3, 2.0)[0],
    ]  # fmt: skip
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert len(problem.groups) == 3  # two scales of one observable in the condition `low`


def test_the_objective_is_petabs_own_likelihood(problem: PetabProblem, tmp_path: Path) -> None:
    own = petab.Problem.from_yaml(str(written(tmp_path)))
    rng = np.random.default_rng(0)
    for _ in range(2):
        x = problem.nominal + 0.05 * rng.standard_normal(len(problem.names))
        values = dict(zip(problem.names, problem.unscaled(x)))
        table = own.parameter_df.copy()
        for name, value in values.items():
            table.loc[name, "nominalValue"] = value
        # PEtab has no noise that depends on states; the deviation of `obs_c` is put there as a number
        a = float(closed_form(3, values["u_high"], values["a0"], values["k1"], values["k2_est"])[0])
        observables = own.observable_df.copy()
        observables.loc["obs_c", "noiseFormula"] = str(0.1 + 0.2 * a)
        expected = petab.calculate_llh(own.measurement_df, problem.simulate(x), observables, table)
        assert problem.objective(x) == pytest.approx(-expected, rel=1e-6)


def checked_gradient(problem: PetabProblem) -> None:
    x = problem.nominal + 0.03
    slopes = problem.gradient(x)
    for k in range(len(x)):
        step = np.zeros(len(x))
        step[k] = 1e-4
        expected = (problem.objective(x + step) - problem.objective(x - step)) / 2e-4
        assert slopes[k] == pytest.approx(expected, rel=1e-5, abs=1e-5), problem.names[k]


@pytest.mark.slow
def test_the_gradient_is_that_of_the_objective(
    problem: PetabProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PetabProblem, "_differences", lambda *_: pytest.fail("not by sensitivities"))
    checked_gradient(problem)


BEFORE = MEASUREMENTS.replace("obs_a\t\tlow", "obs_a\trest\tlow").replace("obs_c\t\thigh", "obs_c\tlow\thigh")


def test_a_steady_state_before_is_where_the_simulation_begins(tmp_path: Path) -> None:
    """With u = 0 all is A; from the rest at `low`, B is what it was and then goes on."""
    found = load_petab(written(tmp_path, measurements=BEFORE))
    values = found.simulate(found.nominal)["simulation"].to_numpy()
    assert values[0] == pytest.approx(1.3, rel=1e-6)
    first, last = closed_form(1e3, 0.5)[1], closed_form(1e3, 2.0)[1]
    b = last + (first - last) * np.exp(-(0.7 * 2 + 0.5) * 3)
    assert values[5] == pytest.approx(np.log(1 + b**2) + 0.4, rel=1e-5)
    checked_gradient(found)


BAD: dict[str, Callable[[Path], Path]] = {
    "no such": lambda folder: folder / "none.yaml",
    "condition 'other'": lambda folder: written(folder, measurements=MEASUREMENTS.replace("high", "other")),
    "parameter table does not have": lambda folder: written(
        folder, conditions=CONDITIONS.replace("u_high", "u_h")
    ),
}


def solved(path: Path) -> None:
    problem = load_petab(path)
    problem.objective(problem.nominal)


@pytest.mark.parametrize("word", list(BAD))
def test_a_bad_problem_is_one_line(word: str, tmp_path: Path) -> None:
    path = BAD[word](tmp_path)
    with pytest.raises(InputError) as caught:
        solved(path)
    assert len(str(caught.value).splitlines()) == 1
    if word != "no such":
        assert word in str(caught.value)
