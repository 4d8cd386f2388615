"""The peers' rates are the engine's: what XLA compiles from the graph gives the same numbers."""

from pathlib import Path

import numpy as np
import pytest

from screen.kinetics import compile_engine, load_model

pytest.importorskip("diffrax", reason="diffrax is not installed")

MODEL = """
    A -> B; k * A^h / (K^h + A^h) + piecewise(0.1 * A, time < 5, 0.2 * A); B -> A; sqrt(B) * exp(-B) * d
    A = 3; B = 0.5; k = 1; h = 1.7; K = 2; d = 0.3
"""


@pytest.mark.slow
def test_rates_and_solutions_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.peers.jax_rates import diffrax, rates_of

    monkeypatch.setenv("HERSCREEN_CACHE", str(tmp_path))
    engine = compile_engine(load_model(MODEL), [])
    rows = engine.parameter_rows(3, k=[0.5, 1.0, 2.0], A=[1.0, 3.0, 9.0])
    start = engine.initial_state(rows)
    exact = engine.simulate([4.0], rows, rtol=1e-11, atol=1e-13).state
    states, seconds = diffrax(engine, 4.0, rows, None)(1e-9)
    np.testing.assert_allclose(states, exact, rtol=1e-6)
    assert seconds > 0
    setup, rates = rates_of(engine)
    for row, state, expected in zip(rows, start, engine.rates(rows, start, 6.0)):
        np.testing.assert_allclose(rates(6.0, state, setup(row)), expected, rtol=1e-12)
