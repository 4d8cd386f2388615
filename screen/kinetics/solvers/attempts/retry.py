"""Second and third attempts: what failed is solved again at tighter settings, then by the reference solver.

Reaching the step limit is final but for what only needs more (`more_steps`). A species that ends below zero by
more than the tolerances explain is not believed until a tighter solution agrees.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Bools, Floats
from screen.kinetics.compiler.discrete.execution import HANDED_OVER
from screen.kinetics.problem import Problem, Trajectories
from screen.kinetics.solvers.attempts.more_steps import with_more_steps
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.fallback import solve_by_reference
from screen.kinetics.status import Status

TIGHTER = 1e-2
BELOW_ZERO = 100.0  # times the tolerance


def negative(network: CompiledNetwork, state: Floats, problem: Problem) -> Bools:
    """Which reacting species (N, S) end below zero beyond the tolerance, though nothing drains them at zero: one whose
    rate is negative there too, others as they are, is below zero because the model says so.
    """
    below: Bools = (state < 0) & network.is_species
    some = np.flatnonzero(np.any(below, axis=1))
    species = np.where(network.is_species, state[some], 0.0)
    bounds = BELOW_ZERO * (problem.atol + problem.rtol * np.max(np.abs(species), axis=1, initial=0.0))
    below[some] = species < -bounds[:, None]
    for k in np.flatnonzero(np.any(below, axis=0)):
        rows = np.flatnonzero(below[:, k])
        empty = state[rows].copy()
        empty[:, k] = 0.0
        rates = network.rates(problem.parameters[rows], empty, float(problem.times[-1]))
        below[rows, k] = ~(rates[:, k] < 0)
    return below


def retried(network: CompiledNetwork, problem: Problem, result: Trajectories) -> Trajectories:
    """The result with failed rows solved again; their status says how, or keeps the first failure."""
    result = _handed_over(network, problem, result)
    below = negative(network, result.state, problem)
    doubtful = np.any(below, axis=1)
    first = np.where(doubtful, np.int8(Status.negative_beyond_tolerance), result.status)
    again = np.flatnonzero((first > Status.reference) & (first != Status.max_steps))
    if len(again) == 0:
        return result
    result = replace(result, status=first.astype(np.int8))
    rtol, atol = problem.rtol, problem.atol
    tight = replace(problem.part(again), rtol=max(rtol * TIGHTER, 1e-12), atol=atol * TIGHTER)
    second = with_more_steps(tight, network.run(tight), network.run)
    agrees = below[again] & (
        second.state <= 0.5 * result.state[again]
    )  # error would shrink with the tolerance
    solved = (second.status == Status.ok) & np.all(agrees | ~negative(network, second.state, tight), axis=1)
    _fill(result, again[solved], second, np.flatnonzero(solved), Status.retried)
    left = again[~solved]
    if len(left):
        third = solve_by_reference(
            network,
            replace(problem.part(left), rtol=min(rtol, 1e-8), atol=atol * TIGHTER, max_steps=problem.limit),
        )
        good = np.flatnonzero(third.status == Status.reference)
        _fill(result, left[good], third, good, Status.reference)
        lost = np.setdiff1d(left, left[good])
        result.values[np.ix_(lost[doubtful[lost]], problem.times > problem.start_time)] = np.nan
        result.reached[lost[doubtful[lost]]] = problem.start_time
        result.state[lost] = np.nan
    return result


def _handed_over(network: CompiledNetwork, problem: Problem, result: Trajectories) -> Trajectories:
    """The result with those rows solved by the reference solver that have more pending events than there are slots."""
    where = np.flatnonzero(result.status == HANDED_OVER)
    if not len(where):
        return result
    found = solve_by_reference(network, problem.part(where))
    good = np.flatnonzero(found.status == Status.reference)
    result.status[where] = Status.max_steps
    _fill(result, where[good], found, good, Status.reference)
    return result


def _fill(
    result: Trajectories,
    where: NDArray[np.intp],
    source: Trajectories,
    rows: NDArray[np.intp],
    status: Status,
) -> None:
    result.values[where] = source.values[rows]
    result.state[where] = source.state[rows]
    if result.carried is not None and source.carried is not None:
        result.carried[where] = source.carried[rows]
    result.steps[where] += source.steps[rows]
    result.reached[where] = source.reached[rows]
    result.status[where] = status
