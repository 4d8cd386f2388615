"""Error control: how often the error at the end is within ten times the relative tolerance."""

import sys

import numpy as np

from screen.kinetics import Engine
from tests.benchmarks.kinetics_conditions import published, screen, varied
from tests.benchmarks.tables import table

COUNT = 2000
TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-6)
SCALE = 1e-3  # atol / rtol


def errors() -> str:
    """A row per model; everything varied, powers too, unless it says otherwise. In brackets, how many ended
    without numbers.
    """
    built_in = screen(COUNT)
    rows = [_row("built-in, 120 h", built_in.engine, 120.0, built_in.rows(), built_in.start())]
    for title, end, engine in published():
        parameters = varied(engine, COUNT, 1, everything=True)
        powers = [".n_" in name for name in engine.parameters]
        if any(powers):
            fixed = parameters.copy()
            fixed[:, powers] = engine.defaults[powers]
            rows.append(_row(f"{title}, powers as published", engine, end, fixed, None))
            title += ", powers varied"
        rows.append(_row(title, engine, end, parameters, None))
    return table(["model", *(f"rtol {rtol:.0e}" for rtol in TOLERANCES)], rows)


def _row(title: str, engine: Engine, end: float, rows: np.ndarray, start: np.ndarray | None) -> list[str]:
    exact = engine.simulate([end], rows, start, 1e-11, 1e-14, 200_000, retry=False)
    cells = [title]
    for rtol in TOLERANCES:
        found = engine.simulate([end], rows, start, rtol, rtol * SCALE)
        error = np.max(np.abs(found.state - exact.state) / (np.abs(exact.state) + SCALE), axis=1)
        share = np.mean(error[np.isfinite(error)] < 10 * rtol)
        cells.append(f"{share:.4f} ({int(np.sum(found.status > 2))})")
    print(" ".join(cells), file=sys.stderr, flush=True)
    return cells
