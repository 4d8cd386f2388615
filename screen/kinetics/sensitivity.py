"""Forward sensitivities of readouts to parameters along trajectories."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.arrays import Floats
from screen.errors import InputError
from screen.kinetics.engine import Engine
from screen.kinetics.expressions.sensitivity_equations import slope_name
from screen.kinetics.model import Model


@dataclass(frozen=True)
class Sensitivities:
    """`values` (N, T, R), `slopes` (N, T, R, K) by the K chosen parameters, `status` (N,) of `Status`."""

    values: Floats
    slopes: Floats
    status: NDArray[np.int8]


def sensitivities(
    model: Model,
    readouts: Sequence[str],
    names: Sequence[str],
    times: ArrayLike,
    parameters: ArrayLike,
    rtol: float = 1e-6,
    atol: float = 1e-9,
) -> Sensitivities:
    """Derivatives of readouts with respect to parameters (or start values) along trajectories from the
    model's start.

    `parameters` (N, P) has the columns of `compile_engine(model, readouts).parameters`; `names` are K of
    them. Errors: `InputError` for unknown names.
    """
    if len(set(names)) != len(names) or not names:
        raise InputError(f"sensitivities need distinct parameters, found {list(names)}")
    every = [*readouts, *(slope_name(r, name) for name in names for r in readouts)]
    found = Engine(model, every, sensitive=names).simulate(times, parameters, rtol=rtol, atol=atol)
    width = len(readouts)
    count, steps = found.values.shape[:2]
    slopes = found.values[:, :, width:].reshape(count, steps, len(names), width)
    return Sensitivities(found.values[:, :, :width], np.moveaxis(slopes, 2, 3), found.status)
