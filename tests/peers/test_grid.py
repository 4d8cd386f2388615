"""100 wells of the quickstart screen (300 in `make peers`) agree with SciPy and libRoadRunner, readout by readout."""

import os

import numpy as np
import pytest

from tests.peers.grid import Wells, excess_error, quickstart_wells


@pytest.fixture(scope="module")
def wells() -> Wells:
    return quickstart_wells(300 if os.environ.get("SBML_SUITE") == "whole" else 100)


@pytest.fixture(scope="module")
def answer(wells: Wells) -> np.ndarray:
    return wells.batched()


def disagreements(wells: Wells, answer: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    errors = excess_error(answer, reference)
    return {name: float(error) for name, error in zip(wells.readouts, errors) if not error <= 1}


@pytest.mark.slow
def test_wells_agree_with_scipy(wells: Wells, answer: np.ndarray) -> None:
    assert disagreements(wells, answer, wells.scipy()) == {}


@pytest.mark.slow
def test_wells_agree_with_libroadrunner_running_the_exported_sbml(wells: Wells, answer: np.ndarray) -> None:
    pytest.importorskip("roadrunner", reason="libRoadRunner is not installed")
    from screen.runner.simulate.model import model_sbml

    reference = wells.roadrunner(model_sbml(wells.assay.pathway))
    assert disagreements(wells, answer, reference) == {}


@pytest.mark.slow
def test_the_comparison_would_see_an_error_of_two_in_ten_thousand(wells: Wells, answer: np.ndarray) -> None:
    assert disagreements(wells, answer * 1.0002, answer) != {}
