"""How the solver's results stand in a cube: the codes of the variable `status`."""

from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Array

if TYPE_CHECKING:
    pass


SOLVED, BY_REFERENCE, FAILED, NOT_SIMULATED = 0, 1, 2, 3


STATUS_MEANINGS = ("solved", "solved_by_reference_solver", "failed")


NOT_SIMULATED_MEANING = "not_simulated"


def status_code(status: Array) -> Array:
    """The cube's three codes from the engine's: ok and retried are solved, then the reference solver, then
    failed.
    """
    status = np.asarray(status)
    return np.where(status <= 1, SOLVED, np.where(status == 2, BY_REFERENCE, FAILED)).astype(np.int8)
