"""Curated models of BioModels, any number of them: the same trajectories as libRoadRunner's, or a refusal in one line.

`HERSCREEN_BIOMODELS` names a folder of SBML files, else it is `biomodels` in the folder of reference data. The wheel of
SBMLKinetics on the package index holds 1,042 of them (`SBMLKinetics/data/curated.zip` and `biomodels.zip`).
"""

import os
from pathlib import Path

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import load_model, simulate
from tests.paths import ROOT

roadrunner = pytest.importorskip("roadrunner", reason="libRoadRunner is not installed")

FOLDER = Path(
    os.environ.get("HERSCREEN_BIOMODELS")
    or Path(os.environ.get("HERSCREEN_SHARED", ROOT.parent / "shared")) / "biomodels"
)
MODELS = [pytest.param(path, id=path.stem) for path in sorted(FOLDER.glob("*.xml"))] or [
    pytest.param(
        None, marks=pytest.mark.skip(reason=f"no models in {FOLDER} (HERSCREEN_BIOMODELS)"), id="none"
    )
]
TIMES = np.linspace(0, 100, 11)
AGREE = 1e-3  # of each species' own largest value
ROUNDING = 1e-12  # of the largest value of all: what is smaller says nothing


@pytest.mark.slow
@pytest.mark.parametrize("path", MODELS)
def test_a_published_model_is_simulated_as_by_libroadrunner_or_refused_in_one_line(path: Path) -> None:
    refused = ""
    try:
        model = load_model(path, fast_reactions="as written")
        species = sorted(model.network.concentrations)
        found = simulate(model, TIMES, readouts=[f"concentration({s})" for s in species], rtol=1e-7)
    except InputError as error:
        refused = str(error)
    if refused:
        assert "\n" not in refused
        pytest.skip(f"refused: {refused}")
    if not species:
        pytest.skip("no species")
    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_CRITICAL)
    try:
        peer = roadrunner.RoadRunner(path.read_text(errors="replace").replace('fast="true"', 'fast="false"'))
        peer.integrator.relative_tolerance = 1e-10
        peer.integrator.absolute_tolerance = 1e-16
        peer.integrator.maximum_num_steps = 1_000_000
        peer.integrator.maximum_time_step = TIMES[-1] / 100  # what happens by the clock is seen
        peer.timeCourseSelections = [f"[{s}]" for s in species]
        expected = np.array(peer.simulate(0, TIMES[-1], len(TIMES)))
    except RuntimeError as fault:
        pytest.skip(f"libRoadRunner: {str(fault).splitlines()[0]}")
    values = np.stack([found[f"concentration({s})"].values[0] for s in species], axis=-1)
    size = np.max(np.abs(expected), axis=0)
    told = size > ROUNDING * np.max(size)
    error = np.abs(values - expected)[:, told] / size[told]
    assert int(found["status" if "status" in found else "run_status"][0]) <= 2
    assert np.max(error, initial=0.0) < AGREE
