"""Derivatives of weighted sums of readouts, such as an objective, by many parameters at once: backwards, so that the
cost hardly grows with their number; where that does not go, from forward sensitivities.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.arrays import Floats, Indices
from screen.errors import InputError
from screen.kinetics.backwards import sum_slopes
from screen.kinetics.checks import numbers
from screen.kinetics.doses import Dose, part_of
from screen.kinetics.engine import kept_engine
from screen.kinetics.model import Model
from screen.kinetics.problem import Problem
from screen.kinetics.sensitivity import check_decided, check_doses, check_moved, sensitivities, way_of

FEW = 3  # parameters, up to which forward sensitivities cost less
FEW_THROUGH = 1  # where these are states themselves

Weights = ArrayLike | Callable[[Floats, Indices], ArrayLike]


@dataclass(frozen=True)
class WeightedGradient:
    """`values` (N, T, R), the derivatives `slopes` (N, K) of each trajectory's weighted sum of them, `status` (N,)."""

    values: Floats
    slopes: Floats
    status: NDArray[np.int8]


def gradient(
    model: Model,
    readouts: Sequence[str],
    names: Sequence[str],
    times: ArrayLike,
    parameters: ArrayLike,
    weights: Weights,
    rtol: float = 1e-6,
    atol: float | None = None,
    settled: ArrayLike | None = None,
    doses: Sequence[Dose] = (),
) -> WeightedGradient:
    """The derivatives of the sum over times and readouts of weight x readout, a trajectory, by K parameters `names`.

    >>> from screen.kinetics import compile_engine, gradient, load_model
    >>> decay = load_model("S1 -> S2; k * S1; S1 = 10; S2 = 0; k = 0.1")
    >>> rows = [compile_engine(decay, ["S2"]).defaults]
    >>> squares = gradient(decay, ["S2"], ["k", "S1"], [10], rows, lambda values, rows: 2 * values)  # of S2 ** 2
    >>> squares.slopes.round(1).tolist()
    [[465.1, 8.0]]

    `weights` are an array (N, T, R), or a function that gives them for values (n, T, R) and the numbers (n,) of their
    rows: the derivatives of an objective by the readouts. Other arguments, and doses, as in `sensitivities`; so are
    errors, `InputError`.
    """
    if len(set(names)) != len(names) or not names:
        raise InputError(f"gradients need distinct parameters, found {list(names)}")
    engine = kept_engine(model, tuple(readouts))
    rows = engine.checked_rows(parameters)
    first = None if settled is None else engine.checked_rows(settled)
    if first is not None and len(first) != len(rows):
        raise InputError(f"`settled` must have {len(rows)} rows, found {len(first)}")
    problem = engine.problem(times, rows, None, rtol, atol)
    still = len(problem.times) == 0 or problem.times[-1] == 0
    way = way_of(engine, names)
    settled_first = (
        way.through and first is not None
    )  # there is no way forwards from there, nor through events
    few = len(names) <= (FEW_THROUGH if way.through else FEW) and not settled_first
    if few or still or way.crooked or (settled_first and engine.has_events):
        return _forwards(model, readouts, names, problem, weights, first, doses)
    if way.through:
        check_moved(engine, names, times, rows)
    check_doses(model, [engine.index(name) for name in names], names, doses)
    found = sum_slopes(
        engine, names, problem, first, doses, (1, lambda v, some: [_chosen(weights, v, some)[:, :, None]])
    )
    values, slopes, status = found.values, found.slopes[:, 0], found.status
    again = found.again
    if len(again) and not settled_first:
        other = engine.problem(times, rows[again], None, rtol, atol)
        mine = None if first is None else first[again]
        given = [part_of(dose, again) for dose in doses]
        last = _forwards(model, readouts, names, other, lambda v, _: _chosen(weights, v, again), mine, given)
        values[again], slopes[again], status[again] = last.values, last.slopes, last.status
    if way.through:
        check_decided(slopes, status)
    return WeightedGradient(values, slopes, status)


def _forwards(
    model: Model,
    readouts: Sequence[str],
    names: Sequence[str],
    problem: Problem,
    weights: Weights,
    settled: Floats | None,
    doses: Sequence[Dose],
) -> WeightedGradient:
    """The same from forward sensitivities."""
    settings = {"rtol": problem.rtol, "atol": problem.atol, "settled": settled, "doses": doses}
    found = sensitivities(model, readouts, names, problem.times, problem.parameters, **settings)  # type: ignore[arg-type]
    mine = _chosen(weights, found.values, np.arange(len(found.status)))
    return WeightedGradient(found.values, np.einsum("ntrk,ntr->nk", found.slopes, mine), found.status)


def _chosen(weights: Weights, values: Floats, rows: Indices) -> Floats:
    """The weights of some rows. Errors: `InputError` for another shape."""
    found = numbers(
        weights(values, rows) if callable(weights) else numbers(weights, "weights")[rows], "weights"
    )
    if found.shape != values.shape:
        raise InputError(f"weights must have the shape {values.shape}, found {found.shape}")
    return np.ascontiguousarray(found)
