"""Rates and Jacobian of one row, as the network gives them for many."""

import numpy as np

from screen.kinetics import compile_engine, load_model

MODEL = "S1 -> S2; k * S1 * time; S2 -> S1; q * S2^2; S1 = 3; S2 = 1; k = 0.1; q = 0.2"


def test_the_functions_of_a_row_are_the_networks_own_to_the_last_bit() -> None:
    engine = compile_engine(load_model(MODEL), ["S1"])
    row = engine.parameter_rows(1, k=0.7)
    state = np.array([[1.3, 0.4]])
    of_row = engine.of_row(row, floor=1e-9)
    for time in (0.0, 2.5):
        np.testing.assert_array_equal(
            of_row.rates(time, state[0]), engine.rates(row, state, time, 1e-9)[0], strict=True
        )
        np.testing.assert_array_equal(
            of_row.jacobian(time, state[0]), engine.jacobian(row, state, time, 1e-9)[0], strict=True
        )


def test_what_a_call_gave_is_not_changed_by_the_next() -> None:
    engine = compile_engine(load_model(MODEL), ["S1"])
    of_row = engine.of_row(engine.parameter_rows(1), floor=0.0)
    first = of_row.rates(1.0, np.array([3.0, 1.0]))
    kept = first.copy()
    of_row.rates(1.0, np.array([0.0, 5.0]))
    np.testing.assert_array_equal(first, kept)
