from pathlib import Path

import numpy as np
import pytest

from screen.arrays import Floats
from screen.kinetics import compile_engine, gradient, load_model, sensitivities
from screen.kinetics.compiler import kernels, node_kernels

TEXT = """
A -> B; k1 * A / (1 + C); B -> C; k2 * B * D; C + D -> E; k3 * C * D - 0.1 * E; E -> A + D; k4 * E
-> D; 0.1 * exp(-0.2 * time) + 0.01 * F; F -> ; 0.3 * F * B; -> F; 0.2 * A * E / (2 + F)
A = 2; B = 0.5; C = 1; D = 1; E = 0.1; F = 0.3; k1 = 0.4; k2 = 0.3; k3 = 0.5; k4 = 0.2
"""
JUMPS = TEXT + "G' = piecewise(A * B, A > D, 0.1) - piecewise(G, A > D, 2 * G) * C; G = 1"
TIMES = [1.0, 8.0]


def jumping() -> tuple[int, Floats]:
    engine = compile_engine(load_model(JUMPS), ["G"])
    run = engine.simulate(TIMES, engine.parameter_rows(2, k1=[0.1, 0.8]), retry=False)
    return engine.layout.factors, run.values


def found() -> dict[str, Floats]:
    model = load_model(TEXT)
    engine = compile_engine(model, ["A", "F"])
    rows = engine.parameter_rows(5, k1=[0.1, 0.2, 0.4, 0.8, 1.6])
    run = engine.simulate(TIMES, rows, retry=False)
    forward = sensitivities(model, ["A", "F"], ["k1", "k3"], TIMES, rows)
    many = ["k1", "k2", "k3", "k4", "D"]
    back = gradient(model, ["A", "F"], many, TIMES, rows, lambda values, some: 2 * values)
    jacobian = engine.jacobian(rows, run.state, 3.0)
    order = [engine.states.index(name) for name in model.network.states]
    return {
        "state": run.state[:, order], "steps": run.steps, "forward": forward.slopes, "back": back.slopes,
        "jacobian": jacobian[:, order][:, :, order],
    }  # fmt: skip


@pytest.mark.slow
def test_loops_and_functions_in_pieces_give_what_straight_line_code_gives(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    straight, (entries, values) = found(), jumping()
    assert np.all(straight["back"] != 0)
    monkeypatch.setenv("HERSCREEN_CACHE", str(tmp_path))  # entries know nothing of these limits
    monkeypatch.setattr(kernels, "MOST_UNROLLED", 0)
    monkeypatch.setattr(node_kernels, "PIECE", 4)
    looped = found()
    for name, expected in straight.items():
        np.testing.assert_allclose(looped[name], expected, rtol=1e-9, atol=1e-12, err_msg=name)
    others, again = jumping()
    assert others > entries  # J stands behind the factors of loops
    np.testing.assert_allclose(again, values, rtol=1e-9)
