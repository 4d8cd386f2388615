"""What a model does by the clock is never stepped over: models with exact answers, by every way to solve them."""

import math

import numpy as np
import pytest

from screen.errors import InputError
from screen.kinetics import Status, compile_engine, load_model, simulate
from screen.kinetics.clock.program import ClockRows, clock_of
from screen.kinetics.clock.stops import find_stops

SHARP = {
    "a window": ("J: -> X; piecewise(1, time >= 50 && time < 50.5, 0)", 0.5),
    "one of a thousandth": ("J: -> X; piecewise(1, time > 50 && time < 50.1, 0)", 0.1),
    "rules and parameters": (
        "on := time > ton && time < ton + w; ton := 2*t0 + 5; J: -> X; piecewise(1, on, 0); t0 = 22.5; w = 0.001",
        0.001,
    ),
    "a period by floor": ("J: -> X; piecewise(1, time - 24*floor(time/24) < 0.01, 0)", 0.05),
    "a period by remainder": ("J: -> X; piecewise(1, rem(time, 24) < 0.01, 0)", 0.05),
    "steps of floor": ("J: -> X; floor(time/10) - floor((time - 0.1)/10)", 1.0),
    "crests of a sine": (
        "J: -> X; piecewise(1, sin(2*pi*time/10) > 0.9999, 0)",
        100 * math.acos(0.9999) / math.pi,
    ),
    "a square": ("J: -> X; piecewise(1, (time - 50)^2 < 0.0001, 0)", 0.02),
    "a tent": ("J: -> X; max(0, 1 - abs(time - 50)/0.05)", 0.05),
    "a ramp": ("J: -> X; piecewise(time - 50, time >= 50 && time < 51, 0)", 0.5),
    "a nest": ("J: -> X; piecewise(piecewise(2, time < 50.01, 3), time > 50 && time < 50.02, 0)", 0.05),
    "either": ("J: -> X; piecewise(1, xor(time > 50, time > 50.25), 0)", 0.25),
    "an equal": ("J: -> X; piecewise(1, floor(time) == 50, 0)", 1.0),
    "a far origin": ("J: -> X; piecewise(1, time + 1000000 >= 1000050 && time < 50.5, 0)", 0.5),
    "a state that is a clock": ("c' = 1; c = 0; J: -> X; piecewise(1, c >= 50 && c < 50.1, 0)", 0.1),
    "beside what rests": ("A' = 1 - A; A = 1; J: -> X; piecewise(A, time >= 50 && time < 50.01, 0)", 0.01),
    "at the end": ("J: -> X; piecewise(1, time >= 100, 0)", 0.0),
    "at the start": ("J: -> X; piecewise(0, time > 0, 1)", 0.0),
}
SMOOTH = {
    "a bell": ("J: -> X; exp(-((time - 50)/0.01)^2)", 0.01 * math.sqrt(math.pi)),
    "a bell and a small one": (
        "J: -> X; exp(-((time - 50)/0.01)^2) + 0.01*exp(-((time - 70)/0.01)^2)",
        0.0101 * math.sqrt(math.pi),
    ),
    "up and down by states": (
        "a' = 0*a; a = 1; b' = 0*b; b = 1; J: -> X; a/(1 + exp(50 - time)^10); K: X -> ; b/(1 + exp(51 - time)^10)",
        1.0,
    ),
    "a sine from rest": ("J: -> X; piecewise(sin(time)^2, time < 3.141592653589793, 0)", math.pi / 2),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*SHARP, *SMOOTH])
@pytest.mark.parametrize("solver", ["batch", "scipy", "events"])
def test_the_clock_is_obeyed(name: str, solver: str) -> None:
    text, exact = (SHARP | SMOOTH)[name]
    model = load_model(f"{text}; X = 0")
    if solver == "events":
        found = simulate(model, [30, 100], readouts=["X"], rtol=1e-8, atol=1e-12, solver="scipy")
        last = float(found["X"][0, -1])
    else:
        engine = compile_engine(model, ["X"])
        run = engine.simulate([30, 100], engine.defaults[None], rtol=1e-8, atol=1e-12, solver=solver)  # type: ignore[arg-type]
        assert run.status[0] == (Status.ok if solver == "batch" else Status.reference)
        last = run.values[0, -1, 0]
    assert last == pytest.approx(exact, rel=3e-6 if name in SMOOTH else 3e-7, abs=1e-9)


