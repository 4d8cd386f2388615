"""Failures of one part beside parts that have exact values."""

from typing import Literal

import numpy as np
import pytest

from screen.arrays import Floats, Indices
from screen.errors import InputError
from screen.kinetics import Dose, Engine, Status, Trajectories, load_model, simulate
from screen.kinetics.problem import Problem
from screen.kinetics.solvers.attempts.spared import spared

TIMES = np.array([0.0, 0.5, 1.5, 3.0])
BESIDE = "x' = x^2; x = a; a = 1; y' = -y; y = 1; z' = x - z; z = 0; w' = y - w; w = 0; sum := y + z"
READ = ("x", "y", "z", "w", "sum")


def complete(
    text: str, readouts: tuple[str, ...], max_steps: int | None = None, **columns: list[float]
) -> tuple[Trajectories, Floats]:
    """Trajectories by the batched solver in one attempt, completed."""
    model = load_model(text)
    whole = Engine(model, readouts)
    rows = whole.parameter_rows(len(next(iter(columns.values()), [0])), **columns)

    def part(which: Indices, held: tuple[str, ...], when: Floats, _: bool = True) -> Trajectories:
        own = Engine(model, readouts, held)
        found = own.simulate(when, rows[which], rtol=1e-6, atol=1e-9, retry=False, max_steps=max_steps)
        order = [own.states.index(name) for name in model.network.states]
        return Trajectories(found.values, found.state[:, order], found.status, found.steps, found.reached)

    found = whole.simulate(TIMES, rows, rtol=1e-6, atol=1e-9, retry=False, max_steps=max_steps)
    problem = Problem(TIMES, rows, None, 1e-6, 1e-9, max_steps)
    return found, spared(model.network, readouts, problem, found, part)


def test_what_stands_beside_a_blow_up_or_before_it_is_given_to_the_end() -> None:
    found, since = complete(BESIDE, READ, a=[1.0, 0.4, 0.01])
    assert (found.status > Status.reference).tolist() == [True, True, False]
    fails = [[1.0, np.nan, 1.0, np.nan, 1.0], [2.5, np.nan, 2.5, np.nan, 2.5], [np.nan] * 5]
    np.testing.assert_allclose(since, fails, rtol=1e-5)
    decay = np.tile(np.exp(-TIMES), (3, 1))
    np.testing.assert_allclose(found.values[:, :, 1], decay, rtol=1e-4)
    np.testing.assert_allclose(found.values[:, :, 3], TIMES * decay, rtol=1e-4)
    lost = np.array([[1.0], [2.5], [np.inf]]) < TIMES
    assert np.array_equal(np.isnan(found.values[:, :, 0]), lost)
    assert np.array_equal(np.isnan(found.values[:, :, 4]), lost)


def test_parts_that_fail_one_after_the_other_have_each_their_time() -> None:
    text = "x' = x^2; x = 1; v' = v^2; v = 0.5; u' = v; u = 0; y' = -y; y = 1"
    found, since = complete(text, ("x", "v", "u", "y"))
    np.testing.assert_allclose(since, [[1, 2, 2, np.nan]], rtol=1e-5)
    assert found.values[0, 2, 1] == pytest.approx(2.0, rel=1e-4)
    assert np.isnan(found.values[0, 3, 1])
    assert found.values[0, 3, 3] == pytest.approx(np.exp(-3), rel=1e-4)
    assert found.reached[0] == pytest.approx(1.0, rel=1e-5)


def test_an_event_carries_a_failure_to_what_it_sets() -> None:
    text = "x' = -1 / x; x = 1; y' = -y; y = 1; q' = -q; q = 1; at (x < 0.1): q = 2; at (y < 0.2): y = 1"
    _, since = complete(text, ("x", "y", "q"))
    np.testing.assert_allclose(since, [[0.5, np.nan, 0.5]], rtol=1e-3)


def test_where_all_hang_together_nothing_is_solved_again() -> None:
    found, since = complete("x' = x^2; x = 1; y' = x - y; y = 0", ("y",))
    assert since[0, 0] == found.reached[0] == pytest.approx(1.0, rel=1e-5)


