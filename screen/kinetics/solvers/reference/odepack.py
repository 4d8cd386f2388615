"""SciPy's `odeint`, LSODA over all output times in one call, without the rest of `scipy.integrate`, which takes 0.6 s
of the processor to load: a run of the quickstart asks for nothing else of it. Where SciPy keeps its machine code
elsewhere the public function stands in.
"""

import importlib.util
from collections.abc import Callable
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from screen.arrays import Floats

MODULE = "_odepack"
SOLVED, ROUNDED = 2, 1e-12


@cache
def _loaded() -> Any:
    """SciPy's compiled module, or None."""
    found = PathFinder.find_spec(MODULE, [str(Path(scipy.__file__).parent / "integrate")])
    if found is None or found.loader is None:
        return None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def lsoda(
    rates: Callable[[float, Floats], Floats],
    jacobian: Callable[[float, Floats], Floats],
    state: Floats,
    times: Floats,
    rtol: float,
    atol: float,
    most: int,
) -> tuple[Floats, int] | None:
    """States (T, S) at ascending `times` (T,), of which the first is that of `state` (S,), and how many steps they
    took: at most `most` from one time to the next, none beyond the last time. None where LSODA gives up.
    """
    module, start, end = _loaded(), state.copy(), times[-1:]
    if module is None:
        states, about = scipy.integrate.odeint(
            rates, start, times, Dfun=jacobian, full_output=True, rtol=rtol, atol=atol, tcrit=end, mxstep=most,
            tfirst=True,
        )  # fmt: skip
        solved = about["message"] == "Integration successful."
    else:
        states, about, ended = module.odeint(
            rates,
            start,
            times,
            (),
            jacobian,
            0,
            -1,
            -1,
            True,
            rtol,
            atol,
            end,
            0.0,
            0.0,
            0.0,
            0,
            most,
            0,
            12,
            5,
            1,
        )
        solved = ended == SOLVED
    span = times[-1] - times[0]
    arrived = (
        times[-1] - about["tcur"][-1] <= ROUNDED * span
    )  # where steps of no length end, LSODA says it is done
    return (states, int(about["nst"][-1])) if solved and arrived and np.isfinite(states).all() else None
