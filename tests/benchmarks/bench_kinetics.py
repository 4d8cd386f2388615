"""The engine against its peers, work against precision on one core in processor time; error control; share of
the peak rate; compile times; a thousand to a million trajectories on two cores in wall clock.

`HERSCREEN_SHARED` names the folder of published models; peers that are not installed are left out.
"""

import os
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import numpy as np

from screen.kinetics import Engine
from tests.peers.solvers import Solve, ours, roadrunner, scipy_lsoda

from .kinetics_compiling import compiling
from .kinetics_conditions import published, screen, varied
from .kinetics_errors import errors
from .kinetics_peak import share_of_peak
from .kinetics_scale import scale

TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
PEER_TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
EQUAL_ERROR = 1e-5
SHOWN = ("libroadrunner", "numbalsoda", "numba", "amici", "scipy", "numpy", "llvmlite")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HERSCREEN_CACHE"] = folder
        print("versions:", ", ".join(f"{name} {_version(name)}" for name in SHOWN))
        compiling()
        share_of_peak()
        scale()
        s = screen(2000)
        _compare("built-in model, 120 h", s.engine, 120.0, s.rows(), s.start(), 100)
        for title, end, engine in published():
            rows = varied(engine, 1000, 0, local=False)
            ok = engine.simulate([end], rows, rtol=1e-9, atol=1e-12).status == 0
            _compare(f"{title}, {end:g} s", engine, end, rows[ok], None, 40)
        errors()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _error(found: np.ndarray, exact: np.ndarray) -> np.ndarray:
    scale = np.abs(exact) + 1e-6 * np.max(np.abs(exact), axis=0) + 1e-12
    return np.abs(found - exact) / scale


def _curve(name: str, solve: Solve, exact: np.ndarray, tolerances: tuple[float, ...]) -> float:
    """Prints one solver's line per tolerance; gives the least time per trajectory within the equal error."""
    errors, costs = [], []
    for rtol in tolerances:
        states, seconds = solve(rtol)
        error = _error(states, exact[: len(states)])
        failed = int(np.sum(np.any(np.isnan(states), axis=1)))
        errors.append(float(np.nanmedian(error)))
        costs.append(seconds / len(states) * 1e6)
        worst = float(np.nanquantile(np.nanmax(error, axis=1), 0.99))
        print(
            f"  {name:22s} rtol {rtol:7.0e} {costs[-1]:10.1f} us  median error {errors[-1]:8.1e}"
            f"  99 % below {worst:8.1e}  failed {failed}"
        )
    return min((cost for cost, error in zip(costs, errors) if error <= EQUAL_ERROR), default=np.nan)


def _compare(
    title: str, engine: Engine, end: float, rows: np.ndarray, start: np.ndarray | None, few: int
) -> None:
    names = [n for n, column in zip(engine.parameters, rows.T) if np.ptp(column) > 0]
    print(f"{title}: {len(engine.states)} states, {len(names)} parameters varied, {len(rows)} conditions")
    exact = engine.simulate([end], rows, start, rtol=1e-11, atol=1e-14, max_steps=1_000_000).state
    part = None if start is None else start[:few]
    own = _curve("herscreen", ours(engine, end, rows, start), exact, TOLERANCES)
    for name, make in _peers().items():
        cost = _curve(name, make(engine, end, rows[:few], part, names), exact, PEER_TOLERANCES)
        print(
            f"  within a median error of {EQUAL_ERROR:g}: herscreen {own:.1f} us, {name} {cost:.1f} us, "
            f"ratio {cost / own:.0f}",
            flush=True,
        )


Peer = Callable[[Engine, float, np.ndarray, np.ndarray | None, list[str]], Solve]


def _peers() -> dict[str, Peer]:
    """The peers that are installed; numba compiles the rates of two of them."""
    found: dict[str, Peer] = {}
    if find_spec("roadrunner"):
        found["libRoadRunner"] = roadrunner
    if find_spec("numbalsoda"):
        from tests.peers.numba_rates import numbalsoda, scipy_on_numba

        found["numbalsoda"] = lambda engine, end, rows, start, _names: numbalsoda(engine, end, rows, start)
        found["SciPy LSODA, numba"] = lambda engine, end, rows, start, _names: scipy_on_numba(
            engine, end, rows, start
        )
    else:
        print("  numbalsoda is not installed (it needs gfortran and cmake to build)")
        found["SciPy LSODA, ctypes"] = lambda engine, end, rows, start, _names: scipy_lsoda(
            engine, end, rows, start
        )
    return found


if __name__ == "__main__":
    main()
