"""Steady states: long integration of all rows together, then linearly implicit steps of practically infinite
length (Newton's method that keeps conserved totals), residual, and stability from the eigenvalues of the
Jacobian.

A row's steady state is the one its own trajectory runs into: a Newton result that has moved away from the
integrated state is not taken, and the row is integrated further instead. States that are `fixed` keep their
start value.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.arrays import Floats
from screen.errors import InputError, nearest
from screen.kinetics.compiler.straight_line import BELOW_ZERO
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.solve import solve
from screen.kinetics.status import Status

HORIZONS = (1e4, 1e6, 1e8)  # in the model's unit of time
NEWTON_STEPS = 12
LONG = 1e-12  # of the largest rate constant: 1 / length of the implicit steps
CONVERGED = 1e-10  # of the state, the last Newton step
MOVED = 1e-2  # of the state: how far Newton may go from the integrated state
UNSTABLE = 1e-9  # of the largest eigenvalue


@dataclass(frozen=True)
class SteadyStates:
    """`state` (N, S); `residual` (N,), the largest rate relative to (state + atol), per unit of time;
    `stable` (N,); `status` (N,) of `Status`. A row that does not settle has NaN and the status `max_steps`.
    """

    state: Floats
    residual: Floats
    stable: NDArray[np.bool_]
    status: NDArray[np.int8]


def steady_states(
    network: CompiledNetwork,
    parameters: ArrayLike,
    start: ArrayLike | None,
    fixed: Sequence[str],
    rtol: float,
    atol: float,
    stability: bool = True,
) -> SteadyStates:
    """The steady state of every row of parameters (N, P) from its start (N, S) or the model's own.

    Errors: `InputError` for an unknown fixed state.
    """
    for name in fixed:
        if name not in network.states:
            raise InputError(
                f"fixed state '{name}' is not a state of the model{nearest(name, network.states)}"
            )
    is_fixed = np.array([name in fixed for name in network.states], dtype=bool)
    solver = _with_fixed(network, fixed, is_fixed)
    place = [solver.states.index(name) for name in network.states]
    back = np.argsort(place)
    rows = network.checked_rows(parameters)
    given = network.initial_state(rows) if start is None else network.checked_states(start, len(rows))
    state, status = _settle(solver, rows, np.ascontiguousarray(given[:, back]), is_fixed[back], rtol, atol)
    state = np.ascontiguousarray(state[:, place])
    state[:, is_fixed] = given[:, is_fixed]
    residual, stable = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=bool)
    solved = np.flatnonzero(status <= Status.reference)
    state[np.setdiff1d(np.arange(len(rows)), solved)] = np.nan
    if len(solved):
        rates = network.rates(rows[solved], state[solved])[:, ~is_fixed]
        residual[solved] = np.max(
            np.abs(rates) / (np.abs(state[solved][:, ~is_fixed]) + atol), axis=1, initial=0.0
        )
        if stability:
            stable[solved] = _stable(network, rows[solved], state[solved], ~is_fixed)
    return SteadyStates(state, residual, stable, status)


def _with_fixed(
    network: CompiledNetwork, fixed: Sequence[str], is_fixed: NDArray[np.bool_]
) -> CompiledNetwork:
    """The same where nothing depends on the fixed states; else one whose fixed states do not move."""
    free_on_fixed = any(is_fixed[j] and not is_fixed[i] for i, j in network.layout.jacobian)
    if not free_on_fixed:
        return network
    return CompiledNetwork(network.model, network.readouts, fixed)


def _settle(
    network: CompiledNetwork,
    rows: Floats,
    start: Floats,
    is_fixed: NDArray[np.bool_],
    rtol: float,
    atol: float,
) -> tuple[Floats, NDArray[np.int8]]:
    state = start.copy()
    status = np.full(len(rows), int(Status.max_steps), dtype=np.int8)
    left = np.arange(len(rows))
    for horizon in HORIZONS:
        run = solve(network, network.problem([horizon], rows[left], state[left], rtol, atol))
        ended = run.status <= Status.reference
        status[left[~ended]] = run.status[~ended]
        left, reached = left[ended], run.state[ended]
        reached[:, is_fixed] = start[left][:, is_fixed]
        state[left] = reached
        found, good = _newton(network, rows[left], reached, is_fixed, atol)
        state[left[good]] = found[good]
        status[left[good]] = Status.ok
        left = left[~good]
        if not len(left):
            break
    return state, status


def _newton(
    network: CompiledNetwork, rows: Floats, reached: Floats, is_fixed: NDArray[np.bool_], atol: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Newton's method from integrated states; which rows converged close to where they began."""
    state = reached.copy()
    good = np.zeros(len(rows), dtype=bool)
    left = np.arange(len(rows))
    for _ in range(NEWTON_STEPS):
        if not len(left):
            break
        move = network.moves(rows[left], state[left], LONG, BELOW_ZERO * atol)
        move[:, is_fixed] = 0.0
        state[left] += move
        size = np.max(np.abs(move) / (np.abs(state[left]) + atol), axis=1, initial=0.0)
        away = np.max(
            np.abs(state[left] - reached[left]) / (np.abs(reached[left]) + 1e4 * atol), axis=1, initial=0.0
        )
        ended = (size < CONVERGED) & (away < MOVED)
        good[left[ended]] = True
        left = left[~ended & np.isfinite(size) & (away < MOVED)]
    return state, good


def _stable(
    network: CompiledNetwork, rows: Floats, state: Floats, free: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether no eigenvalue of the free states' Jacobian has a positive real part (conserved totals give
    zeros).
    """
    result = np.zeros(len(rows), dtype=bool)
    for first in range(0, len(rows), 64):
        part = slice(first, first + 64)
        dense = network.jacobian(rows[part], state[part])[:, free][:, :, free]
        whole = np.all(np.isfinite(dense), axis=(1, 2))
        values = np.linalg.eigvals(np.where(whole[:, None, None], dense, 1.0))
        scale = np.max(np.abs(values), axis=1, initial=0.0)
        result[part] = whole & (np.max(values.real, axis=1, initial=-np.inf) <= UNSTABLE * scale)
    return result
