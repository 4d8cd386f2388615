"""Derivatives of weighted sums of readouts, backwards: the same as forward sensitivities, and as differences."""

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import Dose, Engine, Model, Status, compile_engine, gradient, load_model, sensitivities

NAMES = ["kon", "R", "n", "drug"]
TIMES = [0.0, 2.0, 2.5, 30.0]


def rows_of(engine: Engine, count: int) -> np.ndarray:
    random = np.random.default_rng(0)
    rows = engine.defaults * np.exp(0.2 * random.standard_normal((count, len(engine.parameters))))
    rows[:, engine.index("drug")] = 5.0
    return np.asarray(rows)


@pytest.mark.slow
def test_backwards_is_the_transpose_of_forwards(cascade: Model, engine: Engine) -> None:
    rows = rows_of(engine, 21)
    weights = np.random.default_rng(1).standard_normal((21, len(TIMES), len(engine.readouts)))
    found = gradient(cascade, engine.readouts, NAMES, TIMES, rows, weights)
    forwards = sensitivities(cascade, engine.readouts, NAMES, TIMES, rows)
    assert found.values.tobytes() == forwards.values.tobytes()
    assert np.all(found.status == Status.ok)
    expected = np.einsum("ntrk,ntr->nk", forwards.slopes, weights)
    np.testing.assert_allclose(found.slopes, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
    alone = gradient(cascade, engine.readouts, NAMES, TIMES, rows[3:5], weights[3:5])
    assert alone.slopes.tobytes() == found.slopes[3:5].tobytes(), "no trajectory knows its neighbours"


@pytest.mark.slow
def test_factors_are_made_again_from_what_the_sensitivities_have() -> None:
    text = "A -> B; k1*A; B -> A; k2*B; B -> ; k3*B/(k4 + B); A = a; B = 0; a = 3; k1 = 1; k2 = 2; k3 = 3; k4 = 4"
    model, names = load_model(text), ["k1", "k2", "k3", "k4", "a"]
    engine = compile_engine(model, ["A", "B"])
    rows = engine.parameter_rows(9, k4=np.linspace(0.1, 4, 9))
    backwards = gradient(model, ["A", "B"], names, [1.0, 5.0], rows, np.ones((9, 2, 2))).slopes
    forwards = sensitivities(model, ["A", "B"], names, [1.0, 5.0], rows).slopes.sum(axis=(1, 2))
    np.testing.assert_allclose(backwards, forwards, rtol=1e-9)
    later = gradient(model, ["A", "B"], names[:-1], [1.0, 5.0], rows, np.ones((9, 2, 2))).slopes
    np.testing.assert_allclose(later, forwards[:, :-1], rtol=1e-9, err_msg="none of them moves the start")


@pytest.mark.slow
def test_doses_on_the_way_are_gone_back_through() -> None:
    text = "D -> A; ka*D; A -> ; ke*A/(km + A); A -> B; k1*A; B -> A; k2*B; D = d0; A = 0; B = 0"
    model = load_model(f"{text}; d0 = 1; ka = 0.5; ke = 1; km = 2; k1 = 0.3; k2 = 0.1")
    names = ["ka", "ke", "km", "k1", "k2", "d0"]
    rows = compile_engine(model, ["A", "B"]).parameter_rows(5, ke=np.linspace(0.5, 2, 5))
    doses = [Dose("D", np.arange(1.0, 6.0), 0.0, 12.0, 4), Dose("A", 2.0, 18.0)]
    weights = np.random.default_rng(0).standard_normal((5, 4, 2))
    times = [0.0, 12.0, 20.0, 40.0]
    found = gradient(model, ["A", "B"], names, times, rows, weights, doses=doses)
    forwards = sensitivities(model, ["A", "B"], names, times, rows, doses=doses)
    np.testing.assert_allclose(found.values, forwards.values, rtol=1e-12)
    expected = np.einsum("ntrk,ntr->nk", forwards.slopes, weights)
    np.testing.assert_allclose(found.slopes, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
    few = gradient(model, ["A", "B"], names[:2], times, rows, weights, doses=doses)
    np.testing.assert_allclose(few.slopes, found.slopes[:, :2], rtol=1e-9, err_msg="forwards, for few")


def test_an_objective_s_gradient_takes_its_weights_from_the_values(cascade: Model, engine: Engine) -> None:
    rows = rows_of(engine, 700)[-3:]
    settings = {"rtol": 1e-9, "atol": 1e-12}

    def objective(moved: np.ndarray) -> np.ndarray:
        return np.asarray((engine.simulate(TIMES, moved, **settings).values ** 2).sum(axis=(1, 2)))  # type: ignore[arg-type]

    found = gradient(cascade, engine.readouts, NAMES, TIMES, rows, lambda values, _: 2 * values, **settings)
    for k, name in enumerate(NAMES):
        step = np.zeros(len(engine.parameters))
        step[engine.index(name)] = 1e-4
        expected = (objective(rows + step) - objective(rows - step)) / 2e-4
        np.testing.assert_allclose(found.slopes[:, k], expected, rtol=1e-5)


def test_a_log_that_is_too_small_is_made_again_and_many_rows_take_several(
    cascade: Model, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(engine, 40)
    weights = np.ones((40, len(TIMES), len(engine.readouts)))
    usual = gradient(cascade, engine.readouts, NAMES, TIMES, rows, weights).slopes
    monkeypatch.setattr("screen.kinetics.backwards.STEPS", 1)
    monkeypatch.setattr("screen.kinetics.backwards.MOST_ROWS", 17)
    again = gradient(cascade, engine.readouts, NAMES, TIMES, rows, weights).slopes
    assert again.tobytes() == usual.tobytes()


POOL = """compartment c1 = 1, c2 = 0.3, c3 = 7; species A in c1, B in c2, C in c3; A = 10; B = 0; C = 0
    J1: A -> B; k1*A - k2*B; J2: B -> C; k3*B - k4*C; J3: C -> A; k5*C*(1 + piecewise(1, time >= 4, 0))
    k1 = 0.7; k2 = 1.3; k3 = 0.11; k4 = 0.37; k5 = 0.05"""
EVENT = "D = 5; J1: D -> A; ka*D; A = 0; ka = 0.5; q = 10; at (time >= 2): D = D + q"


@pytest.mark.slow
@pytest.mark.parametrize(("text", "names", "settle"), [(POOL, "k1 k3 A c3", True), (EVENT, "ka q D", False)])
def test_settled_starts_jumps_by_the_clock_and_events_are_served(text: str, names: str, settle: bool) -> None:
    model = load_model(text)
    engine = compile_engine(model, ["A"])
    rows = np.tile(engine.defaults, (2, 1))
    rows[1] *= 1.05
    settled = None
    if settle:
        settled = rows.copy()
        settled[:, engine.index("k3")] = 0.3
    weights = np.array([1.0, -0.5])[:, None, None] * np.array([1.0, 2.0])[None, :, None]
    found = gradient(model, ["A"], names.split(), [1.0, 6.0], rows, weights, settled=settled)
    forwards = sensitivities(model, ["A"], names.split(), [1.0, 6.0], rows, settled=settled)
    expected = np.einsum("ntrk,ntr->nk", forwards.slopes, weights)
    np.testing.assert_allclose(found.slopes, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("until", ["0", "off"])
def test_a_jump_at_the_begin_is_where_the_way_back_ends(until: str) -> None:
    text = "A -> B; a*A*u; B -> A; b*B*B; -> B; c; A = 1; a = 1; b = 0.3; c = 0.2; off = 0"
    plain, jumping = (load_model(f"{text}; u := {u}") for u in ("2", f"piecewise(1, time < {until}, 2)"))
    weights = np.ones((1, 2, 1))
    found, expected = (
        gradient(model, ["A"], ["a", "b", "c", "A"], [0, 3], [compile_engine(model, ["A"]).defaults], weights)
        for model in (jumping, plain)
    )
    np.testing.assert_allclose(found.slopes, expected.slopes, rtol=1e-6)


def test_a_parameter_without_effect_before_has_no_slope_there() -> None:
    model = load_model(
        """J1: E -> F; kf*u*E; J2: F -> E; kf*kd*F; J3: P -> Q; kf*u*P; J4: Q -> P; kf*kd*Q; J5: E -> P; off*E
        J6: -> c; 0.42*(E + 642*F); J7: c -> ; 7.4*c; J8: R -> S + C; 0.0187*R; J9: S + C -> R; 1.26*S*C
        J10: R -> T; 0.5*c*R; J11: T -> S + C; k4*T
        E = 1; F = 0; P = 0; Q = 0; c = 0.05; R = 0.5; S = 0.2; C = 0.15; T = 0.05
        kf = 1000; kd = 14.28; k4 = 0.105; u = 10; off = 0"""
    )
    engine = compile_engine(model, ["C"])
    before = engine.parameter_rows(1, u=0.0)
    rest = engine.steady_state(before, rtol=1e-12).state
    found = gradient(
        model, ["C"], ["kf", "kd"], [5.0], engine.defaults[None], np.ones((1, 1, 1)), 1e-10, settled=before
    )
    sides = engine.parameter_rows(2, kd=[14.28 * 1.001, 14.28 * 0.999])
    ends = engine.simulate([5.0], sides, np.tile(rest, (2, 1)), rtol=1e-11).whole().values.ravel()
    assert found.slopes[0, 1] == pytest.approx(np.subtract(*ends) / (2 * 0.01428), rel=1e-4)
    assert abs(found.slopes[0, 0]) < 1e-6


@pytest.mark.slow
def test_rounding_in_states_that_are_away_hinders_no_slope_at_rest() -> None:
    model = load_model(
        """J1: E -> F; kf*u*E; J2: F -> E; kf*kd*F; J3: P -> Q; kf*u*P; J4: Q -> P; kf*kd*Q; J5: E -> P; off*E
        J6: -> c; k6*(E + 642*F); J7: c -> ; k7*c; J8: R -> S + C; k8*R; J9: S + C -> R; k9*S*C; J10: R -> T; k10*c*R
        J11: T -> S + C; k4*T; J12: -> D; ki*(u - D); J13: R -> G; k12*D*R; J14: G -> R; k13*G; J15: G -> H + C; k14*G
        J16: H -> S; k15*H; J17: T -> I; k16*T*D; J18: I -> T; k17*I; J19: C -> V; u*C; J20: V -> C; kh*V
        E = 1; F = 0; P = 0; Q = 0; c = 0.05; R = 0.5; S = 0.2; C = 0.15; T = 0.05; D = 0; G = 0; H = 0; I = 0; V = 0
        kf = 1000; kd = 14.28; k4 = 0.105; u = 0; off = 0; k6 = 0.42; k7 = 7.4; k8 = 0.0187; k9 = 1.26; k10 = 0.5
        ki = 3; k12 = 0.2; k13 = 0.4; k14 = 0.02; k15 = 0.03; k16 = 0.2; k17 = 0.5; kh = 0.3"""
    )
    engine, random = compile_engine(model, ["C"]), np.random.default_rng(1)
    names = [name for name in engine.parameters if name.startswith("k")]
    rows = engine.parameter_rows(150)
    for name in names:
        rows[:, engine.index(name)] *= np.exp(random.normal(size=150))
    assert np.all(np.isfinite(sensitivities(model, ["C"], names, [0.0], rows, settled=rows).slopes))


def test_what_logs_its_steps_simulates_without_a_log_too(cascade: Model, engine: Engine) -> None:
    rows = rows_of(engine, 3)
    logging = Engine(cascade, engine.readouts, by=("kon",), adjoint=True)
    assert logging.simulate(TIMES, rows).values.tobytes() == engine.simulate(TIMES, rows).values.tobytes()


def test_weights_of_another_shape_are_one_line(cascade: Model, engine: Engine) -> None:
    with pytest.raises(InputError, match=r"weights must have the shape \(2, 4, "):
        gradient(cascade, engine.readouts, NAMES, TIMES, rows_of(engine, 2), np.ones((2, 4, 1)))
