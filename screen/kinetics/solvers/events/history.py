"""What formulas with `delay()` want of the past: from the solver's dense output so far (the method of steps), before
the start from the start's state.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from screen.kinetics.expressions.evaluate import Scalar, scalar_function
from screen.kinetics.expressions.network import Network

MOST_NESTED = 100
STEPS_PER_DELAY = 4.0


@dataclass(frozen=True)
class HistoryPiece:
    """The states from one time to another: a function of time, or a state that stood still."""

    begin: float
    end: float
    state: Callable[[float], Any] | Sequence[float]

    def at(self, time: float) -> list[float]:
        """The state at a time."""
        if callable(self.state):
            return list(np.asarray(self.state(time)).tolist())
        return list(self.state)


class Delays:
    """The values of a network's delayed formulas."""

    def __init__(self, network: Network) -> None:
        g = network.graph
        self.values: list[Scalar] = [scalar_function(g, [value]) for value, _ in network.delays]
        self.ago: list[Scalar] = [scalar_function(g, [ago]) for _, ago in network.delays]
        needs = [
            {
                int(g.value[node]) - len(network.parameters)
                for node in g.reachable(pair)
                if g.op[node] == "delayed"
            }
            for pair in network.delays
        ]
        self.needs = [sorted(each) for each in needs]

    def behind(self, past: list[HistoryPiece], t: float, y: Sequence[float], p: list[float]) -> list[float]:
        """The parameters with all delayed values behind them."""
        return [*p, *(self._one(k, past, t, y, p, 0) for k in range(len(self.values)))]

    def shortest(self, past: list[HistoryPiece], t: float, y: Sequence[float], p: list[float]) -> float:
        """A share of the shortest time that something lies in the past."""
        whole = self.behind(past, t, y, p)
        found = [ago(t, y, whole)[0] for ago in self.ago]
        return min((value / STEPS_PER_DELAY for value in found if value > 0), default=np.inf)

    def _one(
        self, k: int, past: list[HistoryPiece], t: float, y: Sequence[float], p: list[float], deep: int
    ) -> float:
        if deep > MOST_NESTED:
            return np.nan
        before = t - self.ago[k](t, y, self._with(k, past, t, y, p, deep))[0]
        if before >= t:
            state = list(y)
        else:
            state = self._state(past, before)
        return self.values[k](before, state, self._with(k, past, before, state, p, deep))[0]

    def _with(
        self, k: int, past: list[HistoryPiece], t: float, y: Sequence[float], p: list[float], deep: int
    ) -> list[float]:
        inner = [np.nan] * len(self.values)
        for need in self.needs[k]:
            inner[need] = self._one(need, past, t, y, p, deep + 1)
        return [*p, *inner]

    @staticmethod
    def _state(past: list[HistoryPiece], time: float) -> list[float]:
        """The state at a time of the past; what lies before the start is as it was there."""
        low, high = 0, len(past) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if past[middle].begin <= time else (low, middle - 1)
        piece = past[low]
        return piece.at(
            min(max(time, piece.begin), piece.end) if time <= piece.end or low < len(past) - 1 else time
        )
