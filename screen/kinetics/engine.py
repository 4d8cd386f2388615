"""Many trajectories of one network at array level: compile once, then simulate rows of parameters.

engine = compile_engine(model, readouts=["pAKT", "amount(S1)"])
result = engine.simulate(times, parameters)      # parameters (N, P) -> values (N, T, R)
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike

from screen.arrays import Floats, Indices
from screen.errors import InputError
from screen.kinetics.doses import Dose, part_of
from screen.kinetics.model import Model
from screen.kinetics.problem import MOST_STEPS, Problem, Solver, Trajectories
from screen.kinetics.solvers.attempts.spared import spared
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.resolution import tolerance
from screen.kinetics.solvers.restarts import Course, simulate_sequence
from screen.kinetics.solvers.solve import solve
from screen.kinetics.solvers.steady_state import SteadyStates, steady_states
from screen.kinetics.solvers.unsettled import Settling


class Engine(CompiledNetwork):
    """A compiled network that simulates rows of parameters. Made by `compile_engine`."""

    def simulate(
        self,
        times: ArrayLike,
        parameters: ArrayLike,
        start: ArrayLike | None = None,
        rtol: float = 1e-6,
        atol: float | None = None,
        max_steps: int | None = None,
        solver: Solver = "batch",
        start_time: float = 0.0,
        retry: bool = True,
        doses: Sequence[Dose] = (),
        parts: bool = False,
    ) -> Trajectories:
        """Simulates every row of parameters from `start_time` (0).

        Main arguments: `times` (T,) ascending, not before the start; `parameters` (N, P); `start` (N, S)
        replaces the model's own start; `rtol`, `atol` bound the error of each step, relative and absolute (in
        the unit of the state; by default as by `resolution`). Other arguments: `solver="scipy"` uses the slow
        reference solver for all rows; `max_steps` bounds the work per trajectory (by default by 20,000 steps, which
        grow with rtol^(-1/5) below 10^-6, and by up to 64 times as many for one that gets on evenly); `retry=False`
        leaves out the second and third attempt at what failed; `doses` are added to states on the way (from time 0;
        see `screen.kinetics.doses`); with `parts` what does not depend on a part of the model that failed is solved to
        the end without it, and `failed_at` says since when each readout is not known (from time 0).

        Gives `Trajectories`. One row's failure is that row's status. Errors (`InputError`): wrong shapes,
        times that descend, tolerances that are not positive.
        """
        for name, asked in (("doses", doses), ("parts", parts)):
            if asked and start_time != 0:
                raise InputError(f"{name} need a start at time 0, found {start_time}")
        if parts:
            problem = self.problem(times, parameters, start, rtol, atol, max_steps)
            return self._in_parts(problem, solver, retry, doses)
        if doses:
            course = Course([(0.0, parameters)], doses)
            return simulate_sequence(
                self, times, course, start, Settling(rtol, tolerance(self, rtol, atol), max_steps), solver
            )
        problem = self.problem(times, parameters, start, rtol, atol, max_steps, start_time)
        return solve(self, problem, solver, retry)

    def _in_parts(self, problem: Problem, solver: Solver, retry: bool, doses: Sequence[Dose]) -> Trajectories:
        network = self.model.network.holding(self.fixed)

        @cache
        def engine(held: tuple[str, ...]) -> Engine:
            return Engine(self.model, self.readouts, (*self.fixed, *held)) if held else self

        def part(which: Indices, held: tuple[str, ...], when: Floats, again: bool = retry) -> Trajectories:
            own, some = engine(held), problem.part(which)
            start = (
                None
                if some.start is None
                else some.start[:, [self.states.index(name) for name in own.states]]
            )
            given = [part_of(dose, which) for dose in doses]
            found = own.simulate(
                when,
                some.parameters,
                start,
                some.rtol,
                some.atol,
                some.max_steps,
                solver,
                retry=again,
                doses=given,
            )
            return replace(found, state=found.state[:, [own.states.index(name) for name in network.states]])

        order = [self.states.index(name) for name in network.states]
        found = part(np.arange(len(problem.parameters)), (), problem.times)
        start = None if problem.start is None else problem.start[:, order]
        since = spared(network, self.readouts, replace(problem, start=start), found, part)
        return replace(found, state=found.state[:, np.argsort(order)], failed_at=since)

    def simulate_sequence(
        self,
        times: ArrayLike,
        segments: Sequence[tuple[float, ArrayLike]],
        start: ArrayLike | None = None,
        rtol: float = 1e-6,
        atol: float | None = None,
        max_steps: int | None = None,
        solver: Solver = "batch",
        doses: Sequence[Dose] = (),
    ) -> Trajectories:
        """Simulates inputs that change in time, such as pulses, by exact restarts.

        `segments` are (begin, parameters (N, P)), the first at time 0, in ascending order, `doses` what is
        added to states on the way; see `screen.kinetics.solvers.restarts`. Otherwise as `simulate`.
        """
        settings = Settling(rtol, tolerance(self, rtol, atol), max_steps)
        return simulate_sequence(self, times, Course(segments, doses), start, settings, solver)

    def steady_state(
        self,
        parameters: ArrayLike,
        start: ArrayLike | None = None,
        fixed: Sequence[str] = (),
        rtol: float = 1e-6,
        atol: float | None = None,
        stability: bool = True,
        max_steps: int = MOST_STEPS,
        longest: float = 1e8,
    ) -> SteadyStates:
        """The steady state that each row reaches from its start; see `screen.kinetics.solvers.steady_state`.

        `fixed` states keep their start value. Other arguments: `rtol`, `atol` as in `simulate`; `stability` asks
        for eigenvalues; `max_steps` bounds the work of each integration and `longest` its time.
        """
        settling = Settling(rtol, tolerance(self, rtol, atol), max_steps, longest)
        return steady_states(self, parameters, start, fixed, settling, stability)


@lru_cache(maxsize=16)
def kept_engine(
    model: Model, readouts: tuple[str, ...], by: tuple[str, ...] = (), adjoint: bool = False
) -> Engine:
    """An engine that the next call with the same arguments gets again; calls of an objective are many."""
    return Engine(model, readouts, by=by, adjoint=adjoint)


def compile_engine(model: Model, readouts: Sequence[str]) -> Engine:
    """The engine of a model with its readouts; code comes from the cache on disk when it is there.

    >>> from screen.kinetics import compile_engine, load_model
    >>> engine = compile_engine(load_model("S1 -> S2; k * S1; S1 = 10; S2 = 0; k = 0.1"), ["S2"])
    >>> engine.parameters
    ('k', 'default_compartment', 'S1', 'S2')
    >>> engine.simulate([0, 5, 10], [engine.defaults, engine.defaults]).values.shape
    (2, 3, 1)

    `readouts` name any symbol of the model, `amount(S)` or `concentration(S)`.
    Errors: `InputError` for an unknown readout.
    """
    return Engine(model, readouts)
