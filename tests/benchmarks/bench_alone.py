"""The engine against libRoadRunner's solver alone, what sets a condition taken off, AMICI's by its own count (where
`HERSCREEN_AMICI` names a Python that has it), numbalsoda and diffrax (where they are installed), at equal errors in
99 % of trajectories: the built-in model and the published ones that lie beside the checkout, and the engine once more
in a process without AVX-512. One core, processor time, medians of three. Prints Markdown; some twenty minutes.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from screen.codegen import llvm, target
from screen.kinetics import Engine
from tests.benchmarks.kinetics_conditions import published, screen, varied
from tests.benchmarks.kinetics_work import Point, curve
from tests.benchmarks.tables import installed, machine, table
from tests.peers.amici_peer import amici, interpreter
from tests.peers.jax_rates import diffrax
from tests.peers.numba_rates import numbalsoda
from tests.peers.solvers import Solve, ours, roadrunner

ERRORS = (1e-3, 1e-4, 1e-5, 1e-6, 5e-7)
OWN = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
PEERS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
ROWS, PEER_ROWS = 240, 40

SOLVERS: dict[str, Callable[..., Solve]] = {"libRoadRunner": roadrunner}
SOLVERS |= {"AMICI": amici} if interpreter() else {}
SOLVERS |= {"numbalsoda": numbalsoda} if find_spec("numbalsoda") else {}
SOLVERS |= {"diffrax": diffrax} if find_spec("diffrax") else {}
SETTING = ("libRoadRunner", "AMICI")  # whose call says what varies and what counts

Conditions = tuple[str, float, Engine, np.ndarray, np.ndarray | None]


def conditions() -> list[Conditions]:
    """(title, end, engine, rows, start) of each model."""
    s = screen(ROWS)
    found: list[Conditions] = [("built-in", 120.0, s.engine, s.rows(), s.start())]
    for title, end, engine in published():
        rows = varied(engine, ROWS, 0, everything=False)
        ok = engine.simulate([end], rows, rtol=1e-9, atol=1e-12).status == 0
        found.append((title, end, engine, rows[ok], None))
    return found


def exact(one: Conditions) -> np.ndarray:
    """The states at the end, at rtol 1e-11."""
    _, end, engine, rows, start = one
    return engine.simulate([end], rows, start, rtol=1e-11, atol=1e-14, max_steps=1_000_000).state


def own(one: Conditions) -> list[Point]:
    """The engine's points on one model."""
    title, end, engine, rows, start = one
    return curve(title, ours(engine, end, rows, start), exact(one), OWN)


def peer(one: Conditions, name: str) -> list[Point]:
    """A peer's points on the first conditions of one model."""
    _, end, engine, rows, start = one
    names = [name for name, column in zip(engine.parameters, rows.T) if np.ptp(column) > 0]
    few = None if start is None else start[:PEER_ROWS]
    more = {"names": names, "alone": True} if name in SETTING else {}
    solve = SOLVERS[name](engine, end, rows[:PEER_ROWS], few, **more)
    return curve(name, solve, exact(one)[:PEER_ROWS], PEERS)


def at(points: list[Point], error: float) -> float:
    """Microseconds at an error in 99 %, between points on logarithmic scales; NaN beyond them."""
    errors, us = np.log([(p.most, p.cost) for p in sorted(points, key=lambda p: p.most)]).T
    return float(np.exp(np.interp(np.log(error), errors, us, left=np.nan, right=np.nan)))


def without_avx512() -> None:
    """Hides AVX-512 from the code generator of this process, which keeps its code by itself."""
    os.environ["HERSCREEN_CACHE"] += "/narrow"
    flags = llvm.get_host_cpu_features().flatten()
    hidden = flags.replace("+avx512", "-avx512").replace("+evex512", "-evex512")
    target.host.cache_clear()
    target.llvm.get_host_cpu_features = lambda: type("Flags", (), {"flatten": staticmethod(lambda: hidden)})()
    assert target.host().width == 4


def narrow(chosen: Sequence[str]) -> list[list[Point]]:
    """The engine's points on the chosen models, or every one, in a process without AVX-512."""
    without_avx512()
    return [own(one) for one in conditions() if not chosen or one[0] in chosen]


def main(chosen: Sequence[str] = ()) -> None:
    """Prints the tables of the chosen models, or of all."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HERSCREEN_CACHE"] = str(Path(folder))
        print(f"{machine()}; {installed(['libroadrunner'])}.\n", flush=True)
        models = [one for one in conditions() if not chosen or one[0] in chosen]
        wide = [own(one) for one in models]
        theirs = {name: [peer(one, name) for one in models] for name in SOLVERS}
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            four = pool.submit(narrow, chosen).result() if target.host().width == 8 else None
        for name, curves in theirs.items():
            rows = []
            for number, (title, _, engine, *_) in enumerate(models):
                ratios = [f"{at(curves[number], e) / at(wide[number], e):.0f}" for e in ERRORS]
                if four is not None:
                    for k, e in enumerate(ERRORS):
                        ratios[k] += f" ({at(curves[number], e) / at(four[number], e):.0f})"
                rows.append([title, len(engine.states), *ratios])
            print(f"Against {name}:\n\n{table(['model', 'states', *(f'{e:g}' for e in ERRORS)], rows)}")
        print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
