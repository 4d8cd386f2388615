"""Doses: what is added to states at given times, such as a drug to a compartment, once or again and again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from screen.arrays import Floats, Indices
from screen.errors import InputError, nearest
from screen.kinetics.checks import numbers, whole_number
from screen.kinetics.expressions.evaluate import scalar_function
from screen.kinetics.expressions.network import Network

MOST_DOSES = 100_000


@dataclass(frozen=True)
class Dose:
    """`amount` of substance that goes into a species (or is added to a variable with a rate rule) at `time`, and
    `every` so long after it until it was given `times` times; a number, or one a trajectory (N,).
    """

    into: str
    amount: ArrayLike
    time: float = 0.0
    every: float = 0.0
    times: int = 1

    def __post_init__(self) -> None:
        if not np.all(np.isfinite(numbers(self.amount, f"the dose of '{self.into}'"))):
            raise InputError(f"the dose of '{self.into}' must be finite")
        times = whole_number(self.times, f"the doses of '{self.into}'")
        for what, value in (("time", self.time), ("interval", self.every)):
            number = numbers(value, f"the {what} of a dose of '{self.into}'")
            if number.ndim or not 0 <= number < np.inf:
                raise InputError(f"the {what} of a dose of '{self.into}' must be 0 or more, found {value}")
        if times > 1 and not self.every > 0:
            raise InputError(f"'{self.into}' is given {times} times; expected an interval `every` above 0")
        if times > MOST_DOSES:
            raise InputError(f"'{self.into}' is given {times} times; {MOST_DOSES} are the most")


def part_of(dose: Dose, rows: Indices) -> Dose:
    """A dose of some rows."""
    amount = np.asarray(dose.amount)
    return replace(dose, amount=amount[rows]) if amount.ndim else dose


def additions(
    network: Network, states: Sequence[str], doses: Sequence[Dose], parameters: Floats, start: Floats
) -> dict[float, Floats]:
    """What each time of dosing adds to the states: {time: (N, S)}, in the unit of each state. Compartments have the
    size that they have at the start. Errors: `InputError` for what is no state, or amounts of another number.
    """
    found: dict[float, Floats] = {}
    for dose in doses:
        if dose.into not in states:
            raise InputError(f"a dose of '{dose.into}': no such state{nearest(dose.into, states)}")
        amount = numbers(dose.amount, f"the dose of '{dose.into}'")
        if amount.ndim > 1 or (amount.ndim == 1 and len(amount) != len(parameters)):
            raise InputError(
                f"the dose of '{dose.into}' must be a number or {len(parameters)}, found {amount.shape}"
            )
        added = amount / _per_state(network, states, dose.into, parameters, start)
        for k in range(int(dose.times)):
            table = found.setdefault(float(dose.time + k * dose.every), np.zeros(start.shape))
            table[:, states.index(dose.into)] += added
    return found


def _per_state(
    network: Network, states: Sequence[str], name: str, parameters: Floats, start: Floats
) -> Floats:
    """The amount (N,) in one unit of a state: the size of its compartment where it is a concentration."""
    if name not in network.amounts:
        return np.ones(len(parameters))
    amount = scalar_function(network.graph, [network.amounts[name]])
    own = network.states.index(name)
    order = [states.index(each) for each in network.states]
    result = np.ones(len(parameters))
    for k, (row, state) in enumerate(zip(parameters.tolist(), start[:, order])):
        more, none = state.copy(), state.copy()
        more[own], none[own] = 1.0, 0.0
        result[k] = amount(0.0, more.tolist(), row)[0] - amount(0.0, none.tolist(), row)[0]
    return result
