"""AMICI behind the same call as the other solvers. It needs an environment of its own; `HERSCREEN_AMICI`
names that environment's Python.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from screen.kinetics import Engine
from tests.peers.solvers import Solve

WORKER = Path(__file__).with_name("amici_worker.py")


def interpreter() -> str | None:
    """The Python of AMICI's environment, if it was named."""
    return os.environ.get("HERSCREEN_AMICI")


def version() -> str:
    """AMICI's version, or why it is absent."""
    python = interpreter()
    if python is None:
        return "not compared (HERSCREEN_AMICI names no Python)"
    code = "import importlib.metadata as m; print(m.version('amici'))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def amici(
    engine: Engine,
    end: float,
    parameters: np.ndarray,
    start: np.ndarray | None,
    names: Sequence[str],
    alone: bool = False,
) -> Solve:
    """AMICI (CVODES on generated C++), one process for all tolerances; `names` vary. With `alone` the time is what its
    solver counts.
    """
    worker = _Worker()
    (worker.folder / "model.xml").write_text(engine.model.sbml)
    np.savez(
        worker.folder / "conditions.npz",
        names=np.array(names),
        rows=parameters[:, [engine.parameters.index(name) for name in names]],
        states=np.array(engine.states),
        first=engine.initial_state(parameters) if start is None else start,
        end=end,
    )
    worker.begin()

    def solve(rtol: float) -> tuple[np.ndarray, float]:
        seconds = worker.ask(rtol)["alone" if alone else "seconds"]
        return np.load(worker.folder / "found.npy"), seconds

    return solve


class _Worker:
    """The process in AMICI's environment and the folder that it shares with this one."""

    def __init__(self) -> None:
        self._kept = tempfile.TemporaryDirectory(prefix="amici-")
        self.folder = Path(self._kept.name)

    def begin(self) -> None:
        """Starts it and waits until the model is compiled. Errors: `RuntimeError` with its last words."""
        python = str(interpreter())
        tools = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"  # its own SWIG and ninja first
        with (self.folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                [python, str(WORKER), str(self.folder)],
                env=os.environ | {"PATH": tools},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        unknown = self._answer()["unknown"]
        if unknown:
            raise RuntimeError(f"AMICI cannot set {unknown}")

    def ask(self, rtol: float) -> dict[str, float]:
        """Lets it solve; the `seconds` that it took, and its solver `alone`."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{rtol}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # the rest is chatter of compilers
                found: dict[str, Any] = json.loads(line)
                return found
        raise RuntimeError(f"AMICI's process ended: {(self.folder / 'log').read_text()[-2000:]}")
