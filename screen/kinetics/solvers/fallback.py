"""The reference solver for a compiled network, whether it has events or not."""

import numpy as np

from screen.kinetics.problem import Problem, Trajectories
from screen.kinetics.solvers.compiled_network import CompiledNetwork
from screen.kinetics.solvers.events.event_solver import Hybrid
from screen.kinetics.solvers.reference.reference_solver import solve_rows
from screen.kinetics.solvers.slow_rows import told
from screen.kinetics.status import Status


def solve_by_reference(network: CompiledNetwork, problem: Problem) -> Trajectories:
    """Solves every row by SciPy; status `reference`, or why it failed. Of models with events only whole trajectories
    from time 0: what is pending on the way does not leave the batched solver.
    """
    if not (network.has_events or network.by):
        return solve_rows(network, problem)
    count, size = len(problem.parameters), len(network.states)
    values = np.full((count, len(problem.times), network.layout.readouts), np.nan)
    state = np.full((count, size), np.nan)
    status = np.full(count, int(Status.step_too_small), dtype=np.int8)
    steps, reached = np.zeros(count, dtype=np.int32), np.full(count, problem.start_time)
    whole = problem.start_time == 0 and problem.carried is None and not problem.keep
    if not whole or network.sensitive or network.by:
        return Trajectories(values, state, status, steps, reached)
    hybrid = Hybrid(network.model.network.holding(network.fixed), network.readouts)
    own = [network.states.index(name) for name in hybrid.network.states]
    for k in told(range(count)):
        start = None if problem.start is None else problem.start[k, own].tolist()
        run = hybrid.run(
            problem.times, problem.parameters[k], problem.rtol, problem.atol, problem.limit, start
        )
        values[k], status[k], steps[k], reached[k] = run.values, run.status, run.steps, run.t
        if run.status == Status.reference:
            state[k, own] = run.y
    return Trajectories(values, state, status, steps, reached)
