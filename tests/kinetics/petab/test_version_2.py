"""Problems of PEtab version 2: the same numbers as their form in version 1, and what only version 2 has."""

from pathlib import Path

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import compile_engine, load_model
from screen.kinetics.petab import load_petab
from tests.kinetics.petab import test_problem as version_1

petab1to2 = pytest.importorskip("petab.v2.petab1to2", reason="petab is not installed")

YAML = """format_version: 2.0.0
parameter_files: [parameters.tsv]
model_files: {turnover: {location: model.xml, language: sbml}}
condition_files: [conditions.tsv]
experiment_files: [experiments.tsv]
observable_files: [observables.tsv]
measurement_files: [measurements.tsv]
"""
CONDITIONS = """conditionId\ttargetId\ttargetValue
low\tu\t0.5
low\tk2\tk2_est
high\tu\tu_high
high\tk2\tk2_est
rest\tu\t0
rest\tk2\t1.0
"""
EXPERIMENTS = """experimentId\ttime\tconditionId
e_low\t-inf\trest
e_low\t0\tlow
e_high\t0\thigh
e_before\t-inf\tlow
e_before\t0\thigh
"""
OBSERVABLES = """observableId\tobservableFormula\tobservablePlaceholders\tnoiseFormula\tnoisePlaceholders\t\
noiseDistribution
obs_a\tA\t\tsd_a\t\tnormal
obs_b\tscale * B + offset\tscale\tsd\tsd\tlog-laplace
obs_c\tlog(1 + B^2) + shift\tshift\t0.1 + 0.2 * A\t\tlog-normal
"""
MEASUREMENTS = """observableId\texperimentId\ttime\tmeasurement\tobservableParameters\tnoiseParameters
obs_a\te_low\t0\t0.9\t\t
obs_a\te_low\t2\t0.7\t\t
obs_b\te_low\t2\t0.6\tscale_1\t0.3
obs_b\te_low\t2\t1.4\tscale_2\tsd_b
obs_b\te_high\t1\t0.8\tscale_2\tsd_b
obs_c\te_before\t3\t0.5\t0.4\t
obs_a\te_high\tinf\t0.4\t\t
"""


def parameters() -> str:
    lines = [line.split("\t") for line in version_1.PARAMETERS.splitlines()]
    kept = [
        "\t".join([name, *rest, *(["true", "false"][v == "0"] for v in [e])])
        for name, _, *rest, e in lines[1:]
    ]
    return "\n".join(["parameterId\tlowerBound\tupperBound\tnominalValue\testimate", *kept]) + "\n"


def written(folder: Path, **other: str) -> Path:
    files = {
        "model.xml": load_model(version_1.MODEL).sbml, "conditions.tsv": CONDITIONS,
        "experiments.tsv": EXPERIMENTS, "observables.tsv": OBSERVABLES, "measurements.tsv": MEASUREMENTS,
        "parameters.tsv": parameters(), "problem.yaml": YAML,
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).write_text(other.get(name.split(".")[0], text))
    return folder / "problem.yaml"


def first_form(folder: Path, lines: str, observables: str = version_1.OBSERVABLES) -> Path:
    folder.mkdir()
    return version_1.written(folder, measurements=lines, observables=observables)


@pytest.mark.slow
def test_both_versions_of_a_problem_have_the_same_objective_and_gradient(tmp_path: Path) -> None:
    lines = version_1.MEASUREMENTS.replace("\t\tlow", "\trest\tlow").replace(
        "obs_c\t\thigh", "obs_c\tlow\thigh"
    )
    one = load_petab(first_form(tmp_path / "1", lines, version_1.OBSERVABLES.replace("log10", "log")))
    two = load_petab(written(tmp_path))
    assert two.names == one.names
    assert set(two.scales) == {"lin"}
    np.testing.assert_allclose(two.nominal, one.unscaled(one.nominal), rtol=1e-12)
    for shift in (0.0, 0.05):
        x = one.nominal + shift
        values = one.unscaled(x)
        assert two.objective(values) == pytest.approx(one.objective(x), rel=1e-9)
        expected = one.gradient(x)
        slope = np.array(
            [{"log": 1.0, "log10": np.log(10.0)}.get(s, 0.0) * v for s, v in zip(one.scales, values)]
        )
        slope[[s == "lin" for s in one.scales]] = 1.0
        np.testing.assert_allclose(two.gradient(values) * slope, expected, rtol=1e-5, atol=1e-5)
    assert list(two.simulate(two.nominal).columns)[-1] == "simulation"


@pytest.mark.slow
def test_a_problem_that_petab_itself_converts_keeps_its_objective(tmp_path: Path) -> None:
    plain = (
        version_1.OBSERVABLES.replace("log10", "lin")
        .replace("laplace", "normal")
        .replace("\tlog\t", "\tlin\t")
    )
    lines = version_1.BEFORE
    path = first_form(tmp_path / "1", lines, plain)
    one = load_petab(path)
    petab1to2.petab_files_1to2(path, tmp_path / "2")
    two = load_petab(tmp_path / "2" / path.name)
    x = one.nominal + 0.02
    assert two.objective(one.unscaled(x)) == pytest.approx(one.objective(x), rel=1e-9)


