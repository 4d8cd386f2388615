"""How long a model takes from text to running code, and a second process to load that code from the cache."""

import os
import pickle
import subprocess
import sys
import time

from screen.kinetics import compile_engine, load_model

from .kinetics_conditions import chain

_AGAIN = """
import pickle, sys, time
model = pickle.load(sys.stdin.buffer)
from screen.kinetics import compile_engine
import llvmlite.binding
begin = time.perf_counter()
engine = compile_engine(model, ["S0"])
print(time.perf_counter() - begin)
"""


def compiling() -> None:
    """Prints wall clock and processor time for 60 and 500 species; the cache must be empty before."""
    for states in (60, 500):
        text = chain(states)
        wall, cpu = time.perf_counter(), time.process_time()
        model = load_model(text)
        read = time.perf_counter() - wall
        engine = compile_engine(model, ["S0"])
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        found = engine.simulate([100.0], engine.parameter_rows(8))
        again = []
        for _ in range(3):
            command = [sys.executable, "-c", _AGAIN]
            done = subprocess.run(command, input=pickle.dumps(model), capture_output=True, check=True)
            again.append(float(done.stdout) * 1e3)
        print(
            f"{states} species: text to running code {wall:.2f} s wall clock ({cpu:.2f} s of the processor), "
            f"{read:.2f} s of it reading; a second process reloads in {min(again):.0f} ms; "
            f"status {found.status[0]}; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
