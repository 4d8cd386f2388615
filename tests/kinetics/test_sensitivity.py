"""Derivatives where a parameter decides when the rates jump."""

from typing import Any

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import (
    Dose,
    Engine,
    Model,
    Status,
    compile_engine,
    gradient,
    gradients,
    load_model,
    sensitivities,
)
from screen.kinetics.backwards import SumSlopes, sum_slopes
from screen.kinetics.solvers.slopes.doses_back import WayThere, there

WINDOW = "J: -> X; k*piecewise(1, time >= t0 && time < t0 + w, 0) - d*X; t0 = 1; w = 2; k = 3; d = 0.4; X = 0"


@pytest.mark.slow
def test_a_switch_that_comes_later_takes_away_what_it_would_have_made() -> None:
    model = load_model("J: -> X; piecewise(1, time >= t0, 0); t0 = 1; X = 0")
    engine = compile_engine(model, ["X"])
    found = sensitivities(model, ["X"], ["t0"], [0.5, 2, 3], engine.parameter_rows(2, t0=[1.0, 2.5]))
    assert np.all(found.status == Status.ok)
    np.testing.assert_allclose(found.slopes[:, :, 0, 0], [[0, -1, -1], [0, 0, -1]], atol=1e-8)
    np.testing.assert_allclose(found.values[:, :, 0], [[0, 1, 2], [0, 0, 0.5]], atol=1e-8)


@pytest.mark.slow
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


def differences(
    model: Model, readouts: list[str], name: str, times: list[float], rows: np.ndarray, **more: object
) -> np.ndarray:
    """Central differences (N, T, R) at a tight tolerance; `settled` rows share the parameter where it is the same."""
    engine = compile_engine(model, readouts)
    column, settled, sides = engine.index(name), more.pop("settled", None), []
    step = 1e-4 * np.maximum(np.abs(rows[:, column]), 0.1)
    for sign in (1, -1):
        moved, start = rows.copy(), None
        moved[:, column] += sign * step
        if settled is not None:
            first = np.array(settled)
            first[:, column] += np.where(first[:, column] == rows[:, column], sign * step, 0)
            start = engine.steady_state(first, rtol=1e-9, atol=1e-13).state
        sides.append(engine.simulate(times, moved, start, rtol=1e-11, atol=1e-14, **more).values)  # type: ignore[arg-type]
    return np.asarray((sides[0] - sides[1]) / (2 * step)[:, None, None])


