"""Wells simulated while their drugs come and go: wells whose drugs are administered alike share the times at which
the solver restarts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.errors import InputError
from screen.kinetics import Trajectories
from screen.kinetics.sbml.forcing import DECAY, LEVEL, SINCE, SLOPE
from screen.pathway.dosing.exposure import Dosing, Exposure

if TYPE_CHECKING:
    from screen.kinetics import Engine, Trajectories

ROWS = 16_384  # parameter sets in memory at a time: wells x pieces
FEWEST = 64
THROUGHOUT = -1


@dataclass(frozen=True)
class SolverOptions:
    """How wells are simulated; `per_hour` are the model's units of time in an hour."""

    solver: Literal["batch", "scipy"]
    rtol: float
    atol: float
    per_hour: float = 1.0


def dose_column(engine: "Engine", parameter: str) -> int:
    """The column of the number that doses a drug: the parameter itself, or its level where it is driven."""
    driven = parameter + LEVEL in engine.parameters
    return engine.parameters.index(parameter + LEVEL if driven else parameter)


def simulated(
    engine: "Engine",
    times: Floats,
    parameters: Floats,
    start: Floats,
    dosing: Dosing,
    parameter: Mapping[str, str],
    options: SolverOptions,
) -> "Trajectories":
    """Trajectories of wells (N, P) from `start` (N, S) under `dosing`; `parameter` is each drug's by name.

    A well without a drug does not notice how it would have been administered. Raises `InputError` for a drug that
    follows a curve where the model does not drive it.
    """
    if not dosing.which:
        when = times * options.per_hour
        run = engine.simulate(when, parameters, start, options.rtol, options.atol, solver=options.solver)
        return run.whole()
    names = [name for name in dosing.which if name in parameter]
    which = np.full((len(parameters), len(names)), THROUGHOUT, dtype=np.intp)
    constant = np.array([exposure == Exposure() for exposure in dosing.table])
    for column, name in enumerate(names):
        rows = dosing.which[name]
        there = parameters[:, dose_column(engine, parameter[name])] > 0
        which[:, column] = np.where(there & ~constant[rows], rows, THROUGHOUT)
    groups, member = np.unique(which, axis=0, return_inverse=True)
    parts: list[tuple[NDArray[np.intp], Trajectories]] = []
    for number, group in enumerate(groups):
        mine = np.flatnonzero(member.reshape(-1) == number)
        drugs = {name: dosing.table[row] for name, row in zip(names, group) if row != THROUGHOUT}
        if not drugs:
            run = engine.simulate(
                times * options.per_hour,
                parameters[mine],
                start[mine],
                options.rtol,
                options.atol,
                solver=options.solver,
            )
            parts.append((mine, run))
            continue
        begins = sorted({piece.begin_h for exposure in drugs.values() for piece in exposure.pieces})
        begins = [begin for begin in begins if begin < times[-1] or begin == 0]
        together = max(FEWEST, ROWS // len(begins))
        for first in range(0, len(mine), together):
            some = mine[first : first + together]
            segments = [
                (
                    begin * options.per_hour,
                    _administered(engine, parameters[some], begin, drugs, parameter, options.per_hour),
                )
                for begin in begins
            ]
            run = engine.simulate_sequence(
                times * options.per_hour,
                segments,
                start[some],
                options.rtol,
                options.atol,
                solver=options.solver,
            )
            parts.append((some, run))
    if len(parts) == 1:
        return parts[0][1].whole()
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    whole = [
        np.concatenate([getattr(run, name) for _, run in parts])[order]
        for name in ("values", "state", "status", "steps", "reached")
    ]
    return Trajectories(*whole).whole()


def _administered(
    engine: "Engine",
    parameters: Floats,
    hours: float,
    drugs: Mapping[str, Exposure],
    parameter: Mapping[str, str],
    per_hour: float,
) -> Floats:
    """The parameters (N, P) with which the piece that begins, or goes on, at `hours` is simulated."""
    rows = parameters.copy()
    for name, exposure in drugs.items():
        column, piece = dose_column(engine, parameter[name]), exposure.piece(hours)
        dose = parameters[:, column]
        rows[:, column] = dose * piece.level
        if parameter[name] + LEVEL in engine.parameters:
            rows[:, engine.parameters.index(parameter[name] + DECAY)] = piece.decay_per_h / per_hour
            rows[:, engine.parameters.index(parameter[name] + SLOPE)] = dose * piece.slope_per_h / per_hour
            rows[:, engine.parameters.index(parameter[name] + SINCE)] = piece.begin_h * per_hour
        elif piece.decay_per_h or piece.slope_per_h:
            raise InputError(f"{name} follows a curve, which this model was not made for")
    return rows
