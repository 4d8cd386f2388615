"""Error control: how often the error at the end is within ten times the relative tolerance."""

import numpy as np

from screen.kinetics import Engine

from .kinetics_conditions import published, screen, varied

COUNT = 2000
SCALE = 1e-3  # atol / rtol


def errors() -> None:
    """Prints a line per model; everything varied, powers too, unless the line says otherwise."""
    print("share of 2,000 conditions whose largest error of any state is below 10 rtol")
    built_in = screen(COUNT)
    _line("built-in, 120 h", built_in.engine, 120.0, built_in.rows(), built_in.start())
    for title, end, engine in published():
        rows = varied(engine, COUNT, 1, local=True)
        _line(title, engine, end, rows, None)
        powers = [".n_" in name for name in engine.parameters]
        if any(powers):
            rows[:, powers] = engine.defaults[powers]
            _line(f"{title}, powers as published", engine, end, rows, None)


def _line(title: str, engine: Engine, end: float, rows: np.ndarray, start: np.ndarray | None) -> None:
    exact = engine.simulate([end], rows, start, 1e-11, 1e-14, 200_000, retry=False)
    parts = []
    for rtol in (1e-3, 1e-4, 1e-6):
        found = engine.simulate([end], rows, start, rtol, rtol * SCALE)
        error = np.max(np.abs(found.state - exact.state) / (np.abs(exact.state) + SCALE), axis=1)
        compared = np.isfinite(error)
        share = np.mean(error[compared] < 10 * rtol)
        unsolved = int(np.sum(found.status > 2))
        parts.append(f"{rtol:.0e} {share:.4f} of {compared.sum()}, unsolved {unsolved}")
    print(f"  {title:52s} {'; '.join(parts)}", flush=True)