def test_a_limit_on_steps_that_was_given_holds_for_each_part() -> None:
    text = (
        "x' = 1e5 * v; v' = -1e5 * x; x = 1; v = 0; y' = -y; y = 1; w' = 100 * u; u' = -100 * w; w = 1; u = 0"
    )
    found, since = complete(text, ("x", "y", "w"), max_steps=50)
    assert found.status[0] == Status.max_steps
    assert since[0, 0] == found.reached[0] < since[0, 2] < TIMES[-1]
    assert np.isnan(since[0, 1])
    np.testing.assert_allclose(found.values[0, :, 1], np.exp(-TIMES), rtol=1e-4)


@pytest.mark.slow
def test_an_engine_solves_what_a_failure_spares_where_that_is_asked_for() -> None:
    engine = Engine(load_model(BESIDE), READ)
    rows = engine.parameter_rows(3, a=[0.4, 0.4, 0.01])
    start = engine.initial_state(rows)
    start[0, engine.states.index("x")] = 1.0
    whole = engine.simulate(TIMES, rows, start, retry=False)
    assert whole.failed_at is None
    given = [Dose("y", [0.0, 1.0, 0.0], time=1.0)]
    found = engine.simulate(TIMES, rows, start, parts=True, doses=given)
    assert np.array_equal(found.status > Status.reference, [True, True, False])
    assert found.failed_at is not None
    np.testing.assert_allclose(found.failed_at[:, 0], [1.0, 2.5, np.nan], rtol=1e-5)
    assert np.isnan(found.failed_at[:, [1, 3]]).all()
    decay = np.exp(-TIMES) + np.outer([0, 1, 0], np.where(TIMES > 1, np.exp(1 - TIMES), 0))
    np.testing.assert_allclose(found.values[:, :, 1], decay, rtol=1e-4)
    np.testing.assert_allclose(found.state[2], whole.state[2], rtol=1e-4)
    with pytest.raises(InputError, match="parts need a start at time 0, found 1"):
        engine.simulate([2.0], rows, start_time=1.0, parts=True)


@pytest.mark.slow
def test_what_wants_the_past_of_a_failure_is_lost_with_it_and_the_rest_is_not() -> None:
    text = "x' = delay(x, 0.1) * x^2; x = 1; y' = -delay(y, 0.5); y = 1; z' = delay(x, 0.2) - z; z = 0"
    times = np.array([0.0, 0.4, 3.0])
    found = simulate(load_model(text), times, readouts=["x", "y", "z"], rtol=1e-6)
    alone = simulate(load_model("y' = -delay(y, 0.5); y = 1"), times, readouts=["y"], rtol=1e-6)
    assert found["status"].item() > Status.reference
    assert np.isnan(found["failed_at"].values).tolist() == [[False, True, False]]
    assert 0.4 < found["failed_at"].values[0, 0] == found["failed_at"].values[0, 2] < 1.0
    np.testing.assert_allclose(found["y"], alone["y"], rtol=1e-5)


@pytest.mark.parametrize("solver", ["batch", "scipy"])
def test_a_dataset_says_when_each_readout_failed(solver: Literal["batch", "scipy"]) -> None:
    model = load_model("x' = 1 / x; x = 0; y' = -y; y = 1; failed_at := y + 1; readout := y")
    found = simulate(model, TIMES, readouts=["x", "y", "failed_at", "readout"], solver=solver)
    assert found["status"].item() == Status.not_finite
    assert found["reached"].item() == 0
    since = found["run_failed_at"]
    assert since.dims == ("condition", "run_readout")
    assert since.sel(run_readout="x").item() == 0
    assert np.isnan(since.sel(run_readout=["y", "failed_at"])).all()
    np.testing.assert_allclose(found["y"][0], np.exp(-TIMES), rtol=1e-3)
    np.testing.assert_allclose(found["failed_at"][0], np.exp(-TIMES) + 1, rtol=1e-3)
