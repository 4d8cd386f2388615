"""Sensitivities against AMICI's. `HERSCREEN_AMICI` names the Python of an environment that has it."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from screen.kinetics import compile_engine, gradient, load_model, sensitivities
from tests.peers.amici_peer import interpreter

TEXT = """
  species D, A, R, RA, P; D = 10; A = 0; R = 8; RA = 0; P = 0
  J1: D -> A; ka*D; J2: A -> ; vm*A/(km + A); J3: A + R -> RA; kon*A*R - koff*RA; J4: RA -> R; ki*RA
  J5: -> P; kp*RA^2/(kr^2 + RA^2); J6: P -> ; kd*P
  ka = 0.5; vm = 2; km = 3; kon = 0.2; koff = 0.05; ki = 0.02; kp = 1; kr = 2; kd = 0.1
"""
NAMES = ["ka", "vm", "km", "kon", "koff", "ki", "kp", "kr", "kd"]
EVENTS = """; t1 = 7.3; q = 5; lim = 2.1; share = 0.4
  at (time >= t1): D = D + q; at (time >= t1 + 20): D = D + 2*q; at (P > lim): P = share*P
"""
TIMES = [1.0, 5.0, 20.0, 60.0]


@pytest.mark.slow
@pytest.mark.skipif(interpreter() is None, reason="HERSCREEN_AMICI names no Python that has AMICI")
@pytest.mark.parametrize(
    ("text", "names"), [(TEXT, NAMES), (TEXT + EVENTS, [*NAMES, "t1", "q", "lim", "share"])]
)
def test_sensitivities_and_gradients_agree_with_amici(text: str, names: list[str], tmp_path: Path) -> None:
    model = load_model(text)
    engine = compile_engine(model, [])
    asked = {"names": names, "states": list(engine.states), "times": TIMES, "rtol": 1e-10}
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    (tmp_path / "model.xml").write_text(model.sbml)
    python = str(interpreter())
    tools = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    worker = Path(__file__).with_name("amici_slopes_worker.py")
    ended = subprocess.run(
        [python, str(worker), str(tmp_path)],
        env=os.environ | {"PATH": tools},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    peer = np.load(tmp_path / "slopes.npz")
    readouts = list(engine.states)
    rows = engine.defaults[None]
    found = sensitivities(model, readouts, names, TIMES, rows, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(found.values[0], peer["values"], rtol=1e-7, atol=1e-9)
    expected = np.moveaxis(peer["slopes"], 1, 2)
    scale = np.max(np.abs(expected), axis=(0, 2), keepdims=True)
    assert np.max(np.abs(found.slopes[0] - expected) / scale) < 1e-5
    weights = np.random.default_rng(0).standard_normal((1, len(TIMES), len(readouts)))
    downhill = gradient(model, readouts, names, TIMES, rows, weights, rtol=1e-10, atol=1e-13).slopes[0]
    np.testing.assert_allclose(downhill, np.einsum("trk,tr->k", expected, weights[0]), rtol=1e-5)
