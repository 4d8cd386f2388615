"""Checks of what callers hand in: names of parameters, output times."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.errors import InputError, nearest


def parameter_index(name: str, parameters: Sequence[str], computed: Collection[str]) -> int:
    """The column of a parameter. Unknown or computed names: `InputError`."""
    if name in parameters:
        return parameters.index(name)
    if name in computed:
        raise InputError(f"'{name}' is computed by the model (rule or initial assignment) and cannot be set")
    raise InputError(f"the model has no parameter or species '{name}'{nearest(name, parameters)}")


def checked_times(times: ArrayLike, start: float = 0.0) -> NDArray[np.float64]:
    """Output times (T,) as an array; `InputError` unless they are finite, ascend and are not before the
    start.
    """
    found = np.ascontiguousarray(times, dtype=np.float64)
    if found.ndim != 1 or not np.all(np.isfinite(found)):
        raise InputError(f"times must be a list of finite numbers, found shape {found.shape}")
    if len(found) == 0 or found[0] < start or np.any(np.diff(found) < 0):
        raise InputError(f"times must ascend and not begin before the start at {start:g}")
    return found


def check_tolerances(rtol: float, atol: float) -> None:
    """`InputError` unless both are positive."""
    if not (rtol > 0 and atol > 0):
        raise InputError(f"rtol and atol must be positive, found {rtol} and {atol}")
