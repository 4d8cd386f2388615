"""Checks of what callers hand in: names of parameters, output times."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screen.errors import InputError, nearest

LOOSEST = 0.1  # relative tolerance
FINER = 1e-3  # of rtol: the absolute tolerance for a state of size 1
SMALLEST = 1e-9  # of the largest start value: what still counts as a size


def parameter_index(name: str, parameters: Sequence[str], computed: Collection[str]) -> int:
    """The column of a parameter. Unknown or computed names: `InputError`."""
    if name in parameters:
        return parameters.index(name)
    if name in computed:
        raise InputError(f"'{name}' is computed by the model (rule or initial assignment) and cannot be set")
    raise InputError(f"the model has no parameter or species '{name}'{nearest(name, parameters)}")


def numbers(given: ArrayLike, what: str) -> NDArray[np.float64]:
    """What was given, as an array of numbers. Text, ragged lists and the like: `InputError`."""
    try:
        return np.asarray(given, dtype=np.float64, order="C")
    except (TypeError, ValueError):
        raise InputError(f"{what} must be numbers, found {_shown(given)}") from None


def _shown(given: object) -> str:
    text = " ".join(repr(given).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def whole_number(given: object, what: str, least: int = 1) -> int:
    """A whole number of at least `least`, also where it is written as 1e5. Anything else: `InputError`."""
    whole = isinstance(given, int | float | np.integer | np.floating) and not isinstance(given, bool)
    if not whole or not np.isfinite(given) or given != int(given) or not least <= given < 2**62:  # type: ignore[call-overload, operator]
        raise InputError(f"{what} must be a whole number of at least {least}, found {_shown(given)}")
    return int(given)  # type: ignore[call-overload, no-any-return]


def checked_times(times: ArrayLike, start: float = 0.0) -> NDArray[np.float64]:
    """Output times (T,) as an array; `InputError` unless they are finite, ascend and are not before the
    start.
    """
    found = numbers(times, "times")
    if found.ndim != 1 or not np.all(np.isfinite(found)):
        raise InputError(f"times must be a list of finite numbers, found shape {found.shape}")
    if len(found) == 0 or found[0] < start or np.any(np.diff(found) < 0):
        raise InputError(f"times must ascend and not begin before the start at {start:g}")
    return found


def check_tolerances(rtol: float, atol: float) -> None:
    """`InputError` unless both are positive and bound an error: `rtol` at most 0.1, `atol` finite."""
    for name, given, most in (("rtol", rtol, LOOSEST), ("atol", atol, float("inf"))):
        number = float(numbers(given, name)) if np.ndim(given) == 0 else np.nan
        if not (0 < number <= most and np.isfinite(number)):
            up_to = f" and at most {most:g}" if np.isfinite(most) else " and finite"
            raise InputError(f"{name} must be positive{up_to}, found {_shown(given)}")


def absolute_tolerance(rtol: float, sizes: NDArray[np.float64]) -> float:
    """A thousandth of `rtol` of the smallest size above zero, of 1 at most and of the largest by 10^-9 at least: a
    model in mol/L is solved as well as the same in nmol/L. Errors: `InputError` for a bad `rtol`.
    """
    check_tolerances(rtol, 1.0)
    found = np.abs(sizes[np.isfinite(sizes) & (sizes != 0)])
    smallest = min(1.0, max(float(np.min(found)), SMALLEST * float(np.max(found)))) if len(found) else 1.0
    return FINER * float(rtol) * smallest