@pytest.mark.slow
def test_a_condition_may_set_a_formula_of_parameters(tmp_path: Path) -> None:
    found = load_petab(written(tmp_path, conditions=CONDITIONS.replace("\tu_high", "\t0.5 * u_high ^ 2")))
    value = found.simulate(found.nominal)["simulation"].to_numpy()[4]
    assert value == pytest.approx(0.8 * version_1.closed_form(1, 0.5 * 2.0**2)[1] + 0.2, rel=1e-6)
    x, k = found.nominal, found.names.index("u_high")
    step = 1e-5 * np.eye(len(x))[k]
    expected = (found.objective(x + step) - found.objective(x - step)) / 2e-5
    assert found.gradient(x)[k] == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_periods_follow_one_another_and_set_species_again(tmp_path: Path) -> None:
    later = EXPERIMENTS.replace("e_high\t0\thigh", "e_high\t1\thigh\ne_high\t3\tlow\ne_high\t3\tfilled")
    conditions = CONDITIONS + "filled\tB\t2.5\n"
    lines = "observableId\texperimentId\ttime\tmeasurement\tobservableParameters\tnoiseParameters\n"
    lines += "".join(f"obs_b\te_high\t{time}\t0.4\tscale_2\tsd_b\n" for time in (1, 2, 3, 4.5))
    found = load_petab(written(tmp_path, experiments=later, conditions=conditions, measurements=lines))
    x = found.nominal
    simulated = (found.simulate(x)["simulation"].to_numpy() - 0.2) / 0.8
    engine = compile_engine(load_model(version_1.MODEL), ["A", "B"])
    known = found.nominal_values
    own = {name: known[name] for name in ("a0", "k1") if name in engine.parameters}
    high = engine.parameter_rows(1, u=known["u_high"], k2=known["k2_est"], **own)
    low = engine.parameter_rows(1, u=0.5, k2=known["k2_est"], **own)
    first = engine.simulate([0.0, 1.0, 2.0], high, rtol=1e-9, atol=1e-12)
    state = first.state.copy()
    state[:, engine.states.index("B")] = 2.5
    second = engine.simulate([0.0, 1.5], low, state, rtol=1e-9, atol=1e-12)
    expected = [*first.values[0, :2, 1], *second.values[0, :, 1]]
    np.testing.assert_allclose(simulated, expected, rtol=1e-6)
    k = found.names.index("u_high")
    step = 1e-5 * np.eye(len(x))[k]
    slope = (found.objective(x + step) - found.objective(x - step)) / 2e-5
    assert found.gradient(x)[k] == pytest.approx(slope, rel=1e-4)


def test_a_mapping_table_names_a_local_parameter(tmp_path: Path) -> None:
    model = load_model(version_1.MODEL).sbml
    local = model.replace("</kineticLaw>", LOCAL + "</kineticLaw>", 1)
    assert local != model
    table = "petabEntityId\tmodelEntityId\nmine\tJ1.v_local\n"
    (tmp_path / "mapping.tsv").write_text(table)
    changed = CONDITIONS + "high\tmine\t3.0\n"
    yaml = YAML + "mapping_files: [mapping.tsv]\n"
    found = load_petab(written(tmp_path, model=local, conditions=changed, problem=yaml))
    rows = found._rows(found._settings[0], found.unscaled(found.nominal))
    place = found.engine.index("J1.v_local")
    by_condition = {group.during: row[place] for group, row in zip(found.groups, rows)}
    assert by_condition["e_high"] == 3.0
    assert by_condition["e_low"] == 7.0


LOCAL = """<listOfLocalParameters><localParameter id="v_local" value="7"/></listOfLocalParameters>"""

BAD = {
    "expected finite times": {"experiments": EXPERIMENTS + "e_only\t-inf\tlow\n"},
    "does not have 'nobody'": {"conditions": CONDITIONS.replace("\tu_high", "\t2 * nobody")},
    "mapping table": {
        "problem": YAML + "mapping_files: [mapping.tsv]\n",
        "observables": OBSERVABLES.replace("\tA\t", "\tA * u_x\t"),
    },
}


@pytest.mark.parametrize("word", list(BAD))
def test_what_is_not_served_is_one_line(word: str, tmp_path: Path) -> None:
    (tmp_path / "mapping.tsv").write_text("petabEntityId\tmodelEntityId\nu_x\tJ1.v\n")
    path = written(tmp_path, **BAD[word])
    with pytest.raises(InputError) as caught:
        version_1.solved(path)
    assert len(str(caught.value).splitlines()) == 1
    assert word in str(caught.value)
