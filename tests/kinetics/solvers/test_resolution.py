"""A model's unit does not decide whether it is solved."""

import numpy as np
import pytest

from screen.kinetics import Status, Trajectories, compile_engine, load_model, simulate
from screen.kinetics.solvers.resolution import resolved

CHAIN = "A -> B; k1*A; B -> C; k2*B; C -> ; k3*C; A={}; B=0; C=0; k1=0.1; k2=1; k3=2"
TIMES = [1.0, 5.0, 50.0]


@pytest.mark.parametrize("unit", [1e-9, 1e-15, 1e6])
def test_a_model_has_the_same_shape_in_every_unit(unit: float) -> None:
    whole, other = (simulate(load_model(CHAIN.format(size)), TIMES)["C"].values for size in (1.0, unit))
    np.testing.assert_allclose(other / unit, whole, rtol=3e-3)


def test_so_have_arrays_and_steady_states() -> None:
    fed = CHAIN + "; -> A; {}"
    found = []
    for unit in (1.0, 1e-12):
        engine = compile_engine(load_model(fed.format(2 * unit, 0.3 * unit)), ["C"])
        values = engine.simulate(TIMES, engine.defaults[None]).values[0, :, 0] / unit
        rest = engine.steady_state(engine.defaults[None])
        assert rest.status[0] == 0
        found.append([*values, *(rest.state[0] / unit)])
    np.testing.assert_allclose(found[1], found[0], rtol=1e-4)


def test_what_begins_at_zero_and_stays_tiny_is_solved_again_with_a_finer_tolerance() -> None:
    text = "A + B -> C; on*A*B; C -> A + B; off*C; A=1; B=1e-3; C=0; on=1e-6; off=10"
    found = simulate(load_model(text), [0.1, 10.0], {"on": [1e-6, 1e3]})
    assert found["status"].values.tolist() == [0, 0]
    exact = 1e-9 / 10 * -np.expm1(-10 * np.array([0.1, 10.0]))  # nothing of A or B is used up
    np.testing.assert_allclose(found["C"].values[0], exact, rtol=1e-3)
    hidden = simulate(load_model(text), [0.1, 10.0], atol=1e-7)["C"].values[0]
    assert np.max(np.abs(hidden / exact - 1)) > 0.01
    alone = simulate(load_model(text), [0.1, 10.0], {"on": [1e3]})
    np.testing.assert_array_equal(alone["C"].values[0], found["C"].values[1])


def test_a_finer_solution_that_fails_is_the_rows_status_and_what_is_hidden_is_unknown_from_there_on() -> None:
    def solution(tiny: list[float], status: Status, reached: float) -> Trajectories:
        values = np.array([[[1.0, x, 5.0] for x in tiny]])
        values[0, np.isnan(tiny)] = np.nan
        return Trajectories(
            values, np.ones((1, 2)), np.array([status], np.int8), np.ones(1, np.int32), np.array([reached])
        )

    first = solution([1e-9, 2e-9, 3e-9], Status.ok, 3.0)
    finer = solution([1.5e-9, np.nan, np.nan], Status.step_too_small, 1.2)
    found = resolved(first, [True, True, False], 1e-6, 1e-9, lambda rows, atol: finer)
    assert found.status.tolist() == [Status.step_too_small]
    assert found.reached.tolist() == [1.2]
    np.testing.assert_array_equal(
        found.values[0, :, 0], [1.0, 1.0, 1.0]
    )  # a state that the first one resolves
    np.testing.assert_array_equal(found.values[0, :, 1], [1.5e-9, np.nan, np.nan])
    np.testing.assert_array_equal(
        found.values[0, :, 2], [5.0, np.nan, np.nan]
    )  # no state: it may hold any of them
