"""Steady states: long integration of all rows together, then linearly implicit steps of practically infinite
length (Newton's method that keeps conserved totals), residual, and stability from the eigenvalues of the
Jacobian.

A row's steady state is the one its own trajectory runs into: a Newton result that has moved away from the
integrated state is not taken, and the row is integrated further instead. States that are `fixed` keep their
start value. A row that does not settle says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.arrays import Bools, Floats, Indices
from screen.errors import InputError, nearest
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.newton import dense_newton, newton
from screen.kinetics.solvers.unsettled import Settling, followed, told_apart
from screen.kinetics.status import Status

HORIZON, FURTHER = 1e4, 100.0  # in the model's unit of time; each next one is so much longer
SHORTER = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)  # of the first horizon, where that is not reached
FADED = 1e-4  # of the largest size of a state: movement over the whole time that counts as none
FIRST_LOOK, LOOKS = 1e-7, 50  # of the first horizon, in search of the largest size
UNSTABLE = 1e-9  # of the largest eigenvalue


@dataclass(frozen=True)
class SteadyStates:
    """`state` (N, S); `residual` (N,), the largest rate relative to (state + atol), per unit of time;
    `stable` (N,); `status` (N,) of `Status`. A row that does not settle has NaN and a status that says how it goes
    on: `oscillates`, `grows`, `slow`, `driven`, or why it could not be followed.
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
    settling: Settling,
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
    state, status = _settle(solver, rows, np.ascontiguousarray(given[:, back]), is_fixed[back], settling)
    state = np.ascontiguousarray(state[:, place])
    state[:, is_fixed] = given[:, is_fixed]
    residual, stable = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=bool)
    solved = np.flatnonzero(status <= Status.reference)
    state[np.setdiff1d(np.arange(len(rows)), solved)] = np.nan
    if len(solved):
        rates = network.rates(rows[solved], state[solved], settling.longest)[:, ~is_fixed]
        residual[solved] = np.max(
            np.abs(rates) / (np.abs(state[solved][:, ~is_fixed]) + settling.atol), axis=1, initial=0.0
        )
        if stability:
            stable[solved] = _stable(network, rows[solved], state[solved], ~is_fixed, settling.longest)
    return SteadyStates(state, residual, stable, status)


def _with_fixed(
    network: CompiledNetwork, fixed: Sequence[str], is_fixed: NDArray[np.bool_]
) -> CompiledNetwork:
    """The same where nothing depends on the fixed states; else one whose fixed states do not move."""
    free_on_fixed = any(is_fixed[j] and not is_fixed[i] for i, j in network.layout.jacobian)
    if not free_on_fixed:
        return network
    return CompiledNetwork(network.model, network.readouts, fixed)


@dataclass
class _Rows:
    """Rows (N,) on their way to rest: the state that each has reached after `span`, the largest size that its states
    were seen to have, and its status so far.
    """

    parameters: Floats
    start: Floats
    state: Floats
    largest: Floats
    status: NDArray[np.int8]
    span: Floats
    is_fixed: Bools


def _settle(
    network: CompiledNetwork, rows: Floats, start: Floats, is_fixed: Bools, settling: Settling
) -> tuple[Floats, NDArray[np.int8]]:
    status = np.full(len(rows), int(Status.max_steps), dtype=np.int8)
    on = _Rows(rows, start, start.copy(), np.abs(start), status, np.zeros(len(rows)), is_fixed)
    rests = network.at_rest(rows, start, settling.longest)
    on.status[~rests] = Status.driven
    left = np.flatnonzero(rests)
    first = min(HORIZON, settling.longest)
    horizon = first
    while len(left):
        left = _follow(network, on, left, horizon, settling)
        left = np.setdiff1d(left, _polish(network, on, left, horizon, settling))
        if horizon >= settling.longest:
            on.status[left[_faded(network, on, left, settling)]] = Status.ok
            break
        horizon = min(horizon * FURTHER, settling.longest)
    lost = np.flatnonzero((on.status > Status.reference) & (on.span == 0) & rests)
    for share in SHORTER:
        if not len(lost):
            break
        why = on.status.copy()
        there = _follow(network, on, lost, first * share, settling)
        found = _polish(network, on, there, first * share, settling)
        on.status[np.setdiff1d(lost, found)] = why[np.setdiff1d(lost, found)]
        lost = np.setdiff1d(lost, there)
    for span in np.unique(on.span[(on.status > Status.reference) & (on.span > 0)]):
        some = np.flatnonzero((on.status > Status.reference) & (on.span == span))
        part = on.status[some], ~is_fixed
        on.status[some] = told_apart(network, rows[some], start[some], float(span), settling, *part)
    return on.state, on.status


