"""How long a model takes from text to running code, and a second process to load that code from the cache."""

import pickle
import statistics
import subprocess
import sys
import time

from screen.kinetics import compile_engine, load_model
from tests.benchmarks.kinetics_conditions import chain

_AGAIN = """
import pickle, sys, time
model = pickle.load(sys.stdin.buffer)
from screen.kinetics import compile_engine
import llvmlite.binding
begin = time.perf_counter()
engine = compile_engine(model, ["S0"])
print(time.perf_counter() - begin)
"""


def compiling() -> str:
    """Wall clock and processor time for 60 and 500 species, in words; the cache must be empty before."""
    said = []
    for states in (60, 500):
        text = chain(states)
        wall, cpu = time.perf_counter(), time.process_time()
        model = load_model(text)
        read = time.perf_counter() - wall
        engine = compile_engine(model, ["S0"])
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        found = engine.simulate([100.0], engine.parameter_rows(8))
        assert found.status[0] == 0
        again = []
        for _ in range(3):
            command = [sys.executable, "-c", _AGAIN]
            done = subprocess.run(command, input=pickle.dumps(model), capture_output=True, check=True)
            again.append(float(done.stdout) * 1e3)
        said.append(
            f"{states} species: {wall:.2f} s of wall clock from text to running code ({cpu:.2f} s of the "
            f"processor), {read:.2f} s of it reading; a second process loads the code in "
            f"{statistics.median(again):.0f} ms."
        )
    return " ".join(said) + "\n"
