"""Gradients backwards through events and jumps of the rates: as differences of simulations have them."""

import numpy as np
import pytest

from screen.arrays import Floats
from screen.errors import InputError
from screen.kinetics import Dose, Engine, Model, Status, compile_engine, gradient, load_model, sensitivities

TIMES = [0.0, 1.0, 2.0, 3.1, 6.0, 6.5]
CASES = {
    "x": ("x = 1; x' = k - 0.3*x*x; k = 2; th = 1.9; a = 0.5; at (x > th): x = a*x", "k th a x"),
    "A": (
        """D = 0; A = 0; J1: D -> A; ka*D; J2: A -> ; ke*A; ka = 0.5; ke = 0.2; q = 3; t1 = 1; every = 2; n = 0
        at (time >= t1 + n*every && n < 3): D = D + q, n = n + 1""",
        "ka ke q t1 every",
    ),
    "y": ("x = 1; x' = -k*x; y = 0; y' = piecewise(a, x > th, b); k = 0.5; th = 0.4; a = 2; b = -1", "k th a b x"),
    "v": ("y = 10; v = 0; y' = v; v' = -g; g = 9.81; r = 0.8; at (y < 0): v = -r*v, y = 0", "g r y"),
    "u": ("u = 1; v = 0; u' = piecewise(-v, u < h, 0) - k*u; v' = u - m*v; k = 1; h = 0.5; m = 0.3", "k h m u"),
    "z": ("z = 1; z' = piecewise(a, time > on && time < on + 1, 0) - k*z; k = 0.5; a = 2; on = 1.2", "k a on z"),
    "p": (
        """p = 1; p' = -k*p; w = 1; w' = -w; k = 0.7; f = 0.9; q = 0.1; lo = 0.2; E3: at (p < lo): p = 1.5
        E1: at (time > 2), priority = 1: p = p + q; E2: at (time > 2), priority = 2: w = w*f + p""",
        "k q f lo p",
    ),
    "s": (
        "s = 1; c = 2; s' = k*(c - s); k = 1; d = 0.5; at (time >= 0), t0=false: s = s + d; at (s > 1.8): c = 0.1*c",
        "k c d s",
    ),
    "q": (
        """x = 1; x' = k*x; k = 0.5; q = 1; q' = -0.1*q*x - 0.01*n; a = 1.3; state = 0; n = 0
        at (x > a): state = 2, x = 1.1; at (state == 2): q = q + 3*x, x = 0.4*x, state = 1
        at (q > 2.2): q = q - a*x; at (state > 1.5): n = n + a""",
        "k a x q",
    ),
    "r": (
        """r = 1; r' = -k*r; k = 0.4; s = 0; s' = piecewise(r, on > 0.5, m); on = 0; m = 0.2; at (r < lo): on = 1
        at (r > 2): r = f*r, on = 0; lo = 0.6; f = 0.5; r2 := r + s""",
        "k m lo f r",
    ),
}  # fmt: skip
DOSES = {"s": [Dose("s", 0.02, 0.5, 1.5, 3)], "r": [Dose("r", 1.7, 2.5)]}


def varied(readout: str, count: int) -> tuple[Model, Engine, list[str], Floats]:
    model, names = load_model(CASES[readout][0]), CASES[readout][1].split()
    engine = compile_engine(model, [readout])
    columns = [engine.index(name) for name in names]
    rows = np.tile(engine.defaults, (count, 1))
    rows[:, columns] *= np.exp(0.03 * np.random.default_rng(3).standard_normal((count, len(columns))))
    return model, engine, names, rows


@pytest.mark.slow
@pytest.mark.parametrize("readout", list(CASES))
def test_slopes_go_back_through_events_and_jumps_of_the_rates(readout: str) -> None:
    model, engine, names, rows = varied(readout, 11)
    weights = np.random.default_rng(1).standard_normal((11, len(TIMES), 1))
    doses = DOSES.get(readout, [])
    settings = {"rtol": 1e-9, "atol": 1e-12, "doses": doses}
    found = gradient(model, [readout], names, TIMES, rows, weights, **settings)  # type: ignore[arg-type]
    for k, name in enumerate(names):
        step = 1e-5 * np.eye(len(engine.parameters))[engine.index(name)]
        sides = (
            engine.simulate(TIMES, rows + sign * step, rtol=1e-11, atol=1e-14, doses=doses)
            for sign in (1, -1)
        )
        up, down = ((side.values * weights).sum(axis=(1, 2)) for side in sides)
        np.testing.assert_allclose(found.slopes[:, k], (up - down) / 2e-5, rtol=1e-5, atol=1e-4)


