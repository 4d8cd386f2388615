"""More steps for trajectories that only need more, where the caller has set no limit: one that oscillates or meets many
events goes through its span at an even pace, one that is stuck does not. The pace of the last steps says how many the
rest would take, and what could be done in a bearable number is solved again, with the bits of one generous limit.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.kinetics.problem import Problem, Trajectories
from screen.kinetics.status import Status

SPARE = 2.0  # times what the pace so far asks for
MOST_TIMES = 64.0  # the first limit


def with_more_steps(
    problem: Problem, found: Trajectories, run: Callable[[Problem], Trajectories]
) -> Trajectories:
    """What was found, with those rows solved again by `run` that came to the limit on steps at a pace which would take
    them to the end. No row's limit depends on another row; each is the first one times a power of two.
    """
    left = np.flatnonzero(found.status == Status.max_steps)
    if problem.max_steps is not None or not len(left):
        return found
    steps, reached = np.zeros(len(left)), np.full(len(left), problem.start_time)
    while len(left):
        factor = _needed(problem, found, left, steps, reached)
        goes = factor <= MOST_TIMES
        left, factor = left[goes], factor[goes]
        steps, reached = found.steps[left].astype(float), found.reached[left].copy()
        for times in np.unique(factor):
            rows = left[factor == times]
            more = replace(problem.part(rows), max_steps=int(times * problem.limit))
            found.put(rows, run(more))
        short = found.status[left] == Status.max_steps
        left, steps, reached = left[short], steps[short], reached[short]
    return found


def _needed(
    problem: Problem, found: Trajectories, rows: NDArray[np.intp], steps: Floats, reached: Floats
) -> Floats:
    """How many times the first limit rows need that have gone on since `steps` and `reached`; a power of two."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = (found.reached[rows] - reached) / (found.steps[rows] - steps)
        rest = (problem.times[-1] - found.reached[rows]) / pace
    needed = SPARE * (found.steps[rows] + np.where(pace > 0, rest, np.inf)) / problem.limit
    return np.asarray(np.exp2(np.ceil(np.log2(needed))))
