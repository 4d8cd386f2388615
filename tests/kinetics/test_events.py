"""Events in the batched solver: against closed forms and the reference solver, which shares no code with it."""

from pathlib import Path

import numpy as np
import pytest

import screen
from screen.kinetics import Dose, Status, compile_engine, load_model, simulate
from screen.kinetics.compiler.event_layouts import SLOTS

TIGHT = {"rtol": 1e-9, "atol": 1e-12}

MODELS = {
    "a ball that bounces": "y = 10; y' = v; v = 0; v' = -9.81; n = 0; at (y < 0): v = -0.8*v, y = 0, n = n + 1",
    "a threshold met again and again": "x = 0; x' = 1 - 0.1*x; n = 0; at (x > 3): x = 1, n = n + 1",
    "two states that trade": """a = 1; b = 0; a' = -a*b + 0.2; b' = a*b - 0.3*b; n = 0; m = 0
        at (a > b): n = n + 1, b = b + 0.5; at (b >= 1.1): m = m + 1, a = 0.9*a""",
    "waits and their values": """x = 0; x' = 1; y = 0; z = 0; w = 0
        at 0.5 after (x > 1): y = x; at 0.5 after (x > 1), fromTrigger = false: z = x; at x after (x > 2): w = w + x""",
    "what is called off": """x = 1; x' = -x; y = 0; z = 0
        at 1 after (x > 0.3 && x < 0.6), persistent = false: y = 1; at 1 after (x > 0.3 && x < 0.6): z = 1""",
    "a cascade at one time": """x = 0; x' = 1; a = 0; b = 0; c = 0
        at (x > 1), priority = 2: a = 1; at (a > 0.5), priority = 9: b = a + 1; at (x > 1), priority = 1: c = b""",
    "a jump of the rates after an event": """x = 0; off = 0; u := piecewise(1, time < off, 0); x' = u - 0.1*x; y = 0
        y' = 1; at (y > 3): off = time + 0.01, y = 0""",
    "true from the start": """x = 1; x' = -x; n = 0
        at (x > 0.5), t0 = false: n = n + 1; at (time >= 0), t0 = false: x = 3""",
    "by the clock and by the state": """x = 1; x' = -0.3*x
        at (time > 2 && x < 0.5): x = x + 1; at (time >= 4): x = x + 1""",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(MODELS))
