"""Doses written as events against libRoadRunner, at equal error on one core in processor time, and what sensitivities
cost beside a simulation of the built-in model, without and with events. Prints Markdown; takes about two minutes.
"""

import os
import tempfile
import time
from collections.abc import Callable

import numpy as np

from screen.kinetics import compile_engine, gradient, load_model, sensitivities
from tests.benchmarks.kinetics_conditions import screen
from tests.benchmarks.tables import machine
from tests.peers.solvers import roadrunner

DOSED = """
  species D, A, R, RA
  D = 0; A = 0; R = 10; RA = 0; ka = 0.5; ke = 0.1; kon = 0.2; koff = 0.05; ki = 0.02
  J1: D -> A; ka*D; J2: A -> ; ke*A; J3: A + R -> RA; kon*A*R - koff*RA; J4: RA -> R; ki*RA
""" + "\n".join(f"  at (time >= {t}): D = D + 10" for t in (1, 25, 49, 73, 97))
VARIED = ("ka", "ke", "kon", "koff", "ki")
TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
END, PEER_ROWS, OWN_ROWS = 120.0, 300, 6000


def seconds(*calls: Callable[[], object], times: int = 3) -> list[float]:
    """Processor time of the quickest of some calls of each, in turn, as a shared machine's speed drifts."""
    found: list[list[float]] = [[] for _ in calls]
    for _ in range(times):
        for mine, call in zip(found, calls):
            begin = time.process_time()
            call()
            mine.append(time.process_time() - begin)
    return [min(mine) for mine in found]


def events() -> str:
    """Microseconds a trajectory, and the error in 99 % of them, by tolerance; then the ratio at equal error."""
    engine = compile_engine(load_model(DOSED), ["D", "A", "R", "RA"])
    random = np.random.default_rng(1)
    rows = np.tile(engine.defaults, (OWN_ROWS, 1))
    for name in VARIED:
        rows[:, engine.index(name)] *= np.exp(0.3 * random.standard_normal(OWN_ROWS))
    few = rows[:PEER_ROWS]
    exact = engine.simulate([END], rows, rtol=1e-11, atol=1e-14).state
    peer = roadrunner(engine, END, few, None, VARIED)

    def error(state: np.ndarray) -> float:
        wanted = exact[: len(state)]
        size = np.abs(wanted) + 1e-3 * np.max(np.abs(wanted), axis=1, keepdims=True)
        return float(np.quantile(np.max(np.abs(state - wanted) / size, axis=1), 0.99))

    points: list[list[tuple[float, float]]] = [[], []]
    lines = ["| rtol | us | error | libRoadRunner us | error |", "|---|---|---|---|---|"]
    for rtol in TOLERANCES:
        settings = {"rtol": rtol, "atol": rtol * 1e-3}
        own = error(engine.simulate([END], rows, **settings).state)  # type: ignore[arg-type]
        (spent_here,) = seconds(lambda: engine.simulate([END], rows, **settings))  # type: ignore[arg-type]  # noqa: B023
        us = spent_here / OWN_ROWS * 1e6
        state, spent = peer(rtol)
        points[0].append((own, us))
        points[1].append((error(state), spent / PEER_ROWS * 1e6))
        lines.append(f"| {rtol:g} | {us:.1f} | {own:.1e} | {points[1][-1][1]:.0f} | {points[1][-1][0]:.1e} |")
    for wanted in (1e-3, 1e-4, 1e-5, 1e-6):
        ours, theirs = (at_error(some, wanted) for some in points)
        lines.append(f"\nAt an error of {wanted:g} in 99 %: {theirs / ours:.0f} times as fast.")
    return "\n".join(lines)


def at_error(points: list[tuple[float, float]], wanted: float) -> float:
    """Microseconds at an error, between measured points on logarithmic scales (the nearest beyond them)."""
    errors, us = np.log(np.array(sorted(points))).T
    return float(np.exp(np.interp(np.log(wanted), errors, us)))


def slopes() -> str:
    """How many simulations the derivatives by 1 to 40 parameters cost, on the built-in model over 120 h: all
    sensitivities, and the gradient of one weighted sum of the readouts.
    """
    s = screen(1000)
    model, readouts = s.engine.model, s.engine.readouts
    free = [name for name in s.engine.parameters if name not in model.network.states]
    rows = s.rows()
    settings = {"rtol": 1e-4, "atol": 1e-7}
    weights = np.ones((len(rows), 1, len(readouts)))
    lines = [
        "| parameters | a simulation, us | sensitivities, simulations | a gradient, simulations |",
        "|---|---|---|---|",
    ]
    for count in (1, 5, 10, 20, 40):

        def alone() -> object:
            return s.engine.simulate([END], rows, **settings)  # type: ignore[arg-type]

        def forwards() -> object:
            return sensitivities(model, readouts, free[:count], [END], rows, **settings)  # type: ignore[arg-type]  # noqa: B023

        def backwards() -> object:
            return gradient(model, readouts, free[:count], [END], rows, weights, **settings)  # type: ignore[arg-type]  # noqa: B023

        one, all_, weighted = seconds(alone, forwards, backwards, times=15)
        lines.append(f"| {count} | {one / len(rows) * 1e6:.1f} | {all_ / one:.1f} | {weighted / one:.1f} |")
    return "\n".join(lines)


def through() -> str:
    """The same through four events, each of which halves a state of the built-in model and is moved by nothing."""
    s = screen(400)
    text, readouts = s.engine.model.text, list(s.engine.readouts)
    state, end = s.engine.model.network.states[5], s.engine.model.text.rindex("end")
    events = "".join(f"  at (time >= {t}): {state} = 0.5*{state}\n" for t in (24, 48, 72, 96))
    model = load_model(f"{text[:end]}\n{events}{text[end:]}")
    engine = compile_engine(model, readouts)
    rows = s.rows()[:, [s.engine.index(name) for name in engine.parameters]]
    free = [name for name in engine.parameters if name not in model.network.states]
    settings = {"rtol": 1e-4, "atol": 1e-7}
    weights = np.ones((len(rows), 1, len(readouts)))
    lines = [
        "| parameters | a simulation, us | sensitivities as states, simulations | a gradient, simulations |",
        "|---|---|---|---|",
    ]
    for count in (1, 2, 3, 5, 10, 20, 40):

        def alone() -> object:
            return engine.simulate([END], rows, **settings)  # type: ignore[arg-type]

        def forwards() -> object:
            return sensitivities(model, readouts, free[:count], [END], rows, controlled=True, **settings)  # type: ignore[arg-type]  # noqa: B023

        def backwards() -> object:
            return gradient(model, readouts, free[:count], [END], rows, weights, **settings)  # type: ignore[arg-type]  # noqa: B023

        calls = (alone, backwards, forwards) if count <= 5 else (alone, backwards)
        one, *others = (found / len(rows) * 1e6 for found in seconds(*calls, times=9))
        weighted, *all_ = (f"{found / one:.1f}" for found in others)
        lines.append(f"| {count} | {one:.1f} | {''.join(all_)} | {weighted} |")
    return "\n".join(lines)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HERSCREEN_CACHE"] = folder
        print(f"{machine()}\n\n**Doses as events**\n\n{events()}\n\n**Sensitivities**\n\n{slopes()}")
        print(f"\n**Sensitivities through events**\n\n{through()}")


if __name__ == "__main__":
    main()
