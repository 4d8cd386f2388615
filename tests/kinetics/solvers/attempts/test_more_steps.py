"""The limit on steps: what only needs more gets more, what is stuck or limited by the caller does not."""

from typing import Literal

import numpy as np
import pytest

from screen.kinetics import Engine, Status, compile_engine, load_model
from screen.kinetics import problem as limits
from screen.kinetics.problem import Problem
from screen.kinetics.solvers.attempts.more_steps import MOST_TIMES

SWINGS = "x' = w * v; v' = -w * x; x = 1; v = 0; w = 1"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return compile_engine(load_model(SWINGS), ["x"])


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_STEPS", 100)


@pytest.mark.parametrize("solver", ["batch", "scipy"])
def test_what_swings_often_is_given_the_steps_that_it_needs(
    engine: Engine, solver: Literal["batch", "scipy"]
) -> None:
    found = engine.simulate([40.0], engine.defaults[None], solver=solver)
    assert found.status[0] <= Status.reference
    assert found.steps[0] > 100
    assert found.values[0, 0, 0] == pytest.approx(np.cos(40.0), abs=1e-3)
    free = engine.simulate([40.0], engine.defaults[None], solver=solver, max_steps=10**6)
    assert np.array_equal(found.values, free.values)


def test_a_row_has_the_same_end_alone_and_beside_others(engine: Engine) -> None:
    rows = engine.parameter_rows(4, w=[0.1, 1.0, 3.0, 1000.0])
    found = engine.simulate([100.0], rows)
    alone = [engine.simulate([100.0], rows[k : k + 1]) for k in range(4)]
    assert found.status.tolist() == [one.status[0] for one in alone] == [0, 0, 0, Status.max_steps]
    assert found.steps.tolist() == [one.steps[0] for one in alone]


def test_what_would_need_too_many_steps_is_given_none(engine: Engine) -> None:
    found = engine.simulate([100.0], engine.parameter_rows(1, w=1e4))
    assert found.status[0] == Status.max_steps
    assert found.steps[0] == 100


def test_what_slows_down_soon_ends(engine: Engine) -> None:
    spiral = compile_engine(
        load_model("x' = 1; x = 0; y' = cos(1 / (1.0001 - x)) / (1.0001 - x)^2; y = 0"), []
    )
    found = spiral.simulate([1.5], spiral.defaults[None], retry=False)
    assert found.status[0] != Status.ok
    assert found.steps[0] < MOST_TIMES * 100


def test_a_limit_of_the_caller_is_strict(engine: Engine) -> None:
    found = engine.simulate([100.0], engine.defaults[None], max_steps=100)
    assert found.status[0] == Status.max_steps
    assert found.steps[0] == 100


def test_the_first_limit_grows_with_the_fifth_root_of_tighter_tolerances() -> None:
    def at(rtol: float, given: int | None = None) -> int:
        return Problem(np.ones(1), np.ones((1, 1)), None, rtol, 1e-9, given).limit

    assert at(1e-2) == at(1e-4) == at(1e-6) == 100
    assert at(1e-11) == pytest.approx(1000, abs=1)
    assert at(1e-11, 7) == 7
