"""Equalities in triggers hold at an instant, and events meet it: by the clock, by states, and in the reference path."""

from typing import Literal

import numpy as np
import pytest

from screen.kinetics import compile_engine, load_model, sensitivities, simulate

CASES = {  # model, output times, exact number of events until then
    "a time": ("at (time == 20): n = n + 1", [19.9, 20, 50], [0, 1, 1]),
    "a falling clock": ("at (20 - time == 0): n = n + 1", [19.9, 20, 50], [0, 1, 1]),
    "one of several": ("at (time == 1) || (time == 3): n = n + 1", [0.5, 1, 2, 3, 9], [0, 1, 1, 2, 2]),
    "every twelve hours": (
        "at (time == 12*floor(time/12)), t0 = false: n = n + 1",
        [0, 11.9, 12, 100],
        [1, 1, 2, 9],
    ),
    "a counter": ("c = 1; at (time == c) && (c < 91): n = n + 1, c = c + 1", [0.5, 2.5, 100], [0, 2, 90]),
    "a sine": ("at (sin(time) == 0.5): n = n + 1", [0.5, 1, 3, 20], [0, 1, 2, 7]),
    "a state, both ways": ("at (x == 0.5): n = n + 1", [1, 2, 6, 12.6], [0, 1, 2, 4]),
    "a state, upwards": ("at (x == 0.5) && (v > 0): n = n + 1", [2, 6, 12.6], [0, 1, 2]),
    "what lasts": ("k = 3; at (k == 3) && (time > 2): n = n + 1", [1, 3, 9], [0, 1, 1]),
}


@pytest.mark.parametrize("solver", ["batch", "scipy"])
@pytest.mark.parametrize("case", CASES)
def test_an_event_at_an_equality_happens(case: str, solver: Literal["batch", "scipy"]) -> None:
    text, times, exact = CASES[case]
    model = load_model(f"n = 0; x = 1; v = 0; x' = v; v' = -x; {text}")
    found = simulate(model, times, readouts=["n"], solver=solver)
    assert found["n"].values[0].tolist() == exact


def test_its_time_is_exact_and_has_a_slope() -> None:
    model = load_model("x = 1; x' = -0.1*x; T = 5; at (time == T): x = x + 2")
    rows = [compile_engine(model, ["x"]).defaults]
    found = sensitivities(model, ["x"], ["T"], [10.0], rows, rtol=1e-9)
    assert found.values[0, 0, 0] == pytest.approx(np.exp(-1) + 2 * np.exp(-0.5), rel=1e-7)
    assert found.slopes[0, 0, 0, 0] == pytest.approx(0.2 * np.exp(-0.5), rel=1e-6)
