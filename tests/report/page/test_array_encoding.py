"""What a page holds is what the cube holds, to within half a stated step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stnp

from screen.report.page.array_encoding import pack, unpack

NUMBERS = st.floats(-6, 6) | st.just(float("nan"))


@pytest.mark.slow
@given(stnp.arrays(np.float64, (3, 2, 4), elements=NUMBERS))
def test_packing_keeps_values_to_half_a_step(values: np.ndarray) -> None:
    back = unpack(pack(values, 0.0002))
    assert np.array_equal(np.isnan(back), np.isnan(values))
    assert np.nanmax(np.abs(back - values), initial=0) <= 0.000101


def test_each_line_keeps_its_own_scale() -> None:
    values = np.array([[1e-6, 2e-6], [5e3, 1e4]])
    assert unpack(pack(values)) == pytest.approx(values, rel=1e-3)


def test_a_step_too_fine_for_the_range_is_widened() -> None:
    values = np.array([[0.0, 1e6]])
    assert unpack(pack(values, 1e-4)) == pytest.approx(values, rel=1e-4)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (1, 1, 1)])
def test_empty_and_tiny_arrays(shape: tuple[int, ...]) -> None:
    assert unpack(pack(np.zeros(shape), 1.0)).shape == shape


def test_infinity_and_nan_are_missing() -> None:
    back = unpack(pack(np.array([[np.inf, -np.inf, np.nan, 1.0]]), 0.5))
    assert np.isnan(back[0, :3]).all()
    assert back[0, 3] == 1.0


def test_a_smooth_surface_takes_about_a_byte_a_value() -> None:
    dose = np.geomspace(1, 1e4, 8)
    one = 1 - 0.6 * dose / (dose + np.arange(1, 201)[:, None])
    surface = one[:, :, None] * one[:, None, :]
    assert len(pack(surface, 0.0002)["data"]) < 1.7 * surface.size
