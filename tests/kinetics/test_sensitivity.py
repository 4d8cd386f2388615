"""Derivatives where a parameter decides when the rates jump."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import Status, compile_engine, load_model, sensitivities

WINDOW = "J: -> X; k*piecewise(1, time >= t0 && time < t0 + w, 0) - d*X; t0 = 1; w = 2; k = 3; d = 0.4; X = 0"


def test_a_switch_that_comes_later_takes_away_what_it_would_have_made() -> None:
    model = load_model("J: -> X; piecewise(1, time >= t0, 0); t0 = 1; X = 0")
    engine = compile_engine(model, ["X"])
    found = sensitivities(model, ["X"], ["t0"], [0.5, 2, 3], engine.parameter_rows(2, t0=[1.0, 2.5]))
    assert np.all(found.status == Status.ok)
    np.testing.assert_allclose(found.slopes[:, :, 0, 0], [[0, -1, -1], [0, 0, -1]], atol=1e-8)
    np.testing.assert_allclose(found.values[:, :, 0], [[0, 1, 2], [0, 0, 0.5]], atol=1e-8)


def test_slopes_by_begin_length_and_rates_have_their_closed_form() -> None:
    model = load_model(WINDOW)
    rows = compile_engine(model, ["X"]).defaults[None]
    names = ["t0", "w", "k", "d"]
    found = sensitivities(model, ["X"], names, [0.5, 2.0, 5.0], rows, rtol=1e-9, atol=1e-12).slopes[0, :, 0]

    def exact(t0: complex, w: complex, k: complex, d: complex, t: float) -> complex:
        """X, in complex numbers for slopes by a complex step."""
        if t < t0.real:
            return 0j
        on = min(t, (t0 + w).real) if t < (t0 + w).real else t0 + w
        return k / d * (1 - np.exp(-d * (on - t0))) * np.exp(-d * (t - on))

    point = [1.0 + 0j, 2.0 + 0j, 3.0 + 0j, 0.4 + 0j]
    for i, time in enumerate((0.5, 2.0, 5.0)):
        for j in range(4):
            moved = [value + 1e-30j * (k == j) for k, value in enumerate(point)]
            assert found[i, j] == pytest.approx(exact(*moved, time).imag / 1e-30, rel=1e-6, abs=1e-9)


def test_where_a_jump_appears_there_is_no_slope() -> None:
    model = load_model("J: -> X; piecewise(1, time >= t0 && time < t1, 0); t0 = 1; t1 = 1; X = 0")
    rows = compile_engine(model, ["X"]).defaults[None]
    with pytest.raises(InputError, match="no slope"):
        sensitivities(model, ["X"], ["t0"], [3.0], rows)
