"""The compiled search: its sums of squares are those of the curves, and nothing near an end is better."""

import numpy as np
import pytest

from screen.codegen.target import host
from screen.synergy.curves.kernels.scalar_ir import aligned_zeros
from screen.synergy.curves.kernels.sigmoid_kernel import IN_ROOM, OF_A_CURVE, refine
from screen.synergy.curves.sigmoid import sigmoid

X = np.linspace(-4.0, 4.0, 7)


def least(middle: float, log_hill: float, y: np.ndarray, fixed: bool) -> float:
    """The sum of squares that the best ends leave, by linear least squares."""
    s = sigmoid(X, np.array(middle), np.array(np.exp(log_hill)))
    shape = s[:, None] if fixed else np.stack([1 - s, s], axis=1)
    right = y - (1 - s) if fixed else y
    return float(((shape @ np.linalg.lstsq(shape, right, rcond=None)[0] - right) ** 2).sum())


@pytest.mark.parametrize("fixed", [True, False])
def test_a_search_ends_where_every_way_goes_up(fixed: bool) -> None:
    random, width = np.random.default_rng(1), host().width
    groups, size = 2, len(X)
    curves = aligned_zeros(groups, 3 * size + len(OF_A_CURVE), width)
    middle, hill = random.uniform(-2, 2, (groups, 1, width)), random.uniform(0.7, 2, (groups, 1, width))
    curves[:, :size] = X[:, None]
    y = 1 - 0.8 * sigmoid(X[:, None], middle, hill) + 0.02 * random.normal(size=(groups, size, width))
    curves[:, size : 2 * size], curves[:, 2 * size : 3 * size] = y, 1.0
    for row, value in enumerate((1.0, -10.0, 10.0, 9.0, 0.5, 0.2), 3 * size):
        curves[:, row] = value
    room = aligned_zeros(size * IN_ROOM, width)
    refine(fixed, width)(groups, size, curves.ctypes.data, room.ctypes.data)
    for group in range(groups):
        for lane in range(width):
            a, b, rss = curves[group, -3:, lane]
            assert rss == pytest.approx(least(a, b, y[group, :, lane], fixed), rel=1e-9)
            for da, db in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
                assert least(a + da, b + db, y[group, :, lane], fixed) >= rss * (1 - 1e-9)
