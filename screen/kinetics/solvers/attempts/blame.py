"""Which states are to blame where a trajectory can take no further step: of all groups of states that act on each
other, those whose own error test allows the shortest one. A small method is asked, group after group, so that what is
not a number goes only where the rates carry it.
"""

from collections.abc import Sequence

import numpy as np

from screen.arrays import Bools, Floats
from screen.kinetics.problem import Problem
from screen.kinetics.solvers.attempts.dependence import groups
from screen.kinetics.solvers.events.plain_functions import PlainFunctions

GAMMA = 1 + np.sqrt(0.5)  # ROS2 (Verwer, Spee, Blom and Hundsdorfer 1999, doi:10.1137/S1064827597326651)
SHORTEST = 1e-16  # of the time reached, or of a share of the span
SHARE = 1e-10
HUGE = 1e100  # states of such a size are on their way out of the range of numbers
LONGER = 10.0  # each step that is tried, than the one before


class Blame:
    """A network's rates, and who `acts` on whom (S, S): row k has what state k depends on."""

    def __init__(self, functions: PlainFunctions, acts: Bools) -> None:
        self._functions, self._acts = functions, acts
        self._together = acts & acts.T
        above = acts & ~acts.T
        self._groups = [(group, np.flatnonzero(above[group[0]])) for group in groups(acts)]
        self._above = above

    def of(self, t: float, y: Floats, p: Sequence[float], free: Bools, problem: Problem) -> Bools:
        """The states (S,) to blame, of those that are `free` (S,), at a time and a state (S,) under parameters (P,);
        none where all would pass their error test in steps as long as the rest of the time.
        """
        h = SHORTEST * max(t, SHARE * problem.times[-1])
        fails = free & ~(np.abs(y) <= HUGE)
        with np.errstate(all="ignore"):
            allowed = problem.atol + problem.rtol * np.abs(y)
            while not fails.any() and t + h < problem.times[-1]:
                fails = ~(np.abs(self._error(t, y, p, h)) <= allowed) & free
                h *= LONGER
        begins = fails & ~np.any(self._above & fails, axis=1)
        blamed: Bools = np.any(self._together[:, begins], axis=1)
        return blamed

    def _error(self, t: float, y: Floats, p: Sequence[float], h: float) -> Floats:
        """The estimated error (S,) of one step."""
        matrix = np.eye(len(y))
        matrix[self._functions.places] -= GAMMA * h * np.array(self._functions.slopes(t, y.tolist(), p))
        first = self._solved(matrix, np.array(self._functions.rates(t, y.tolist(), p)))
        second = np.array(self._functions.rates(t + h, (y + h * first).tolist(), p))
        return 0.5 * h * (first + self._solved(matrix, second - 2 * first))

    def _solved(self, matrix: Floats, right: Floats) -> Floats:
        found = np.empty(len(right))
        for group, before in self._groups:
            rest = right[group] - matrix[np.ix_(group, before)] @ found[before]
            try:
                found[group] = np.linalg.solve(matrix[np.ix_(group, group)], rest)
            except np.linalg.LinAlgError:
                found[group] = np.nan
        return found
