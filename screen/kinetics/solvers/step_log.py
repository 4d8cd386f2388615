"""The memory in which a run logs its steps, so that they can be followed backwards."""

import numpy as np

from screen.arrays import Floats
from screen.kinetics.compiler.kernels import ProgramLayout
from screen.kinetics.compiler.slopes.step_records import record
from screen.kinetics.compiler.workspace import workspace


def aligned(array: Floats) -> int:
    """The first address in an array that is aligned for vectors."""
    address: int = array.ctypes.data
    return (address + 63) & ~63


def room(layout: ProgramLayout) -> Floats:
    """A workspace of the compiled code, with what it takes to be aligned."""
    return np.zeros(workspace(layout).size * layout.width + 8)


def numbers_of_a_step(layout: ProgramLayout) -> int:
    """Numbers of one step of one trajectory in a log."""
    return record(layout)


class StepLog:
    """Room for so many steps of all lanes of a program, and for what it computes once for each of so many rows."""

    def __init__(self, layout: ProgramLayout, steps: int, rows: int) -> None:
        self.rows = rows
        self._hoisted = np.empty(rows * layout.hoisted)
        self._array = np.empty(16 + steps * record(layout) * layout.width)
        self.address = aligned(self._array)
        begin = (self.address - self._array.ctypes.data) // 8
        self._header = self._array[begin : begin + 3].view(np.int64)
        self._header[:] = steps, 0, self._hoisted.ctypes.data

    def clear(self) -> None:
        """Forgets all steps."""
        self._header[1] = 0

    @property
    def room(self) -> int:
        """How many steps there is room for."""
        return int(self._header[0])

    @property
    def used(self) -> int:
        """How many steps the last run had, logged or not."""
        return int(self._header[1])
