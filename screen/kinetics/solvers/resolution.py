"""The absolute tolerance that resolves a model's states, whatever its units: by the sizes at which states begin, and,
since that says nothing of the size of what begins at zero, such as a complex of 10^-9 of its parts, by the sizes that
were read in a first solution.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.arrays import Bools, Floats
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
    them so. Rows go alone or with others of the same decade, so none depends on the others. Where that fails, the
    row's status is why, and from there on NaN stands for what is hidden and for what is no state; what `atol`
    resolves stays.
    """
    is_one = np.array(is_state, dtype=bool)
    if not np.any(is_one):
        return found
    finest = np.full(len(found.status), atol)
    lost = np.zeros(len(finest), dtype=bool)
    for _ in range(AGAIN):
        size = np.max(np.nan_to_num(np.abs(found.values)), axis=1, initial=0.0)
        size[:, ~is_one] = 0.0
        counts = size > ROUNDING * np.max(size, axis=1, keepdims=True)
        hides = counts & (finest[:, None] > HIDDEN * rtol * size)
        hidden = np.any(hides, axis=1) & ~lost
        if not np.any(hidden):
            break
        smallest = np.min(np.where(counts, size, np.inf), axis=1)
        finest[hidden] = FINER * rtol * 10.0 ** np.floor(np.log10(smallest[hidden]))
        for finer in np.unique(finest[hidden]):
            rows = np.flatnonzero(hidden & (finest == finer))
            again = run(rows, float(finer))
            failed = again.reached < found.reached[rows]
            _keep_resolved(found, rows[failed], again.part(failed), ~hides[rows[failed]] & is_one)
            found.put(rows[~failed], again.part(~failed))
            lost[rows[failed]] = True
    return found


def _keep_resolved(
    found: Trajectories, rows: NDArray[np.intp], failed: Trajectories, resolves: Bools
) -> None:
    """What a finer solution has until its failure, and from there on the first one where that `resolves` (n, R)."""
    after = np.isnan(failed.values)
    kept = np.where(after & resolves[:, None, :], found.values[rows], failed.values)
    found.put(rows, replace(failed, values=kept))
