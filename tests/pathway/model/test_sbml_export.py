"""The model as an exchange file: consistent SBML that other simulators run to our numbers."""

import re

import numpy as np
import pytest

from screen.pathway import Assay, load_pathway
from screen.pathway.model.sbml_export import antimony_text, consistency_errors, outline, sbml_text
from tests.peers.roadrunner_peer import quickly_compiled

PATHWAY = load_pathway()


@pytest.fixture(scope="module")
def exported() -> str:
    return sbml_text(PATHWAY)


@pytest.mark.slow
def test_the_export_is_consistent_sbml_level_3_version_2(exported: str) -> None:
    libsbml = pytest.importorskip("libsbml")
    document = libsbml.readSBMLFromString(exported)
    assert (document.getLevel(), document.getVersion()) == (3, 2)
    assert consistency_errors(document) == []


@pytest.mark.slow
def test_states_are_few_and_counted(exported: str) -> None:
    libsbml = pytest.importorskip("libsbml")
    model = libsbml.readSBMLFromString(exported).getModel()
    assert outline(PATHWAY)["states"] == model.getNumSpecies() + 1 <= 60


def test_a_line_exports_its_own_values() -> None:
    text = antimony_text(PATHWAY, PATHWAY.cell_line("BT474-HR20"))
    value = float(re.search(r"^f_SRC = (.*);$", text, re.MULTILINE)[1])  # type: ignore[index]
    assert value == PATHWAY.cell_line("BT474-HR20").values["SRC"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["BT474-HR20"])
def test_libroadrunner_runs_the_export_to_our_numbers(name: str) -> None:
    readouts = ["pAKT_S473", "nFOXO3A", "miR128", "IRS1", "PPP3CB", "pERK"]
    line = PATHWAY.cell_line(name)
    assay = Assay.compile(PATHWAY, readouts, rtol=1e-9, atol=1e-12)
    untreated = assay.untreated([line])
    doses = {"trastuzumab": np.array([68.0]), "linsitinib": np.array([200.0])}
    wells = assay.dose(untreated, np.array([0]), doses, np.array([2.0, 24.0, 120.0]))

    runner = quickly_compiled(sbml_text(PATHWAY, line))
    runner.integrator.relative_tolerance = 1e-10
    runner.integrator.absolute_tolerance = 1e-13
    runner.integrator.maximum_num_steps = 200_000
    for state, value in zip(assay.engine.states, untreated.state[0]):
        runner[f"[{state}]" if state != "log_cells" else state] = value
    for drug, dose in doses.items():
        runner[drug] = float(dose[0])
    runner.timeCourseSelections = ["time", *readouts, "log_cells"]
    theirs = np.array(runner.simulate(0, 120, 61))[[1, 12, 60], 1:]
    ours = np.column_stack([wells.values[0], wells.log_cells[0]])
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_our_own_reader_runs_the_export_to_the_same_numbers(exported: str) -> None:
    from screen.kinetics import compile_engine, load_model

    readouts = ("pAKT_S473", "IGF2", "log_cells")
    ours = compile_engine(load_model(PATHWAY.source), readouts)
    theirs = compile_engine(load_model(exported), readouts)
    values = []
    for engine in (ours, theirs):
        rows = np.array([engine.defaults])
        rows[0, engine.parameters.index("trastuzumab")] = 68.0
        values.append(engine.simulate(np.array([24.0, 120.0]), rows, rtol=1e-8, atol=1e-11).values)
    np.testing.assert_allclose(values[0], values[1], rtol=1e-6)


@pytest.mark.slow
def test_states_and_drugs_say_which_molecule_they_are(exported: str) -> None:
    for uri in ("uniprot:P04626", "mirbase.mature:MIMAT0000424", "CHEBI:16618", "chembl:CHEMBL1201585"):
        assert f"https://identifiers.org/{uri}" in exported
