"""The compiled grid: its best points are those that plain sums find, and the second lies elsewhere."""

import numpy as np

from screen.codegen.target import host
from screen.synergy.curves.kernels.grid_kernel import NEAR, OF_A_CURVE, search
from screen.synergy.curves.kernels.scalar_ir import aligned_zeros

HILLS, MIDPOINTS, POINTS, GROUPS = 3, 11, 5, 2


def test_the_best_points_of_a_grid_are_those_of_plain_sums() -> None:
    random, width = np.random.default_rng(5), host().width
    shapes = random.uniform(0, 1, (MIDPOINTS, HILLS, POINTS))
    spread, reach = (shapes**2).sum(axis=-1), random.uniform(0.5, 1, (MIDPOINTS, HILLS))
    table = np.concatenate([shapes, np.stack([1 / spread, spread, 1 / reach], axis=-1)], axis=-1).copy()
    curves = aligned_zeros(GROUPS, POINTS + len(OF_A_CURVE), width)
    curves[:, :POINTS] = random.normal(size=(GROUPS, POINTS, width))
    low, high = -0.4, 0.3
    curves[:, POINTS], curves[:, POINTS + 1] = low, high
    room = aligned_zeros(2 * MIDPOINTS, width)
    search(HILLS, width)(GROUPS, POINTS, MIDPOINTS, table.ctypes.data, curves.ctypes.data, room.ctypes.data)
    for group in range(GROUPS):
        for lane in range(width):
            overlap = shapes @ curves[group, :POINTS, lane]
            depth = np.clip(overlap / spread, low / reach, high / reach)
            gain = depth * (2 * overlap - depth * spread)
            profile, hills = gain.max(axis=1), gain.argmax(axis=1)
            first, hill, found, second, hill_2, found_2 = curves[group, POINTS + 2 :, lane]
            away = np.abs(np.arange(MIDPOINTS) - first) > NEAR
            assert (first, hill) == (profile.argmax(), hills[int(first)])
            assert (second, hill_2) == (
                np.where(away, profile, -np.inf).argmax(),
                hills[int(second)],
            )
            np.testing.assert_allclose([found, found_2], profile[[int(first), int(second)]], rtol=1e-12)
