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
WINDOWS = (0.1, 0.25)  # of the time followed, from so much on and at its end; the wider for slow oscillations
GROWTH = 3.0  # from a tenth of the time to the whole: a state that grows
SWINGS = 1e-3  # of a state: a movement that counts
LASTS = 0.8  # of its early swing: a late swing that does not fade
TURNS = 2


@dataclass(frozen=True)
class Settling:
    """How rows are followed: tolerances of a step, the limit on steps of each integration (None for one by the
    tolerance and by how a row gets on), the longest time, and tolerances of sensitivities (see `Problem`).
    """

    rtol: float = 1e-6
    atol: float = 1e-9
    max_steps: int | None = MOST_STEPS
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
    narrow, wide = (_movement(network, rows, start, span, window, settling, free) for window in WINDOWS)
    grows, oscillates = (a | b for a, b in zip(narrow, wide))
    failed = np.where(status == Status.max_steps, Status.slow, status)
    result = np.where(grows, Status.grows, np.where(oscillates, Status.oscillates, failed))
    return result.astype(np.int8)


def _movement(
    network: CompiledNetwork,
    rows: Floats,
    start: Floats,
    span: float,
    window: float,
    settling: Settling,
    free: Bools,
) -> tuple[Bools, Bools]:
    """Which rows (N,) grow, and which oscillate, from a window that begins at a share of the time to the last one."""
    early, late = (
        _states(network, rows, start, np.linspace(share, share + window, LOOKS) * span, settling)
        for share in (window, 1 - window)
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
    return np.any(grown, axis=1), np.any(lasting, axis=1)


def _states(
    network: CompiledNetwork, rows: Floats, start: Floats, times: Floats, settling: Settling
) -> Floats:
    """The states (T, N, S) of rows at some times."""
    found, state, before = [], start, 0.0
    for time in times:
        state = followed(network, rows, state, (before, float(time)), settling).state
        found.append(state)
        before = float(time)
    return np.array(found)
