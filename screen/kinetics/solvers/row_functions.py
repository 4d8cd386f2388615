"""Rates and Jacobian of one row of parameters, for a solver that asks for them thousands of times: what the compiled
code reads and writes is laid out once.
"""

from collections.abc import Callable, Sequence

import numpy as np

from screen.arrays import Floats


class RowFunctions:
    """`rates` (S,) and `jacobian` (S, S) at a time and a state (S,), under one row of parameters (1, P). One thread at
    a time may call them.

    `points` is the compiled code with its `workspace`, `entries` the places (E, 2) of the Jacobian that are no zeros;
    bases of real powers down to -`floor` count as odd powers.
    """

    def __init__(
        self,
        points: Callable[..., None],
        workspace: int,
        row: Floats,
        size: int,
        entries: Sequence[tuple[int, int]],
        floor: float,
    ) -> None:
        self._points, self._workspace, self._floor = points, workspace, floor
        self._row = np.ascontiguousarray(row, dtype=np.float64)
        self._state, self._rates, self._entries = np.empty(size), np.empty(size), np.empty(len(entries))
        self._place = np.array([i * size + j for i, j in entries], dtype=np.intp)
        arrays = (self._row, self._state, self._rates, self._entries)
        self._addresses = tuple(array.ctypes.data for array in arrays)

    def rates(self, t: float, y: Floats) -> Floats:
        row, state, rates, _ = self._addresses
        self._state[:] = y
        self._points(1, row, state, t, None, rates, None, None, None, None, 0.0, self._floor, self._workspace)
        return self._rates.copy()

    def jacobian(self, t: float, y: Floats) -> Floats:
        row, state, _, entries = self._addresses
        self._state[:] = y
        self._points(
            1, row, state, t, None, None, entries, None, None, None, 0.0, self._floor, self._workspace
        )
        dense = np.zeros((len(y), len(y)))
        dense.ravel()[self._place] = self._entries
        return dense
