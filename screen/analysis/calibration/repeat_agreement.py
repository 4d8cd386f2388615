"""Which repeats of a calibration say something: those whose optimum is not far above the lowest one.

An optimum `d` nats above another has exp(-d) of its posterior density. Draws of one optimum of D values scatter by
sqrt(D / 2) nats where the posterior is normal; an optimum further than that above the lowest holds no part of the
posterior that any draw could show, whatever its width, and averaging over it would add what lies between optima to
what the data leave free.
"""

import math
from collections.abc import Sequence

import numpy as np

from screen.analysis.calibration.free_values import FreeValues
from screen.analysis.calibration.refining import energy
from screen.analysis.calibration.smoothing import Smoothed
from screen.analysis.methods.gauss_newton import Minimum

R_HAT = 1.05
"""Repeats agree on a value up to here (Vehtari 2021, 10.1214/20-BA1221, asks for 1.01)."""


def heights(optima: Sequence[Minimum]) -> list[float]:
    """How far each repeat's optimum lies above the lowest, nats."""
    lowest = min(map(energy, optima), default=0.0)
    return [energy(optimum) - lowest for optimum in optima]


def kept(optima: Sequence[Minimum], repeats: int, free: int) -> list[int]:
    """The repeats (from 0) whose members count, of so many with `free` values: all where no optimum was sought."""
    if not optima:
        return list(range(repeats))
    return [number for number, height in enumerate(heights(optima)) if height <= math.sqrt(free / 2)]


def earned(free: FreeValues, repeats: Sequence[Smoothed]) -> dict[str, float]:
    """`FreeValues.effective` within a repeat, the mean of them: between repeats lies the distance of their optima,
    which is no width of a posterior.
    """
    within = [free.effective(repeat.scores[~repeat.failed]) for repeat in repeats]
    return {kind: float(np.mean([one[kind] for one in within])) for kind in within[0]}


def agreement_line(above: Sequence[float], chosen: Sequence[int], within: float, largest: float) -> str:
    """In one line, whether repeats agreed: from the heights of their optima, the repeats that were kept, the share of
    values whose R-hat is at most `R_HAT`, and the largest R-hat.
    """
    out = [number for number in range(len(above)) if number not in chosen]
    far = f"R-hat is above {R_HAT} for {1 - within:.0%} of the values, {largest:.2f} at most"
    if not out:
        agreed = not largest > R_HAT
        return f"repeats agreed: R-hat {largest:.2f} at most" if agreed else f"repeats did not agree: {far}"
    names = ", ".join(f"{number + 1} ({above[number]:.0f} nats above)" for number in out)
    used = ", ".join(str(number + 1) for number in chosen)
    return (
        f"repeats did not agree: they ended at other optima, and {far}; left out for energies too far above the "
        f"lowest: repeat {names}; nominal set, draws and effective values are of repeat {used}"
    )
