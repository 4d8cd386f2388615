"""A PEtab problem as a screen: the cube has what PEtab's own simulations have, treatments are no lines, and what cannot
be a screen is one line.
"""

from pathlib import Path

import pytest

from screen.analysis.cubes.verify import verify
from screen.config.custom_model import CustomModel
from screen.config.screen import load_config
from screen.cube.reader import CubeReader
from screen.errors import InputError
from screen.kinetics import load_model
from screen.kinetics.petab import load_petab
from screen.runner import RunOptions, run
from screen.runner.execution.prepared import prepare

pytest.importorskip("petab.v1", reason="petab is not installed")

MODEL = """
model cascade
  compartment cell = 1
  species R in cell, A in cell
  R = r0; A = 0; r0 = 1; k_on = 0.8; k_off = 0.6; egf = 0
  J1: R -> A; cell*k_on*egf*R
  J2: A -> R; cell*k_off*A
end
"""
HEAD = "observableId preequilibrationConditionId simulationConditionId time measurement observableParameters"
ROWS = [
    (observable, before, during, time, 1, {"active": "offset", "logged": ""}[observable])
    for observable in ("active", "logged")
    for before, during in (("quiet", "low"), ("quiet", "high"), ("mutant_quiet", "mutant"))
    for time in (1, 3)
]
FILES = {
    "model.xml": load_model(MODEL).sbml,
    "conditions.tsv": "conditionId egf k_off\nquiet 0 k_off_est\nlow 1 k_off_est\nhigh 5 k_off_est\n"
    "mutant_quiet 0 0.1\nmutant 5 0.1\n",
    "observables.tsv": "observableId observableFormula noiseFormula\n"
    "active scale*A+observableParameter1_active 0.1\nlogged log(1+A) 0.1\n",
    "parameters.tsv": "parameterId parameterScale lowerBound upperBound nominalValue estimate\n"
    "k_on log10 0.01 100 0.7 1\nk_off_est lin 0.01 100 0.5 1\nscale lin 0 10 2 1\noffset lin 0 1 0.1 0\n"
    "r0 lin 0 10 1.5 1\n",
    "measurements.tsv": "\n".join([HEAD, *(" ".join(map(str, row)) for row in ROWS)]) + "\n",
    "problem.yaml": "format_version: 1\nparameter_file: parameters.tsv\nproblems:\n- sbml_files: [model.xml]\n"
    "  condition_files: [conditions.tsv]\n  observable_files: [observables.tsv]\n"
    "  measurement_files: [measurements.tsv]\n",
    "screen.yaml": """
model:
  petab: problem.yaml
  time_unit: h
  drugs:
    EGF: {action: sets concentration of, target: egf, low: 1, high: 5}
    blocker: {action: inhibits, target: k_on, IC50: 10 nM, low: 1, high: 100}
  viability: active
cell_lines: all
combinations: {pairs: [[EGF, blocker]]}
doses: {points: 2}
times: [1, 3]
""",
}


def written(folder: Path, **other: str) -> Path:
    """The problem and the screen of it, with other texts of files by their names before the dot."""
    for name, text in FILES.items():
        text = other.get(name.split(".")[0], text)
        (folder / name).write_text(text.replace(" ", "\t") if name.endswith(".tsv") else text)
    return folder / "screen.yaml"


def mapping(path: Path) -> CustomModel:
    found = prepare(load_config(path)).config.model
    assert isinstance(found, CustomModel)
    return found


@pytest.mark.slow
def test_the_cube_has_what_petabs_simulations_have(tmp_path: Path) -> None:
    cube = run(load_config(written(tmp_path)), tmp_path / "one.h5", RunOptions(jobs=1))
    problem = load_petab(tmp_path / "problem.yaml")
    simulated = problem.simulate(problem.nominal)["simulation"].tolist()
    with CubeReader.open(cube) as found:
        assert found.cell_lines == ("low", "mutant")
        compared = 0
        for (observable, _, during, time, *_), expected in zip(ROWS, simulated, strict=True):
            if during != "low":  # whose treatment is no dose of the grid
                at = {"cell_line": int(during == "mutant"), "combination": 0, "dose_1": 1, "dose_2": 0}
                value = float(found.root[observable].array("time", **at)[[1, 3].index(int(time))])
                assert value == pytest.approx(expected, rel=1e-5)
                compared += 1
    assert compared == 8
    (tmp_path / "problem.yaml").unlink()
    assert verify(cube, points=4, seed=1).passed


