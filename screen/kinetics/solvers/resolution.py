"""The absolute tolerance that resolves a model's states, whatever its units: by the sizes at which states begin, and,
since that says nothing of the size of what begins at zero, such as a complex of 10^-9 of its parts, by the sizes that
were read in a first solution.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.arrays import Floats
from screen.kinetics.checks import FINER, absolute_tolerance, check_tolerances
from screen.kinetics.problem import Trajectories

AGAIN = 2  # times at most: the first size of what was hidden may be wrong itself
HIDDEN = 10.0  # times rtol: where the absolute tolerance allows so large a share of a state, it hides it
ROUNDING = 1e-14  # of the row's largest state: what is smaller is rounding


class Started(Protocol):
    """A network with the states (N, S) at which rows of parameters (N, P) begin."""

    defaults: Floats

    def initial_state(self, parameters: ArrayLike) -> Floats:
        """The states at time 0."""


def tolerance(network: Started, rtol: float, atol: float | None) -> float:
    """The absolute tolerance, checked: `atol`, or where it is None one for the sizes at which the states of the model
    begin; see `absolute_tolerance`.
    """
    if atol is None:
        return absolute_tolerance(rtol, network.initial_state(network.defaults[None]))
    check_tolerances(rtol, atol)
    return float(atol)


def resolved(
    found: Trajectories,
    is_state: Sequence[bool],
    rtol: float,
    atol: float,
    run: Callable[[NDArray[np.intp], float], Trajectories],
) -> Trajectories:
    """Trajectories whose readouts `is_state` (R,) are larger than what `atol` hides, where `run(rows, atol)` can solve
    them so. Rows go alone or with others of the same decade, so none depends on the others.
    """
    columns = np.flatnonzero(is_state)
    if not len(columns):
        return found
    finest = np.full(len(found.status), atol)
    for _ in range(AGAIN):
        size = np.max(np.nan_to_num(np.abs(found.values[:, :, columns])), axis=1, initial=0.0)
        counts = size > ROUNDING * np.max(size, axis=1, keepdims=True)
        smallest = np.min(np.where(counts, size, np.inf), axis=1)
        hidden = finest > HIDDEN * rtol * smallest
        if not np.any(hidden):
            break
        finest[hidden] = FINER * rtol * 10.0 ** np.floor(np.log10(smallest[hidden]))
        for finer in np.unique(finest[hidden]):
            rows = np.flatnonzero(hidden & (finest == finer))
            again = run(rows, float(finer))
            _take(found, rows, again)
    return found


def _take(found: Trajectories, rows: NDArray[np.intp], again: Trajectories) -> None:
    """The rows that the second run solved, in place of the first."""
    solved = np.flatnonzero(again.reached >= found.reached[rows])
    for mine, theirs in (
        (found.values, again.values),
        (found.state, again.state),
        (found.status, again.status),
        (found.reached, again.reached),
    ):
        mine[rows[solved]] = theirs[solved]
    found.steps[rows] += again.steps
