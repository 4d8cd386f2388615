"""COMBINE archives: libRoadRunner runs the wells of the SED-ML, read here by nothing that wrote it, and gets the cube's
numbers; the archive's files are what its manifest says.
"""

import csv
import importlib.util
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from screen.config.screen import parse_config
from screen.errors import InputError
from screen.kinetics import load_model
from screen.report.tables.combine.archive import write_archive
from screen.report.tables.combine.simulation_experiment import time_course
from screen.runner import RunOptions, run
from tests.pathway.model.test_custom import settings
from tests.peers.roadrunner_peer import quickly_compiled

SED = "{http://sed-ml.org/sed-ml/level1/version3}"
MATH = "{http://www.w3.org/1998/Math/MathML}"
FORMULAS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "minus": np.subtract, "divide": np.divide, "power": np.power,
}  # fmt: skip


FAULTS = """
import sys, libsedml
document = libsedml.readSedMLFromFile(sys.argv[1])
print(document.getNumTasks(), document.getNumModels(), sep="\\n")
for k in range(document.getNumErrors()):
    print(" ".join(document.getError(k).getMessage().split()))
"""


@dataclass(frozen=True)
class Replayed:
    """The report of an archive's experiment as libRoadRunner gives it, by label; the table of the cube's numbers."""

    sets: dict[str, np.ndarray]
    expected: list[dict[str, str]]

    def misses(self, per_hour: float) -> Iterator[tuple[str, float, float]]:
        """(label, found, expected)"""
        for row in self.expected:
            at = np.flatnonzero(np.isclose(self.sets["time"], float(row["time_h"]) * per_hour, rtol=1e-9))
            yield row["label"], float(self.sets[row["label"]][at[0]]), float(row["value"])


def texts(archive: Path) -> dict[str, str]:
    with zipfile.ZipFile(archive) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def replay(archive: Path) -> Replayed:
    """All tasks of the archive's experiment, each from the model with its changes."""
    files = texts(archive)
    top = ElementTree.fromstring(files["wells.sedml"])
    models = {str(one.get("id")): one for one in top.iter(f"{SED}model")}
    course = next(top.iter(f"{SED}uniformTimeCourse"))
    peer, document = quickly_compiled(files["model.xml"]), ElementTree.fromstring(files["model.xml"])
    peer.integrator.relative_tolerance, peer.integrator.absolute_tolerance = 1e-9, 1e-12
    changed = {name: dict(changes(document, models, name)) for name in models}
    own = {name: peer[name] for one in changed.values() for name in one}
    columns: dict[str, np.ndarray] = {}
    for task in top.iter(f"{SED}task"):
        variables = [v for v in top.iter(f"{SED}variable") if v.get("taskReference") == task.get("id")]
        peer.resetToOrigin()
        for name, value in {**own, **changed[str(task.get("modelReference"))]}.items():
            peer[name] = value
        peer.timeCourseSelections = [symbol(one) for one in variables] or ["time"]
        table = peer.simulate(0, float(course.get("outputEndTime")), int(course.get("numberOfPoints")) + 1)
        columns |= {str(one.get("id")): column for one, column in zip(variables, np.array(table).T)}
    made = {
        str(one.get("id")): formula(one.find(f"{MATH}math")[0], columns)  # type: ignore[index]
        for one in top.iter(f"{SED}dataGenerator")
    }
    sets = {str(one.get("label")): made[str(one.get("dataReference"))] for one in top.iter(f"{SED}dataSet")}
    return Replayed(sets, list(csv.DictReader(io.StringIO(files["expected.csv"]))))


def changes(document: Any, models: dict[str, Any], name: str) -> Iterator[tuple[str, float]]:
    """What a model changes, after what the one that it derives from does; each an attribute of the archive's model."""
    source = str(models[name].get("source"))
    if source.startswith("#"):
        yield from changes(document, models, source[1:])
    else:
        assert source == "model.xml"
    for change in models[name].iter(f"{SED}changeAttribute"):
        path, _, attribute = str(change.get("target")).rpartition("/@")
        [element] = document.findall(
            path.replace("/sbml:sbml", ".", 1), {"sbml": document.tag[1:].partition("}")[0]}
        )
        assert attribute in element.attrib, path
        assert attribute != "initialAmount", "whose unit is not set by its id in brackets"
        yield symbol_at(path), float(str(change.get("newValue")))


