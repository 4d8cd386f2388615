"""Published models of the field against libRoadRunner: two readers, two integrators, the same numbers."""

from pathlib import Path

import numpy as np
import pytest

from screen.kinetics import compile_engine, load_model

roadrunner = pytest.importorskip("roadrunner", reason="libRoadRunner is not installed")

ENDS = {
    "BIOMD0000000019_Schoeberl2002_EGF_MAPK.xml": 3600.0,
    "BIOMD0000000048_Kholodenko1999_EGFR.xml": 120.0,
    "BIOMD0000000223_Borisov2009_EGF_insulin.xml": 1800.0,
    "BIOMD0000000424_Faratian2009_PTEN_trastuzumab.xml": 3600.0,
    "BIOMD0000000427_Bianconi2012_EGFR_IGF1R_lung.xml": 1800.0,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ENDS))
def test_published_models_agree(
    shared: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERSCREEN_CACHE", str(tmp_path))
    path = shared / "models" / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside the checkout")
    text = path.read_text().replace('fast="true"', 'fast="false"')
    model = load_model(text)
    species = sorted(model.network.concentrations)
    engine = compile_engine(model, [f"concentration({s})" for s in species])
    times = np.linspace(0, ENDS[name], 11)
    found = engine.simulate(times, engine.defaults[None], rtol=1e-9, atol=1e-13)
    assert found.status[0] == 0

    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_CRITICAL)
    peer = roadrunner.RoadRunner(text)
    peer.integrator.relative_tolerance = 1e-10
    peer.integrator.absolute_tolerance = 1e-14
    peer.integrator.maximum_num_steps = 1_000_000
    peer.timeCourseSelections = [f"[{s}]" for s in species]
    expected = np.array(peer.simulate(0, ENDS[name], 11))
    error = np.abs(found.values[0] - expected)
    bound = 1e-5 * np.abs(expected) + 1e-9 * np.max(np.abs(expected))
    worst = np.unravel_index(np.argmax(error - bound), error.shape)
    assert np.all(error <= bound), f"{species[worst[1]]}: {found.values[0][worst]} not {expected[worst]}"
