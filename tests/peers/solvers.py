"""Other people's solvers behind one call, for benchmarks: times and end states of one model's conditions."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from screen.kinetics import Engine

# (rtol) -> (end states (N, S) in the engine's order, seconds)
Solve = Callable[[float], tuple[np.ndarray, float]]


def ours(engine: Engine, end: float, parameters: np.ndarray, start: np.ndarray | None) -> Solve:
    """The batched engine."""

    def solve(rtol: float) -> tuple[np.ndarray, float]:
        begin = time.process_time()
        state = engine.simulate([end], parameters, start, rtol=rtol, atol=rtol * 1e-3).state
        return state, time.process_time() - begin

    return solve


def scipy_lsoda(engine: Engine, end: float, parameters: np.ndarray, start: np.ndarray | None) -> Solve:
    """SciPy's odeint (LSODA in Fortran) on the compiled right-hand side."""
    from scipy.integrate import odeint

    first = engine.initial_state(parameters) if start is None else start

    def solve(rtol: float) -> tuple[np.ndarray, float]:
        states = np.empty_like(first)
        begin = time.process_time()
        for k in range(len(parameters)):
            row = parameters[k : k + 1]
            out = np.empty((1, len(engine.states)))
            here = np.empty((1, len(engine.states)))

            span, limits = [0.0, end], {"rtol": rtol, "atol": rtol * 1e-3, "mxstep": 1_000_000}
            found = odeint(_rates, first[k], span, args=(engine, row, here, out), **limits)
            states[k] = found[-1]
        return states, time.process_time() - begin

    return solve


def _rates(
    y: np.ndarray, _t: float, engine: Engine, row: np.ndarray, here: np.ndarray, out: np.ndarray
) -> np.ndarray:
    here[0] = y
    engine._points(row, here, rates_out=out)
    return np.asarray(out[0])


def roadrunner(
    engine: Engine,
    end: float,
    parameters: np.ndarray,
    start: np.ndarray | None,
    names: Sequence[str],
    alone: bool = False,
) -> Solve:
    """libRoadRunner (CVODE on LLVM code), set up through its own calls; `names` vary. With `alone` only its solver's
    calls are timed, not what sets a condition.
    """
    import roadrunner as package

    package.Logger.setLevel(package.Logger.LOG_CRITICAL)
    peer = package.RoadRunner(engine.model.sbml)
    network = engine.model.network
    symbols = dict.fromkeys([*engine.parameters, *engine.states])
    amounts = {name for name in network.amounts if network.amounts[name] == network.symbols[name]}
    own = {name: f"[{name}]" if name in network.amounts.keys() - amounts else name for name in symbols}
    peer.timeCourseSelections = [own[name] for name in engine.states]
    first = engine.initial_state(parameters) if start is None else start
    columns = [engine.parameters.index(name) for name in names]
    ids = sorted((own[name] for name in names), key=lambda name: name.startswith("["))
    columns = [columns[[own[name] for name in names].index(name)] for name in ids]

    def solve(rtol: float) -> tuple[np.ndarray, float]:
        peer.integrator.relative_tolerance = rtol
        peer.integrator.absolute_tolerance = rtol * 1e-3
        peer.integrator.maximum_num_steps = 1_000_000
        states, within = np.full_like(first, np.nan), 0.0
        begin = time.process_time()
        for k in range(len(parameters)):
            peer.reset()
            for name, column in zip(ids, columns):
                peer[name] = parameters[k, column]
            for name, value in zip(engine.states, first[k]):
                peer[own[name]] = value
            set_ = time.process_time()
            try:
                found = peer.simulate(0, end, 2)
            except RuntimeError:
                continue
            within += time.process_time() - set_
            states[k] = np.asarray(found)[-1]
        return states, within if alone else time.process_time() - begin

    return solve
