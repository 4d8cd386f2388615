"""Second and third attempts: what failed is solved again at tighter settings, then by the reference solver.

Reaching the step limit is final: more of the same would only take longer. A species that ends below zero by
more than the tolerances explain is not believed until a tighter solution agrees.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .status import Status

if TYPE_CHECKING:
    from .engine import Engine, Floats, Trajectories

TIGHTER = 1e-2
BELOW_ZERO = 100.0  # times the tolerance


def negative(engine: "Engine", state: "Floats", rtol: float, atol: float) -> NDArray[np.bool_]:
    """Which trajectories (N,) end with a reacting species below zero beyond the tolerance."""
    species = state[:, engine.is_species]
    if species.shape[1] == 0:
        return np.zeros(len(state), dtype=bool)
    largest = np.max(np.abs(species), axis=1)
    found: NDArray[np.bool_] = np.min(species, axis=1) < -BELOW_ZERO * (atol + rtol * largest)
    return found


def retried(
    engine: "Engine",
    result: "Trajectories",
    times: "Floats",
    rows: "Floats",
    start: "Floats | None",
    rtol: float,
    atol: float,
    max_steps: int,
    start_time: float,
) -> "Trajectories":
    """The result with failed rows solved again; their status says how, or keeps the first failure."""
    from .reference import solve_rows

    doubtful = negative(engine, result.state, rtol, atol)
    first = np.where(doubtful, np.int8(Status.negative_beyond_tolerance), result.status)
    again = np.flatnonzero((first > Status.reference) & (first != Status.max_steps))
    if len(again) == 0:
        return result
    result = replace(result, status=first.astype(np.int8))
    part_start = None if start is None else start[again]
    tight, small = max(rtol * TIGHTER, 1e-12), atol * TIGHTER
    second = engine._run(times, rows[again], part_start, tight, small, max_steps, start_time)
    agreed = negative(engine, second.state, tight, small) & doubtful[again]
    agreed &= np.all(
        np.abs(second.state - result.state[again]) <= 100 * (atol + rtol * np.abs(second.state)), axis=1
    )
    solved = (second.status == Status.ok) & (~negative(engine, second.state, tight, small) | agreed)
    _fill(result, again[solved], second, np.flatnonzero(solved), Status.retried)
    left = again[~solved]
    if len(left):
        part_start = None if start is None else start[left]
        third = solve_rows(
            engine, times, rows[left], part_start, min(rtol, 1e-8), atol * TIGHTER, max_steps, start_time
        )
        good = np.flatnonzero(third.status == Status.reference)
        _fill(result, left[good], third, good, Status.reference)
        lost = np.setdiff1d(left, left[good])
        result.values[lost] = np.nan
        result.state[lost] = np.nan
    return result


def _fill(
    result: "Trajectories",
    where: NDArray[np.intp],
    source: "Trajectories",
    rows: NDArray[np.intp],
    status: Status,
) -> None:
    result.values[where] = source.values[rows]
    result.state[where] = source.state[rows]
    result.steps[where] += source.steps[rows]
    result.status[where] = status