@pytest.mark.slow
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_nothing_without_drugs_is_told_as_the_reason_of_failed_wells(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    screen = FILES["screen.yaml"].replace("viability: active", "viability: A")  # which takes EGF, a drug here
    run(load_config(written(tmp_path, screen=screen)), tmp_path / "one.h5", RunOptions(jobs=1))
    (told,) = [
        record.getMessage() for record in caplog.records if "simulations failed" in record.getMessage()
    ]
    assert told.endswith("where nothing that counts as viability is left without drugs")


def test_treatments_are_no_lines_and_nominal_values_are_in_all(tmp_path: Path) -> None:
    found = mapping(written(tmp_path))
    assert found.start == "steady state"
    assert not found.stimulus
    assert found.cell_lines["low"].values == {"egf": 0.0, "k_off": 0.5, "k_on": 0.7, "r0": 1.5}
    assert found.cell_lines["low"].source == "PEtab, low, high"
    assert found.readouts["active"].formula == "2 * A + 0.1"
    assert found.readouts["logged"].formula == "ln(1 + A)"


def test_an_observable_may_be_a_share_of_many_states(tmp_path: Path) -> None:
    longer = FILES["observables.tsv"].replace("log(1+A)", "A/(" + "+".join(["A", "R"] * 60) + ")")
    found = mapping(written(tmp_path, observables=longer))
    assert len(found.readouts["logged"].formula) > 200


def test_what_no_drug_sets_is_a_stimulus_where_all_change_alike(tmp_path: Path) -> None:
    changed = FILES["conditions.tsv"].replace("low 1", "low 5")
    alone = FILES["screen.yaml"].replace(
        "EGF: {action: sets concentration of, target: egf", "EGF: {action: inhibits, target: r0, IC50: 1"
    )
    found = mapping(
        written(tmp_path, conditions=changed, screen=alone.replace("target: r0", "target: k_off"))
    )
    assert found.stimulus == {"egf": 5.0}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (
            {"screen": FILES["screen.yaml"].replace("target: egf", "target: r0")},
            "change different things .* egf",
        ),
        (
            {"measurements": FILES["measurements.tsv"].replace("1 offset", "1 0.3", 1)},
            "'active' is scaled in several",
        ),
        ({"measurements": FILES["measurements.tsv"].replace("quiet low", " low")}, "expected all or none"),
        ({"problem": "format_version: 1\n"}, "problem.yaml: line 3: model.petab|model.petab"),
        ({"screen": FILES["screen.yaml"].replace("viability", "cell_lines: {}\n  viability")}, "unknown key"),
    ],
)
def test_what_is_no_screen_is_one_line(tmp_path: Path, other: dict[str, str], words: str) -> None:
    path = written(tmp_path, **other)
    with pytest.raises(InputError, match=words) as found:
        prepare(load_config(path))
    assert "\n" not in str(found.value)


@pytest.mark.slow
def test_version_2_is_screened_alike_but_for_periods_that_follow(tmp_path: Path) -> None:
    convert = pytest.importorskip("petab.v2.petab1to2", reason="petab is not installed").petab_files_1to2
    path = written(tmp_path, screen=FILES["screen.yaml"].replace("problem.yaml", "two/problem.yaml"))
    convert(tmp_path / "problem.yaml", tmp_path / "two")
    lines = list(mapping(path).cell_lines.values())
    assert [line.values["k_off"] for line in lines] == [0.5, 0.1]
    experiments = tmp_path / "two" / "experiments.tsv"
    head, *rows = experiments.read_text().splitlines()
    again = dict(zip(head.split("\t"), rows[-1].split("\t"), strict=True)) | {"time": "2.0"}
    experiments.write_text("\n".join([head, *rows, "\t".join(again.values())]) + "\n")
    with pytest.raises(InputError, match="has periods that follow one another"):
        prepare(load_config(path))
