"""Each way in which a trajectory can end, on a model that ends so."""

from typing import Literal

import numpy as np
import pytest

from screen.kinetics import Engine, Status, Trajectories, compile_engine, load_model, simulate

DECAY = "x' = -k * x; x = 1; k = 1"
BLOWS_UP = "x' = x^2; x = 1; y' = -y; y = 1"
SET_BELOW_ZERO = "S -> ; k * S; S = 1; k = 0.1; at (time > 1): S = -2; x' = v; v' = -900 * x; x = 1; v = 0"
BEGINS_BELOW_ZERO = "S -> ; k * S; S = -2; k = 0.1; x' = v; v' = -900 * x; x = 1; v = 0"
DRAINED = "S -> ; k; S = 1; k = 1; x' = v; v' = -900 * x; x = 1; v = 0"
STEEP_AT_THE_START = "x' = 0; x = 1; y' = asin(x) - y; y = 0"  # the slope of asin at 1 is infinite


def run(text: str, end: float, **settings: float) -> tuple[Engine, Trajectories]:
    engine = compile_engine(load_model(text), [])
    settings = {"rtol": 1e-3, "atol": 1e-6, **settings}
    return engine, engine.simulate([end], engine.defaults[None], **settings)


def test_ok() -> None:
    _, found = run(DECAY, 1.0)
    assert found.status[0] == Status.ok
    assert found.state[0, 0] == pytest.approx(np.exp(-1), rel=1e-3)


def test_retried() -> None:
    engine, found = run(SET_BELOW_ZERO, 3.0)
    assert found.status[0] == Status.retried
    assert found.state[0, engine.states.index("S")] == pytest.approx(-2.0 * np.exp(-0.2), rel=1e-4)


def test_a_species_that_a_rate_drains_at_zero_is_below_it_by_design_and_costs_no_second_look() -> None:
    engine, found = run(DRAINED, 3.0)
    assert found.status[0] == Status.ok
    assert found.state[0, engine.states.index("S")] == pytest.approx(-2.0)
    once = engine.simulate([3.0], engine.defaults[None], rtol=1e-3, atol=1e-6, retry=False)
    assert found.steps[0] == once.steps[0]


def test_reference() -> None:
    engine, found = run(STEEP_AT_THE_START, 2.0)
    assert engine.simulate([2.0], engine.defaults[None], retry=False).status[0] == Status.not_finite
    assert found.status[0] == Status.reference
    y = found.state[0, engine.states.index("y")]
    assert y == pytest.approx(np.pi / 2 * (1 - np.exp(-2)), rel=1e-5)


def test_max_steps() -> None:
    _, found = run(DECAY, 1.0, max_steps=2)
    assert found.status[0] == Status.max_steps
    assert found.steps[0] == 2


@pytest.mark.slow
def test_step_too_small() -> None:
    _, found = run(BLOWS_UP, 2.0)
    assert found.status[0] == Status.step_too_small


def test_not_finite() -> None:
    engine = compile_engine(load_model(DECAY), [])
    found = engine.simulate([1.0], engine.parameter_rows(1, k=np.nan))
    assert found.status[0] == Status.not_finite


def test_negative_beyond_tolerance() -> None:
    engine = compile_engine(load_model(BEGINS_BELOW_ZERO), [])
    once = engine.simulate([3.0], engine.defaults[None], rtol=1e-3, atol=1e-6, retry=False)
    assert once.status[0] == Status.ok
    _, found = run(BEGINS_BELOW_ZERO, 3.0, max_steps=int(once.steps[0]) + 1)  # no steps for a second look
    assert found.status[0] == Status.negative_beyond_tolerance


def test_each_row_says_until_when_it_was_solved() -> None:
    engine = compile_engine(load_model("x' = a * x^2; x = 1; a = 1"), ["x"])
    rows = engine.parameter_rows(3, a=[1.0, 0.1, 0.5])
    found = engine.simulate([0.5, 1.5, 4.0], rows, retry=False)
    np.testing.assert_allclose(found.reached, [1.0, 4.0, 2.0], rtol=1e-3)
    assert np.isnan(found.values[:, :, 0]).tolist() == [
        [False, True, True],
        [False] * 3,
        [False, False, True],
    ]


@pytest.mark.parametrize("solver", ["batch", "scipy"])
def test_the_limit_on_steps_says_when_it_was_reached(solver: Literal["batch", "scipy"]) -> None:
    engine = compile_engine(load_model("x' = -x; x = 1"), ["x"])
    found = engine.simulate([0.0, 50.0], engine.defaults[None], max_steps=5, solver=solver)
    assert found.status[0] == Status.max_steps
    assert 0 < found.reached[0] < 50


def test_segments_and_datasets_say_it_too() -> None:
    model = load_model("x' = a * x^2; x = 1; a = 0; reached = 3")
    engine = compile_engine(model, ["x"])
    segments = [(0, engine.parameter_rows(1)), (3, engine.parameter_rows(1, a=1.0))]
    found = engine.simulate_sequence([2.0, 10.0], segments, max_steps=30)
    assert found.status[0] == Status.max_steps
    assert 3 < found.reached[0] <= 4
    table = simulate(model, [0, 2], {"a": [0.1, 0.2]}, ["x", "reached"])
    assert table["run_reached"].values.tolist() == [2, 2]
    assert table["reached"].dims == ("condition", "time")


@pytest.mark.parametrize("status", list(Status))
def test_what_is_solved_has_numbers_and_the_rest_a_remedy(status: Status) -> None:
    assert status.solved == (status in (Status.ok, Status.retried, Status.reference))
    assert status.remedy.endswith(".")
    assert status.solved == ("nothing to do" in status.remedy.lower())


@pytest.mark.slow
def test_what_is_not_solved_is_nan() -> None:
    for text, settings in ((BLOWS_UP, {}), (DECAY, {"max_steps": 2})):
        _, found = run(text, 2.0, **settings)
        assert not Status(found.status[0]).solved
        assert np.all(np.isnan(found.state))