def test_no_trajectory_knows_its_neighbours_or_how_large_its_log_was(monkeypatch: pytest.MonkeyPatch) -> None:
    model, _, names, rows = varied("x", 21)
    weights = np.ones((21, len(TIMES), 1))
    usual = gradient(model, ["x"], names, TIMES, rows, weights)
    alone = gradient(model, ["x"], names, TIMES, rows[3:5], weights[3:5])
    assert alone.slopes.tobytes() == usual.slopes[3:5].tobytes()
    monkeypatch.setattr("screen.kinetics.backwards.STEPS", 1)
    monkeypatch.setattr("screen.kinetics.backwards.MOST_ROWS", 9)
    again = gradient(model, ["x"], names, TIMES, rows, weights)
    assert again.slopes.tobytes() == usual.slopes.tobytes()


def test_tables_for_few_readouts_are_the_same_rows() -> None:
    model, _, names, rows = varied("y", 3)
    table = sensitivities(model, ["y"], names, TIMES[-1:], rows)
    sums = gradient(model, ["y"], names, TIMES[-1:], rows, np.ones((3, 1, 1)))
    assert table.slopes[:, 0, 0].tobytes() == sums.slopes.tobytes()
    assert table.values.tobytes() == sums.values.tobytes()


OVERRULED = "p = 1; p' = -k*p; k = 0.7; q = 0.1; E1: at (time > 2): p = p + q; E2: at (time > 2), priority = 2: p = p*q"


def test_an_event_that_another_one_overrules_has_no_slope() -> None:
    model = load_model(OVERRULED)
    rows = compile_engine(model, []).defaults[None]
    with pytest.raises(InputError, match="another one overrules"):
        gradient(model, ["p"], ["k", "q"], [5.0], rows, np.ones((1, 1, 1)))


@pytest.mark.slow
def test_rates_that_hold_a_state_where_they_jump_have_no_slope() -> None:
    model = load_model("p = 2; p' = piecewise(-q, p > 1, k) + m*(2 - p); k = 0.7; q = 0.5; m = 0")
    engine = compile_engine(model, ["p"])
    rows = engine.parameter_rows(1)
    first = engine.parameter_rows(1, q=0.0, m=1.0)
    found = gradient(model, ["p"], ["k", "q"], [2.1], rows, np.ones((1, 1, 1)), settled=first)
    assert found.status[0] > Status.reference
    assert np.all(np.isnan(found.slopes))


@pytest.mark.slow
def test_forwards_has_the_same_through_events_that_set_others_off(monkeypatch: pytest.MonkeyPatch) -> None:
    model, _, names, rows = varied("q", 5)
    weights = np.ones((5, len(TIMES), 1))
    settings = {"rtol": 1e-9, "atol": 1e-12}
    back = gradient(model, ["q"], names, TIMES, rows, weights, **settings)  # type: ignore[arg-type]
    monkeypatch.setattr("screen.kinetics.gradients.FEW_THROUGH", 9)
    monkeypatch.setattr("screen.kinetics.sensitivity.A_STATE", -9.0)
    forwards = gradient(model, ["q"], names, TIMES, rows, weights, **settings)  # type: ignore[arg-type]
    np.testing.assert_allclose(back.slopes, forwards.slopes, rtol=1e-6, atol=1e-6)


@pytest.mark.slow
def test_jumps_of_the_rates_are_gone_back_through_to_a_steady_state() -> None:
    text = "u = 1; u' = a - k*u + piecewise(b*v, u < h, 0); v = 0; v' = u - v + piecewise(c, time > on, 0)"
    model = load_model(f"{text}; a = 0.2; k = 0.5; b = -0.3; h = 1; c = 1; on = 1.5")
    names, times = ["a", "k", "b", "h", "c", "on"], [0.0, 1.0, 2.5, 6.0]
    engine = compile_engine(model, ["u", "v"])
    rows = engine.parameter_rows(3, k=[0.5, 0.55, 0.6], c=2.0)
    before = engine.parameter_rows(3, k=[0.5, 0.55, 0.6], a=1.5, c=0.0)
    weights = np.random.default_rng(0).standard_normal((3, 4, 2))
    settings = {"rtol": 1e-9, "atol": 1e-12}
    found = gradient(model, ["u", "v"], names, times, rows, weights, settled=before, **settings)  # type: ignore[arg-type]
    table = sensitivities(model, ["u", "v"], names[:1], times, rows, settled=before, **settings)  # type: ignore[arg-type]
    np.testing.assert_allclose(
        np.einsum("ntrk,ntr->nk", table.slopes, weights)[:, 0], found.slopes[:, 0], rtol=1e-9
    )
    for k, name in enumerate(names):
        sides = []
        for sign in (1e-5, -1e-5):
            moved, first = rows.copy(), before.copy()
            moved[:, engine.index(name)] += sign
            first[:, engine.index(name)] += sign * (rows == before)[:, engine.index(name)]
            start = engine.steady_state(first, rtol=1e-9, atol=1e-13).state
            values = engine.simulate(times, moved, start, rtol=1e-11, atol=1e-14).values
            sides.append((values * weights).sum(axis=(1, 2)))
        np.testing.assert_allclose(found.slopes[:, k], (sides[0] - sides[1]) / 2e-5, rtol=1e-4, atol=1e-4)
