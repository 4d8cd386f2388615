"""Work against precision: processor time and measured error of the engine and its peers on the same
conditions, by tolerance.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from screen.kinetics import Engine
from tests.benchmarks.tables import table
from tests.peers import amici_peer
from tests.peers.solvers import Solve, ours, roadrunner, scipy_lsoda

TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
PEER_TOLERANCES = TOLERANCES[1:6]
EQUAL_ERROR = 1e-5
REPEATS = 3

Peer = Callable[[Engine, float, np.ndarray, np.ndarray | None, list[str]], Solve]


@dataclass(frozen=True)
class Point:
    """One solver at one tolerance: us per trajectory (median of the repeats), median error of all states,
    what the largest error of 99 % of the trajectories is below, trajectories without numbers.
    """

    rtol: float
    cost: float
    median: float
    most: float
    failed: int


@dataclass(frozen=True)
class Compared:
    """All solvers' points on one model's conditions."""

    title: str
    states: int
    curves: dict[str, list[Point]]

    def best(self, name: str) -> float:
        """The least cost within the equal error; NaN where no tolerance reaches it or the peer is absent."""
        points = self.curves.get(name, [])
        return min((p.cost for p in points if p.median <= EQUAL_ERROR), default=np.nan)


def peers() -> dict[str, Peer]:
    """The peers that are installed; numba compiles the rates of two of them."""
    found: dict[str, Peer] = {}
    if find_spec("roadrunner"):
        found["libRoadRunner"] = roadrunner
    if amici_peer.interpreter():
        found["AMICI"] = amici_peer.amici
    if find_spec("numbalsoda"):
        from tests.peers.numba_rates import numbalsoda, scipy_on_numba

        found["numbalsoda"] = lambda engine, end, rows, start, _names: numbalsoda(engine, end, rows, start)
        found["SciPy LSODA, numba"] = lambda engine, end, rows, start, _names: scipy_on_numba(
            engine, end, rows, start
        )
    else:
        found["SciPy LSODA, ctypes"] = lambda engine, end, rows, start, _names: scipy_lsoda(
            engine, end, rows, start
        )
    return found


def compare(
    title: str, engine: Engine, end: float, rows: np.ndarray, start: np.ndarray | None, few: int
) -> Compared:
    """The engine on all rows (N, P), the peers on the first `few`, against the engine at rtol 1e-11."""
    names = [n for n, column in zip(engine.parameters, rows.T) if np.ptp(column) > 0]
    exact = engine.simulate([end], rows, start, rtol=1e-11, atol=1e-14, max_steps=1_000_000).state
    part = None if start is None else start[:few]
    print(f"{title}: {len(rows)} conditions, {len(names)} parameters varied", file=sys.stderr, flush=True)
    curves = {"herscreen": curve("herscreen", ours(engine, end, rows, start), exact, TOLERANCES)}
    for name, make in peers().items():
        solve = make(engine, end, rows[:few], part, names)
        curves[name] = curve(name, solve, exact[:few], PEER_TOLERANCES)
    return Compared(title, len(engine.states), curves)


def curve(name: str, solve: Solve, exact: np.ndarray, tolerances: tuple[float, ...]) -> list[Point]:
    """A solver's points."""
    points = []
    for rtol in tolerances:
        runs = [solve(rtol) for _ in range(REPEATS)]
        states, seconds = runs[0][0], float(np.median([seconds for _, seconds in runs]))
        error = _error(states, exact)
        point = Point(
            rtol,
            seconds / len(states) * 1e6,
            float(np.nanmedian(error)),
            float(np.nanquantile(np.nanmax(error, axis=1), 0.99)),
            int(np.sum(np.any(np.isnan(states), axis=1))),
        )
        points.append(point)
        print(f"  {name:20s} {point}", file=sys.stderr, flush=True)
    return points


def _error(found: np.ndarray, exact: np.ndarray) -> np.ndarray:
    scale = np.abs(exact) + 1e-6 * np.max(np.abs(exact), axis=0) + 1e-12
    return np.abs(found - exact) / scale


def at_equal_error(all_compared: list[Compared]) -> str:
    """Least cost within the equal error by model and solver, and how many times ours."""
    names = list(dict.fromkeys(name for compared in all_compared for name in compared.curves))
    rows = []
    for compared in all_compared:
        own = compared.best("herscreen")
        cells = [f"{compared.best(name):,.0f} us ({compared.best(name) / own:.0f})" for name in names[1:]]
        rows.append([compared.title, compared.states, f"{own:.1f} us", *cells])
    return table(["model", "states", *names], rows)


def by_tolerance(all_compared: list[Compared]) -> str:
    """The engine's cost and errors by tolerance."""
    rows = []
    for compared in all_compared:
        points = compared.curves["herscreen"]
        rows.append([compared.title, "us per trajectory", *(f"{p.cost:.1f}" for p in points)])
        rows.append(["", "median error", *(f"{p.median:.1e}" for p in points)])
        rows.append(["", "99 % of trajectories below", *(f"{p.most:.1e}" for p in points)])
    return table(["model", "rtol", *(f"{rtol:.0e}" for rtol in TOLERANCES)], rows)


def failures(all_compared: list[Compared]) -> str:
    """Which solver gave no numbers, where and how often; one line."""
    found = [
        f"{name} on {compared.title} at rtol {p.rtol:.0e}: {p.failed}"
        for compared in all_compared
        for name, points in compared.curves.items()
        for p in points
        if p.failed
    ]
    return "Trajectories without numbers: " + ("; ".join(found) or "none") + ".\n"