def symbol(variable: Any) -> str:
    return "time" if variable.get("symbol") else symbol_at(variable.get("target"))


def symbol_at(path: str) -> str:
    name = path.split("'")[1]
    return f"[{name}]" if "listOfSpecies" in path else name


def formula(node: Any, columns: dict[str, np.ndarray]) -> Any:
    if node.tag == f"{MATH}ci":
        return columns[node.text.strip()]
    if node.tag == f"{MATH}cn":
        return float(node.text)
    with np.errstate(invalid="ignore"):
        return FORMULAS[node[0].tag.removeprefix(MATH)](*(formula(one, columns) for one in node[1:]))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cube of a model of one's own, with a stimulus, a species that a drug adds to, and readouts of every kind."""
    folder = tmp_path_factory.mktemp("own")
    screen = settings(folder, stimulus={"k_out": 0.7}) | {
        "name": "own",
        "combinations": {"pairs": [["stopper", "ligand"], ["driver", "other"]]},
        "doses": {"points": 3},
        "times": ["2 min", "6 min"],
        "readouts": ["viability", "S", "twice", "amount"],
    }
    return run(parse_config(screen), folder / "own.h5", RunOptions(jobs=1))


@pytest.fixture(scope="module")
def archive(own: Path) -> Path:
    return write_archive(own, own.with_name("own.omex"))


@pytest.mark.slow
def test_libroadrunner_gets_the_numbers_of_an_own_model(archive: Path) -> None:
    found = list(replay(archive).misses(60.0))
    assert len(found) == 6 * 3 * 4 * 2
    assert {label.rpartition(": ")[2] for label, _, _ in found} == {"viability", "S", "twice", "amount"}
    for label, value, expected in found:
        assert value == pytest.approx(expected, rel=2e-5, abs=1e-7), label


@pytest.mark.slow
def test_the_archive_is_what_its_manifest_says(archive: Path) -> None:
    files = texts(archive)
    listed = {
        str(one.get("location")).removeprefix("./"): one
        for one in ElementTree.fromstring(files["manifest.xml"])
    }
    assert set(listed) - {"."} == set(files)
    assert [name for name, one in listed.items() if one.get("master")] == ["wells.sedml"]
    assert load_model(archive).network.states
    assert "herscreen run own" in files["metadata.rdf"]


@pytest.mark.slow
def test_it_is_the_same_bytes_again(own: Path, archive: Path) -> None:
    assert write_archive(own, own.with_name("again.omex")).read_bytes() == archive.read_bytes()


@pytest.mark.slow
def test_libsedml_reads_it_without_a_fault(archive: Path) -> None:
    """In a process of its own: its bindings and libSBML's do not go together in one."""
    if importlib.util.find_spec("libsedml") is None:
        pytest.skip("python-libsedml is not installed")
    experiment = archive.with_name("wells.sedml")
    experiment.write_text(texts(archive)["wells.sedml"])
    command = [sys.executable, "-c", FAULTS, str(experiment)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    tasks, models, *faults = ended.stdout.splitlines()
    assert faults == []
    assert int(tasks) == int(models) > 6 * 3


@pytest.mark.slow
def test_libroadrunner_gets_the_numbers_of_the_built_in_model(tmp_path: Path) -> None:
    screen = {
        "name": "built-in",
        "cell_lines": [{"name": "low", "parent": "BT474-HR20", "perturbation": {"IRS1": 0.3}}],
        "combinations": {"pairs": [["trastuzumab", "linsitinib"]]},
        "doses": {"points": 2},
        "times": ["24 h", "72 h"],
        "readouts": ["viability", "gr_value", "pAKT_S473", "IGF2"],
    }
    cube = run(parse_config(screen), tmp_path / "one.h5", RunOptions(jobs=1))
    found = list(replay(write_archive(cube, tmp_path / "one.omex")).misses(1.0))
    assert len(found) == 3 * 4 * 2
    for label, value, expected in found:
        assert value == pytest.approx(expected, rel=1e-4, abs=1e-6), label


def test_schedules_and_odd_times_are_refused() -> None:
    assert time_course([24, 36, 72.5], 60, 1e-6, 1e-9).points == 145
    with pytest.raises(InputError, match="even steps"):
        time_course([0.0], 1, 1e-6, 1e-9)
    with pytest.raises(InputError, match="even steps"):
        time_course([1 / 3600, 96], 1, 1e-6, 1e-9)
