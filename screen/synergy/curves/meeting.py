"""Where two single-agent curves meet, or one comes to a response: many equations at once, by the compiled search."""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Floats, Indices
from screen.codegen.target import host
from screen.synergy.curves.kernels.meeting_kernel import OF_A_CURVE, OF_AN_EQUATION, RESPONSE, ROOT, meet
from screen.synergy.curves.kernels.scalar_ir import aligned_zeros

BLOCK = 1 << 17
"""Numbers of the equations that are solved together: what stays near the processor."""


def roots(equations: Sequence[Floats], curves: Sequence[tuple[Floats, Indices]]) -> tuple[Floats, Floats]:
    """Root and response `(equation,)` of equations of two curves or of one.

    `equations` are x_1, x_2, sign, lowest and highest root, `(equation,)` each; `meeting_kernel.meet` says what they
    mean. `curves` are the rows `(curve, row)`, `OF_A_CURVE` and then coordinates, values and slopes of the knots, and
    which of them stands in each equation.
    """
    count, width = len(equations[0]), host().width
    sizes = [table.shape[1] for table, _ in curves]
    rows, knots = len(OF_AN_EQUATION) + sum(sizes), [(size - len(OF_A_CURVE)) // 3 for size in sizes]
    search, found = meet(len(curves) == 1, width), np.empty((2, count))
    together = max(1, BLOCK // (rows * width)) * width
    for first in range(0, count, together):
        size = min(together, count - first)
        groups = -(-size // width)
        block = aligned_zeros(groups, rows, width)
        lanes = first + np.minimum(
            np.arange(groups * width), size - 1
        )  # one without an equation follows the last
        for row, values in enumerate(equations):
            block[:, row] = values[lanes].reshape(groups, width)
        row = len(OF_AN_EQUATION)
        for table, which in curves:
            own = slice(row, row := row + table.shape[1])
            block[:, own] = table[which[lanes]].reshape(groups, width, -1).swapaxes(1, 2)
        search(groups, rows, knots[0], knots[-1], block.ctypes.data)
        for place, row in enumerate((ROOT, RESPONSE)):
            found[place, first : first + size] = block[:, row].reshape(-1)[:size]
    return found[0], found[1]