def test_events_are_those_of_the_reference_solver(name: str) -> None:
    model = load_model(MODELS[name])
    times = np.array([0, 0.4, 0.95, 1.6, 2.2, 2.9, 4, 5.1, 6.9])
    found, expected = (
        simulate(model, times, solver=solver, **TIGHT)  # type: ignore[arg-type]
        for solver in ("batch", "scipy")
    )
    assert found["status"].item() == Status.ok
    for state in model.network.states:
        np.testing.assert_allclose(found[state].values, expected[state].values, rtol=2e-6, atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("rtol", [1e-3, 1e-6])
def test_a_window_that_opens_and_closes_within_a_step_is_found(rtol: float) -> None:
    """x = 1 - (t - 5)^2 / 100 is above its threshold from 4.995 to 5.005, a thousandth of the span; so is it below
    the other one's negative.
    """
    model = load_model("""
        x = 0.75; x' = -2*y/100; y = -5; y' = 1; h = 1 - 0.005^2/100; n = 0; at1 = 0; m = 0
        at (x > h): n = n + 1, at1 = time; at (-x <= -h): m = m + 1
    """)
    found = simulate(model, [10.0], readouts=["n", "m", "at1"], rtol=rtol, atol=rtol * 1e-3)
    assert (found["n"].item(), found["m"].item()) == (1, 1)
    assert found["at1"].item() == pytest.approx(4.995, abs=1e-6)


@pytest.mark.slow
def test_every_lane_has_its_own_events_and_no_lane_sees_another() -> None:
    engine = compile_engine(
        load_model("x = 0; x' = k - 0.1*x; n = 0; top = 3; at (x > top): x = 1, n = n + 1"), ["x", "n"]
    )
    random = np.random.default_rng(0)
    rows = engine.parameter_rows(37, k=random.uniform(0.2, 2, 37), top=random.uniform(2, 5, 37))
    found = engine.simulate([20.0], rows, **TIGHT)
    alone = [engine.simulate([20.0], rows[k : k + 1], **TIGHT).values[0] for k in range(37)]
    assert found.values.tobytes() == np.array(alone).tobytes()
    k, top = rows[:, engine.index("k")], rows[:, engine.index("top")]
    with np.errstate(invalid="ignore", divide="ignore"):
        first = -10 * np.log(1 - top / (10 * k))
        period = 10 * np.log((10 * k - 1) / (10 * k - top))
    n = np.where(first < 20, 1 + np.floor((20 - first) / period), 0)
    np.testing.assert_array_equal(found.values[:, 0, 1], np.nan_to_num(n))


@pytest.mark.slow
def test_doses_as_events_are_doses() -> None:
    network = "J1: D -> A; ka*D; J2: A -> ; ke*A; D = 0; A = 0; ka = 0.5; ke = 0.1; "
    events = "".join(f"at (time >= {t}): D = D + 10;" for t in (1, 25, 49, 73, 97))
    times = [0.5, 1.5, 25.5, 120]
    found = simulate(load_model(network + events), times, readouts=["A"], **TIGHT)
    doses = [Dose("D", 10.0, time=1, every=24, times=5)]
    expected = simulate(load_model(network), times, readouts=["A"], doses=doses, **TIGHT)
    np.testing.assert_allclose(found["A"].values, expected["A"].values, rtol=1e-6, atol=1e-10)


@pytest.mark.slow
def test_more_pending_executions_than_slots_go_to_the_reference_solver() -> None:
    model = load_model(
        "x = 0; x' = 1; n = 0; m = 0; at (x > 0.01): x = 0, m = m + 1;"
        "at 5 after (x > 0.005), fromTrigger = false: n = n + 1"
    )
    found = simulate(model, [1.0, 5.5], readouts=["n", "m"], max_steps=100_000)
    assert found["status"].item() == Status.reference
    assert found["m"].values[0, 0] > SLOTS
    assert found["n"].values[0].tolist() == [0, 50]


@pytest.mark.slow
def test_events_without_end_are_a_status() -> None:
    found = simulate(
        load_model("x = 1; x' = 1; at (x > 2): x = 1.5; at (x < 1.7), t0 = false: x = 2.5"), [3.0]
    )
    assert found["status"].item() == Status.max_steps
    assert np.isnan(found["x"].item())


@pytest.mark.slow
def test_a_steady_state_is_that_after_the_events() -> None:
    engine = compile_engine(
        load_model("x = 0; x' = k - 0.5*x; k = 1; at (time >= 7): k = 3; at (x > 5.5): k = 4"), ["x"]
    )
    found = engine.steady_state(engine.parameter_rows(2, x=[0.0, 1.0]))
    assert np.all(found.status == Status.ok)
    np.testing.assert_allclose(found.state[:, engine.states.index("x")], 8.0, rtol=1e-9)


@pytest.mark.slow
def test_random_choices_are_fair_and_the_same_each_time() -> None:
    text = "x = 0; x' = 1; a = 0; b = 0; " + "; ".join(
        f"at (x > 0.01), priority = 1, persistent = false: x = 0, {s} = {s} + 1" for s in "ab"
    )
    found = [simulate(load_model(text), [10.0], readouts=["a", "b"]) for _ in range(2)]
    a, b = (float(found[0][s].item()) for s in "ab")
    assert a + b == pytest.approx(1000, abs=2)
    assert abs(a - b) < 150
    assert found[1]["a"].item() == a


@pytest.mark.slow
def test_a_screen_of_a_model_with_doses_as_events_has_their_closed_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dosed.ant").write_text("""
        J1: -> X; k1*S; J2: X -> ; k2*X; J3: S -> ; S; X = 0; S = 0; k1 = 10; k2 = 0.01
        at (time >= 10): S = S + 5; at (time >= 34): S = S + 5""")
    (tmp_path / "own.yaml").write_text("""
model:
  file: dosed.ant
  time_unit: h
  start: initial
  drugs:
    x: {action: inhibits, target: k1, IC50: 33 nM, low: 1 nM, high: 10 uM}
    y: {action: inhibits, target: k2, IC50: 33 nM, low: 1 nM, high: 10 uM}
  cell_lines: {usual: {}}
  readouts: {X: X}
  viability: X + 1e-9
cell_lines: all
combinations: {anchor: x, partners: [y]}
times: [72 h]
""")
    cube = screen.run(screen.load_config(tmp_path / "own.yaml"), output=tmp_path / "cube.h5")
    waited = np.array([62.0, 38.0])
    exact = np.sum(50 * (np.exp(-0.01 * waited) - np.exp(-waited)) / 0.99)
    assert cube["X"].values[0, 0, 0, 0, 0] == pytest.approx(exact, rel=1e-5)
    assert np.all(cube["status"].values == 0)
