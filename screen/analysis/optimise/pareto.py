"""Pareto fronts over doses: a coarse grid, refined around whatever is best for some trade-off so far. Doses
lie on a lattice, 0 and log-spaced steps up to each cap, so that no dose is tried twice and none exceeds its
cap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats, Indices

MOST_MEMBERS = 160  # of all fronts together, around which a round looks


@dataclass(frozen=True)
class Lattice:
    """Doses of each drug (D,): index 0 is no drug, 1 to `size` run log-spaced from `low` to `high` nM; `step`
    is the first grid's.
    """

    low: Floats
    high: Floats
    size: int
    step: int

    @staticmethod
    def of(low: Floats, high: Floats, points: int, rounds: int) -> "Lattice":
        """A lattice whose first grid has `points` doses of each drug, and is halved `rounds` times."""
        step = 2**rounds
        return Lattice(low, high, (points - 2) * step + 1, step)

    def doses(self, index: Indices) -> Floats:
        """The doses (N, D) in nM at places (N, D)."""
        share = (index - 1) / max(1, self.size - 1)
        spaced = np.where(index == self.size, self.high, self.low * (self.high / self.low) ** share)
        return np.where(index == 0, 0.0, spaced)

    def grid(self) -> Indices:
        """The first grid (N, D)."""
        places = [0, *range(1, self.size + 1, self.step)]
        return np.array(list(product(places, repeat=len(self.low))), dtype=np.intp)

    def around(self, index: Indices, step: int) -> Indices:
        """All places `step` away from some (N, D), one drug or several at a time."""
        moves = np.array(list(product((-step, 0, step), repeat=index.shape[1])), dtype=np.intp)
        from_none = np.where(index == 0, 1 - step, index)  # one step up from no drug is the lowest dose
        found = (from_none[:, None, :] + moves).reshape(-1, index.shape[1])
        return np.where(found < 1, 0, np.minimum(found, self.size))


def non_dominated(objectives: Floats) -> NDArray[np.bool_]:
    """Which rows (N, 2) no other row betters in one objective without losing in the other; less is better.

    Of equal rows the first counts; rows that are not finite do not.
    """
    order = np.lexsort((objectives[:, 0], objectives[:, 1]))
    order = order[np.isfinite(objectives[order]).all(axis=1)]
    best = np.minimum.accumulate(np.concatenate([[np.inf], objectives[order, 0]]))
    kept = np.zeros(len(objectives), bool)
    kept[order[objectives[order, 0] < best[:-1]]] = True
    return kept


def spaced(objectives: Floats, most: int) -> Indices:
    """At most `most` of the rows (N, 2) of a front, evenly along it, ends included."""
    order = np.argsort(objectives[:, 1], kind="stable")
    if len(order) <= most:
        return order
    span = np.ptp(objectives, axis=0)
    steps = np.abs(np.diff(objectives[order], axis=0)) / np.where(span > 0, span, 1.0)
    along = np.concatenate([[0.0], np.cumsum(steps.sum(axis=1))])
    wanted = np.linspace(0, along[-1], most)
    return np.asarray(order[np.unique(np.abs(along[:, None] - wanted).argmin(axis=0))])


@dataclass(frozen=True)
class Searched:
    """All places tried (N, D) with their objectives (N, F, 2): infinite where a bound is broken."""

    index: Indices
    objectives: Floats


def search(lattice: Lattice, evaluate: Callable[[Floats], Floats], rounds: int) -> Searched:
    """Try the grid, then what lies around the members of all F fronts, at half the step each round.

    `evaluate` maps doses (N, D) to objectives (N, F, 2).
    """
    index = lattice.grid()
    objectives = evaluate(lattice.doses(index))
    step = lattice.step
    for _ in range(rounds):
        step = max(1, step // 2)
        fresh = _untried(lattice.around(index[_members(objectives)], step), index)
        if len(fresh):
            index = np.concatenate([index, fresh])
            objectives = np.concatenate([objectives, evaluate(lattice.doses(fresh))])
    return Searched(index, objectives)


def _members(objectives: Floats) -> Indices:
    """The rows that lie on some front, thinned evenly along each."""
    fronts = objectives.shape[1]
    chosen = []
    for k in range(fronts):
        rows = np.flatnonzero(non_dominated(objectives[:, k]))
        chosen.append(rows[spaced(objectives[rows, k], max(4, MOST_MEMBERS // fronts))])
    return np.unique(np.concatenate(chosen))


def _untried(places: Indices, tried: Indices) -> Indices:
    """The places (N, D) that are not among those tried, each once."""
    known: set[tuple[Any, ...]] = set(map(tuple, tried.tolist()))
    fresh = [place for place in dict.fromkeys(map(tuple, places.tolist())) if place not in known]
    return np.array(fresh, dtype=np.intp).reshape(-1, places.shape[1])