EVENTS = {
    "x": ("x = 1; x' = k - 0.3*x*x; k = 2; th = 1.9; a = 0.5; at (x > th): x = a*x; y = 0; y' = x - y", "k th a x"),
    "D": ("""J1: D -> A; ka*D; J2: A -> ; ke*A; D = 0; A = 0; ka = 0.5; ke = 0.1; t1 = 2; q = 10
        at (time >= t1): D = D + q; at (time >= t1 + 3): D = D + 2*q""", "ka ke t1 q"),
    "y": ("x = 1; x' = -k*x; y = 0; y' = piecewise(a, x > th, b); k = 0.5; th = 0.4; a = 2; b = -1", "k th a b x"),
    "v": ("y = 10; v = 0; y' = v; v' = -g; g = 9.81; r = 0.8; at (y < 0): v = -r*v, y = 0", "g r y"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("readout", list(EVENTS))
def test_slopes_go_through_events_and_switches_of_the_state(readout: str) -> None:
    text, names = EVENTS[readout]
    model, times = load_model(text), [1.0, 3.1, 6.0]
    rows = np.tile(compile_engine(model, [readout]).defaults, (2, 1))
    rows[1] *= 1.02
    found = sensitivities(model, [readout], names.split(), times, rows, rtol=1e-9, atol=1e-12)
    for k, name in enumerate(names.split()):
        expected = differences(model, [readout], name, times, rows)
        np.testing.assert_allclose(found.slopes[..., k], expected, rtol=1e-5, atol=1e-5)


POOL = """compartment c1 = 1, c2 = 0.3, c3 = 7; species A in c1, B in c2, C in c3; A = 10; B = 0; C = 0
    J1: A -> B; k1*A - k2*B; J2: B -> C; k3*B - k4*C; J3: C -> A; k5*C
    k1 = 0.7; k2 = 1.3; k3 = 0.11; k4 = 0.37; k5 = 0.05"""


@pytest.mark.slow
def test_slopes_go_through_the_steady_state_before_and_over_doses() -> None:
    """k3 has another value before and so counts from the start alone; c3 turns the conserved total."""
    model, readouts, times = load_model(POOL), ["A", "C"], [0.0, 1.0, 24.0]
    engine = compile_engine(model, readouts)
    rows, settled = engine.parameter_rows(2, k3=0.5, k1=[0.7, 0.9]), engine.parameter_rows(2, k1=[0.7, 0.9])
    doses = [Dose("A", 3.0, time=0.5, every=2.0, times=3)]
    names = ["k1", "k3", "k4", "A", "c3"]
    settings = {"doses": doses, "settled": settled}
    found = sensitivities(model, readouts, names, times, rows, rtol=1e-9, atol=1e-12, **settings)  # type: ignore[arg-type]
    assert np.all(found.status == Status.ok)
    for k, name in enumerate(names):
        expected = differences(model, readouts, name, times, rows, **settings)  # type: ignore[arg-type]
        np.testing.assert_allclose(found.slopes[..., k], expected, rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match="which sets its volume"):
        sensitivities(model, readouts, ["c1"], times, rows, doses=doses)


def test_slopes_beside_the_states_do_not_change_them_and_know_no_neighbour(
    cascade: Model, engine: Engine
) -> None:
    names, times = ["kon", "R", "n", "drug"], [0.0, 2.0, 30.0]
    random = np.random.default_rng(0)
    rows = engine.defaults * np.exp(0.2 * random.standard_normal((21, len(engine.parameters))))
    rows[:, engine.index("drug")] = 5.0
    found = sensitivities(cascade, engine.readouts, names, times, rows)
    assert found.values.tobytes() == engine.simulate(times, rows).values.tobytes()
    alone = [
        sensitivities(cascade, engine.readouts, names, times, rows[k : k + 1]).slopes[0] for k in range(3)
    ]
    assert found.slopes[:3].tobytes() == np.array(alone).tobytes()
    tight = sensitivities(cascade, engine.readouts, names, times, rows[:4], rtol=1e-9, atol=1e-12).slopes
    for k, name in enumerate(names):
        expected = differences(cascade, list(engine.readouts), name, times, rows[:4])
        np.testing.assert_allclose(tight[..., k], expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("doses", [(), (Dose("y", 1.0, 3.0),)])
def test_steps_may_be_bounded_by_the_errors_of_slopes_too(doses: tuple[Dose, ...]) -> None:
    """The states rest from the start, so that nothing but slopes bounds the steps."""
    model = load_model("x' = a - b*x; x = 1; a = 1; b = 1; y' = 0; y = 0")
    rows = compile_engine(model, ["x"]).defaults[None]
    times = [0.5, 2.0, 10.0]
    exact = 1 - np.exp(-np.array(times))
    for rtol in (1e-4, 1e-8):
        settings = {"rtol": rtol, "atol": rtol * 1e-3, "doses": doses}
        free = sensitivities(model, ["x"], ["a", "b"], times, rows, **settings)
        bound = sensitivities(model, ["x"], ["a", "b"], times, rows, controlled=True, **settings)
        assert bound.values.tolist() == free.values.tolist()
        errors = [np.abs(found.slopes[0, :, 0, 0] - exact).max() for found in (free, bound)]
        assert errors[1] < rtol
        assert errors[0] > 10 * errors[1]


@pytest.mark.slow
@pytest.mark.parametrize("settle", [False, True])
def test_tables_for_few_readouts_are_followed_backwards_and_are_the_same(
    settle: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten sums, which take two passes; one row that is to be tried again."""
    model, readouts, times = load_model(POOL), ["A", "C"], [0.0, 0.5, 1.0, 4.0, 24.0]
    rows = compile_engine(model, readouts).parameter_rows(9, k1=np.linspace(0.2, 2, 9))
    settled = rows * 1.1 if settle else None
    doses = [Dose("A", np.arange(9.0), time=0.5, every=2.0, times=3)]
    names = ["k1", "k3", "k4", "A", "c3"]

    def failing(*given: object) -> WayThere:
        way = there(*given)  # type: ignore[arg-type]
        way.status[4] = Status.step_too_small
        return way

    monkeypatch.setattr("screen.kinetics.backwards.there", failing)
    found = []
    for cost in (1e9, -1e9):
        monkeypatch.setattr("screen.kinetics.sensitivity.A_PASS", cost)
        found.append(sensitivities(model, readouts, names, times, rows, doses=doses, settled=settled))
    assert found[0].values.tobytes() == found[1].values.tobytes()
    assert found[0].status.tolist() == found[1].status.tolist() == [Status.ok] * 9
    size = np.abs(found[0].slopes).max()
    np.testing.assert_allclose(found[1].slopes, found[0].slopes, rtol=1e-8, atol=1e-9 * size)


@pytest.mark.slow
def test_tables_go_backwards_where_readouts_are_few_and_parameters_many(
    cascade: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = compile_engine(cascade, ["Ep"])
    taken: list[int] = []

    def counted(*given: object) -> SumSlopes:
        taken.append(given[5][0])  # type: ignore[index]
        return sum_slopes(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("screen.kinetics.sensitivity.sum_slopes", counted)
    names = ["kon", "koff", "kdeg", "ksyn", "k1"]
    backwards = sensitivities(cascade, ["Ep"], names, [3.0, 30.0], engine.defaults[None])
    few = sensitivities(cascade, ["Ep"], names[:2], [3.0, 30.0], engine.defaults[None])
    assert taken == [2]
    np.testing.assert_allclose(backwards.slopes[..., :2], few.slopes, rtol=1e-9)


DELAYED = {
    "many wait": """u' = w * v; v' = -w * u; u = 0; v = 1; x' = u - 0.2 * x; x = 1; y := x + u; w = 3; thr = 0.3
        d = 3.1
        at d + 0.1 * x after (u > thr): x = x + u + 0.3 * x""",
    "set off": """x' = -w * x; x = 5; y' = x - 0.3 * y; y = 0.5; n' = -0.01 * n; n = 0; w = 0.7; thr = 1.2; d = 3.1
        at (x < thr): n = 1 + 0.1 * y
        at d after (n > 0.5), fromTrigger=false: x = x + 0.6 * y, n = 0
        at (n < 0.5), persistent=false: y = y + 0.2 * x""",
}


@pytest.mark.slow
@pytest.mark.parametrize("how", list(DELAYED))
def test_slopes_go_through_delays_forwards_and_backwards(how: str) -> None:
    model, names, times = load_model(DELAYED[how]), ["w", "thr", "d"], [2, 5.5, 9]
    rows = compile_engine(model, ["x", "y"]).parameter_rows(2, d=[3.1, 0.4])
    found = sensitivities(model, ["x", "y"], names, times, rows, rtol=1e-9, atol=1e-11, controlled=True)
    for k, name in enumerate(names):
        expected = differences(model, ["x", "y"], name, times, rows)
        np.testing.assert_allclose(found.slopes[..., k], expected, rtol=2e-6, atol=1e-6, err_msg=name)
    weights = np.ones(found.values.shape)
    whole = gradient(model, ["x", "y"], names, times, rows, weights, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(whole.slopes, found.slopes.sum((1, 2)), rtol=1e-6, atol=1e-6)


@pytest.mark.slow
def test_where_more_events_wait_than_the_way_back_has_slots_for_slopes_go_forwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ways: list[int] = []
    forwards = gradients.sensitivities

    def told(*given: Any, **more: Any) -> Any:
        ways.append(len(given[4]))
        return forwards(*given, **more)

    monkeypatch.setattr(gradients, "sensitivities", told)
    model = load_model("""u' = w * v; v' = -w * u; u = 0; v = 1; z' = u - 0.2 * z; z = 1; w = 3; q = 0.3; d = 4; b = 0.3
        at d after (u > q), persistent=false: z = 5
        at d after (u > q): z = z + b""")
    rows = compile_engine(model, ["z"]).parameter_rows(2, d=[4.0, 15.0])  # one trigger in 2.1
    names, weights = ["w", "q", "d", "b"], np.ones((2, 2, 1))
    found = gradient(model, ["z"], names, [3.0, 20.0], rows, weights, rtol=1e-9, atol=1e-11)
    assert ways == [1]
    for k, name in enumerate(names):
        expected = differences(model, ["z"], name, [3.0, 20.0], rows).sum((1, 2))
        np.testing.assert_allclose(found.slopes[:, k], expected, rtol=2e-5, atol=1e-6, err_msg=name)


@pytest.mark.slow
def test_slopes_of_a_dose_after_a_delay_have_their_closed_form() -> None:
    model = load_model("x' = -k * x; x = 5; k = 0.7; c = 1.2; d = 0.8; at d after (x < c): x = x + 2 * d")
    names, point, times = ["k", "c", "d", "x"], [0.7, 1.2, 0.8, 5.0], [2.5, 4.0]
    found = sensitivities(
        model, ["x"], names, times, [compile_engine(model, ["x"]).defaults], rtol=1e-9
    ).slopes

    def exact(k: complex, c: complex, d: complex, x: complex, t: float) -> complex:
        given = np.log(x / c) / k + d
        if t < given.real:
            return complex(x * np.exp(-k * t))
        return complex((c + 2 * d) * np.exp(-k * (t - given)))  # the value is that of the trigger

    for i, time in enumerate(times):
        for j in range(4):
            moved = [value + 1e-30j * (k == j) for k, value in enumerate(point)]
            assert found[0, i, 0, j] == pytest.approx(exact(*moved, time).imag / 1e-30, rel=1e-5, abs=1e-8)
