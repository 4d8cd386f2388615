"""Inputs that change in time, and derivatives by parameters."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import Engine, Model, Status, compile_engine, load_model, sensitivities


def test_a_pulse_is_its_closed_form() -> None:
    engine = compile_engine(load_model("x' = u - x; x = 0; u = 0; twice := 2 * u"), ["x", "twice"])
    off, on = engine.parameter_rows(2), engine.parameter_rows(2, u=[1.0, 3.0])
    times = [0.0, 0.5, 1.0, 1.5, 2.0, 4.0]
    found = engine.simulate_sequence(times, [(0, off), (1, on), (2, off)], rtol=1e-9, atol=1e-12)
    top = 1 - np.exp(-1)
    unit = np.array([0, 0, 0, 1 - np.exp(-0.5), top, top * np.exp(-2)])
    np.testing.assert_allclose(found.values[:, :, 0], [unit, 3 * unit], rtol=1e-7, atol=1e-10)
    assert found.values[0, :, 1].tolist() == [0, 0, 0, 2, 2, 0]
    np.testing.assert_allclose(found.state[:, 0], [unit[-1], 3 * unit[-1]], rtol=1e-7)
    assert np.all(found.status == Status.ok)


def test_segments_that_change_nothing_change_nothing(engine: Engine) -> None:
    rows = engine.parameter_rows(3, drug=[0.0, 5.0, 50.0])
    whole = engine.simulate([5.0, 30.0], rows, rtol=1e-10, atol=1e-12)
    parts = engine.simulate_sequence([5.0, 30.0], [(0, rows), (7, rows), (40, rows)], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(parts.values, whole.values, rtol=1e-8, atol=1e-10)


def test_time_goes_on_in_later_segments() -> None:
    engine = compile_engine(load_model("x' = k * time; x = 0; k = 1"), ["x"])
    rows = engine.parameter_rows(1)
    found = engine.simulate_sequence([4.0], [(0, rows), (2, rows)])
    assert found.values[0, 0, 0] == pytest.approx(8.0)


def test_a_segment_that_fails_fails_its_row(engine: Engine) -> None:
    good = engine.parameter_rows(2)
    bad = engine.parameter_rows(2, k1=[np.nan, 0.8])
    found = engine.simulate_sequence([1.0, 3.0], [(0, good), (2, bad)])
    assert found.status.tolist() == [Status.not_finite, Status.ok]
    assert np.all(np.isfinite(found.values[0, 0]))  # before the failure
    assert np.all(np.isnan(found.values[0, 1]))
    assert np.all(np.isnan(found.state[0]))
    assert np.all(np.isfinite(found.values[1]))


@pytest.mark.parametrize("begins", [[], [1.0], [0.0, 2.0, 2.0], [0.0, np.nan]])
def test_segments_must_ascend_from_zero(engine: Engine, begins: list[float]) -> None:
    rows = engine.parameter_rows(1)
    with pytest.raises(InputError, match="segments"):
        engine.simulate_sequence([3.0], [(b, rows) for b in begins])


@pytest.mark.slow
def test_slopes_are_those_of_finite_differences(cascade: Model, engine: Engine) -> None:
    names = ["kon", "K_drug", "h", "n", "R", "g"]
    readouts = ["Ep", "u", "log_cells", "J6"]
    rows = engine.parameter_rows(3, drug=[0.0, 5.0, 50.0])
    times = [5.0, 48.0]
    found = sensitivities(cascade, readouts, names, times, rows, rtol=1e-8, atol=1e-10)
    assert np.all(found.status == Status.ok)
    plain = compile_engine(cascade, readouts)
    np.testing.assert_allclose(
        found.values, plain.simulate(times, rows, rtol=1e-8, atol=1e-10).values, rtol=1e-6, atol=1e-9
    )
    for k, name in enumerate(names):
        step = 1e-4 * rows[0, plain.index(name)]
        up, down = rows.copy(), rows.copy()
        up[:, plain.index(name)] += step
        down[:, plain.index(name)] -= step
        above = plain.simulate(times, up, rtol=1e-12, atol=1e-14).values
        below = plain.simulate(times, down, rtol=1e-12, atol=1e-14).values
        np.testing.assert_allclose(found.slopes[..., k], (above - below) / (2 * step), rtol=2e-5, atol=1e-8)


def test_slopes_by_unknown_names_are_refused(cascade: Model, engine: Engine) -> None:
    with pytest.raises(InputError, match="no parameter"):
        sensitivities(cascade, ["Ep"], ["konn"], [1.0], engine.parameter_rows(1))
    with pytest.raises(InputError, match="distinct"):
        sensitivities(cascade, ["Ep"], ["kon", "kon"], [1.0], engine.parameter_rows(1))
