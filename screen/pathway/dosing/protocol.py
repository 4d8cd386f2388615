"""The assay protocol of a model: what is counted, the model's clock, where its lines stand when they are
dosed, and what is added to them then. The built-in model counts cells in hours from a steady state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.errors import InputError
from screen.kinetics import Status
from screen.pathway.dosing.dosing import dose_column
from screen.pathway.dosing.exposure import CONSTANT, Dosing

if TYPE_CHECKING:
    from screen.kinetics import Engine
    from screen.pathway.tables.drugs import Drug


@dataclass(frozen=True)
class AssayProtocol:
    """`counted` is the symbol that viability compares: the natural logarithm of a cell number where
    `logarithmic`, a readout of any kind otherwise, and `growth` its rate per hour if the model has one.

    `per_hour` are the model's units of time in an hour. Lines are dosed at their `steady` state, or at the
    model's own start. `switch` is the parameter that is 1 from dosing on where there is a stimulus; the
    states of `set_at_dosing` take the start that it gives them, and those of `added_at_dosing` what a drug
    adds to theirs.
    """

    counted: str = "log_cells"
    growth: str | None = "growth"
    logarithmic: bool = True
    per_hour: float = 1.0
    steady: bool = True
    switch: str | None = None
    set_at_dosing: tuple[str, ...] = ()
    added_at_dosing: tuple[str, ...] = ()


BUILT_IN = AssayProtocol()


def begin_dosing(
    protocol: AssayProtocol, drugs: Mapping[str, "Drug"], engine: "Engine", parameters: Floats, state: Floats
) -> Floats:
    """States (N, S) at the time of dosing; turns the stimulus on in `parameters` (N, P)."""
    if protocol.switch is not None:
        parameters[:, engine.index(protocol.switch)] = 1.0
    new = [engine.states.index(name) for name in protocol.set_at_dosing if name in engine.states]
    more = [engine.states.index(name) for name in protocol.added_at_dosing if name in engine.states]
    more = [index for index in more if index not in new]
    if not new and not more:
        return state
    dosed, undosed = engine.initial_state(parameters), parameters.copy()
    undosed[:, [dose_column(engine, drug.parameter) for drug in drugs.values()]] = 0.0
    result = state.copy()
    result[:, more] += (dosed - engine.initial_state(undosed))[:, more]
    result[:, new] = dosed[:, new]
    return result


def refuse_schedules(
    protocol: AssayProtocol, drugs: Mapping[str, "Drug"], engine: "Engine", dosing: Dosing
) -> None:
    """Raise `InputError` for a drug that is a species of the model and is not simply there from time 0 on."""
    for name, rows in dosing.which.items():
        drug = drugs.get(name)
        if drug is None or all(dosing.table[row] == CONSTANT for row in np.unique(rows)):
            continue
        species = [s for s in protocol.added_at_dosing if s in engine.states and s in drug.targets]
        if species:
            raise InputError(
                f"{name} is administered as the species '{species[0]}', which the model changes in time, so it can "
                "only be added at time 0; expected no schedule for it"
            )


def logarithms(
    counted: Floats, status: NDArray[np.int8], doses: Mapping[str, Floats]
) -> tuple[Floats, NDArray[np.int8]]:
    """Logarithms (N, T) of a readout; an untreated well has failed where it ends at 0, as nothing compares
    with it.
    """
    with np.errstate(divide="ignore"):
        found = np.log(np.maximum(counted, 0.0))
    vehicle = np.ones(len(status), bool)
    for concentration in doses.values():
        vehicle &= np.asarray(concentration) == 0
    nothing = vehicle & ~np.isfinite(found[:, -1]) & (status <= Status.reference)
    return found, np.where(nothing, Status.not_finite, status).astype(np.int8)
