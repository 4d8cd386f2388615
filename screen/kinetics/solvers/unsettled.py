"""What a row that does not settle does instead: it grows, it oscillates, or it is only slow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Bools, Floats
from screen.errors import InputError
from screen.kinetics.checks import check_tolerances
from screen.kinetics.problem import MOST_STEPS, Trajectories
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.solve import solve
from screen.kinetics.status import Status

LOOKS = 40  # at the state, in each of two windows
WINDOW = 0.1  # of the time followed
GROWTH = 3.0  # from a tenth of the time to the whole: a state that grows
SWINGS = 1e-3  # of a state: a movement that counts
LASTS = 0.8  # of its early swing: a late swing that does not fade
TURNS = 2


@dataclass(frozen=True)
class Settling:
    """How rows are followed: tolerances of a step, the limit on steps of each integration, the longest time, and
    tolerances of sensitivities (see `Problem`).
    """

    rtol: float = 1e-6
    atol: float = 1e-9
    max_steps: int = MOST_STEPS
    longest: float = 1e8
    slack: Floats | None = None

    def __post_init__(self) -> None:
        check_tolerances(self.rtol, self.atol)
        if not (0 < self.longest < np.inf):
            raise InputError(f"longest must be a positive time, found {self.longest}")


def followed(
    network: CompiledNetwork, rows: Floats, state: Floats, span: tuple[float, float], settling: Settling
) -> Trajectories:
    """Rows integrated from a state, from one time to another."""
    begin, end = span
    problem = network.problem(
        [end], rows, state, settling.rtol, settling.atol, settling.max_steps, start_time=begin
    )
    return solve(network, problem)


def told_apart(
    network: CompiledNetwork,
    rows: Floats,
    start: Floats,
    span: float,
    settling: Settling,
    status: NDArray[np.int8],
    free: Bools,
) -> NDArray[np.int8]:
    """The status (N,) of rows that have not settled in the time `span` that they can be followed; of one that can
    neither be said to grow nor to oscillate, `slow`, or the failure that it had later on.
    """
    early, late = (
        _window(network, rows, start, (share * span, span), settling) for share in (WINDOW, 1 - WINDOW)
    )
    early, late = early[:, :, free], late[:, :, free]
    with np.errstate(all="ignore"):
        size = np.max(np.abs(late), axis=0) + settling.atol
        at_first = np.max(np.abs(start[:, free]), axis=1, initial=0.0)[
            :, None
        ]  # of all: a pool only moves over
        grown = (
            np.abs(late[-1])
            > np.maximum(GROWTH * np.max(np.abs(early), axis=0), at_first) + 1e3 * settling.atol
        )
        swing = np.ptp(late, axis=0)
        steps = np.diff(late, axis=0)
        turns = np.sum(steps[1:] * steps[:-1] < 0, axis=0)
        lasting = (swing > LASTS * np.ptp(early, axis=0)) & (swing > SWINGS * size) & (turns >= TURNS)
    grows, oscillates = np.any(grown, axis=1), np.any(lasting, axis=1)
    failed = np.where(status == Status.max_steps, Status.slow, status)
    result = np.where(grows, Status.grows, np.where(oscillates, Status.oscillates, failed))
    return result.astype(np.int8)


def _window(
    network: CompiledNetwork, rows: Floats, start: Floats, window: tuple[float, float], settling: Settling
) -> Floats:
    """The states (LOOKS, N, S) of rows in a window of time that begins at the first of two times."""
    begin, span = window
    times = np.linspace(begin, begin + WINDOW * span, LOOKS)
    found, state, before = [], start, 0.0
    for time in times:
        state = followed(network, rows, state, (before, float(time)), settling).state
        found.append(state)
        before = float(time)
    return np.array(found)
