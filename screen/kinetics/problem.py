"""What is asked of a solver, and what it gives."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from screen.arrays import Floats
from screen.kinetics.status import Status

Solver = Literal["batch", "scipy"]

MOST_STEPS = 20_000
AT_RTOL, ORDER = 1e-6, 5  # that limit is for this tolerance and looser ones; steps grow as its fifth root


@dataclass(frozen=True)
class Problem:
    """N trajectories to solve: output times (T,), parameters (N, P), start (N, S) at `start_time` or the
    model's own, tolerances of a step, limit on steps or None for one by the tolerance and by how a row gets on. Made,
    with checks, by `CompiledNetwork.problem`. Of a model with events, `carried` (N, D) is what the trajectories before
    this one kept: triggers' values and what is pending.
    """

    times: Floats
    parameters: Floats
    start: Floats | None
    rtol: float
    atol: float
    max_steps: int | None = None
    start_time: float = 0.0
    carried: Floats | None = None
    keep: bool = False  # what the next trajectories carry on
    slack: Floats | None = None  # tolerances of sensitivities: a relative one, and absolute ones (K,)

    @property
    def limit(self) -> int:
        """The limit on steps of each trajectory: what was given, or what a tolerance as tight as this asks for."""
        if self.max_steps is not None:
            return self.max_steps
        return int(MOST_STEPS * max(AT_RTOL / self.rtol, 1.0) ** (1 / ORDER))

    def part(self, which: NDArray[np.intp] | slice) -> "Problem":
        """Some of the trajectories."""
        start, carried = (None if a is None else a[which] for a in (self.start, self.carried))
        return replace(self, parameters=self.parameters[which], start=start, carried=carried)


@dataclass(frozen=True)
class Trajectories:
    """What `Engine.simulate` gives: `values` (N, T, R), `state` (N, S) at the last time, `status` (N,) of
    `Status`, `steps` (N,), `reached` (N,), the time until which each was solved, and of models with events what they
    carry on, where that was asked for. A trajectory that failed has NaN from `reached` on and says why in its status;
    where its `parts` were asked for, readouts have NaN from `failed_at` (N, R) on, which is NaN where they are known to
    the end.
    """

    values: Floats
    state: Floats
    status: NDArray[np.int8]
    steps: NDArray[np.int32]
    reached: Floats
    carried: Floats | None = None
    failed_at: Floats | None = None

    def whole(self) -> "Trajectories":
        """The same with NaN throughout where a trajectory failed later on."""
        failed = self.status > Status.reference
        return (
            replace(self, values=np.where(failed[:, None, None], np.nan, self.values))
            if np.any(failed)
            else self
        )

    def part(self, which: NDArray[np.bool_]) -> "Trajectories":
        """Some of the rows."""
        values, state, status = self.values[which], self.state[which], self.status[which]
        carried = None if self.carried is None else self.carried[which]
        return Trajectories(values, state, status, self.steps[which], self.reached[which], carried)

    def put(self, rows: NDArray[np.intp], again: "Trajectories") -> None:
        """Writes what was found `again` over some rows."""
        for name in ("values", "state", "status", "steps", "reached", "carried"):
            mine, theirs = getattr(self, name), getattr(again, name)
            if mine is not None and theirs is not None:
                mine[rows] = theirs
