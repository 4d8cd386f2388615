"""Sensitivities of steady states: by the implicit function, J s + df/dp = 0, with conserved totals that keep what they
had at the start.
"""

import numpy as np

from screen.arrays import Floats
from screen.kinetics.expressions.conserved import Conserved
from screen.kinetics.solvers.compiled_network import CompiledNetwork

WORST = 1e-6  # of the largest term of an equation: what a solution may leave of it
LEAST = 1e-7  # of the largest term of all: smaller terms count as that, as rounding does not shrink with them
STEP = 1e-4  # of a parameter, in differences of the shares that make up conserved totals
ROUNDED = 1e-10  # of the terms of a sum: what rounding in such differences leaves of nothing
NOUGHT = 1e-14  # of a total's largest weight: what rounding gives a state that has no part in it


def settled_slopes(
    network: CompiledNetwork, rows: Floats, state: Floats, time: float, after: Floats
) -> Floats:
    """The sensitivities (N, K, S) of steady states (N, S) by the parameters that a network
    compiled with sensitivities has; NaN where they are not determined, and 0 where a parameter
    has another value `after` (N, P).
    """
    layout = network.layout
    size, count = len(layout.states), layout.sensitive.parameters
    jacobian, direct = tangents_at(network, rows, state, time)
    start, begun = network.initial_state(rows), network.start_slopes(rows)
    whole = network.model.network
    conserved = Conserved(whole)
    order = [whole.states.index(name) for name in network.states[:size]]
    columns = [network.index(name) for name in network.by]
    result = np.full((len(rows), count, size), np.nan)
    for k, row in enumerate(rows):
        totals = conserved.totals(row)[:, order]
        kept = begun[k] @ totals.T
        if len(totals):
            kept += np.array(
                [_moved(conserved, row, c, totals, order) @ (start[k, :size] - state[k]) for c in columns]
            )
        result[k] = _solved(jacobian[k], direct[k], totals, kept, state[k])
    result[(rows != after)[:, columns]] = 0.0
    return result


def tangents_at(network: CompiledNetwork, rows: Floats, state: Floats, time: float) -> tuple[Floats, Floats]:
    """The Jacobian (N, S, S) and the rates' derivatives by parameters (N, K, S) at states (N, S) of a network compiled
    with sensitivities.
    """
    layout = network.layout
    size = len(layout.states)
    entries = np.empty((len(rows), layout.sensitive.entries))
    padded = np.hstack([state, np.zeros((len(rows), layout.columns - size))])
    network.tangents(rows, padded, time, entries)
    pattern = layout.sensitive.jacobian
    jacobian = np.zeros((len(rows), size, size))
    if pattern:
        i, j = np.array(pattern).T
        jacobian[:, i, j] = entries[:, : len(pattern)]
    direct = np.zeros((len(rows), layout.sensitive.parameters, size))
    if layout.sensitive.direct:
        p, i = np.array(layout.sensitive.direct).T
        direct[:, p, i] = entries[:, len(pattern) :]
    return jacobian, direct


def _moved(conserved: Conserved, row: Floats, column: int, totals: Floats, order: list[int]) -> Floats:
    """How conserved totals (C, S) turn with a parameter, where it decides their shares."""
    step = STEP * max(abs(float(row[column])), STEP)
    sides = []
    for sign in (1, -1):
        moved = row.copy()
        moved[column] += sign * step
        sides.append(conserved.shares(moved)[order])
    slope = (sides[0] - sides[1]) / (2 * step)
    weights = np.where(np.abs(totals) > NOUGHT * np.max(np.abs(totals), axis=1, keepdims=True), totals, 0.0)
    lost = weights @ slope
    lost[np.abs(lost) <= ROUNDED * (np.abs(weights) @ np.abs(slope))] = 0.0
    turned: Floats = -lost @ np.linalg.pinv(conserved.shares(row)[order])
    return turned


def _solved(jacobian: Floats, direct: Floats, totals: Floats, kept: Floats, state: Floats) -> Floats:
    """The solution (K, S) of J s = -direct and totals s = kept, in units of the states."""
    scale = np.abs(state) + 1e-9 * np.max(np.abs(state), initial=1e-300)
    matrix = np.vstack([jacobian * scale, totals * scale])
    right = np.vstack([-direct.T, kept.T])
    size = np.max(np.abs(matrix), axis=1, initial=0.0)
    size[size == 0] = 1.0
    if not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(right))):
        return np.full(direct.shape, np.nan)
    matrix, right = matrix / size[:, None], right / size[:, None]
    found = np.linalg.lstsq(matrix, right, rcond=1e-13)[0]
    left = np.abs(matrix @ found - right)
    terms = np.abs(matrix) @ np.abs(found) + np.abs(right)
    least = LEAST * np.max(terms, axis=0, initial=1e-300)
    good = np.all(left <= WORST * np.maximum(terms, least), axis=0)
    return np.where(good, found * scale[:, None], np.nan).T
