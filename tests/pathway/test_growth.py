"""Responses computed from cell numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from screen.pathway.growth import gr_value, viability

LOGS = st.floats(-5, 5)


@given(LOGS, st.floats(0.01, 5))
def test_gr_follows_its_definition(treated: float, vehicle: float) -> None:
    expected = 2 ** (np.log2(np.exp(treated)) / np.log2(np.exp(vehicle))) - 1
    np.testing.assert_allclose(gr_value(treated, vehicle), expected, rtol=1e-9, atol=1e-9)


def test_anchors() -> None:
    grown = np.log(4.0)
    np.testing.assert_allclose(gr_value([grown, 0.0, -50.0], grown), [1.0, 0.0, -1.0], atol=1e-9)
    np.testing.assert_allclose(viability([grown, np.log(2.0)], grown), [1.0, 0.5])


def test_no_gr_value_where_the_vehicle_does_not_grow() -> None:
    assert np.isnan(gr_value([0.0, -1.0], [0.0, -0.5])).all()
    assert np.isnan(gr_value(np.nan, 1.0))
