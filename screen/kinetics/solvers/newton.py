"""Newton's method from states that a long integration has reached, for all rows together by the compiled step, and for
those where that fails by dense linear algebra: in units of each state, with pivots, and with the conserved totals
that the rates have by their structure, so that a step stays in the range of the Jacobian.
"""

from collections.abc import Callable

import numpy as np

from screen.arrays import Bools, Floats
from screen.kinetics.compiler.straight_line import BELOW_ZERO
from screen.kinetics.expressions.conserved import Conserved
from screen.kinetics.solvers.compiled_network import CompiledNetwork

STEPS = 12
DENSE_STEPS = 30
LONG = 1e-12  # 1 / length of the compiled implicit steps
CONVERGED = 1e-10  # of the state, the last step
STALLED = 1e-6  # of the state: a last step that rounding, or a jump of the rates at rest, keeps from becoming shorter
DRIFT = 1e-10  # of a conserved total
MOVED = 1e-2  # of the state: how far Newton may go from the integrated state
BEYOND = 100.0  # times the time integrated: the length of the dense implicit steps


def newton(
    network: CompiledNetwork, rows: Floats, reached: Floats, is_fixed: Bools, atol: float, time: float
) -> tuple[Floats, Bools]:
    """Newton's method by compiled steps; which rows converged close to where they began, totals and all."""
    state = reached.copy()
    good = np.zeros(len(rows), dtype=bool)
    left = np.arange(len(rows))
    for _ in range(STEPS):
        if not len(left):
            break
        move = network.moves(rows[left], state[left], LONG, BELOW_ZERO * atol, time)
        move[:, is_fixed] = 0.0
        state[left] += move
        size = np.max(np.abs(move) / (np.abs(state[left]) + atol), axis=1, initial=0.0)
        away = _away(state[left], reached[left], atol)
        ended = (size < CONVERGED) & (away < MOVED)
        good[left[ended]] = True
        left = left[~ended & np.isfinite(size) & (away < MOVED)]
    if network.conserves:
        totals = _totals(network, is_fixed)
        for k in np.flatnonzero(good):
            table = totals(rows[k])
            gap = np.abs(table @ (state[k] - reached[k]))
            good[k] = np.all(gap <= DRIFT * (np.abs(table) @ np.abs(reached[k])))
    return state, good


def _totals(network: CompiledNetwork, is_fixed: Bools) -> Callable[[Floats], Floats]:
    """The conserved totals (C, S) of a network by its parameters (P,)."""
    fixed = [name for name, stays in zip(network.states, is_fixed) if stays]
    whole = network.model.network
    conserved = Conserved(whole, fixed)
    order = [whole.states.index(name) for name in network.states]
    return lambda parameters: conserved.totals(parameters)[:, order]


def dense_newton(
    network: CompiledNetwork, rows: Floats, reached: Floats, is_fixed: Bools, atol: float, time: float
) -> tuple[Floats, Bools]:
    """The same with pivots and conserved totals, one row after the other."""
    state = reached.copy()
    good = np.zeros(len(rows), dtype=bool)
    totals = _totals(network, is_fixed)
    for k in range(len(rows)):
        found = _row(network, rows[k : k + 1], reached[k], totals(rows[k]), atol, time)
        if found is not None:
            found[is_fixed] = reached[k][is_fixed]
            state[k], good[k] = found, True
    return state, good


def _row(
    network: CompiledNetwork, row: Floats, reached: Floats, totals: Floats, atol: float, time: float
) -> Floats | None:
    state, floor, before = reached.copy(), BELOW_ZERO * atol, np.inf
    stalled = 0
    for _ in range(DENSE_STEPS):
        rates = network.rates(row, state[None], time, floor)[0]
        jacobian = network.jacobian(row, state[None], time, floor)[0]
        if not (np.all(np.isfinite(rates)) and np.all(np.isfinite(jacobian))):
            return None
        move = _step(rates, jacobian, np.maximum(np.abs(state), np.abs(reached)) + atol, totals, time)
        if move is None:
            return None
        move[(state == 0) & (rates == 0)] = 0.0  # a zero that nothing leaves stays, stable or not
        state = state + move
        size = float(np.max(np.abs(move) / (np.abs(state) + atol), initial=0.0))
        if not _away(state[None], reached[None], atol)[0] < MOVED:
            return None
        stalled = stalled + 1 if size > 0.5 * before and size < STALLED else 0
        if size < CONVERGED or stalled == 2:
            return state
        before = size
    return None


def _step(rates: Floats, jacobian: Floats, scale: Floats, totals: Floats, time: float) -> Floats | None:
    """A long implicit step in units of `scale`, on which the conserved totals stay what they are."""
    matrix = -jacobian * scale / scale[:, None]
    right = rates / scale
    largest = max(float(np.max(np.abs(matrix), initial=0.0)), 1e-300)
    if len(totals):
        kept = np.linalg.qr((totals * scale).T)[0]
        matrix = matrix + largest * kept @ kept.T
        right = right - kept @ (kept.T @ right)
    matrix[np.diag_indices_from(matrix)] += 1 / (BEYOND * time)
    try:
        move = np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        return None
    if len(totals):
        move = move - kept @ (kept.T @ move)
    return move * scale


def _away(state: Floats, reached: Floats, atol: float) -> Floats:
    """How far states (N, S) are from where Newton began, in shares of them."""
    away: Floats = np.max(np.abs(state - reached) / (np.abs(reached) + 1e4 * atol), axis=1, initial=0.0)
    return away