def test_every_lane_has_its_own_stops() -> None:
    engine = compile_engine(
        load_model("J: -> X; piecewise(1, time >= t0 && time < t0 + w, 0); X = 0; t0 = 1; w = 1"), ["X"]
    )
    random = np.random.default_rng(0)
    begin, width = random.uniform(0, 80, 37), 10 ** random.uniform(-4, 1, 37)
    rows = engine.parameter_rows(37, t0=begin, w=width)
    found = engine.simulate([100.0], rows, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(found.values[:, 0, 0], width, rtol=1e-8)
    alone = engine.simulate([100.0], rows[20:21], rtol=1e-8, atol=1e-12)
    assert alone.values[0, 0, 0] == found.values[20, 0, 0]
    assert alone.steps[0] == found.steps[20]


def test_an_output_at_a_jump_reads_what_holds_there() -> None:
    engine = compile_engine(
        load_model("s := piecewise(1, time >= 50, 0); g := piecewise(1, time > 50, 0); x' = s; x = 0"),
        ["s", "g", "x"],
    )
    found = engine.simulate([49.5, 50.0, 50.5], engine.defaults[None])
    np.testing.assert_allclose(found.values[0], [[0, 0, 0], [1, 0, 0], [1, 1, 0.5]], atol=1e-9)


@pytest.mark.parametrize("rtol", [1e-4, 1e-8, 1e-10])
def test_a_jump_with_fast_chemistry_is_passed(rtol: float) -> None:
    engine = compile_engine(
        load_model("var X = 0; X' = k*piecewise(0, time < t0, 1) - k*X; k = 1e6; t0 = 5"), ["X"]
    )
    found = engine.simulate([4.0, 5.0 + 1e-6, 10.0], engine.defaults[None], rtol=rtol, atol=rtol * 1e-4)
    assert found.status[0] == Status.ok
    np.testing.assert_allclose(found.values[0, :, 0], [0, 1 - math.exp(-1), 1], rtol=20 * rtol, atol=1e-8)


def test_segments_stop_by_the_clock_too() -> None:
    engine = compile_engine(
        load_model("J: -> X; u*piecewise(1, time >= 50 && time < 50.5, 0); X = 0; u = 1"), ["X"]
    )
    one, two = engine.parameter_rows(1), engine.parameter_rows(1, u=2.0)
    found = engine.simulate_sequence([100.0], [(0, one), (50.25, two)], rtol=1e-8)
    assert found.values[0, 0, 0] == pytest.approx(0.75, rel=1e-7)


@pytest.mark.slow
def test_the_step_limit_grows_with_the_stops() -> None:
    engine = compile_engine(load_model("J: -> X; piecewise(1, rem(time, 1) < 0.5, 0) - X; X = 0"), ["X"])
    found = engine.simulate([1000.0], engine.defaults[None], max_steps=500)
    assert found.status[0] == Status.ok
    assert found.steps[0] > 500


def test_networks_that_do_not_hold_time_have_no_clock() -> None:
    for text in ("x' = 1 - x; x = 0", "J: -> X; k; X = 0; k = 1; Y := piecewise(1, X > 3, 0)"):
        assert clock_of(load_model(text).network) is None


def test_only_readouts_that_hold_time_ask_for_no_stops() -> None:
    assert clock_of(load_model("x' = 1 - x; x = 0; s := piecewise(1, time > 5, 0)").network) is None


def test_a_pulse_of_time_alone_is_two_stops() -> None:
    network = load_model("J: -> X; piecewise(1, time >= 50 && time < 50.5, 0); X = 0").network
    clock = clock_of(network)
    assert clock is not None
    stops = find_stops(clock, ClockRows(network.defaults[None], np.zeros((1, 1)), 0.0), np.array([100.0]))
    assert stops.pairs.shape == (2, 2)
    np.testing.assert_allclose(stops.pairs.mean(axis=1), [50, 50.5], rtol=1e-15)
    assert np.all(np.diff(stops.pairs, axis=1) < 1e-12)


def test_too_many_jumps_are_one_line() -> None:
    engine = compile_engine(load_model("J: -> X; floor(time*1000); X = 0"), ["X"])
    with pytest.raises(InputError, match="conditions on time change more than"):
        engine.simulate([1e6], engine.defaults[None])


@pytest.mark.slow
def test_a_trigger_of_time_is_found_however_short() -> None:
    model = load_model(
        "var hit = 0; at ((time > 500.2) && (time < 500.2001)): hit = hit + 1; J: A -> B; k*A; k = 0.001; A = 1; B = 0"
    )
    found = simulate(model, [500.2, 500.3, 1000], readouts=["hit"])
    assert found["hit"].values[0].tolist() == [0, 1, 1]
