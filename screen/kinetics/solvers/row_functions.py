"""Rates and Jacobian of one row of parameters, for a solver that asks for them thousands of times: what follows from
the parameters alone is computed once, and what the compiled code reads and writes is laid out once.
"""

from collections.abc import Callable, Sequence

import numpy as np

from screen.arrays import Floats
from screen.kinetics.solvers.step_log import aligned


class RowFunctions:
    """`rates` (S,) and `jacobian` (S, S) at a time and a state (S,), under one row of parameters (1, P). One thread at
    a time may call them.

    `points` is the compiled code, which leaves what follows from the row in `workspace` (W,), an array of their own;
    `entries` the places (E, 2) of the Jacobian that are no zeros; bases of real powers down to -`floor` count as
    odd powers.
    """

    def __init__(
        self,
        points: Callable[..., None],
        workspace: Floats,
        row: Floats,
        size: int,
        entries: Sequence[tuple[int, int]],
        floor: float,
    ) -> None:
        self._points, self._made, self._workspace = points, workspace, aligned(workspace)
        parameters = np.ascontiguousarray(row, dtype=np.float64)
        points(1, parameters.ctypes.data, None, 0.0, *[None] * 6, 0.0, floor, self._workspace)
        self._state, self._rates, self._entries = np.empty(size), np.empty(size), np.empty(len(entries))
        self._place = np.array([i * size + j for i, j in entries], dtype=np.intp)
        arrays = (self._state, self._rates, self._entries)
        self._addresses = tuple(array.ctypes.data for array in arrays)

    def rates(self, t: float, y: Floats) -> Floats:
        state, rates, _ = self._addresses
        self._state[:] = y
        self._points(1, None, state, t, None, rates, None, None, None, None, 0.0, 0.0, self._workspace)
        return self._rates.copy()

    def jacobian(self, t: float, y: Floats) -> Floats:
        state, _, entries = self._addresses
        self._state[:] = y
        self._points(1, None, state, t, None, None, entries, None, None, None, 0.0, 0.0, self._workspace)
        dense = np.zeros((len(y), len(y)))
        dense.ravel()[self._place] = self._entries
        return dense
