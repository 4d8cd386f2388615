"""Gradients backwards against AMICI's adjoint method, by what its solver counts, on published models: half the sum of
squares of the first five states at the end, by up to 40 parameters, at several tolerances. One core, processor time.
Prints Markdown; AMICI compiles each model for some minutes.
"""

import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from screen.kinetics import Engine, gradient
from tests.benchmarks.kinetics_conditions import published, varied
from tests.benchmarks.tables import machine, table
from tests.peers import amici_peer

MODELS = ("Faratian2009_PTEN_trastuzumab",)
WORKER = Path(amici_peer.__file__).with_name("amici_gradient_worker.py")
OWN = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
PEERS = (1e-6, 1e-8, 1e-10)
ROWS, PEER_ROWS, READOUTS, PARAMETERS = 240, 20, 5, 40


def compared(title: str, end: float, engine: Engine) -> list[list[object]]:
    """Rows of the table: by AMICI's tolerance, its error in 99 % of gradients, relative to the largest derivative of
    each, and microseconds of both at that error (the engine's loosest tolerance, where that errs less).
    """
    model, readouts = engine.model, list(engine.states[:READOUTS])
    declared = re.findall(r'<parameter\b[^>]*?\bid="([^"]+)"', model.sbml)
    names = [n for n in engine.parameters if n in declared and engine.defaults[engine.index(n)] > 0]
    names = [n for n in names if n not in model.network.computed][:PARAMETERS]
    rows = np.tile(engine.defaults, (ROWS, 1))
    columns = [engine.index(name) for name in names]
    rows[:, columns] = varied(engine, ROWS, 0, everything=False)[:, columns]

    def own(some: np.ndarray, rtol: float) -> np.ndarray:
        found = gradient(model, readouts, names, [end], some, lambda v, _: v, rtol=rtol, atol=rtol * 1e-3)
        return found.slopes

    exact = own(rows, 1e-10)
    size = np.max(np.abs(exact), axis=1, keepdims=True)
    peer = _amici(model.sbml, names, readouts, end, rows[:PEER_ROWS, columns])

    def error(found: np.ndarray) -> float:
        off = np.abs(found - exact[: len(found)]) / size[: len(found)]
        return float(np.quantile(np.max(off, axis=1), 0.99))

    points = []
    for rtol in OWN:
        own(rows, rtol)
        begin = time.process_time()
        mine = own(rows, rtol)
        points.append((error(mine), (time.process_time() - begin) / ROWS * 1e6))
    errors, us = np.log(np.array(sorted(points))).T
    lines: list[list[object]] = []
    for k, rtol in enumerate(PEERS):
        off, theirs = error(peer["gradients"][k]), float(peer["seconds"][k]) / PEER_ROWS * 1e6
        ours = float(np.exp(np.interp(np.log(off), errors, us)))
        numbers = [f"{rtol:g}", f"{off:.1e}", f"{theirs:.0f}", f"{ours:.0f}", f"{theirs / ours:.0f}"]
        lines.append([title, len(engine.states), len(names), *numbers])
    return lines


def _amici(
    sbml: str, names: list[str], readouts: list[str], end: float, rows: np.ndarray
) -> dict[str, np.ndarray]:
    """AMICI's gradients (tolerance, N, K) and seconds (tolerance,)."""
    python = str(amici_peer.interpreter())
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        (folder / "model.xml").write_text(sbml)
        asked = {
            "names": names,
            "readouts": readouts,
            "end": end,
            "tolerances": PEERS,
            "rows": rows.tolist(),
        }
        (folder / "asked.json").write_text(json.dumps(asked))
        tools = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
        command = [python, str(WORKER), kept]
        ended = subprocess.run(
            command, env=os.environ | {"PATH": tools}, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            raise RuntimeError(ended.stderr[-2000:])
        return dict(np.load(folder / "gradients.npz"))


def main() -> None:
    if amici_peer.interpreter() is None:
        print("AMICI's gradients were not compared: HERSCREEN_AMICI names no Python that has it.")
        return
    print(f"{machine()}; AMICI {amici_peer.version()}.\n", flush=True)
    lines = [line for title, end, e in published() if title in MODELS for line in compared(title, end, e)]
    heads = ["model", "states", "parameters", "AMICI's rtol", "its error", "us", "herscreen us", "times"]
    print(table(heads, lines), f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