def _follow(
    network: CompiledNetwork, on: _Rows, which: Indices, horizon: float, settling: Settling
) -> Indices:
    """Integrates rows on to a horizon; which of them arrived there. A clock goes on where it was."""
    begin = float(on.span[which[0]]) if (network.has_clock or network.has_events) and len(which) else 0.0
    run = followed(network, on.parameters[which], on.state[which], (begin, horizon), settling)
    ended = run.status <= Status.reference
    on.status[which[~ended]] = run.status[~ended]
    which, reached = which[ended], run.state[ended]
    reached[:, on.is_fixed] = on.start[which][:, on.is_fixed]
    on.state[which], on.span[which], on.status[which] = reached, horizon, Status.max_steps
    on.largest[which] = np.maximum(on.largest[which], np.abs(reached))
    return which


def _polish(
    network: CompiledNetwork, on: _Rows, which: Indices, horizon: float, settling: Settling
) -> Indices:
    """Newton from what was reached, where the clock rests; which rows converged."""
    which = which[network.at_rest(on.parameters[which], on.start[which], horizon)]
    for method in (newton, dense_newton):
        left = which[on.status[which] > Status.reference]
        if not len(left):
            break
        found, good = method(
            network, on.parameters[left], on.state[left], on.is_fixed, settling.atol, horizon
        )
        on.state[left[good]] = found[good]
        on.status[left[good]] = Status.ok
    converged: Indices = which[on.status[which] == Status.ok]
    return converged


def _faded(network: CompiledNetwork, on: _Rows, which: Indices, settling: Settling) -> Bools:
    """Which rows would not move as much as one sees, compared with their sizes so far, in the longest time again."""
    rates = network.rates(on.parameters[which], on.state[which], settling.longest)
    rates[:, on.is_fixed] = 0.0
    size, state, begin = on.largest[which], on.start[which], 0.0
    for time in np.geomspace(FIRST_LOOK, 1.0, LOOKS) * min(HORIZON, settling.longest):
        state = followed(network, on.parameters[which], state, (begin, float(time)), settling).state
        size, begin = np.fmax(size, np.abs(state)), float(time)
    size += settling.atol
    faded: Bools = np.all(np.abs(rates) * settling.longest <= FADED * size, axis=1)
    return faded & network.at_rest(on.parameters[which], on.start[which], settling.longest)


def _stable(
    network: CompiledNetwork, rows: Floats, state: Floats, free: NDArray[np.bool_], time: float
) -> NDArray[np.bool_]:
    """Whether no eigenvalue of the free states' Jacobian has a positive real part (conserved totals give
    zeros).
    """
    result = np.zeros(len(rows), dtype=bool)
    for first in range(0, len(rows), 64):
        part = slice(first, first + 64)
        dense = network.jacobian(rows[part], state[part], time)[:, free][:, :, free]
        whole = np.all(np.isfinite(dense), axis=(1, 2))
        values = np.linalg.eigvals(np.where(whole[:, None, None], dense, 1.0))
        scale = np.max(np.abs(values), axis=1, initial=0.0)
        result[part] = whole & (np.max(values.real, axis=1, initial=-np.inf) <= UNSTABLE * scale)
    return result
